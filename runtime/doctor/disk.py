"""The disk below the state folder: room, speed, and whether a journal can live on it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from runtime.doctor.finding import Patient, Said, error, ok, warning

MIB = 1024 * 1024
LITTLE = 1024 * MIB  # bytes: some hours of a busy journal
NEXT_TO_NONE = 128 * MIB  # bytes: the journal's log alone may take as much
FEW_FILES = 10_000  # inodes: each large batch is a file of its own
WRITES = 16  # enough for a median; a tenth of a second on a good disk
SLOW = 0.02  # seconds: a commit of a disk that turns
TOO_SLOW = 0.2  # seconds: a group of commits would let callers wait
BLOCK = 4096  # bytes: what a small commit writes

# The journal's write-ahead log is shared memory between processes, and its locks are the kernel's: neither holds here.
REMOTE = frozenset({"9p", "afs", "ceph", "cifs", "fuse.sshfs", "glusterfs", "lustre", "nfs", "nfs4", "smb3"})


def room(patient: Patient) -> Iterator[Said]:
    """There is room, and not only for root."""
    folder = _existing(patient.settings.state.folder)
    found = os.statvfs(folder)
    free = found.f_bavail * found.f_frsize
    told = f"{free // MIB} MiB free for {folder}"
    if free < NEXT_TO_NONE:
        yield error(told)
    elif free < LITTLE:
        yield warning(told)
    else:
        yield ok(told)
    if found.f_files and found.f_favail < FEW_FILES:
        yield warning(f"only {found.f_favail} more files can be made in {folder}")


def speed(patient: Patient) -> Iterator[Said]:
    """A commit reaches the disk soon enough."""
    folder = _existing(patient.settings.state.folder)
    try:
        seconds = _commit_seconds(folder)
    except OSError as trouble:
        yield error(f"nothing can be written to {folder}: {trouble.strerror}")
        return
    told = f"a commit takes {seconds * 1000:.1f} ms in {folder} (median of {WRITES})"
    if seconds > TOO_SLOW:
        yield error(told)
    elif seconds > SLOW:
        yield warning(told)
    else:
        yield ok(told)


def kind(patient: Patient) -> Iterator[Said]:
    """The file system is of this machine."""
    folder = _existing(patient.settings.state.folder)
    found = file_system(folder, Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace"))
    if found in REMOTE:
        yield error(f"{folder} is on {found}, where a journal's locks do not hold")
    else:
        yield ok(f"{folder} is on {found or 'an unknown file system'}")


def file_system(folder: Path, mounts: str) -> str | None:
    """Give the kind of the file system that holds `folder`, out of ``/proc/self/mountinfo``; None when none does."""
    best: tuple[int, str] | None = None
    path = folder.absolute()
    for line in mounts.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split()
        if not separator or len(fields) < 5 or not after:  # noqa: PLR2004 - the fifth is where it is mounted
            continue
        where = Path(fields[4].replace("\\040", " "))
        if path.is_relative_to(where) and (best is None or len(where.parts) >= best[0]):  # the last one is on top
            best = len(where.parts), after.split()[0]
    return None if best is None else best[1]


def _commit_seconds(folder: Path) -> float:
    path = folder / f".doctor.{os.getpid()}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        path.unlink()
        times = []
        for _ in range(WRITES):
            begun = time.perf_counter()
            os.write(descriptor, bytes(BLOCK))
            os.fdatasync(descriptor)
            times.append(time.perf_counter() - begun)
    finally:
        os.close(descriptor)
    return sorted(times)[WRITES // 2]


def _existing(folder: Path) -> Path:
    """Give the folder, or the lowest one above it that is there: it would be made on the same disk."""
    path = folder.absolute()
    return next(above for above in (path, *path.parents) if above.is_dir())
