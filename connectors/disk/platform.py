"""Files as the disk connectors of the Boomi platform treat them, with their numbered errors (component XML, section 6).

Times of creation are those of the last change: the file system here has no others.
"""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec
from lxml import etree

from connectors.disk import files
from connectors.disk.faults import of_error, refused, shown, unsafe
from connectors.disk.folders import names_of, opened, opened_root
from connectors.disk.listing import Entry, Walk
from connectors.disk.operations import Fetching, Placed, Searching, Storing
from connectors.disk.searching import filter_of, millisecond
from connectors.disk.settings import Settings
from runtime.sdk.connector import Call, Reply
from runtime.sdk.faults import ApplicationFault, NotSent
from runtime.sdk.units import parse_size

Replies = tuple[Reply, ...]

_ID_LIMIT = 64 << 10  # bytes of a document that names a file


class PlatformFiles:
    """Does one thing with files below a connection's folder; everything blocks."""

    def __init__(self, settings: Settings, walk: Walk, appending: threading.Lock) -> None:
        self._root = settings.folder
        self._directory = settings.directory
        self._size = parse_size(settings.size_limit)
        self._walk = walk
        self._appending = appending

    def run(self, operation: str, call: Call) -> Replies:
        """Do it.

        Raises:
            ApplicationFault: the platform's own errors, whose status is their number, or the operating system refused.
            NotSent: the path is unsafe, or fields that ask for nothing that can be done.
            OutcomeUnknown: the disk failed while it was written.
        """
        match operation:
            case "platform write":
                return self._write(call.fields, call)
            case "platform get":
                return self._get(call.fields)
            case "platform search":
                return self._search(call.fields)
            case _:
                return self._delete(call.fields, call.content)

    def _write(self, fields: Storing, call: Call) -> Replies:
        directory = self._of(fields)
        if not fields.file.strip():
            raise _error(5, "the file name cannot be empty. Verify that a file name is set as a document property.")
        if len(call.content) > self._size:
            raise refused("too-large", f"the document has more than {self._size} bytes", "disk.too-large")
        *below, name = names_of(fields.file)
        where = "/".join((directory.rstrip("/"), *below)) if below else directory
        with self._entered(directory, *below, make=fields.make_folders, shows=fields.file) as folder:
            try:
                made = self._made(folder, name, fields, call.content)
            except FileExistsError:
                raise _error(2, f"the '{where}/{name}' file already exists in the directory.") from None
            entry = self._entry(folder, made)
        meta = {"connector.fileName": made, "connector.directory": where}
        if fields.returns == "document":
            return (Reply(b"", meta, unchanged=True),)
        return (Reply(_described(entry, where, fields.members), meta),)

    def _made(self, folder: int, name: str, fields: Storing, content: bytes) -> str:
        match fields.if_exists:
            case "overwrite":
                files.replace(folder, name, (content,))
            case "append":
                files.append(folder, name, (content,), self._appending)
            case "unique":
                return files.create_unique(folder, name, (content,), mark="")
            case _:
                files.create(folder, name, (content,))
        return name

    def _get(self, fields: Fetching) -> Replies:
        directory = self._of(fields)
        *below, name = names_of(fields.file)
        with self._entered(directory, *below, shows=fields.file) as folder:
            try:
                content = files.read(folder, name, self._size).content
            except FileNotFoundError:
                raise _missing(directory, fields.file) from None
            if fields.delete_after:
                self._removed(folder, name, fails=fields.fail_delete_after)
        return (Reply(content, {"connector.fileName": name, "connector.directory": directory}),)

    def _removed(self, folder: int, name: str, *, fails: bool) -> None:
        try:
            files.remove(folder, name)
        except OSError as error:
            if fails:
                raise of_error(error, name) from None

    def _search(self, fields: Searching) -> Replies:
        if fields.limit == 0 or fields.limit < -1:
            raise NotSent("disk.invalid-field", "Limit must be positive or -1")
        directory, fits = self._of(fields), filter_of(fields.filter, fields.values)
        kinds = {"file"} if fields.gives == "contents" else {"file", "folder"}
        with self._entered(directory, shows=directory) as folder:
            entries = [entry for entry in self._walk.entries(folder, "") if entry.kind in kinds and fits(entry)]
            entries = entries[: None if fields.limit < 0 else fields.limit]
            if fields.gives == "descriptions":
                return tuple(
                    Reply(_described(entry, directory, fields.members), _meta(entry, directory)) for entry in entries
                )
            replies = tuple(self._contents(folder, entries, directory))
            if fields.delete_after:
                for entry in entries:
                    self._removed(folder, entry.name, fails=True)
        return replies

    def _contents(self, folder: int, entries: list[Entry], directory: str) -> Iterator[Reply]:
        left = self._size
        for entry in entries:
            with suppress(FileNotFoundError):  # removed since
                content = files.read(folder, entry.name, left).content
                left -= len(content)
                yield Reply(content, _meta(entry, directory))

    def _delete(self, fields: Placed, content: bytes) -> Replies:
        directory, name = self._of(fields), _named(content)
        *below, last = names_of(name)
        with self._entered(directory, *below, shows=name) as folder:
            try:
                if not files.remove(folder, last):
                    raise _missing(directory, name)
            except ApplicationFault as fault:
                if fault.status != "not-a-file":
                    raise
                message = f"the '{directory}/{name}' is a directory and deletion is not supported for directories."
                raise _error(4, message) from None
        return ()

    def _of(self, fields: Placed) -> str:
        directory = fields.directory.strip() or self._directory.strip()
        if not directory:
            message = (
                "the directory cannot be empty. Verify that a directory is specified in the connection or set as a "
                "document property."
            )
            raise _error(6, message)
        return directory

    @contextmanager
    def _entered(self, directory: str, *below: str, shows: str, make: bool = False) -> Iterator[int]:
        names = (*self._names(directory), *below)
        try:
            with opened_root(self._root) as root, opened(root, names, make=make) as folder:
                yield folder
        except OSError as error:
            if error.errno == errno.ENOENT:
                raise _error(1, f"{shown(shows)}: there is no such file or directory") from None
            raise of_error(error, shows) from None

    def _names(self, directory: str) -> tuple[str, ...]:
        """Give the names of a directory below the connection's folder."""
        root = self._root.rstrip("/")
        if directory.startswith("/"):
            if directory != root and not directory.startswith(f"{root}/"):
                raise unsafe(directory, f"it is not in the connection's folder, {root or '/'}")
            directory = directory[len(root) :]
        plain = "/".join(name for name in directory.split("/") if name not in {"", "."})
        return names_of(plain) if plain else ()

    def _entry(self, folder: int, name: str) -> Entry:
        return next(entry for entry in self._walk.entries(folder, "") if entry.name == name)


