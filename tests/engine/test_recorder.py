"""The laws of records: what people read of executions is told in order, bounded, and masked before it is written."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec
import pytest
import trio
import trio.testing

from runtime.engine.deployment import deployed
from runtime.engine.executions import begin_process, open_executions
from runtime.engine.recorder import RecordLimits
from runtime.engine.recorders import GATHER, GROUP, REST_MOST, Recorders, RecordSettings, open_recorders
from runtime.model.bundle import Bundle
from runtime.model.journal import ExecutionRow, Status
from runtime.model.process import Mode, Options
from runtime.model.record import BriefRecord, Depth, ExecutionRecord, WrittenRecord
from runtime.store.cipher import Cipher
from runtime.store.memory import MemoryStore
from runtime.store.sqlite.record_base import RecordBase
from tests.engine.houses import SETTINGS, Daemon, bundle, call
from tests.engine.processes import Steps
from tests.engine.slow import Slow
from tests.engine.worlds import TrioClock, World
from tests.store.examples import KEY

CONTENTS = [b'{"id":1,"card":"4000-1"}', b'{"id":2,"card":"4000-2"}', b'{"id":3,"card":"4000-3"}']


@asynccontextmanager
async def recording(
    made: Bundle, world: World, folder: Path, settings: RecordSettings | None = None, store: MemoryStore | None = None
) -> AsyncGenerator[tuple[Daemon, Recorders]]:
    """Run a daemon that keeps records below a folder."""
    store = store or MemoryStore()
    files, clock = RecordBase(folder, Cipher(KEY)), TrioClock()
    async with (
        open_recorders(
            files, store.documents, settings or RecordSettings(), now=clock.now, left_out=lambda: None
        ) as recorders,
        deployed(made, world.catalogue()) as deployment,
        open_executions(store, clock, SETTINGS, owner="one", wake_outbox=lambda: None, recorders=recorders) as house,
        trio.open_nursery() as nursery,
    ):
        yield Daemon(house, store, deployment, nursery), recorders
        nursery.cancel_scope.cancel()


def process(mode: Mode = "general", **parts: object) -> Bundle:
    """Give a process: a property, a call, a decision, an exception on one of its paths."""
    steps = Steps()
    wrong = steps.fail("no room for ${document.card}")
    chosen = steps.decide("document.id == 2", wrong, steps.returned())
    first = steps.set(steps.call("", chosen, identity="charge"), "document", "password", "${document.card}")
    return bundle(steps.shapes, first, Options(mode=mode), **parts)


async def record_of(
    made: Bundle,
    folder: Path,
    contents: Sequence[bytes] = CONTENTS,
    settings: RecordSettings | None = None,
    depth: Depth | None = None,
) -> ExecutionRecord | None:
    """Run it, and give what is on disk afterwards."""
    async with recording(made, World(), folder, settings) as (one, _):
        identity = await begin_process(one.house, one.deployment, "p", contents, {}, depth=depth)
        await one.house.drained()
    found = RecordBase(folder, Cipher(KEY)).read(identity)
    assert not isinstance(found, BriefRecord)
    return found


async def test_process_log_and_times(tmp_path: Path) -> None:
    """The log tells in order which step ran with how many documents, and what failed; each step has its counts."""
    record = await record_of(process(), tmp_path)
    assert record is not None
    texts = [f"{line.level} {line.step}: {line.text}" for line in record.lines]
    assert texts[0] == "info : Executing Process p with 3 document(s)."
    assert "info charge: Executing Shape with 3 document(s)." in texts
    assert "warning s0: A document failed: process.exception: no room for 4000-2" in texts
    assert texts[-1] == "severe : Process ended with an error: no room for 4000-2"
    charge = next(each for each in record.timings if each.step == "charge")
    assert (charge.runs, charge.documents_in, charge.documents_out, charge.failed) == (1, 3, 3, 0)
    assert charge.seconds >= 0
    assert (record.status, record.process, record.mode) == ("error", "p", "general")


async def test_documents_at_steps(tmp_path: Path) -> None:
    """In general mode each run of a step shows the first documents that reached it, properties with secrets masked."""
    settings = RecordSettings(limits=RecordLimits(documents=2, document_bytes=8))
    record = await record_of(process(), tmp_path, settings=settings)
    assert record is not None
    charge = next(each for each in record.seen if each.step == "charge")
    assert (charge.count, len(charge.documents)) == (3, 2)
    first = charge.documents[0]
    assert (first.content, first.cut, first.size) == ('{"id":1,', True, len(CONTENTS[0]))
    assert first.properties == {"password": "***"}


@pytest.mark.parametrize(("paths"), [("card",), ("/card",), ("card", "id.x")])
async def test_marked_fields_are_not_in_the_file(paths: tuple[str, ...], tmp_path: Path) -> None:
    """A field that the bundle marks is nowhere in clear: not in documents, nor in the texts that a process makes."""
    record = await record_of(process(redaction=paths), tmp_path)
    assert record is not None
    assert [document.content for document in record.seen[0].documents] == [
        f'{{"id":{n},"card":"***"}}' for n in (1, 2, 3)
    ]
    for file in files_below(tmp_path):
        assert b"4000-" not in file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0, "for the daemon's user alone"


async def test_marked_fields_of_what_cannot_be_read(tmp_path: Path) -> None:
    """A content that cannot be looked into is not shown where anything is marked."""
    record = await record_of(process(redaction=("card",)), tmp_path, [b"card=4000"])
    assert record is not None
    assert record.seen[0].documents[0].content is None


@pytest.mark.parametrize(
    ("mode", "depth", "lines", "seen"),
    [
        ("general", None, True, True),
        ("general", "log", True, False),
        ("bridge", None, True, False),
        ("bridge", "documents", True, False),
        ("low latency", "log", True, False),
        ("low latency", "documents", True, True),
    ],
)
async def test_depth(mode: Mode, depth: Depth | None, lines: bool, seen: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a table
    """Mode and call choose how much is noted; a bridge never shows payloads (3.1)."""
    record = await record_of(process(mode), tmp_path, CONTENTS[:1], depth=depth)
    assert (bool(record and record.lines), bool(record and record.seen)) == (lines, seen)


async def test_low_latency_keeps_the_log_of_failed_runs(tmp_path: Path) -> None:
    """3.1: of a low latency run the log is kept when it has failed, and nothing otherwise."""
    assert await record_of(process("low latency"), tmp_path, CONTENTS[:1]) is None
    failed = await record_of(process("low latency"), tmp_path, CONTENTS)
    assert failed is not None
    assert failed.seen == ()


async def test_records_are_bounded(tmp_path: Path) -> None:
    """However long an execution runs, its record keeps the first and the last lines, and counts what it leaves out."""
    steps = Steps()
    counted = steps.set("loop", "document", "d", "${properties.d}x", identity="count")
    steps.decide("size(properties.d) < 200", counted, steps.returned(), identity="loop")
    first = steps.set("loop", "document", "d", "x")
    settings = RecordSettings(limits=RecordLimits(lines=20, steps=15, bytes=3_000))
    record = await record_of(bundle(steps.shapes, first, Options()), tmp_path, [b"{}"], settings)
    assert record is not None
    assert len(record.lines) == 20
    assert record.lines_left_out > 500
    assert record.lines[0].text == "Executing Process p with 1 document(s)."
    assert record.lines[-1].text == "Process executed successfully."
    assert (len(record.seen), record.seen_left_out > 300) == (15, True)


async def test_a_record_can_be_read_at_any_time(tmp_path: Path, autojump_clock: object) -> None:
    """A record is found while its execution runs, when it has just ended, and when its file is written."""
    steps = Steps()
    made = bundle(steps.shapes, steps.call("", steps.returned()), Options())
    async with recording(made, Slow(5.0), tmp_path) as (one, recorders):
        identity = await begin_process(one.house, one.deployment, "p", [b"x"], {})
        await trio.sleep(1)
        running = await recorders.find(identity)
        assert running is not None
        assert (running.status, running.lines[-1].step) == ("running", "s1")
        await one.house.drained()
        ended = await recorders.find(identity)
        assert ended is not None
        assert ended.status == "complete"
        await recorders.flush()
        assert await recorders.find(identity) == ended
        assert await recorders.find("ex-other") is None


async def test_a_record_is_whole_after_a_crash(tmp_path: Path, autojump_clock: object) -> None:
    """Steps that are remembered are noted like those that run, so the log of a resumed execution has no hole."""
    steps = Steps()
    made = bundle(
        steps.shapes, steps.call("", steps.call("5", steps.returned(), identity="second"), identity="first"), Options()
    )
    store = MemoryStore()
    async with recording(made, Slow(0.0), tmp_path, store=store) as (one, _):
        identity = await begin_process(one.house, one.deployment, "p", [b"x"], {})
        await trio.sleep(1)
    async with recording(made, Slow(0.0), tmp_path, store=store) as (two, _):
        two.upkeep()
        while not (await two.row()).status.finished:  # noqa: ASYNC110 - a row has no event
            await trio.sleep(1)
        await two.house.drained()
    record = RecordBase(tmp_path, Cipher(KEY)).read(identity)
    assert isinstance(record, ExecutionRecord)
    assert [line.step for line in record.lines if line.text.startswith("Executing Shape")] == ["first", "second", "s0"]
    assert record.status == Status.COMPLETE


async def test_tail(tmp_path: Path, autojump_clock: object) -> None:
    """Who follows gets each line once, in order, as it comes; of one execution until it has ended."""
    steps = Steps()
    made = bundle(steps.shapes, steps.call("", steps.returned()), Options())
    async with recording(made, Slow(30.0), tmp_path) as (one, recorders):
        number, lines = await recorders.tail(None, None, 5.0)
        assert lines == []
        identity = await begin_process(one.house, one.deployment, "p", [b"x"], {})
        followed: list[str] = []
        while True:
            number, lines = await recorders.tail(number, identity, 5.0)
            followed += [each.line.text for each in lines]
            if not lines and not recorders.is_live(identity):
                break
        record = await recorders.find(identity)
        assert record is not None
        assert followed == [line.text for line in record.lines]


async def test_old_records_are_forgotten(tmp_path: Path) -> None:
    """Records go by age, then the oldest beyond their size; what is left can be read."""
    files = RecordBase(tmp_path, Cipher(KEY))
    made = ExecutionRecord(
        id="", bundle="b", version="1", process="p", mode="general", started_at=0.0, status="complete",
        message="m" * 1_000, lines=(), lines_left_out=0, timings=(), seen=(), seen_left_out=0,
    )  # fmt: skip
    for day in range(5):
        files.write([msgspec.structs.replace(made, id=f"ex-{day}", started_at=day * 86_400.0)])
    await trio.to_thread.run_sync(partial(files.forget, before=0.0, most=3_500))
    kept = [day for day in range(5) if files.read(f"ex-{day}") is not None]
    assert len(kept) == 2
    files.forget(before=1e12, most=3_500)
    assert [day for day in range(5) if files.read(f"ex-{day}") is not None] == []
    assert files.read("../../etc/passwd") is None


async def test_calls_have_records_too(tmp_path: Path) -> None:
    """A call of Flow is noted as a run by hand is."""
    async with recording(process(), World(), tmp_path) as (one, recorders):
        hold = await one.begin(call("hi"))
        await hold.decided.wait()
        await one.house.drained()
        assert (await recorders.find(hold.execution)) is not None


def files_below(folder: Path) -> list[Path]:
    """Give everything below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()] or list(folder.iterdir())


