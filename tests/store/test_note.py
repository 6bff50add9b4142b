"""The laws of notes."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.errors import StoreError
from runtime.store.note import Note


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """A note holds the last value that was written, for the daemon's user alone; without one it holds None."""
    note = Note(tmp_path / "note.json", dict[str, int])
    assert note.read() is None
    note.write({"a": 1})
    note.write({"b": 2})
    assert note.read() == {"b": 2}
    assert (tmp_path / "note.json").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["note.json"]


def test_a_note_that_cannot_be_understood_is_told(tmp_path: Path) -> None:
    """What somebody has broken is refused with its path and a cure, not taken for nothing."""
    note = Note(tmp_path / "note.json", dict[str, int])
    (tmp_path / "note.json").write_text('{"a": "x"}')
    with pytest.raises(StoreError, match=r"note\.json") as caught:
        note.read()
    assert (caught.value.code, caught.value.hint is not None) == ("store.note", True)


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    """A note in a folder that is not there raises the store's error."""
    with pytest.raises(StoreError) as caught:
        Note(tmp_path / "away" / "note.json", dict[str, int]).write({})
    assert caught.value.code == "store.disk"
