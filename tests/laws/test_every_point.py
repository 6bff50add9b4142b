"""Promises 1 and 4 at every point: whatever the moment of a kill, what was accepted is finished once, or parked.

The deterministic twin of `make chaos`: virtual time, and a kill before and after each commit and
each write of a document.
"""

from __future__ import annotations

import pytest
import trio

from runtime.model.bundle import Bundle
from runtime.model.journal import Status
from runtime.model.process import Mode, Options
from runtime.store.memory import MemoryStore
from tests.engine.houses import bundle, daemon
from tests.engine.processes import Steps
from tests.laws.points import Outcome, SlowWorld, lives

MODES: list[Mode] = ["general", "low latency"]
LARGE = "x" * 300  # characters: more than a document keeps in memory here


def in_a_row(options: Options) -> Bundle:
    """Give a process that calls with a key, waits, calls once, and calls with a key again."""
    steps = Steps()
    last = steps.call("", steps.returned(), effect="keyed")
    waits = steps.wait(steps.call("", last, effect="once"), "1 min")
    return bundle(steps.shapes, steps.call("", waits, effect="keyed"), options)


def many(options: Options) -> Bundle:
    """Give a process with more and larger documents than memory holds, in calls and in what is returned."""
    steps = Steps()
    combined = steps.combine(steps.message(steps.returned(), '{"Message": "hi"}'))
    calls = steps.call("", steps.call("", combined, effect="keyed"), effect="keyed", concurrency=3)
    large = steps.message(calls, f'{{"n": ${{document}}, "text": "{LARGE}"}}')
    first = steps.message(steps.split(large), "[1, 2, 3, 4, 5]")
    return bundle(steps.shapes, first, options)


def tried(options: Options) -> Bundle:
    """Give a process that fails after a call, is tried again after a wait, and takes another way at last."""
    steps = Steps()
    returned = steps.returned()
    fails = steps.call("", steps.call("", steps.fail("no"), effect="keyed"), effect="once")
    caught = steps.call("", returned, effect="keyed")
    first = steps.attempt(fails, caught, retries=2, trigger="all errors")
    return bundle(steps.shapes, first, options)


def branched(options: Options) -> Bundle:
    """Give a process with two paths that call, the second after a wait."""
    steps = Steps()
    one = steps.call("", steps.stop(goes_on=True), effect="once")
    other = steps.wait(steps.call("", steps.returned(), effect="once"), "10 s")
    return bundle(steps.shapes, steps.branch(one, other), options)


PROCESSES = [in_a_row, many, tried, branched]


def check(outcome: Outcome, undisturbed: Outcome) -> None:
    """Hold an outcome against the laws."""
    world = outcome.world
    if outcome.was_accepted:
        results = [told for _, told in outcome.callbacks if not told.startswith("WAIT")]
        assert len(results) == 1, (outcome.told, outcome.callbacks, outcome.row)
        assert outcome.is_parked or results == ["hi"], results
        assert len(world.once) == len(set(world.once)), "a call that must not be made twice was"
        if not outcome.is_parked:
            assert len(world.effects) == len(undisturbed.world.effects), "an effect is missing, or has a second key"
    else:
        assert outcome.told[-1:] == ("hi",) or outcome.told == (), outcome.told
    if outcome.row is not None:
        assert outcome.row.status.finished or outcome.is_parked, outcome.row


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("process", PROCESSES)
async def test_killed_at_every_point(process: object, mode: Mode, autojump_clock: object) -> None:
    """A kill before and after each commit and each write of a document loses nothing and doubles nothing."""
    made = process(Options(mode=mode))  # type: ignore[operator]
    undisturbed = await lives(made, ())
    check(undisturbed, undisturbed)
    assert undisturbed.was_accepted
    (points,) = undisturbed.points
    assert points > 6
    for kill_at in range(points):
        outcome = await lives(made, (kill_at,))
        assert len(outcome.points) == 2, "the life was to be killed"
        check(outcome, undisturbed)


@pytest.mark.parametrize("process", [in_a_row, tried])
async def test_killed_twice(process: object, autojump_clock: object) -> None:
    """A kill in the middle of the recovery from a kill loses and doubles nothing either."""
    made = process(Options(mode="general"))  # type: ignore[operator]
    undisturbed = await lives(made, ())
    for first in range(0, undisturbed.points[0], 3):
        (_, left) = (await lives(made, (first,))).points
        for second in range(1, left, 3):
            check(await lives(made, (first, second)), undisturbed)


async def test_a_document_that_is_gone(autojump_clock: object) -> None:
    """An execution whose documents cannot be read any more ends, and its caller is told so: nothing waits for ever."""
    store = MemoryStore()
    made = many(Options(mode="general"))
    async with daemon(made, SlowWorld(8.0), store) as one:
        assert await one.ask() == "WAIT"
    store.documents.forget((await store.journal.executions())[0].id)
    async with daemon(made, SlowWorld(8.0), store, owner="two") as other:
        other.upkeep()
        await trio.sleep(60)
        ((state, message),) = await other.told()
        assert (state, (await other.row()).status) == ("due", Status.ERROR)
        assert "there is no file" in message
