"""A note: one small JSON file that is written whole, for what an operator has decided and the journal need not know."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import get_native_id
from typing import Generic, TypeVar

import msgspec

from runtime.errors import StoreError

Kept = TypeVar("Kept")

MODE = 0o600  # for the daemon's user alone, as everything in the state folder


class Note(Generic[Kept]):
    """A file that holds one value. Its methods wait for the disk: call them in a thread."""

    def __init__(self, path: Path, form: type[Kept]) -> None:
        self._path = path
        self._decoder = msgspec.json.Decoder(form)

    def read(self) -> Kept | None:
        """Give what is kept; None when nothing is.

        Raises:
            StoreError: the file cannot be read, or holds something else (codes ``store.disk``, ``store.note``).
        """
        try:
            return self._decoder.decode(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError("store.disk", f"{self._path}: {error.strerror or error}") from error
        except msgspec.MsgspecError as error:
            hint = "mend the file, or remove it: what it held is then forgotten"
            raise StoreError("store.note", f"{self._path} cannot be understood: {error}", hint=hint) from error

    def write(self, value: Kept) -> None:
        """Keep a value in place of what was kept, durably; a crash leaves the one or the other.

        Raises:
            StoreError: the disk refused (code ``store.disk``).
        """
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}-{get_native_id()}.draft")
        content = msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, MODE)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise StoreError("store.disk", f"{self._path}: {error.strerror or error}") from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; raises OSError as the disk does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
