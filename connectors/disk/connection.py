"""An open disk connection: admission, the thread, and from operations to files."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing, asynccontextmanager
from datetime import datetime
from functools import partial

import msgspec
import trio

from connectors.disk import files
from connectors.disk.faults import of_error, refused
from connectors.disk.folders import names_of, opened, opened_root
from connectors.disk.listing import Entry, Found, Walk, moment_of, pattern_of
from connectors.disk.operations import Creating, Listing, Moving, Naming, Querying
from connectors.disk.platform import PlatformFiles
from connectors.disk.settings import Settings
from runtime.sdk.connector import Call, Reply
from runtime.sdk.faults import ApplicationFault, NotSent
from runtime.sdk.units import parse_duration, parse_size

Replies = tuple[Reply, ...]


@asynccontextmanager
async def open_connection(settings: Settings) -> AsyncGenerator[DiskConnection]:
    """Open a connection; nothing is touched before the first call."""
    yield DiskConnection(settings)


class DiskConnection:
    """Makes calls, each in a thread: at most `calls` at once, at most `queue` wait.

    A thread that writes is waited for, also when its call is cancelled: a file is never left half done. One that looks
    through folders ends at its next entry.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.folder
        self._timeout = parse_duration(settings.timeout)
        self._size = parse_size(settings.size_limit)
        self._entries = settings.entry_limit
        self._queue = settings.queue
        self._threads = trio.CapacityLimiter(settings.calls)
        self._appending = threading.Lock()

    async def execute(self, operation: str, call: Call) -> Replies:
        """Do one thing with files.

        Raises:
            ApplicationFault: the operating system refused, its `status` is a word such as ``not-found``; nothing has
                changed.
            NotSent: the path is unsafe, the connection's folder is not there, or the deadline passed before a thread
                was free.
            OutcomeUnknown: the disk failed while it was written.
        """
        if self._threads.statistics().tasks_waiting >= self._queue and self._threads.available_tokens < 1:
            raise NotSent("disk.queue-full", f"{self._queue} calls are waiting already")
        given: list[Replies] = []
        with trio.CancelScope(deadline=min(call.deadline, trio.current_time() + self._timeout)):
            async with _content(call) as content:
                run = partial(self._run, operation, call, content)
                given.append(await trio.to_thread.run_sync(run, limiter=self._threads))
        if not given:
            raise NotSent("disk.not-done", "nothing was done: the deadline passed before")
        return given[0]

    def _run(self, operation: str, call: Call, content: Iterable[bytes]) -> Replies:
        if operation.startswith("platform "):
            return PlatformFiles(self._settings, self._walk(), self._appending).run(operation, call)
        match operation:
            case "create":
                return self._create(call, content)
            case "get":
                return self._get(call.fields)
            case "delete":
                return self._delete(call)
            case "move":
                return self._move(call)
            case "list":
                return self._list(call.fields)
            case _:
                return self._query(call.fields)

    def _create(self, call: Call, content: Iterable[bytes]) -> Replies:
        fields: Creating = call.fields
        names, measured = names_of(fields.file), _Measured(content, self._size)
        if len(call.content) > self._size:
            raise _too_large(self._size)
        try:
            with opened_root(self._folder) as root, opened(root, names[:-1], make=fields.make_folders) as folder:
                name = self._created(folder, names[-1], fields.if_exists, measured)
        except OSError as error:
            raise of_error(error, fields.file) from None
        meta = {"file": "/".join((*names[:-1], name)), "size": str(measured.size)}
        return (Reply(call.content, meta, unchanged=call.pieces is not None),)

    def _created(self, folder: int, name: str, if_exists: str, content: Iterable[bytes]) -> str:
        match if_exists:
            case "overwrite":
                files.replace(folder, name, content)
            case "append":
                files.append(folder, name, content, self._appending)
            case "unique":
                return files.create_unique(folder, name, content)
            case _:
                files.create(folder, name, content)
        return name

    def _get(self, fields: Naming) -> Replies:
        names = names_of(fields.file)
        try:
            with opened_root(self._folder) as root, opened(root, names[:-1]) as folder:
                found = files.read(folder, names[-1], self._size)
        except OSError as error:
            raise of_error(error, fields.file) from None
        modified = msgspec.to_builtins(moment_of(found.modified))
        meta = {"file": fields.file, "size": str(len(found.content)), "modified": modified, "identity": found.identity}
        return (Reply(found.content, meta),)

    def _delete(self, call: Call) -> Replies:
        fields: Naming = call.fields
        names = names_of(fields.file)
        try:
            with opened_root(self._folder) as root, opened(root, names[:-1]) as folder:
                removed = files.remove(folder, names[-1])
        except FileNotFoundError:
            removed = False  # not even the folder is there
        except OSError as error:
            raise of_error(error, fields.file) from None
        return (Reply(call.content, {"file": fields.file, "deleted": "true" if removed else "false"}),)

    def _move(self, call: Call) -> Replies:
        fields: Moving = call.fields
        names, target = names_of(fields.file), names_of(fields.to) if fields.to else ()
        try:
            with (
                opened_root(self._folder) as root,
                opened(root, names[:-1]) as folder,
                opened(root, target, make=True) as to,
            ):
                name = files.move(folder, names[-1], to)
        except OSError as error:
            raise of_error(error, fields.file) from None
        return (Reply(b"", {"file": "/".join((*target, name))}, unchanged=True),)

    def _list(self, fields: Listing) -> Replies:
        names = names_of(fields.folder) if fields.folder else ()
        try:
            with opened_root(self._folder) as root, opened(root, names) as folder:
                return tuple(_reply(entry) for entry in self._walk().entries(folder, _prefix(names)))
        except OSError as error:
            raise of_error(error, fields.folder) from None

    def _query(self, fields: Querying) -> Replies:
        names = names_of(fields.folder) if fields.folder else ()
        pattern = pattern_of(fields.pattern)
        asked = Found(
            min_size=_bytes(fields.min_size),
            max_size=_bytes(fields.max_size),
            after=_moment(fields.modified_after),
            before=_moment(fields.modified_before),
        )
        try:
            with opened_root(self._folder) as root, opened(root, names) as folder:
                found = self._walk().matching(folder, _prefix(names), pattern)
                return tuple(_reply(entry) for entry in found if asked.fits(entry))
        except OSError as error:
            raise of_error(error, fields.folder) from None

    def _walk(self) -> Walk:
        return Walk(self._entries, trio.from_thread.check_cancelled)