@pytest.mark.parametrize(("ended", "waits"), [(10, GATHER), (GROUP, 0.0)])
async def test_records_are_written_in_groups(ended: int, waits: float, tmp_path: Path, autojump_clock: object) -> None:
    """What ends within a moment is written together, and no execution waits for that; a full group does not wait."""
    groups: list[int] = []

    class Counting(RecordBase):
        """Notes how many records are written at once."""

        def write(self, records: Sequence[WrittenRecord]) -> None:
            groups.append(len(records))

    store = MemoryStore()
    steps = Steps()
    made = bundle(steps.shapes, steps.returned(), Options(mode="general"))
    async with (
        open_recorders(
            Counting(tmp_path, Cipher(KEY)), store.documents, RecordSettings(), now=float, left_out=lambda: None
        ) as recorders,
        deployed(made, World().catalogue()) as deployment,
        open_executions(
            store, TrioClock(), SETTINGS, owner="o", wake_outbox=lambda: None, recorders=recorders
        ) as house,
        trio.open_nursery() as nursery,
    ):
        one = Daemon(house, store, deployment, nursery)
        for number in range(ended):
            assert await one.ask(call(named=str(number))) == "hi"
        await trio.sleep(waits)
        await _until(lambda: bool(groups))
        assert groups == [ended]
        nursery.cancel_scope.cancel()


