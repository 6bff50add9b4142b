"""Listeners of a live table, as an operator has them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from runtime.clock import SystemClock
from runtime.deploy.listening import NOBODY, Book, Listening
from runtime.engine.listeners import Listeners
from runtime.errors import RequestError, StoreError, Unavailable
from runtime.store.note import Note
from tests.deploy.bundles import Systems, bundle, swap_in, write
from tests.deploy.watched import Watched, watched

NAME = "hello/Say"


class Operator:
    """The listeners of one life of a daemon, and what is wrong with its disk."""

    def __init__(self, place: Watched, note: Path) -> None:
        self.listeners = Listeners(SystemClock().now)
        self.trouble: str | None = None
        self.listening = Listening(
            place.live, self.listeners, SystemClock(), note=Note(note, Book), trouble=lambda: self.trouble
        )

    @property
    def states(self) -> dict[str, tuple[str, str]]:
        """How each listener is, and why."""
        return {listener.name: (listener.state, listener.reason) for listener in self.listening.listed()}


@asynccontextmanager
async def operating(tmp_path: Path, systems: Systems | None = None) -> AsyncGenerator[tuple[Watched, Operator]]:
    """Let one bundle be live, and give who operates it."""
    write(tmp_path / "bundles" / "hello", bundle(system=None if systems is None else "crm"))
    async with watched(tmp_path, systems) as place:
        operator = Operator(place, tmp_path / "listeners.json")
        await operator.listening.recall()
        yield place, operator


async def test_a_pause_outlives_restarts_and_new_versions(tmp_path: Path) -> None:
    """A paused listener is paused for the next daemon and in the next version, until it is resumed."""
    async with operating(tmp_path) as (place, operator):
        assert operator.states == {NAME: ("listening", "")}
        await operator.listening.pause(NAME, by="ada", reason="the CRM moves")
        assert operator.states == {NAME: ("paused", "by ada: the CRM moves")}
        with pytest.raises(Unavailable):
            operator.listeners.call("hello", "Say")
        swap_in(place.folder / "hello", bundle(text="2"))
        await place.until_live(hello="2")
        assert operator.states[NAME][0] == "paused"
        await operator.listening.pause(None, by="grace", reason="")
        assert operator.states == {NAME: ("paused", "by ada: the CRM moves")}, "who pauses all takes no pause over"
    async with operating(tmp_path) as (_, operator):
        assert operator.states == {NAME: ("paused", "by ada: the CRM moves")}
        await operator.listening.resume(NAME, by="ada")
        operator.listeners.call("hello", "Say")
    async with operating(tmp_path) as (_, operator):
        assert operator.states == {NAME: ("listening", "")}


async def test_a_pause_that_cannot_be_kept_does_not_hold(tmp_path: Path) -> None:
    """Where the note cannot be written, nothing is paused: a pause that a restart forgets would be a lie."""
    async with operating(tmp_path) as (place, _):
        operator = Operator(place, tmp_path / "nowhere" / "listeners.json")
        with pytest.raises(StoreError):
            await operator.listening.pause(NAME, by="ada", reason="")
        assert operator.states == {NAME: ("listening", "")}


async def test_a_restart_opens_connections_anew(tmp_path: Path) -> None:
    """The bundle's connections are opened before the old ones close, and what is paused stays paused."""
    systems = Systems()
    async with operating(tmp_path, systems) as (place, operator):
        before = place.deployment()
        await operator.listening.pause(NAME, by="ada", reason="")
        await operator.listening.restart(NAME, by="ada")
        assert place.deployment() is not before
        assert systems.log[:2] == ["open crm", "open crm"]
        assert operator.states[NAME][0] == "paused"
        systems.refusing.add("crm")
        serving = place.deployment()
        with pytest.raises(RequestError, match="crm refuses"):
            await operator.listening.restart(None, by="ada")
        assert place.deployment() is serving


async def test_what_nobody_can_call_says_why(tmp_path: Path) -> None:
    """A listener that no service names is errored, and so is a durable one while the disk is in trouble."""
    files = bundle()
    durable = files["processes/say.yaml"].replace("name: Say", "name: Tell").replace("low latency", "general")
    files["processes/tell.yaml"] = durable
    files["processes/lost.yaml"] = durable.replace("name: Tell", "name: Lost")
    files["flow-services/say.yaml"] += "  Tell: Tell\n"
    write(tmp_path / "bundles" / "hello", files)
    async with watched(tmp_path) as place:
        operator = Operator(place, tmp_path / "listeners.json")
        operator.trouble = "no space left"
        assert operator.states == {
            "hello/Lost": ("errored", NOBODY),
            NAME: ("listening", ""),
            "hello/Tell": ("errored", "the disk is in trouble: no space left"),
        }
        with pytest.raises(RequestError, match="no listener 'hello/Sya'") as unknown:
            await operator.listening.pause("hello/Sya", by="ada", reason="")
        assert unknown.value.hint == "did you mean 'hello/Say'?"
