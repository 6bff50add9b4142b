"""The laws of admission: how many executions of a process run at once, and what becomes of others (reference 3.2)."""

from __future__ import annotations

import pytest
import trio

from runtime.engine.executions import begin_process
from runtime.errors import Place, RequestError, Unavailable
from runtime.model.bundle import Bundle
from runtime.model.journal import Status
from runtime.model.process import Options
from runtime.model.values import Expression, Template
from tests.engine.houses import Daemon, bundle, call, daemon
from tests.engine.processes import Steps
from tests.engine.slow import Slow, whole

KEY = Template((Expression("document.Message", Place()),))


def slow(**options: object) -> Bundle:
    """Give a process of one slow call."""
    steps = Steps()
    return bundle(steps.shapes, steps.call("", steps.returned(), effect="keyed"), Options(**options))  # type: ignore[arg-type]


class Crowd(Slow):
    """A slow world that notes how many calls were under way at most, and in which order they came."""

    def __init__(self, seconds: float = 1.0) -> None:
        super().__init__(seconds)
        self.now = self.most = 0
        self.order: list[bytes] = []

    async def execute(self, operation, call):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        """Answer after a while."""
        self.now += 1
        self.most = max(self.most, self.now)
        self.order.append(call.content)
        try:
            return await super().execute(operation, call)
        finally:
            self.now -= 1


async def ask(one: Daemon, answers: dict[str, str], named: str, message: str | None = None) -> None:
    """Call, and note the answer, or the code of the refusal."""
    try:
        answers[named] = await one.ask(call(message or named, named=named))
    except (Unavailable, RequestError) as refusal:
        answers[named] = f"{refusal.code}: {refusal.message}"


async def crowd(one: Daemon, *names: str, messages: tuple[str, ...] = ()) -> dict[str, str]:
    """Make several calls at once, in this order."""
    answers: dict[str, str] = {}
    async with trio.open_nursery() as nursery:
        for number, name in enumerate(names):
            nursery.start_soon(ask, one, answers, name, messages[number] if messages else None)
            await trio.testing.wait_all_tasks_blocked()
    return answers


@pytest.mark.parametrize("mode", ["general", "low latency"])
async def test_reject(mode: str, autojump_clock: object) -> None:
    """While one runs, another is refused in the platform's words, and nothing of it is kept (behaviour 109)."""
    world = Crowd()
    async with daemon(slow(mode=mode, simultaneous="reject"), world) as one:
        answers = await crowd(one, "a", "b")
        assert answers["a"] == "a"
        assert answers["b"].startswith("executions.process-busy: Process is already running, executionId ")
        assert (await crowd(one, "c"))["c"] == "c", "afterwards the next one runs"
        await one.house.drained()
        await whole(one)
        assert one.house.gates.statistics() == ()


@pytest.mark.parametrize("mode", ["general", "low latency"])
async def test_queue(mode: str, autojump_clock: object) -> None:
    """Others wait in the order in which they came; beyond the limit of the queue they are refused."""
    world = Crowd()
    async with daemon(slow(mode=mode, simultaneous="queue", queued=2), world) as one:
        answers = await crowd(one, "a", "b", "c", "d")
        assert {name: answers[name] for name in "abc"} == {name: name for name in "abc"}
        assert answers["d"].startswith("executions.process-queue-full: 2 executions wait for the process 'p' already")
        assert (world.most, [content[12:13] for content in world.order]) == (1, [b"a", b"b", b"c"])
        await one.house.drained()
        await whole(one)


async def test_at_once(autojump_clock: object) -> None:
    """`at once` lets so many run side by side."""
    world = Crowd()
    async with daemon(slow(at_once=2), world) as one:
        await crowd(one, "a", "b", "c", "d", "e")
        assert world.most == 2


async def test_key(autojump_clock: object) -> None:
    """Executions with the same key wait for each other; others run beside them."""
    world = Crowd()
    async with daemon(slow(simultaneous="queue", key=KEY), world) as one:
        answers = await crowd(one, "a", "b", "c", messages=("x", "x", "y"))
        assert answers == {"a": "x", "b": "x", "c": "y"}
        assert (world.most, len(world.order)) == (2, 3)
        assert one.house.gates.statistics() == ()


async def test_key_that_cannot_be_computed() -> None:
    """A call whose key cannot be computed is refused: it is the caller's document."""
    lacking = Template((Expression("document.customer", Place()),))
    async with daemon(slow(key=lacking), Crowd()) as one:
        answers = await crowd(one, "a")
        assert answers["a"].startswith("executions.key: The key of the process 'p' cannot be computed")


