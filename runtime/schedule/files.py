"""Listeners for files: each has its folder looked at in its pace, and each file that is stable begins one execution.

The token of an execution is made of the listener and of the file's path and identity, so that the journal takes a file
once, whatever happens between its beginning and what becomes of the file afterwards. A file is put away when its
execution is in the journal, which then holds its content.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Awaitable, Callable, Iterator

import msgspec
import structlog
import trio
from msgspec import Struct

from runtime.clock import Clock
from runtime.engine.deployment import Deployment
from runtime.engine.listeners import Listeners
from runtime.errors import DocumentFault, StoreError, TokenTaken, Unavailable
from runtime.model.document import Document, root_identity
from runtime.model.file_listener import FileListener
from runtime.schedule.files_decide import Entry, Known, Look, decide
from runtime.schedule.run import Deployed
from runtime.sdk.connector import Call, Catalogue, Reply
from runtime.sdk.faults import ApplicationFault
from runtime.store.note import Note

TICK = 1.0  # seconds between two looks at which listener is due: the shortest pause of one

_log = structlog.get_logger("nuclide.schedule")

Key = tuple[str, str]  # a bundle and a process of it
FileBook = dict[str, Known]  # what is settled, by listener
FileStarter = Callable[[Deployment, str, Document, str], Awaitable[str]]
"""Begins an execution, given the version, the process, the file's document and the token; gives its id."""


class _State(Struct):
    """What is known of a listener since the daemon began. `due` is on trio's clock; `told` are files that failed."""

    due: float
    seen: Known = {}
    told: Known = {}
    busy: bool = False


class FileListening:
    """The listeners for files of what is live."""

    def __init__(
        self,
        live: Deployed,
        catalogue: Catalogue,
        listeners: Listeners,
        clock: Clock,
        *,
        note: Note[FileBook],
        start: FileStarter,
    ) -> None:
        self._live = live
        self._catalogue = catalogue
        self._listeners = listeners
        self._clock = clock
        self._note = note
        self._start = start
        self._book: FileBook = {}
        self._written: FileBook = {}
        self._states: dict[Key, _State] = {}
        self._turn = trio.Lock()  # notes are written one after the other

    async def run(self) -> None:
        """Look at every folder in its pace, for ever."""
        await self.recall()
        async with trio.open_nursery() as nursery:
            while True:
                for deployment, process, listener in list(self.due()):
                    key = (deployment.bundle.name, process)
                    nursery.start_soon(self.look, deployment, process, listener, name=f"look for {'/'.join(key)}")
                await trio.sleep(TICK)

    async def recall(self) -> None:
        """Read what was settled before the daemon stopped; what is lost of it, the journal knows."""
        try:
            kept = await trio.to_thread.run_sync(self._note.read)
        except StoreError as error:
            _log.error("which files were taken cannot be read", error=str(error))
        else:
            self._book.update(kept or {})
            self._written = {name: dict(done) for name, done in self._book.items()}

    def due(self) -> Iterator[tuple[Deployment, str, FileListener]]:
        """Give the listeners whose folder is to be looked at now, and mark them as being looked after."""
        now, live = trio.current_time(), set[Key]()
        for deployment in self._live.table.deployments.values():
            for name, process in deployment.bundle.processes.items():
                if not isinstance(process.listener, FileListener):
                    continue
                key = (deployment.bundle.name, name)
                live.add(key)
                state = self._states.setdefault(key, _State(now))
                if not state.busy and state.due <= now and key not in self._listeners.paused:
                    state.busy, state.due = True, now + process.listener.pause
                    yield deployment, name, process.listener
        for key in self._states.keys() - live:
            self._listeners.troubles.pop(key, None)
            del self._states[key]

    async def look(self, deployment: Deployment, process: str, listener: FileListener) -> None:
        """Look into one folder, and take what is stable in it. What is in the way is told, and tried again."""
        key = (deployment.bundle.name, process)
        state = self._states[key]
        try:
            with deployment.held():
                await self._look(_Folder(deployment, process, listener, self._catalogue), state)
        except (DocumentFault, StoreError, Unavailable, OSError, msgspec.MsgspecError) as error:
            reason = getattr(error, "message", str(error))
            if self._listeners.troubles.get(key) != reason:
                _log.warning("files cannot be taken now; it is tried again", listener="/".join(key), reason=reason)
            self._listeners.troubles[key] = reason
        else:
            self._tell(key, state)
        finally:
            state.busy = False

    async def _look(self, folder: _Folder, state: _State) -> None:
        name = "/".join(folder.key)
        before = self._book.get(name)
        look = decide(folder.listener, await folder.entries(), seen=state.seen, done=before, failed=state.told)
        state.seen = look.seen
        state.told = {path: told for path, told in state.told.items() if look.seen.get(path) == told}
        self._book[name] = look.done
        await self._take(folder, look, state)  # what ends it is no loss: the journal knows what has begun
        if self._written.get(name) != look.done:
            await self._keep()

    async def _take(self, folder: _Folder, look: Look, state: _State) -> None:
        for one in look.settle:
            await folder.put_away(one)
        for one in look.take:
            if folder.key in self._listeners.paused:
                return
            try:
                document = await folder.document(one)
            except DocumentFault as fault:
                if state.told.get(one.path) != one.identity:
                    _log.warning("file not taken", listener="/".join(folder.key), file=one.path, reason=str(fault))
                state.told[one.path] = one.identity
                continue
            if document is None:
                continue
            await self._begin(folder, one, document)
            look.done[one.path] = one.identity
            await folder.put_away(one)

    async def _begin(self, folder: _Folder, one: Entry, document: Document) -> None:
        self._listeners.call(*folder.key)
        try:
            execution = await self._start(folder.deployment, folder.process, document, token_of(*folder.key, one))
        except TokenTaken as taken:
            execution = taken.execution  # begun before a crash that came before the note of it
        _log.info("file taken", listener="/".join(folder.key), file=one.path, execution=execution)

    def _tell(self, key: Key, state: _State) -> None:
        if state.told:
            path = min(state.told)
            more = f" and {len(state.told) - 1} more" if len(state.told) > 1 else ""
            self._listeners.troubles[key] = f"cannot be taken: {path}{more}"
        else:
            self._listeners.troubles.pop(key, None)

    async def _keep(self) -> None:
        with trio.CancelScope(shield=True):
            async with self._turn:
                book = {name: dict(done) for name, done in self._book.items()}
                await trio.to_thread.run_sync(self._note.write, book)
                self._written = book


