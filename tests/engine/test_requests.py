"""Calls that cannot wait: answered within their limit, or stopped."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import trio

from runtime.engine.contents import Contents, TrackedFiles
from runtime.engine.ending import Ending, failed
from runtime.engine.executions import begin_request
from runtime.engine.hold import Hold
from runtime.engine.live_services import Bound
from runtime.engine.recovery import recover
from runtime.engine.result import Result
from runtime.engine.start import Start
from runtime.errors import StoreError
from runtime.model.document import Document, Stored, root_identity
from runtime.model.journal import Accept, Status
from runtime.model.process import Mode
from runtime.store.memory import MemoryStore
from tests.engine.houses import Daemon, daemon, failing, message_of
from tests.engine.slow import MODES, Slow, of_mode, two_calls, whole

LIMIT = 5.0  # seconds


async def answering(result: Result, contents: Contents) -> Ending:
    """Answer with how many documents came back."""
    if result.status is not Status.COMPLETE:
        return failed(result.status, result.code, result.message)
    count = sum(len(batch) for batch in result.returned)
    return Ending(status=Status.COMPLETE, body=b'{"outputs":[{"contentValue":%d}]}' % count)


async def begin(one: Daemon, *contents: bytes, identity: str | None = None) -> Hold:
    """Begin a call with so many documents."""
    documents = tuple(Document(root_identity(number), content) for number, content in enumerate(contents))
    return await begin_with(one, documents, identity)


async def begin_with(one: Daemon, documents: tuple[Document, ...], identity: str | None = None) -> Hold:
    """Begin a call with these documents."""
    start = Start(documents, uri="/fs/S/data", deadline=one.house.clock.now() + LIMIT)
    bound = Bound(one.deployment, one.deployment.processes["p"])
    return await begin_request(one.house, bound, start, answering, identity)


async def ended(hold: Hold) -> str:
    """Wait for the answer; gives its message or its fault."""
    hold.join()
    await hold.decided.wait()
    assert hold.ending is not None
    return message_of(hold.ending)


@pytest.mark.parametrize("mode", MODES)
async def test_in_time(mode: Mode, autojump_clock: object) -> None:
    """What ends within its limit is answered by whoever asked, with all documents, and leaves nothing behind."""
    async with daemon(two_calls(of_mode(mode)), Slow(1)) as one:
        assert await ended(await begin(one, b"{}", b"{}")) == "2"
        await trio.sleep(1)
        assert await one.told() == []
        await whole(one)


@pytest.mark.parametrize("mode", MODES)
async def test_too_slow(mode: Mode, autojump_clock: object) -> None:
    """At its limit the process is cancelled in the middle of its step, and the call is a fault that says why."""
    async with daemon(two_calls(of_mode(mode), effect="idempotent"), Slow(60)) as one:
        begun = trio.current_time()
        told = await ended(await begin(one, b"{}"))
        assert told.startswith("flow.time-limit: The process takes longer than Flow can wait")
        assert trio.current_time() - begun == pytest.approx(LIMIT)
        await trio.sleep(1)
        assert [row.status for row in await one.store.journal.executions()] == [Status.ERROR] * (mode == "general")
        await whole(one)


async def test_what_is_in_doubt_is_parked(autojump_clock: object) -> None:
    """A call under way that must not be made twice is not forgotten with its caller: a person decides."""
    async with daemon(two_calls(of_mode("low latency"), effect="once"), Slow(60)) as one:
        assert (await ended(await begin(one, b"{}"))).startswith("engine.parked")
        await trio.sleep(1)
        assert (await one.row()).status is Status.PARKED


async def test_a_caller_that_leaves_stops_the_work(autojump_clock: object) -> None:
    """Nobody was promised anything: the work stops at its next step, and the second call is not made."""
    world = Slow(2)
    async with daemon(two_calls(of_mode("low latency")), world) as one:
        hold = await begin(one, b"{}")
        hold.join()
        await trio.sleep(1)
        hold.leave()
        await trio.sleep(10)
        assert len(world.calls) == 1
        await whole(one)


async def test_after_a_crash_nobody_is_answered(autojump_clock: object) -> None:
    """A durable call whose limit has passed while the daemon was away ends; its answer died with its caller."""
    store = MemoryStore()
    async with daemon(two_calls(of_mode("general")), Slow(4), store) as one:
        await begin(one, b"{}")
        await trio.sleep(1)
    await trio.sleep(LIMIT)
    async with daemon(two_calls(of_mode("general")), Slow(4), store, owner="two") as two:
        two.nursery.start_soon(recover, two.house, two.find)
        await trio.sleep(LIMIT)
        assert ((await two.row()).status, await two.told()) == (Status.ERROR, [])


@pytest.mark.parametrize("mode", MODES)
async def test_files_of_an_upload_go_with_its_execution(mode: Mode, autojump_clock: object) -> None:
    """Content that was written before the execution began is its own, and gone at its end."""
    async with daemon(two_calls(of_mode(mode)), Slow(1)) as one:
        files = TrackedFiles(one.store.documents)

        async def pieces() -> AsyncGenerator[bytes]:
            for _ in range(4):
                yield b"x" * 100

        stored = await Contents(files, "ex-upload", 100).write(pieces())
        assert isinstance(stored, Stored)
        hold = await begin_with(one, (Document(root_identity(0), stored),), "ex-upload")
        assert hold.execution == "ex-upload"
        assert await ended(hold) == "1"
        await trio.sleep(1)
        with pytest.raises(StoreError):
            [chunk async for chunk in one.store.documents.read("ex-upload", stored.name)]
        await whole(one)


async def test_what_the_disk_refuses_is_not_begun(autojump_clock: object) -> None:
    """Without a journal a durable call is refused, and nothing of it runs."""
    world = Slow(1)
    async with daemon(two_calls(of_mode("general")), world) as one:
        one.store.journal.before_commit = failing(Accept)
        with pytest.raises(StoreError):
            await begin(one, b"{}")
        await trio.sleep(10)
        assert world.calls == []
        await whole(one)
