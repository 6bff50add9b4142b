"""Sealed files: one folder an execution, one file a batch or a content.

A file is a row of chunks, each a header (what it is, how long) and its sealed bytes, and an end mark that says how many
there are. A chunk is bound to its file and its place in it, so that none can be exchanged, left out or cut off unseen.
A file is written under a temporary name and renamed when it is whole.
"""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import aclosing, asynccontextmanager, contextmanager
from struct import Struct as Layout
from typing import TYPE_CHECKING, BinaryIO, TypeVar

import trio

from runtime.errors import StoreError
from runtime.store.cipher import OVERHEAD, Cipher
from runtime.store.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
    from pathlib import Path

T = TypeVar("T")

THREADS = 4  # disk calls at once: enough to keep a disk busy, too few to starve other users of threads
READ_AHEAD = 1024 * 1024  # bytes of small chunks fetched in one trip to a thread

_HEADER = Layout(">cI")  # what it is, and the length of what follows in bytes
_CHUNK, _END = b"c", b"e"
_DRAFT = ".part"


class FileDocuments:
    """Sealed files in a folder (the protocol `Documents` says what each method does)."""

    def __init__(self, folder: Path, cipher: Cipher, trouble: Trouble | None = None) -> None:
        self._folder = folder
        self._cipher = cipher
        self._trouble = trouble or Trouble()
        self._limiter = trio.CapacityLimiter(THREADS)
        self._used: set[str] | None = None  # executions that have a folder, once `sweep` has looked

    @asynccontextmanager
    async def create(self, execution: str, name: str | None = None) -> AsyncIterator[FileWriter]:
        """Write a file; it is there when the block has ended without an error."""
        name = name or secrets.token_hex(8)
        path = self._path(execution, name)
        draft = path.with_name(name + _DRAFT)
        if self._used is not None:
            self._used.add(execution)
        file = await self._write(_begin, draft)
        try:
            writer = FileWriter(file, name, _Seal(self._cipher, execution, name), self._write)
            yield writer
            await self._write(writer.end)
            await self._write(_publish, draft, path)
        except BaseException:
            with trio.CancelScope(shield=True):
                await self._call(_abandon, file, draft)
            raise

    async def read(self, execution: str, name: str) -> AsyncGenerator[bytes]:
        """Give the chunks of a file. Nothing is held open between them, so a reader may stop anywhere."""
        cursor = _Cursor(self._path(execution, name), _Seal(self._cipher, execution, name))
        while chunks := await self._call(cursor.fetch):
            for chunk in chunks:
                yield chunk

    async def sync(self, execution: str, names: Sequence[str]) -> None:
        """Make files durable, and the folders that name them."""
        paths = [self._path(execution, name) for name in names]
        with self._trouble.timed("folder of documents"):
            await self._write(_sync, [*paths, self._folder / _part(execution), self._folder])

    async def erase(self, execution: str) -> None:
        """Remove every file of an execution; costs nothing for one that never had any."""
        if self._used is not None and execution not in self._used:
            await trio.lowlevel.checkpoint()
            return
        await self._call(_remove, self._folder / _part(execution))
        if self._used is not None:
            self._used.discard(execution)

    async def copy(self, execution: str, name: str, other: str) -> None:
        """Give another execution the file under the same name, sealed for that one."""
        async with self.create(other, name) as writer, aclosing(self.read(execution, name)) as chunks:
            async for chunk in chunks:
                await writer.write(chunk)

    async def sweep(self, keep: set[str]) -> None:
        """Remove the files of all executions but these, and every draft."""
        self._used = await self._call(_sweep, self._folder, keep)

    def _path(self, execution: str, name: str) -> Path:
        return self._folder / _part(execution) / _part(name)

    async def _call(self, function: Callable[..., T], *arguments: object) -> T:
        return await _in_thread(self._limiter, function, *arguments)

    async def _write(self, function: Callable[..., T], *arguments: object) -> T:
        with self._trouble.watched("documents"):
            return await self._call(function, *arguments)


class _Seal:
    """Seals and opens the parts of one file, each bound to its place."""

    def __init__(self, cipher: Cipher, execution: str, name: str) -> None:
        self._cipher = cipher
        self._execution = execution
        self._name = name

    def close(self, what: bytes, index: int, clear: bytes) -> bytes:
        sealed = self._cipher.seal(clear, execution=self._execution, kind=self._kind(what, index))
        return _HEADER.pack(what, len(sealed)) + sealed

    def open(self, what: bytes, index: int, sealed: bytes) -> bytes:
        return self._cipher.open(sealed, execution=self._execution, kind=self._kind(what, index))

    def damaged(self) -> StoreError:
        return StoreError("store.damaged", f"the file {self._name} of {self._execution} is not whole")

    def _kind(self, what: bytes, index: int) -> str:
        return f"file {self._name} {what.decode('latin-1')} {index}"