async def _until(done: Callable[[], bool]) -> None:
    """Wait for a thread, on which no clock of trio's waits."""
    while not done():
        await trio.lowlevel.checkpoint()


class Slowly:
    """A store of which every write takes a second; notes how many records each has."""

    def __init__(self, clock: trio.testing.MockClock) -> None:
        self._clock = clock
        self.groups: list[int] = []

    def write(self, records: Sequence[WrittenRecord]) -> None:
        """Take a second."""
        trio.from_thread.run_sync(self._clock.jump, 1.0)
        self.groups.append(len(records))

    def read(self, identity: str) -> WrittenRecord | None:
        """Give none."""

    def forget(self, *, before: float, most: int) -> int:
        """Forget nothing."""
        return 0

    def settle(self) -> None:
        """Put nothing off."""


@asynccontextmanager
async def ended(
    settings: RecordSettings, count: int, clock: trio.testing.MockClock
) -> AsyncGenerator[tuple[Recorders, Slowly, list[None]]]:
    """Have so many executions end at once; give who writes their records, where to, and those that are left out."""
    store, left_out = Slowly(clock), list[None]()
    steps = Steps()
    made = bundle(steps.shapes, steps.returned(), Options(mode="general"))
    async with (
        open_recorders(
            store, MemoryStore().documents, settings, now=float, left_out=lambda: left_out.append(None)
        ) as recorders,
        deployed(made, World().catalogue()) as deployment,
    ):
        await trio.testing.wait_all_tasks_blocked()
        for number in range(count):
            row = ExecutionRow(
                id=f"ex-{number}", bundle="b", version="1", digest="d", process="p", mode="general",
                status=Status.COMPLETE, started_at=0.0,
            )  # fmt: skip
            recorders.close(recorders.recorder(row, deployment, "log"), None)
        yield recorders, store, left_out


