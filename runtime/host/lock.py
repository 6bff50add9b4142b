"""One daemon a state folder: two would each believe that they own the journal.

The lock is the kernel's (`flock`), so it goes with the process, however it ends. The file stays: unlinking it would let
a third daemon lock a new file of the same name while a second one waits on the old.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from runtime.errors import HostError, Place
from runtime.host.version import version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PAUSE = 0.02  # seconds between two tries to take the lock
_MOST = 4096  # bytes read of another daemon's note, which has about a hundred


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds the lock; `started` is the time in UTC, as ISO 8601."""

    pid: int
    version: str
    started: str


@contextmanager
def state_lock(folder: Path, *, patience: float = 0.0, daemon: int | None = None) -> Iterator[None]:
    """Hold the state folder for this process; the folder is created when missing.

    `patience` is for how many seconds another's end may be waited for, where it is known to end: a killed one holds
    the lock until the kernel has taken it down. `daemon` is the process that an operator knows, where it is another.

    Raises:
        HostError: another daemon holds the folder, or it cannot be written.
    """
    path = folder / "lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise HostError(
            "host.state-folder",
            f"cannot use the state folder: {error.strerror}",
            place=Place(file=str(folder)),
            hint="state.folder names it; the daemon's user must be able to write there",
        ) from error
    try:
        _take(descriptor, path, daemon or os.getpid(), until=time.monotonic() + patience)
        yield
    finally:
        os.close(descriptor)  # gives the lock back, too


def holder(folder: Path) -> int | None:
    """Give the number of the daemon that holds the state folder; None when none does, or this user may not know.

    A daemon of which nothing is known but that it is there has the number 0.
    """
    try:
        descriptor = os.open(folder / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _number(os.pread(descriptor, _MOST, 0))
    finally:
        os.close(descriptor)
    return None


def _number(note: bytes) -> int:
    try:
        return msgspec.json.decode(note, type=Holder).pid
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 0


def _take(descriptor: int, path: Path, pid: int, *, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError as error:
            if time.monotonic() < until:
                time.sleep(_PAUSE)
                continue
            raise _held(descriptor, path) from error
    started = datetime.now(UTC).isoformat(timespec="seconds")
    note = msgspec.json.encode(Holder(pid=pid, version=version(), started=started))
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, note + b"\n", 0)


def _held(descriptor: int, path: Path) -> HostError:
    return HostError(
        "host.second-daemon",
        f"{_describe(os.pread(descriptor, _MOST, 0))} already uses this state folder",
        place=Place(file=str(path.parent)),
        hint="stop it, or give this one a state.folder of its own",
    )


def _describe(note: bytes) -> str:
    try:
        holder = msgspec.json.decode(note, type=Holder)
    except (msgspec.DecodeError, UnicodeDecodeError):  # it has the lock but has not yet written its note
        return "another daemon"
    return f"daemon {holder.pid} (version {holder.version}, started {holder.started})"
