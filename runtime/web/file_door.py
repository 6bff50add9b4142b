"""The door of files: list, upload and delete. An upload goes to disk as it arrives, whatever its size."""

from __future__ import annotations

from contextlib import ExitStack, aclosing

import trio
from msgspec import Struct

from runtime.engine.contents import Contents, TrackedFiles
from runtime.engine.executions import begin_request
from runtime.engine.hold import Hold
from runtime.engine.house import House
from runtime.engine.live_services import Bound, LiveService
from runtime.errors import NuclideError, RequestError
from runtime.flow import faults
from runtime.flow.data_requests import ORDINAL_PROPERTY
from runtime.flow.file_answers import answer_files
from runtime.flow.file_requests import FILE_CONTENT_TYPE, FILE_NAME, FileCall, FileVerb, parse_file
from runtime.flow.uploads import sort_parts
from runtime.flow.who import Authorization
from runtime.ids import execution_id
from runtime.model.document import NO_PROPERTIES, Content, Document, Properties, root_identity
from runtime.web.data_door import AnswerLimits, answer_within, answering, limited, served, start_of, time_limit
from runtime.web.exchange import CallerGone, Exchange
from runtime.web.flow_answers import plain
from runtime.web.multipart import Multipart, PartHead, boundary_of
from runtime.web.uploads import Uploads

MOST_OF_REQUEST = 1024 * 1024  # bytes of the part that says what an upload is about; it holds a few settings


class Arrived(Struct, frozen=True):
    """A part of an upload: what it says of itself, and its content, in a file where it is large."""

    head: PartHead
    content: Content

    @property
    def name(self) -> str:
        """Its name in the form."""
        return self.head.name

    @property
    def filename(self) -> str | None:
        """The name of the file, if it is one."""
        return self.head.filename

    @property
    def content_type(self) -> str:
        """Its media type, as it is written."""
        return self.head.content_type


class FileDesk:
    """Answers the file calls of one service."""

    def __init__(
        self,
        house: House,
        live: LiveService,
        authorization: Authorization,
        limits: AnswerLimits,
        uploads: Uploads,
        *,
        headers: Properties = NO_PROPERTIES,
    ) -> None:
        self._house = house
        self._live = live
        self._authorization = authorization
        self._limits = limits
        self._uploads = uploads
        self._headers = headers

    async def serve(self, exchange: Exchange, verb: FileVerb) -> None:
        """Answer one call; an upload holds its place until it is answered, as its files do the disk."""
        with ExitStack() as held:
            try:
                if verb == "upload":
                    held.enter_context(self._uploads.place())
                    hold, bound, since = await self._upload(exchange)
                else:
                    call, bound = self._call(exchange.request.body, verb)
                    documents = tuple(
                        Document(root_identity(number), content, self._headers)
                        for number, content in enumerate(call.documents)
                    )
                    since = exchange.request.arrived
                    hold = await self._begin(exchange, call, bound, documents, since=since)
            except CallerGone:
                raise
            except NuclideError as error:
                await exchange.answer(plain(faults.problem_of(error, exchange.request.path)))
                return
            await answer_within(exchange, hold, since + time_limit(bound))

    def _call(self, body: bytes, verb: FileVerb) -> tuple[FileCall, Bound]:
        codecs = {path: each.codec for path, each in self._live.files.items()}
        call = parse_file(body, verb, codecs, self._live.service.configuration, self._authorization)
        return call, served(self._live.files[call.path].processes[verb])

    async def _begin(
        self,
        exchange: Exchange,
        call: FileCall,
        bound: Bound,
        documents: tuple[Document, ...],
        *,
        since: float,
        identity: str | None = None,
    ) -> Hold:
        codec = self._live.files[call.path].codec
        start = start_of(documents, call.properties, exchange.request.path)
        return await begin_request(
            self._house,
            bound,
            limited(start, bound, self._house, since),
            answering(lambda returned: answer_files(call, codec, returned, self._limits.objects), self._limits),
            identity,
        )

    async def _upload(self, exchange: Exchange) -> tuple[Hold, Bound, float]:
        """Take the files in and begin the process that stores them; its limit counts from when they are here."""
        boundary = boundary_of(exchange.request.header("content-type"))
        identity = execution_id(self._house.clock.now())
        files = TrackedFiles(self._house.store.documents)
        try:
            parts = await self._receive(exchange, boundary, files, identity)
            request, chosen = sort_parts(parts)
            call, bound = self._call(_small(parts[request].content), "upload")
            documents = tuple(_document(number, parts[each], self._headers) for number, each in enumerate(chosen))
            since = trio.current_time()
            hold = await self._begin(exchange, call, bound, documents, since=since, identity=identity)
        except BaseException:
            if files.used:
                with trio.CancelScope(shield=True):
                    await self._house.store.documents.erase(identity)
            raise
        return hold, bound, since

    async def _receive(self, exchange: Exchange, boundary: bytes, files: TrackedFiles, identity: str) -> list[Arrived]:
        """Take in every part; what is in memory is together no more than one document may be."""
        room = self._house.settings.engine.content_in_memory
        parts: list[Arrived] = []
        async with aclosing(exchange.pieces()) as pieces:
            body = Multipart(pieces, boundary, self._uploads.bounds.parts)
            while (head := await body.next()) is not None:
                async with aclosing(body.content()) as content:
                    kept = await Contents(files, identity, room).write(content)
                room -= len(kept) if isinstance(kept, bytes) else 0
                parts.append(Arrived(head, kept))
        return parts


def _small(content: Content) -> bytes:
    if not isinstance(content, bytes) or len(content) > MOST_OF_REQUEST:
        raise RequestError("flow.request-part", f"The part 'FileDataRequest' is larger than {MOST_OF_REQUEST} bytes.")
    return content


def _document(number: int, part: Arrived, headers: Properties) -> Document:
    properties = {
        **headers,
        FILE_NAME: part.filename or "",
        FILE_CONTENT_TYPE: part.content_type,
        ORDINAL_PROPERTY: str(number),
    }
    return Document(root_identity(number), part.content, properties)
