from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from runtime.errors import StoreError
from runtime.model.record import ExecutionRecord
from runtime.store.cipher import Cipher
from runtime.store.sqlite.record_base import FILE, FORGET, RecordBase
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
