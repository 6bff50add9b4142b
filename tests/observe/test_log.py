"""The laws of the logs."""

from __future__ import annotations

import logging

import pytest
import trio

from runtime.observe.levels import Level
from runtime.observe.log import configure, context, logger
from tests.observe.conftest import Terminal


def test_an_event_is_one_json_line_with_its_level_time_and_logger() -> None:
    """Off a terminal each event is one line of JSON that says what, when, how bad and by whom."""
    out = Terminal()
    configure("info", "auto", stream=out)
    logger("runtime.web").info("listening", port=9090)
    (event,) = out.events()
    assert event.pop("timestamp").endswith("Z")
    assert event == {"event": "listening", "level": "info", "logger": "runtime.web", "port": 9090}


def test_a_terminal_gets_lines_for_people() -> None:
    """On a terminal `auto` writes colours and no JSON; `json` writes JSON even there."""
    out = Terminal(terminal=True)
    configure("info", "auto", stream=out)
    logger("a").info("listening")
    assert "listening" in out.text()
    assert "\x1b[" in out.text()
    out = Terminal(terminal=True)
    configure("info", "json", stream=out)
    logger("a").info("listening")
    assert out.events()[0]["event"] == "listening"


def test_a_console_without_a_terminal_has_no_colours() -> None:
    """`console` into a file or a pipe is plain text."""
    out = Terminal()
    configure("info", "console", stream=out)
    logger("a").info("listening")
    assert "listening" in out.text()
    assert "\x1b[" not in out.text()


@pytest.mark.parametrize(("level", "kept"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_only_the_level_and_worse_are_logged(level: Level, kept: int) -> None:
    """The level is the least that is logged."""
    out = Terminal()
    configure(level, "json", stream=out)
    log = logger("a")
    log.debug("d")
    log.info("i")
    log.warning("w")
    log.error("e")
    assert len(out.events()) == kept


def test_a_logger_made_before_the_logs_are_set_up_follows_them() -> None:
    """Modules make their loggers at import; the daemon sets the logs up later, and that holds."""
    log = logger("early")
    out = Terminal()
    configure("info", "json", stream=out)
    log.info("late")
    assert out.events()[0]["logger"] == "early"


async def test_the_context_reaches_child_tasks_and_no_siblings() -> None:
    """What is bound around a task marks the events of that task and its children, and of no other task."""
    out = Terminal()
    configure("info", "json", stream=out)
    log = logger("engine")

    async def step(name: str) -> None:
        await trio.lowlevel.checkpoint()
        log.info(name)

    async def execution(name: str) -> None:
        with context(execution=name, process="price order"):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(step, f"first step of {name}")
                nursery.start_soon(step, f"second step of {name}")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(execution, "ex-1")
        nursery.start_soon(execution, "ex-2")
    log.info("outside")
    seen = {event["event"]: event.get("execution") for event in out.events()}
    assert seen == {
        "first step of ex-1": "ex-1",
        "second step of ex-1": "ex-1",
        "first step of ex-2": "ex-2",
        "second step of ex-2": "ex-2",
        "outside": None,
    }


def test_a_secret_of_the_context_is_masked() -> None:
    """Redaction comes after the context: a secret bound around a task does not escape by its events."""
    out = Terminal()
    configure("info", "json", stream=out)
    with context(token="t0p"):
        logger("a").info("sent", headers={"Authorization": "Basic eA=="})
    assert "t0p" not in out.text()
    assert "eA==" not in out.text()


@pytest.mark.parametrize("style", ["json", "console"])
def test_a_traceback_shows_no_local_variables(style: str) -> None:
    """An exception is logged with its traceback, without the values that the frames held."""
    out = Terminal()
    configure("info", style, stream=out)
    held = "hun" + "ter2"
    try:
        raise ValueError("it broke", len(held))
    except ValueError:
        logger("a").exception("failed")
    assert "ValueError" in out.text()
    assert "hunter2" not in out.text()


def test_a_value_of_any_type_is_logged() -> None:
    """A value that JSON does not know is shown by its repr; logging never fails the work."""
    out = Terminal()
    configure("info", "json", stream=out)
    logger("a").info("odd", value=complex(1, 2))
    assert out.events()[0]["value"] == "(1+2j)"


def test_our_dependencies_log_through_us() -> None:
    """Warnings that a library gives to the standard logging are events of our log; its chatter is not."""
    out = Terminal()
    configure("debug", "json", stream=out)
    configure("info", "json", stream=out)  # twice is once: no event is written twice
    logging.getLogger("hypercorn.error").warning("odd %s", "request")
    logging.getLogger("hypercorn.error").info("chatter")
    (event,) = out.events()
    assert (event["event"], event["level"], event["logger"]) == ("odd request", "warning", "hypercorn.error")
