from __future__ import annotations

import pytest
import trio

from runtime.engine.disk import LOOK, PROBE_EVERY, mind_the_disk
from runtime.errors import StoreError, Unavailable
from runtime.store.memory import MemoryStore
from runtime.store.trouble import SLOW, Trouble
from tests.engine.houses import call, daemon, failing
from tests.engine.slow import GENERAL, Slow, two_calls


async def test_refused_while_the_disk_is_in_trouble(autojump_clock: object) -> None:
    """While nothing can be written, no work is accepted, and the caller is told when to come again; then it goes on."""
    store = MemoryStore()
    async with daemon(two_calls(GENERAL), Slow(1), store) as one:
        one.nursery.start_soon(mind_the_disk, one.house)
        store.wrong = "no space left on device"
        store.journal.before_commit = _full
        with pytest.raises(Unavailable, match="no space left") as refused:
            await one.begin(call())
        assert refused.value.retry_after == LOOK
        await trio.sleep(10 * LOOK)
        with pytest.raises(Unavailable):
            await one.begin(call())
        store.journal.before_commit = None
        await trio.sleep(2 * LOOK)
        assert await one.ask() == "hi"


def _full(operations: object) -> None:
    raise StoreError("store.disk", "no space left on device")


async def test_work_that_needs_no_disk_is_served(autojump_clock: object) -> None:
    """A process that never waits and keeps nothing answers, whatever the disk does."""
    from tests.engine.houses import bundle
    from tests.engine.processes import Steps

    steps, store = Steps(), MemoryStore()
    store.wrong = "no space left on device"
    async with daemon(bundle(steps.shapes, steps.returned()), Slow(), store) as one:
        assert await one.ask() == "hi"


async def test_idle_disks_are_tried(autojump_clock: object) -> None:
    """A disk that nobody writes to is tried now and then, so that readiness knows before a caller does."""
    store = MemoryStore()
    commits: list[object] = []
    async with daemon(two_calls(GENERAL), Slow(1), store) as one:
        store.journal.before_commit = commits.append
        one.nursery.start_soon(mind_the_disk, one.house)
        await trio.sleep(PROBE_EVERY * 3.5)
        assert len(commits) == 3


async def test_held_calls_are_told_to_come_again(autojump_clock: object) -> None:
    """A caller that still waits when the disk refuses its work's records is answered 503, not with a failure."""
    store = MemoryStore()
    async with daemon(two_calls(GENERAL), Slow(1), store) as one:
        hold = await one.begin(call())
        hold.join()
        store.journal.before_commit = failing(object)
        await hold.decided.wait()
        assert getattr(hold.decision, "status", None) == 503
        store.journal.before_commit = None


def test_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed write of one part is trouble until a write of that part succeeds; a write that takes long is, too."""
    trouble = Trouble()

    def reason() -> str | None:
        return trouble.reason

    with pytest.raises(StoreError), trouble.watched("documents"):
        raise StoreError("store.disk", "no space")
    with trouble.watched("journal"):
        pass
    assert reason() == "no space"
    with trouble.watched("documents"):
        pass
    assert reason() is None
    with pytest.raises(StoreError), trouble.watched("documents"):
        raise StoreError("store.missing", "no file")
    assert reason() is None
    now = 0.0
    monkeypatch.setattr("runtime.store.trouble.time.monotonic", lambda: now)
    with trouble.timed("journal"):
        assert reason() is None
        now = SLOW + 1
        with trouble.timed("journal"):
            pass
        assert reason() == "the journal has been writing for 6 s"
    assert reason() is None
