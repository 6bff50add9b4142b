"""The laws of the state lock."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from runtime.errors import HostError
from runtime.host.lock import Holder, state_lock
from runtime.host.version import version

HOLD = """
import sys
from pathlib import Path
from runtime.host.lock import state_lock
with state_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_daemon_is_told_who_the_first_is(tmp_path: Path) -> None:
    """A second daemon on one state folder is refused with the pid, version and start time of the first."""
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    )
    with first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        holder = msgspec.json.decode((tmp_path / "lock").read_bytes(), type=Holder)
        with pytest.raises(HostError) as caught, state_lock(tmp_path):
            pass
        assert caught.value.code == "host.second-daemon"
        assert holder.pid == first.pid
        for part in (str(first.pid), version(), holder.started):
            assert part in caught.value.message
        first.kill()
    with state_lock(tmp_path):  # the kernel gave the lock back when the first was killed
        assert msgspec.json.decode((tmp_path / "lock").read_bytes(), type=Holder).pid == os.getpid()


def test_the_lock_is_given_back_and_its_file_stays(tmp_path: Path) -> None:
    """After the daemon the folder is free, and the same file is there to be locked by the next."""
    with state_lock(tmp_path):
        first = (tmp_path / "lock").stat().st_ino
    with state_lock(tmp_path):
        assert (tmp_path / "lock").stat().st_ino == first
    assert (tmp_path / "lock").exists()


def test_the_lock_is_given_back_after_an_error(tmp_path: Path) -> None:
    """A daemon that ends by an error leaves the folder free."""
    with pytest.raises(RuntimeError), state_lock(tmp_path):
        raise RuntimeError
    with state_lock(tmp_path):
        pass


def test_a_lock_without_a_note_is_respected(tmp_path: Path) -> None:
    """The lock counts, not the note: a first daemon that has not yet written who it is keeps a second out, too."""
    with state_lock(tmp_path):
        (tmp_path / "lock").write_bytes(b'{"pid"')
        with pytest.raises(HostError, match="another daemon already uses"), state_lock(tmp_path):
            pass


def test_the_state_folder_is_made_when_missing(tmp_path: Path) -> None:
    """A first start needs no preparation: the folder and those above it are made."""
    with state_lock(tmp_path / "var" / "lib"):
        assert (tmp_path / "var" / "lib" / "lock").exists()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A state folder that cannot be one is refused with its path."""
    (tmp_path / "file").touch()
    with pytest.raises(HostError) as caught, state_lock(tmp_path / "file"):
        pass
    assert caught.value.code == "host.state-folder"
    assert str(tmp_path / "file") in str(caught.value)