async def test_coalesce(autojump_clock: object) -> None:
    """While one runs, one waits, and all that come meanwhile are that one: after each a run begins."""
    world = Crowd()
    async with daemon(slow(simultaneous="coalesce"), world) as one:
        begun = [await begin_process(one.house, one.deployment, "p", [b"%d" % n], {}) for n in range(5)]
        assert begun[0] != begun[1]
        assert len(set(begun[1:])) == 1
        await one.house.drained()
        assert world.order == [b"0", b"1"]


async def test_a_caller_that_leaves_the_queue(autojump_clock: object) -> None:
    """An execution whose caller leaves before it has begun does not begin, and the next one is let in."""
    world = Crowd(5.0)
    async with daemon(slow(mode="low latency", simultaneous="queue"), world) as one:
        answers: dict[str, str] = {}
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask, one, answers, "a")
            await trio.testing.wait_all_tasks_blocked()
            nursery.start_soon(one.ask_and_leave, 1.0, call("b", named="b"))
            await trio.testing.wait_all_tasks_blocked()
            nursery.start_soon(ask, one, answers, "c")
        assert answers == {"a": "a", "c": "c"}
        assert len(world.order) == 2
        await one.house.drained()
        await whole(one)


async def test_wait_is_answered_from_the_queue(autojump_clock: object) -> None:
    """The Sync Timeout passes in the queue as well: the call is handed over and runs when its turn comes."""
    world = Crowd(15.0)
    async with daemon(slow(mode="low latency", simultaneous="queue"), world) as one:
        answers = await crowd(one, "a", "b")
        assert answers == {"a": "a", "b": "WAIT"}
        await one.house.drained()
        assert [told for _, told in await one.told()] == ["b"]


async def test_deadline_in_the_queue(autojump_clock: object) -> None:
    """A deadline counts from the beginning of the call: who waits longer than that does not run."""
    world = Crowd(15.0)
    async with daemon(slow(mode="low latency", simultaneous="queue", deadline=18.0), world) as one:
        answers = await crowd(one, "a", "b", "c")
        assert answers["a"] == "a"
        assert "longer than its deadline" in answers["b"]
        assert "longer than its deadline" in answers["c"]
        assert len(world.order) == 2


async def test_accepted_work_is_never_refused(autojump_clock: object) -> None:
    """After a restart executions of a process that refuses others wait for each other instead."""
    made = slow(simultaneous="queue")
    world = Crowd()
    async with daemon(made, world) as one:
        for n in range(3):
            await begin_process(one.house, one.deployment, "p", [b"%d" % n], {})
        store = one.store
    world.order.clear()
    async with daemon(slow(simultaneous="reject"), world, store, owner="two") as two:
        two.upkeep()
        while any(not row.status.finished for row in await store.journal.executions()):  # noqa: ASYNC110 - a row has no event
            await trio.sleep(1)
        assert all(row.status is Status.COMPLETE for row in await store.journal.executions())
        assert (len(world.order), world.most) == (3, 1)


async def test_one_that_sleeps_still_runs(autojump_clock: object) -> None:
    """An execution that has left memory for a long wait holds its place; when it has ended, the next one runs."""
    steps = Steps()
    made = bundle(steps.shapes, steps.wait(steps.returned(), "1 h"), Options(simultaneous="reject"))
    async with daemon(made, Crowd()) as one:
        one.upkeep()
        first = await begin_process(one.house, one.deployment, "p", [b"x"], {})
        await one.house.drained()
        assert (await one.row()).status is Status.WAITING
        with pytest.raises(Unavailable, match=first):
            await begin_process(one.house, one.deployment, "p", [b"x"], {})
        await trio.sleep(3_700)
        assert (await one.row()).status is Status.COMPLETE
        assert one.house.gates.statistics() == ()


async def test_debug_is_general_for_one_run(autojump_clock: object) -> None:
    """A call that asks for it runs in general mode, whatever its process says; the next one does not."""
    async with daemon(slow(mode="low latency"), Crowd()) as one:
        action = one.deployment.services["S"].actions["Do"]
        from runtime.engine.executions import begin_call

        hold = await begin_call(one.house, one.deployment, action, call("a", named="a"), "/fs/S/Do", debug=True)
        await hold.decided.wait()
        assert (await one.row()).mode == "general"
        await one.ask(call("b", named="b"))
        await one.row()