class FileWriter:
    """Writes one sealed file, chunk by chunk; one task at a time."""

    def __init__(self, file: BinaryIO, name: str, seal: _Seal, in_thread: Callable[..., Awaitable[None]]) -> None:
        self._file = file
        self._name = name
        self._seal = seal
        self._in_thread = in_thread
        self._count = 0

    @property
    def name(self) -> str:
        """The name by which the file is opened again."""
        return self._name

    async def write(self, chunk: bytes) -> None:
        """Add a chunk.

        Raises:
            StoreError: the disk refused (code ``store.disk``).
        """
        index = self._count
        self._count += 1
        await self._in_thread(self._add, _CHUNK, index, chunk)

    def end(self) -> None:
        """Write the end mark and close the file (in a thread)."""
        self._add(_END, self._count, b"")
        self._file.close()

    def _add(self, what: bytes, index: int, clear: bytes) -> None:
        self._file.write(self._seal.close(what, index, clear))


class _Cursor:
    """A place in a file; `fetch` goes on from there."""

    def __init__(self, path: Path, seal: _Seal) -> None:
        self._path = path
        self._seal = seal
        self._offset = 0
        self._index = 0
        self._ended = False

    def fetch(self) -> list[bytes]:
        """Give the next chunks, several when they are small, none at the end of the file (in a thread)."""
        chunks: list[bytes] = []
        fetched = 0
        if self._ended:
            return chunks
        with self._path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(self._offset)
            while fetched < READ_AHEAD and (chunk := self._next(file, size)) is not None:
                chunks.append(chunk)
                fetched += len(chunk)
            self._offset = file.tell()
        return chunks

    def _next(self, file: BinaryIO, size: int) -> bytes | None:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            raise self._seal.damaged()
        what: bytes
        length: int
        what, length = _HEADER.unpack(header)
        if not OVERHEAD <= length <= size - file.tell():  # a damaged length must not make us allocate gigabytes
            raise self._seal.damaged()
        clear = self._seal.open(what, self._index, file.read(length))
        self._index += 1
        if what == _CHUNK:
            return clear
        if file.tell() != size:
            raise self._seal.damaged()
        self._ended = True
        return None


def read_file(folder: Path, cipher: Cipher, execution: str, name: str) -> Iterator[bytes]:
    """Give the chunks of a file, without a loop around.

    Raises:
        StoreError: as `FileDocuments.read` says.
    """
    cursor = _Cursor(folder / _part(execution) / _part(name), _Seal(cipher, execution, name))
    while True:
        with _border():
            chunks = cursor.fetch()
        if not chunks:
            return
        yield from chunks


def _part(name: str) -> str:
    """Give an id or a name, which becomes a part of a path; it may not lead elsewhere."""
    if "/" in name or "\0" in name or name in {"", ".", ".."}:
        raise ValueError(f"{name!r} is no name of a file")
    return name


async def _in_thread(limiter: trio.CapacityLimiter, function: Callable[..., T], *arguments: object) -> T:
    """Call a function that uses the disk in a thread; the border where the disk's errors become ours."""
    with _border():
        return await trio.to_thread.run_sync(function, *arguments, limiter=limiter)


@contextmanager
def _border() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise StoreError("store.missing", f"there is no file {error.filename}") from error
    except OSError as error:
        raise StoreError(
            "store.disk", f"a document cannot be kept or read: {error}", hint="free the disk, or look at its health"
        ) from error


def _begin(draft: Path) -> BinaryIO:
    draft.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")


def _publish(draft: Path, path: Path) -> None:
    draft.replace(path)


def _abandon(file: BinaryIO, draft: Path) -> None:
    try:
        file.close()
    finally:
        draft.unlink(missing_ok=True)


def _sync(paths: list[Path]) -> None:
    for path in paths:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _sweep(folder: Path, keep: set[str]) -> set[str]:
    """Remove what nobody needs and give the executions that still have a folder."""
    if not folder.exists():
        return set()
    kept = set()
    for entry in folder.iterdir():
        if entry.name not in keep:
            shutil.rmtree(entry)
            continue
        kept.add(entry.name)
        for draft in entry.glob(f"*{_DRAFT}"):
            draft.unlink()
    return kept
