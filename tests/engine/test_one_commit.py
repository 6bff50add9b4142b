"""Durable work that nothing holds up costs one commit, and is told only what is on the disk (promise 1)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import trio
from msgspec.structs import replace

from runtime.engine.log import ExecutionLog
from runtime.model.bundle import Bundle
from runtime.model.journal import Append, Finish, Operation, Status
from runtime.model.process import Options
from tests.engine.houses import SETTINGS, Daemon, bundle, call, daemon, failing
from tests.engine.processes import Steps
from tests.engine.slow import GENERAL, Slow, two_calls, whole
from tests.engine.worlds import World


def greeting(options: Options = GENERAL) -> Bundle:
    """Give a process that never waits."""
    steps = Steps()
    return bundle(steps.shapes, steps.message(steps.returned(), '{"Message":"now"}'), options)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no machine be so slow that others get a turn while a process runs, or its records are overdue."""
    monkeypatch.setattr("runtime.engine.context.PACE", 1e9)
    monkeypatch.setattr(ExecutionLog, "_overdue", lambda _: False)


def commits_of(one: Daemon) -> list[list[str]]:
    """Give a list that gets the kinds of operations of each commit."""
    commits: list[list[str]] = []
    one.store.journal.before_commit = lambda made: commits.append([type(each).__name__ for each in made])
    return commits


def slow_ends(one: Daemon, seconds: float) -> None:
    """Let the disk take so long for the end of an execution."""
    commit = one.store.journal.commit

    async def slowly(operations: Sequence[Operation]) -> None:
        if any(isinstance(operation, Finish) for operation in operations):
            await trio.sleep(seconds)
        await commit(operations)

    one.store.journal.commit = slowly  # type: ignore[method-assign]


@pytest.mark.usefixtures("quick")
async def test_accepted_and_ended_in_one_commit(autojump_clock: object) -> None:
    """A durable process that never waits is one commit, made before its caller is answered."""
    async with daemon(greeting(), World()) as one:
        commits = commits_of(one)
        hold = await one.begin(call())
        assert hold.decided.is_set()
        assert commits == [["Accept", "Finish"]]
        assert (await one.row()).status is Status.COMPLETE
        assert await one.ask() == "now", "a repeated token gets the same answer"
        await whole(one)


async def test_accepted_before_others_get_a_turn(autojump_clock: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that computes for so long that others get a turn is accepted before they do."""
    monkeypatch.setattr("runtime.engine.context.PACE", -1.0)
    async with daemon(greeting(), World()) as one:
        commits = commits_of(one)
        assert await one.ask() == "now"
        assert (commits[0], commits[-1]) == (["Accept"], ["Finish"])
        await whole(one)


async def test_no_address_no_haste(autojump_clock: object) -> None:
    """A caller that cannot be called back does not wait for a slow disk beyond its time, so its work has a task."""
    async with daemon(greeting(), World()) as one:
        slow_ends(one, 60.0)
        hold = await one.begin(call(callback=None))
        assert not hold.decided.is_set()


async def test_the_end_is_told_when_it_is_on_the_disk(autojump_clock: object) -> None:
    """The last commit of an execution whose caller waits holds its end, and comes before the answer."""
    async with daemon(two_calls(GENERAL), Slow(1)) as one:
        commits = commits_of(one)
        slow_ends(one, 1.0)
        hold = await one.begin(call())
        hold.join()
        await hold.decided.wait()
        assert (await one.row()).status is Status.COMPLETE
        assert commits[-1] == ["Finish"]
        assert commits.count(["Finish"]) == 1
        await trio.sleep(1)
        await whole(one)


async def test_sync_timeout_while_the_end_is_written(autojump_clock: object) -> None:
    """When the Sync Timeout passes while the end is on its way to the disk, the answer is the result, told once."""
    async with daemon(two_calls(GENERAL), Slow(1)) as one:
        slow_ends(one, 40.0)
        assert await one.ask() == "hi"
        await trio.sleep(1)
        assert (await one.row()).status is Status.COMPLETE
        assert await one.told() == []
        await whole(one)


async def test_caller_gone_while_the_end_is_written(autojump_clock: object) -> None:
    """A caller that leaves while the end is on its way finds it when it comes again."""
    async with daemon(two_calls(GENERAL), Slow(1)) as one:
        slow_ends(one, 40.0)
        await one.ask_and_leave(10)
        await trio.sleep(60)
        assert (await one.row()).status is Status.COMPLETE
        assert await one.ask() == "hi"
        assert await one.told() == []
        await whole(one)


async def test_refused_commit(autojump_clock: object) -> None:
    """Where the only commit is refused nothing was promised, nothing is kept, and the call may be repeated."""
    async with daemon(greeting(), World()) as one:
        one.store.journal.before_commit = failing(Finish)
        assert await one.ask() == "503"
        await trio.sleep(10)
        assert await one.store.journal.executions() == []
        one.store.journal.before_commit = None
        assert await one.ask() == "now"
        await whole(one)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("kept", [True, False])
async def test_records_only_for_replay(*, kept: bool, autojump_clock: object) -> None:
    """Steps of such a process are written down where they are kept to be replayed, in the same commit."""
    async with daemon(greeting(), World(), settings=replace(SETTINGS, keep_work=kept)) as one:
        commits: list[int] = []
        one.store.journal.before_commit = lambda made: commits.append(sum(isinstance(each, Append) for each in made))
        assert await one.ask() == "now"
        assert commits == [int(kept)]
