"""How often an address was wrong, counted by all workers together: a bucket for each, which drains with time.

The table is memory that the supervisor makes before it forks. A row is locked while it is read and written (`fcntl` on
one byte); where it cannot be had in this moment, another worker is counting a guess, and so the address may not guess
now: it is a matter of microseconds, and nobody gains a guess by asking everywhere at once.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import secrets
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Final

ADDRESSES: Final = 16_384  # remembered; of a row that is full the one that has drained most is forgotten
_WAYS: Final = 8  # addresses of a row
_DIGEST: Final = 16  # bytes of an address' keyed digest: nobody chooses whose row it falls into
_ENTRY: Final = struct.Struct(f"<dd{_DIGEST}s")  # how full it was, when (monotonic), whose
_ROW: Final = _WAYS * _ENTRY.size
_TRIES: Final = 100  # to get a row that another looks at for microseconds
_SOON: Final = 0.1  # seconds


class SharedFailures:
    """Counts failures by address, as `web.access.failures.Failures` does in one process."""

    def __init__(self, per_minute: float, burst: int) -> None:
        self._rate = per_minute / 60
        self._burst = burst
        self._key = secrets.token_bytes(32)
        self._rows = ADDRESSES // _WAYS
        self._file = os.memfd_create("nuclide-failures", os.MFD_CLOEXEC)
        os.ftruncate(self._file, self._rows * _ROW)
        self._memory = mmap.mmap(self._file, self._rows * _ROW)

    def wait(self, address: str, now: float) -> float:
        """Give how many seconds an address has to wait before it may try again; 0 when it may now."""
        digest = self._digest(address)
        with self._locked(digest) as row:
            if row is None:
                return _SOON
            levels = self._levels(row)
            level = next((level for level, whose, _ in levels if whose == digest), 0.0)
        return max(0.0, (level - (self._burst - 1)) / self._rate)

    def note(self, address: str, now: float) -> None:
        """Note a failure."""
        digest = self._digest(address)
        with self._locked(digest) as row:
            if row is None:
                return
            levels = self._levels(row)
            known = next((each for each in levels if each[1] == digest), None)
            level, _, place = known or (0.0, digest, min(levels)[2])
            full = min(level + 1, float(self._burst + 1))
            _ENTRY.pack_into(self._memory, place, full, time.monotonic(), digest)

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()
        os.close(self._file)

    def _levels(self, row: int) -> list[tuple[float, bytes, int]]:
        """Give how full each bucket of a row is now, whose it is and where it stands."""
        now, start, found = time.monotonic(), row * _ROW, list[tuple[float, bytes, int]]()
        for place in range(start, start + _ROW, _ENTRY.size):
            level, at, whose = _ENTRY.unpack_from(self._memory, place)
            found.append((max(0.0, level - (now - at) * self._rate), whose, place))
        return found

    def _digest(self, address: str) -> bytes:
        return blake2b(address.encode(), key=self._key, digest_size=_DIGEST).digest()

    @contextmanager
    def _locked(self, digest: bytes) -> Iterator[int | None]:
        row = int.from_bytes(digest[:4], "little") % self._rows
        for _ in range(_TRIES):
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, row)
            except (BlockingIOError, PermissionError):
                continue
            try:
                yield row
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, row)
            return
        yield None
