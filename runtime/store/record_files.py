"""Record files: what people read of executions, one small sealed file each, in a folder a day.

They may hold documents, so they are sealed as everything else is. They are written once, when an execution has ended or
leaves memory, and forgotten by age and by size. Losing one loses nothing but the sight of it, so none is synced. All
functions wait for the disk: call them in a thread.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from runtime.errors import StoreError
from runtime.model.record import ExecutionRecord
from runtime.store.cipher import Cipher

KIND = "trace"  # what the sealed content is bound to, beside its execution
MODE = 0o600  # for the daemon's user alone
FOLDER_MODE = 0o700

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(ExecutionRecord)


def _name(identity: str) -> str:
    return f"{identity}.trace"


class _File(Struct, frozen=True):
    path: Path
    size: int
    changed_at: float


class RecordFiles:
    """The records below a folder."""

    def __init__(self, folder: Path, cipher: Cipher) -> None:
        self._folder = folder
        self._cipher = cipher

    def write(self, records: Sequence[ExecutionRecord]) -> None:
        """Write records; one that was written before is replaced.

        Raises:
            StoreError: the disk refuses (code ``store.disk``).
        """
        try:
            for record in records:
                path = self._day(record.started_at) / _name(record.id)
                path.parent.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
                draft = path.with_suffix(".part")
                with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE), "wb") as file:
                    file.write(self._cipher.seal(_encoder.encode(record), execution=record.id, kind=KIND))
                draft.replace(path)
        except OSError as error:
            raise StoreError("store.disk", f"{self._folder}: {error.strerror or error}") from error

    def read(self, identity: str) -> ExecutionRecord | None:
        """Give the record of an execution; None where there is none, or it cannot be understood."""
        if not identity.replace("-", "").isalnum():
            return None
        for day in sorted(self._days(), reverse=True):
            try:
                sealed = (day / _name(identity)).read_bytes()
                return _decoder.decode(self._cipher.open(sealed, execution=identity, kind=KIND))
            except FileNotFoundError:
                continue
            except (OSError, StoreError, msgspec.MsgspecError):
                return None
        return None

    def forget(self, *, before: float, most: int) -> int:
        """Erase records that were written before this time, then the oldest beyond `most` bytes; give how many.

        Raises:
            StoreError: the disk refuses (code ``store.disk``).
        """
        try:
            files = sorted(self._files(), key=lambda file: file.changed_at)
            size, gone = sum(file.size for file in files), 0
            for file in files:
                if file.changed_at >= before and size <= most:
                    break
                file.path.unlink(missing_ok=True)
                size -= file.size
                gone += 1
            for day in self._days():
                if not any(day.iterdir()):
                    day.rmdir()
        except OSError as error:
            raise StoreError("store.disk", f"{self._folder}: {error.strerror or error}") from error
        return gone

    def _day(self, moment: float) -> Path:
        return self._folder / datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")

    def _days(self) -> list[Path]:
        return [path for path in self._folder.iterdir() if path.is_dir()] if self._folder.is_dir() else []

    def _files(self) -> Iterator[_File]:
        for day in self._days():
            for path in day.iterdir():
                found = path.stat()
                yield _File(path, found.st_size, found.st_mtime)
