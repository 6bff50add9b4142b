"""Which worker has begun a call: a table that all workers see, for calls that are answered where they arrive.

A call that never waits is done in less time than passing it on would take, so whoever gets it claims its token here and
runs it; a repeat is passed to the worker that has the claim. The table is memory that the supervisor makes before it
forks: it outlives every worker, and is as long-lived as the memory of answers that a daemon of one process has.

A bucket is locked while it is read and written (`fcntl` on one byte): the kernel gives the lock back when its holder
dies, and a half-written entry matches no token that anybody has.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import time
from hashlib import blake2b
from typing import Final

_ENTRY: Final = struct.Struct("<dB15s")  # when it was claimed (monotonic), by whom, the token's digest
_DIGEST: Final = 15  # bytes: nobody finds two tokens of one digest
_WAYS: Final = 16  # entries of a bucket: with four as the usual number, one in a hundred thousand overflows
_SPARE: Final = 4  # entries for each that is to be remembered
_NEXT: Final = _WAYS * _ENTRY.size  # where a bucket says which entry is the next to be written
_BUCKET: Final = _NEXT + 1


class Claims:
    """The table. It remembers at least `entries` claims, each for `seconds`; older ones make room."""

    def __init__(self, entries: int, seconds: float) -> None:
        self._buckets = max(1, entries * _SPARE // _WAYS)
        self._seconds = seconds
        self._file = os.memfd_create("nuclide-claims", os.MFD_CLOEXEC)
        os.ftruncate(self._file, self._buckets * _BUCKET)
        self._memory = mmap.mmap(self._file, self._buckets * _BUCKET)

    def claim(self, token: str, worker: int) -> int | None:
        """Claim a token for a worker, if nobody has it; give who has. None: it cannot be told in this moment."""
        return self._look(token, worker)

    def holder(self, token: str) -> int | None:
        """Give who has claimed a token; 0 when nobody has, None when it cannot be told in this moment."""
        return self._look(token, 0)

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()
        os.close(self._file)

    def _look(self, token: str, worker: int) -> int | None:
        digest = blake2b(token.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()
        bucket = int.from_bytes(digest[:6], "little") % self._buckets
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, bucket)
        except (BlockingIOError, PermissionError):
            return None
        try:
            return self._in_bucket(bucket * _BUCKET, digest, worker)
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, bucket)

    def _in_bucket(self, start: int, digest: bytes, worker: int) -> int:
        memory, now = self._memory, time.monotonic()
        bucket = memory[start : start + _BUCKET]
        place = bucket.find(digest) + _DIGEST - _ENTRY.size
        if place >= 0 and place % _ENTRY.size == 0:
            at, holder, _ = _ENTRY.unpack_from(bucket, place)
            if holder and now - at <= self._seconds:
                return int(holder)
        if worker:
            entry = bucket[_NEXT] % _WAYS
            _ENTRY.pack_into(memory, start + entry * _ENTRY.size, now, worker, digest)
            memory[start + _NEXT] = (entry + 1) % _WAYS
        return worker
