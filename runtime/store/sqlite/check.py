"""The check of a state folder: every page, every sealed payload, every file. It reads, reports, and repairs nothing.

What is sealed carries its own digest (the tag of AES-GCM, bound to execution and purpose), so opening it proves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.errors import StoreError
from runtime.store.files import read_file
from runtime.store.segments.reading import left_in
from runtime.store.sqlite.border import DAMAGE, DISK, border, first, open_reader, rows, translated
from runtime.store.sqlite.opening import DOCUMENTS, JOURNAL, SEGMENTS
from runtime.store.sqlite.queries import home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import apsw

    from runtime.store.cipher import Cipher

MOST = 1_000  # problems that are told: beyond them the folder is broken as a whole

_SEALED = {  # kind, and where it stands: the execution's id, the payload
    "start": "SELECT id, sealed FROM starts JOIN executions ON seq = starts.execution",
    "record": "SELECT id, sealed FROM records JOIN executions ON executions.seq = records.execution",
    "answer": "SELECT id, sealed FROM answers JOIN executions ON seq = answers.execution",
    "callback": "SELECT execution, sealed FROM callbacks",
}


class Damage(Struct, frozen=True, kw_only=True):
    """Something that is not as it was written. `execution` is None where it concerns the journal as a whole."""

    what: str
    execution: str | None = None


class Report(Struct, frozen=True, kw_only=True):
    """What was looked at, in numbers, and what is damaged; `schema` is the number of the journal's last migration."""

    schema: int
    payloads: int
    files: int
    damage: tuple[Damage, ...]


def check(folder: Path, cipher: Cipher, files_of: Callable[[bytes], list[str]]) -> Report:
    """Look at everything in a state folder; a daemon may run on it.

    Args:
        folder: the state folder.
        cipher: the one that it was sealed with.
        files_of: gives the files that a record names; raises StoreError when it cannot be read.

    Raises:
        StoreError: there is no journal, or the disk refuses.
    """
    with border():
        connection = open_reader(folder / JOURNAL)
    try:
        connection.execute("BEGIN")  # one snapshot
        return _Check(connection, folder, cipher, files_of).report()
    except (*DISK, *DAMAGE) as error:
        raise translated(error) from error
    finally:
        connection.close()


class _Check:
    def __init__(
        self, connection: apsw.Connection, folder: Path, cipher: Cipher, files_of: Callable[[bytes], list[str]]
    ) -> None:
        self._connection = connection
        self._folder = folder / DOCUMENTS
        self._segments = folder / SEGMENTS
        self._cipher = cipher
        self._files_of = files_of
        self._payloads = 0
        self._files: dict[tuple[str, str], None] = {}

    def report(self) -> Report:
        damage: list[Damage] = []
        for found in self._damage():
            damage.append(found)
            if len(damage) == MOST:
                break
        return Report(
            schema=int(self._connection.pragma("user_version")),
            payloads=self._payloads,
            files=len(self._files),
            damage=tuple(damage),
        )

    def _damage(self) -> Iterator[Damage]:
        for (told,) in rows(self._connection, f"PRAGMA integrity_check({MOST})"):
            if told != "ok":
                yield Damage(what=f"the journal's file: {told}")
        for kind, sql in _SEALED.items():
            for execution, sealed in self._connection.execute(sql):
                self._payloads += 1
                yield from self._payload(kind, str(execution), sealed)
        yield from self._ahead()
        for execution, name in self._files:
            try:
                for _ in read_file(self._folder, self._cipher, execution, name):
                    pass
            except StoreError as error:
                if self._is_here(execution):
                    yield Damage(what=error.message, execution=execution)

    def _ahead(self) -> Iterator[Damage]:
        """Look at what stands in segments and not in the tables."""
        left = left_in(self._segments, self._cipher, home(self._connection))
        self._payloads += sum(len(block.executions) + block.kept for block in left.blocks)
        for segment in left.segments:
            segment.close()
        for damaged in left.damaged:
            yield Damage(what=f"{damaged.path}: the block at {damaged.at} cannot be opened, its executions are lost")

    def _payload(self, kind: str, execution: str, sealed: object) -> Iterator[Damage]:
        try:
            clear = self._cipher.open(sealed if isinstance(sealed, bytes) else b"", execution=execution, kind=kind)
            if kind == "record":
                self._files.update(dict.fromkeys((execution, name) for name in self._files_of(clear)))
        except StoreError as error:
            yield Damage(what=error.message, execution=execution)

    def _is_here(self, execution: str) -> bool:
        """Whether its files are still needed: it may have ended since the check began."""
        other = open_reader(self._folder.parent / JOURNAL)
        try:
            sql = "SELECT 1 FROM starts JOIN executions ON seq = starts.execution WHERE id = ?"
            return first(other, sql, execution) is not None
        finally:
            other.close()
