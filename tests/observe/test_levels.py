"""The laws of log levels that change while everything runs."""

from __future__ import annotations

import logging

from runtime.observe.levels import MOST, Levels
from runtime.observe.log import configure, context, logger
from tests.observe.conftest import Terminal

P = ("b", "p")


class Now:
    """A monotonic clock that tests set."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Give the seconds."""
        return self.seconds


def test_a_process_has_a_level_of_its_own() -> None:
    """What belongs to it follows its level, up or down; everything else the daemon's."""
    out = Terminal()
    levels = configure("info", "json", stream=out)
    log = logger("engine")

    def tell() -> list[str]:
        before = len(out.events())
        for bundle, process in (P, ("b", "other"), ("c", "p")):
            with context(bundle=bundle, process=process):
                log.debug("d")
                log.info("i")
        log.debug("outside")
        return [f"{event['event']} {event.get('bundle')}/{event.get('process')}" for event in out.events()[before:]]

    everybody = ["i b/p", "i b/other", "i c/p"]
    assert tell() == everybody
    levels.set("debug", P)
    assert tell() == ["d b/p", *everybody]
    levels.set("error", P)
    assert tell() == everybody[1:]
    levels.set("debug")
    assert tell() == ["d b/other", "i b/other", "d c/p", "i c/p", "outside None/None"]
    levels.reset(P)
    assert len(tell()) == 7
    levels.reset()
    assert tell() == everybody


def test_a_level_ends_by_itself() -> None:
    """After its time what was set before holds again, for a process and for all."""
    now = Now()
    levels = Levels("info", now)
    levels.set("debug", P, 10)
    levels.set("error", seconds=20)
    assert [levels.chatty] == [True]
    assert levels.rules() == {P: ("debug", 10)}
    assert levels.logs(logging.DEBUG, *P)
    assert not levels.logs(logging.WARNING)
    now.seconds = 10
    assert levels.rules() == {}
    assert not levels.logs(logging.WARNING, *P)
    assert [levels.chatty] == [False]
    assert levels.rest == 10
    now.seconds = 20
    assert levels.level == "info"
    assert levels.logs(logging.INFO, *P)


def test_levels_are_bounded() -> None:
    """More processes than anybody follows have no level of their own; one that has may change it."""
    levels = Levels("info")
    assert all(levels.set("debug", ("b", str(number))) for number in range(MOST))
    assert not levels.set("debug", P)
    assert levels.set("error", ("b", "0"))