def _error(number: int, message: str) -> ApplicationFault:
    """Give an error of the platform's connector, with its number."""
    return refused(str(number), f"[{number}] {message}")


def _missing(directory: str, file: str) -> ApplicationFault:
    return _error(1, f"the '{directory.rstrip('/')}/{file}' file does not exist in the directory.")


def _meta(entry: Entry, directory: str) -> dict[str, str]:
    return {"connector.fileName": entry.name, "connector.directory": directory}


def _described(entry: Entry, directory: str, members: str) -> bytes:
    written = millisecond(entry.modified)
    values: dict[str, object] = {
        "fileName": entry.name,
        "directory": directory,
        "createdDate": written,
        "modifiedDate": written,
        "fileSize": entry.size,
        "isDirectory": entry.kind == "folder",
    }
    wanted = {name.strip() for name in members.split(",")}
    return msgspec.json.encode({name: value for name, value in values.items() if name in wanted})


def _named(content: bytes) -> str:
    """Give the name in ``<DeleteProfileConfig><id>…``."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content[:_ID_LIMIT], parser)
    except etree.XMLSyntaxError:
        raise NotSent("disk.document", "an XML document that names the file is needed") from None
    if root.getroottree().docinfo.doctype:
        raise NotSent("disk.document", "a document that names a file has no DTD")
    found = root.findtext("{*}id", default="").strip()
    if not found:
        raise NotSent("disk.document", "the document names no file in 'id'")
    return found
