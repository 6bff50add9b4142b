"""Replays: what is run again, what is taken over, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
import trio

from runtime.engine.deployment import deployed
from runtime.engine.house import ExecutionSettings
from runtime.engine.replay import ReplayOrder, replay
from runtime.engine.start import decode_start
from runtime.errors import RequestError
from runtime.model.bundle import Bundle
from runtime.model.journal import ExecutionRow, Search, Status, Unkeep
from tests.engine.houses import SETTINGS, Daemon, bundle, daemon
from tests.engine.processes import Steps
from tests.engine.slow import GENERAL
from tests.engine.worlds import World

KEEPING: ExecutionSettings = msgspec.structs.replace(SETTINGS, keep_work=True)


def process(*, last: str = "keyed", digest: str = "d", spilled: bool = False) -> Bundle:
    """Give a process of two calls; `spilled`: with documents in files between them."""
    steps = Steps()
    end = steps.message(steps.returned(), '{"Message": "hi"}')
    second = steps.call("second", end, effect=last, identity="second")
    between = steps.message(second, "x" * 500) if spilled else second
    first = steps.call("first", between, effect="once", identity="first")
    return msgspec.structs.replace(bundle(steps.shapes, first, GENERAL), digest=digest)


async def finished(one: Daemon) -> ExecutionRow:
    """Run one to its end."""
    assert await one.ask() == "hi"
    await trio.sleep(1)
    row = await one.row()
    assert row.status is Status.COMPLETE
    return row


async def again(one: Daemon, original: ExecutionRow, **order: object) -> ExecutionRow:
    """Replay in the same version, to the end."""
    given = ReplayOrder(execution=original.id, who="ada", **order)  # type: ignore[arg-type]
    identity = await replay(one.house, given, one.deployment, one.deployment)
    await trio.sleep(1)
    row = await one.store.journal.execution(identity)
    assert row is not None
    return row


def notes(world: World) -> Sequence[bytes]:
    """Give the contents that the world was called with."""
    return [content for _, _, content in world.calls]


@pytest.mark.parametrize("spilled", [False, True])
async def test_from_the_start_and_from_a_step(spilled: bool, autojump_clock: object) -> None:  # noqa: FBT001
    """A replay from the start calls all again, one from a step only what comes after it; keys are its own."""
    world = World()
    async with daemon(process(spilled=spilled), world, settings=KEEPING) as one:
        original = await finished(one)
        whole = await again(one, original)
        assert (whole.status, whole.origin, len(world.calls)) == (Status.COMPLETE, original.id, 4)
        rest = await again(one, original, step="second")
        assert (rest.status, len(world.calls)) == (Status.COMPLETE, 5)
        assert len({key for _, key, _ in world.calls}) == 5
        assert await one.store.journal.execution(original.id) == original, "the original keeps its record"
        linked = await one.store.journal.executions(search=Search(origin=original.id))
        assert {row.id for row in linked} == {whole.id, rest.id}
        assert [entry.what for entry in await one.store.journal.audit(execution=original.id)] == ["replayed"] * 2
        assert await one.told() == [], "a replay answers nobody"


async def test_with_another_document(autojump_clock: object) -> None:
    """An edited document takes the place of those that the original began with, and that is on record."""
    world = World()
    async with daemon(process(), world, settings=KEEPING) as one:
        original = await finished(one)
        await again(one, original, documents=(b'{"Message":"other"}',))
        assert notes(world)[2] == b'{"Message":"other"}'
        (entry,) = await one.store.journal.audit()
        assert "with another document" in entry.detail


async def test_what_is_kept(autojump_clock: object) -> None:
    """What is kept holds no call, so no credentials; nothing is kept where the settings or a redaction say so."""
    async with daemon(process(), World(), settings=KEEPING) as one:
        original = await finished(one)
        kept = await one.store.journal.start(original.id)
        assert kept is not None
        assert decode_start(kept).call is None
        await one.store.journal.commit([Unkeep((original.id,))])
        with pytest.raises(RequestError, match="not kept"):
            await again(one, original)
        assert (await again(one, original, documents=(b"{}",))).status is Status.COMPLETE
    secret = msgspec.structs.replace(process(), redaction=("$.Message",))
    for made, settings in ((secret, KEEPING), (process(), SETTINGS)):
        async with daemon(made, World(), settings=settings) as one:
            assert await one.store.journal.start((await finished(one)).id) is None


async def test_refused(autojump_clock: object) -> None:
    """What has not ended, a step that never ran, and a version in which other steps ran before are refused."""
    world = World()
    newer = process(digest="e")
    changed = msgspec.structs.replace(process(last="once", digest="f"))
    async with (
        daemon(process(), world, settings=KEEPING) as one,
        deployed(newer, world.catalogue()) as same_steps,
        deployed(changed, world.catalogue()) as other_last,
    ):
        original = await finished(one)
        order = ReplayOrder(execution=original.id, who="ada", step="second")
        await replay(one.house, order, one.deployment, same_steps)
        await replay(one.house, order, one.deployment, other_last)  # what ran before `second` is the same
        with pytest.raises(RequestError, match="no step"):
            await again(one, original, step="third")
        end = msgspec.structs.replace(order, step=one.deployment.processes["p"].process.shapes[-1].id)
        with pytest.raises(RequestError, match="not the same"):
            await replay(one.house, end, None, same_steps)
        with pytest.raises(RequestError, match="There is no execution"):
            await again(one, msgspec.structs.replace(original, id="ex-unknown"))


def forked(paths: int, *, digest: str, after: str = "x") -> Bundle:
    """Give a process that branches between its two calls; a message `after` the second belongs to the rest."""
    steps = Steps()
    end = steps.message(steps.returned(), f'{{"Message": "{after}"}}')
    second = steps.call("second", end, identity="second")
    branch = steps.branch(*[second] * paths, identity="fork")
    first = steps.call("first", branch, identity="first")
    return msgspec.structs.replace(bundle(steps.shapes, first, GENERAL), digest=digest)


async def test_forks_on_the_way_are_the_same(autojump_clock: object) -> None:
    """A fork is written down nowhere, and is part of where a step stands: another one on the way is refused."""
    world = World()
    async with (
        daemon(forked(1, digest="d", after="hi"), world, settings=KEEPING) as one,
        deployed(forked(1, digest="e", after="other"), world.catalogue()) as other_rest,
        deployed(forked(2, digest="f"), world.catalogue()) as other_fork,
    ):
        original = await finished(one)
        order = ReplayOrder(execution=original.id, who="ada", step="second")
        await replay(one.house, order, one.deployment, other_rest)
        with pytest.raises(RequestError, match="not the same"):
            await replay(one.house, order, one.deployment, other_fork)
        first = msgspec.structs.replace(order, step="first")
        await replay(one.house, first, one.deployment, other_fork)  # nothing ran before it


async def test_running_work_is_not_replayed(autojump_clock: object) -> None:
    """An execution that has not ended goes on by itself, or by a decision."""
    steps = Steps()
    made = bundle(steps.shapes, steps.wait(steps.returned(), "1 h"), GENERAL)
    async with daemon(made, World(), settings=KEEPING) as one:
        assert await one.ask() == "WAIT"
        with pytest.raises(RequestError, match="only what has ended"):
            await again(one, await one.row())