class _Folder:
    """The folder of a listener, reached by the operations that its connector has for everybody."""

    def __init__(self, deployment: Deployment, process: str, listener: FileListener, catalogue: Catalogue) -> None:
        self.deployment = deployment
        self.process = process
        self.listener = listener
        self.key: Key = (deployment.bundle.name, process)
        self._connection = deployment.connections[listener.connection]
        self._spec = catalogue.connectors[deployment.bundle.connections[listener.connection].connector]

    async def entries(self) -> list[Entry]:
        """Give what is in the folder."""
        return [_ENTRY.decode(reply.content) for reply in await self._made("list", folder=self.listener.folder)]

    async def document(self, one: Entry) -> Document | None:
        """Give the document that a file becomes; None where the file has changed since it was listed."""
        (reply,) = await self._made("get", file=one.path)
        if reply.meta.get("identity") != one.identity:
            return None
        meta = {**reply.meta, "connector.fileName": one.name, "connector.directory": self.listener.folder}
        return Document(root_identity(0), reply.content, meta=meta)

    async def put_away(self, one: Entry) -> None:
        """Do with a file what is to be done once its execution has begun; a file that is gone is put away."""
        try:
            if self.listener.afterwards == "delete":
                await self._made("delete", file=one.path)
            elif self.listener.afterwards == "move":
                await self._made("move", file=one.path, to=self.listener.moved_to)
        except ApplicationFault as fault:
            if fault.status != _GONE:
                raise

    async def _made(self, operation: str, **fields: str) -> tuple[Reply, ...]:
        spec = self._spec.operation(operation)
        if spec is None:
            raise DocumentFault("files.connector", f"the connector '{self._spec.name}' has no operation '{operation}'")
        call = Call(Document(root_identity(0)), b"", spec.fields(**fields), "", math.inf)
        return await self._connection.execute(operation, call)


_GONE = "not-found"  # the disk connector's word
_ENTRY = msgspec.json.Decoder(Entry)


def token_of(bundle: str, process: str, one: Entry) -> str:
    """Give the token of a file's execution: the same while the file is the same."""
    parts = ["file", bundle, process, one.path, one.identity]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
