from __future__ import annotations

from typing import TYPE_CHECKING

import apsw
import msgspec
import pytest

from runtime.errors import StoreError
from runtime.model.record import BriefRecord, ExecutionRecord, KindStep, Run, RunKind, ShownDocument
from runtime.store.cipher import Cipher
from runtime.store.sqlite.record_base import FILE, FORGET, KIND, PACK_MOST, RecordBase
from tests.store.examples import KEY

if TYPE_CHECKING:
    from pathlib import Path

MADE = ExecutionRecord(
    id="ex-1", bundle="b", version="1", process="p", mode="general", started_at=0.0, status="complete",
    message="m" * 100, lines=(), lines_left_out=0, timings=(), seen=(), seen_left_out=0,
)  # fmt: skip


def record(number: int, message: str = "m") -> ExecutionRecord:
    """Give a record."""
    return msgspec.structs.replace(MADE, id=f"ex-{number}", message=message)


KINDS = [RunKind("b", "1", name, "general", (KindStep("s", "S", forks=False, goes_on=True),)) for name in ("p", "q")]


def brief(number: int, message: str = "m") -> BriefRecord:
    """Give a brief record; odd ones are of another process."""
    shown = [ShownDocument("ab", 2, "{}", {"a": "1"}, {}, cut=False)]
    run = Run(f"ex-{number:06}", 1.0, "complete", message, 1.0, 0.5, [0, 0.75], [0], shown, 0)
    return BriefRecord(KINDS[number % 2], run)


def test_read_as_written(tmp_path: Path) -> None:
    """A record is read as it was written last, also by another process that has the key."""
    base = RecordBase(tmp_path, Cipher(KEY))
    base.write([record(1), record(2)])
    base.write([record(1, "again")])
    base.close()
    other = RecordBase(tmp_path, Cipher(KEY))
    assert (other.read("ex-1"), other.read("ex-2")) == (record(1, "again"), record(2))
    assert other.read("ex-3") is None
    assert RecordBase(tmp_path, Cipher(bytes(32))).read("ex-1") is None, "sealed with another key"


def test_oldest_go_first(tmp_path: Path) -> None:
    """Beyond their size the oldest records go, however many; by age those written before a time, and no others."""
    now = 0.0
    base = RecordBase(tmp_path, Cipher(KEY), lambda: now)
    count = 2 * FORGET + 10
    base.write([record(number) for number in range(count)])
    now = 100.0
    base.write([record(count)])
    each = len(msgspec.json.encode(record(FORGET)))
    assert 0 < base.forget(before=0.0, most=each * FORGET) < count
    assert base.read("ex-0") is None
    assert base.read(f"ex-{count - 1}") is not None
    base.forget(before=50.0, most=1_000_000)
    assert base.read(f"ex-{count - 1}") is None
    assert base.read(f"ex-{count}") is not None


def test_a_damaged_base_is_begun_anew(tmp_path: Path) -> None:
    """What was damaged is given up: nothing but the sight of what has been is lost, and the next record is kept."""
    (tmp_path / FILE).write_bytes(b"not a database at all" * 100)
    base = RecordBase(tmp_path, Cipher(KEY))
    base.write([record(1)])
    assert base.read("ex-1") == record(1)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Where the disk refuses, writing says so, and reading finds nothing."""
    (tmp_path / "file").write_bytes(b"")
    base = RecordBase(tmp_path / "file" / "records", Cipher(KEY))
    with pytest.raises(StoreError) as refused:
        base.write([record(1)])
    assert refused.value.code == "store.disk"
    assert base.read("ex-1") is None


def test_brief_records_are_found_in_their_packs(tmp_path: Path) -> None:
    """A brief record is read as it was written last, among many of its time, before and after the file is settled."""
    base = RecordBase(tmp_path, Cipher(KEY))
    base.write([brief(number) for number in range(0, 100, 2)])
    base.write([*(brief(number) for number in range(1, 100, 2)), record(7)])
    base.write([brief(40, "again")])
    base.settle()
    for number in range(100):
        assert base.read(f"ex-{number:06}") == brief(number, "again" if number == 40 else "m")
    for missing in ("ex-000100", "ex-", "", "pack ex-000000", "ex-0000001"):
        assert base.read(missing) is None
    assert base.read("ex-7") == record(7)
    later = msgspec.structs.replace(record(8), id="ex-000000")
    base.write([later])
    assert base.read("ex-000000") == later, "what is written of one record leaves the others of its pack alone"
    assert base.read("ex-000002") == brief(2)


def test_packs_are_bounded(tmp_path: Path) -> None:
    """Records that are large make several packs, each of which is forgotten for itself, the oldest first."""
    base = RecordBase(tmp_path, Cipher(KEY))
    text = "x" * (PACK_MOST // 3)
    base.write([brief(number, text) for number in range(8)])
    assert [base.read(f"ex-{number:06}") for number in range(8)] == [brief(number, text) for number in range(8)]
    assert base.forget(before=0.0, most=PACK_MOST) > 1
    assert base.read("ex-000000") is None
    assert base.read("ex-000007") == brief(7, text)


def test_what_an_earlier_version_wrote_is_read(tmp_path: Path) -> None:
    """A database whose records are a row each goes on, and its brief records tell the same as ever."""
    cipher = Cipher(KEY)
    old = [
        "ex-1", "b", "1", "p", "general", 1.0, "complete", None, 0.5,
        [["s", "S", False, True, 0.75, 0], ["t", "T", False, False, 1.0, None]],
        [{"id": "ab", "size": 2, "content": "{}", "properties": {}, "meta": {}, "cut": False}], 1,
    ]  # fmt: skip
    connection = apsw.Connection(str(tmp_path / FILE))
    connection.execute(
        "CREATE TABLE records (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, written_at REAL NOT NULL,"
        " sealed BLOB NOT NULL) STRICT"
    ).fetchall()
    for name, told in (("ex-1", msgspec.json.encode(old)), ("ex-2", msgspec.json.encode(record(2)))):
        sealed = cipher.seal(told, execution=name, kind=KIND)
        connection.execute("INSERT INTO records (id, written_at, sealed) VALUES (?, 1.0, ?)", (name, sealed)).fetchall()
    connection.close()
    base = RecordBase(tmp_path, cipher)
    base.write([brief(3)])
    steps = (KindStep("s", "S", forks=False, goes_on=True), KindStep("t", "T", forks=False, goes_on=False))
    shown = [ShownDocument("ab", 2, "{}", {}, {}, cut=False)]
    run = Run("ex-1", 1.0, "complete", None, 0.5, 0.5, [0, 0.75, 1, 1.0], [0], shown, 1)
    assert base.read("ex-1") == BriefRecord(RunKind("b", "1", "p", "general", steps), run)
    assert (base.read("ex-2"), base.read("ex-000003")) == (record(2), brief(3))