async def test_who_writes_records_rests(mock_clock: trio.testing.MockClock) -> None:
    """After a group comes a rest, so that executions have the machine; with much to write there is none."""
    async with ended(RecordSettings(), 2 * GROUP, mock_clock) as (recorders, store, _):
        while await recorders.find("ex-0") is not None:  # is in memory
            await trio.lowlevel.checkpoint()
        for _ in range(1_000):
            await trio.lowlevel.checkpoint()
        assert store.groups == [GROUP]
        mock_clock.jump(REST_MOST)
        await _until(lambda: store.groups == [GROUP, GROUP])
    async with ended(RecordSettings(queue=2 * GROUP), 2 * GROUP, mock_clock) as (_, store, _):
        await _until(lambda: store.groups == [GROUP, GROUP])


@pytest.mark.parametrize(("settings", "kept"), [(RecordSettings(queue=3), 3), (RecordSettings(queue_bytes=1), 1)])
async def test_what_waits_is_bounded(settings: RecordSettings, kept: int, mock_clock: trio.testing.MockClock) -> None:
    """Beyond their number, and beyond their memory, records are left out and counted; one alone always waits."""
    async with ended(settings, 5, mock_clock) as (_, store, left_out):
        await trio.testing.wait_all_tasks_blocked()
        mock_clock.jump(GATHER)
        await _until(lambda: store.groups == [kept])
        assert len(left_out) == 5 - kept
