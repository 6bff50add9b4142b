from __future__ import annotations

import os
from pathlib import Path

import pytest

from runtime.store.cipher import Cipher
from runtime.store.segments import reading
from runtime.store.segments.reading import left_in, path_of
from runtime.store.segments.segment import made
from tests.store.examples import KEY


def refusing(*_given: object, **_named: object) -> None:
    """Refuse whatever is asked of the disk."""
    raise OSError(30, "Read-only file system")


def test_a_new_file_survives_a_power_cut_with_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a segment was made its name is on the disk, and so is the name of a folder that was made for it."""
    synced, sync = set[int](), os.fsync

    def noted(handle: int) -> None:
        sync(handle)
        synced.add(os.fstat(handle).st_ino)

    monkeypatch.setattr(os, "fsync", noted)
    path = tmp_path / "segments" / "segment-1"
    made(path).close()
    assert {each.stat().st_ino for each in (path, path.parent, tmp_path)} <= synced


def test_a_segment_that_is_gone_since_it_was_listed_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks at segments beside a daemon, which removes some, finds the others."""
    made(path_of(tmp_path, 1)).close()
    monkeypatch.setattr(reading, "paths_in", lambda folder: [path_of(folder, 1), path_of(folder, 2)])
    left = left_in(tmp_path, Cipher(KEY), 0)
    for segment in left.segments:
        segment.close()
    assert [segment.path for segment in left.segments] == [path_of(tmp_path, 1)]