class _Measured:
    """A content that counts its bytes as it is read, and ends with a fault beyond a limit."""

    def __init__(self, content: Iterable[bytes], limit: int) -> None:
        self.size = 0
        self._content = content
        self._limit = limit

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._content:
            self.size += len(piece)
            if self.size > self._limit:
                raise _too_large(self._limit)
            yield piece


@asynccontextmanager
async def _content(call: Call) -> AsyncGenerator[Iterable[bytes]]:
    """Give the content as a thread reads it: where it comes in pieces, each is fetched from the loop when needed."""
    if call.pieces is None:
        yield (call.content,)
        return
    async with aclosing(call.pieces()) as pieces:

        async def fetch() -> bytes | None:
            return await anext(pieces, None)

        yield iter(partial(trio.from_thread.run, fetch), None)


def _too_large(limit: int) -> ApplicationFault:
    return refused("too-large", f"the document has more than {limit} bytes", "disk.too-large")


def _bytes(text: str) -> int | None:
    try:
        return parse_size(text) if text.strip() else None
    except ValueError as error:
        raise NotSent("disk.invalid-field", str(error)) from None


def _moment(text: str) -> datetime | None:
    try:
        return msgspec.convert(text, datetime) if text else None
    except msgspec.ValidationError:
        raise NotSent("disk.invalid-field", "a date and time with its offset is needed") from None


def _prefix(names: tuple[str, ...]) -> str:
    return "".join(f"{name}/" for name in names)


def _reply(entry: Entry) -> Reply:
    return Reply(msgspec.json.encode(entry), {"file": entry.path})
