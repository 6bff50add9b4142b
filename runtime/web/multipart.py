"""Multipart bodies, part by part, as they arrive: werkzeug's parser behind a border of ours (RFC 7578)."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from msgspec import Struct
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from runtime.errors import RequestError

PIECE = 64 * 1024  # bytes given to the parser at once; it holds little more, and the head of a part must fit
LONGEST_NAME = 255  # characters of a file name: what file systems take
LONGEST_BOUNDARY = 70  # characters (RFC 2046, 5.1.1)

BAD_BODY = "request.bad-multipart"


class PartHead(Struct, frozen=True, kw_only=True):
    """What a part says of itself. `filename` is None where none is given, and never a path."""

    name: str
    filename: str | None
    content_type: str


def boundary_of(content_type: str | None) -> bytes:
    """Give the boundary between the parts of a body.

    Raises:
        RequestError: the body is none of parts (status 415), or its boundary is not to be used.
    """
    kind, options = parse_options_header(content_type or "")
    boundary = options.get("boundary", "")
    if not boundary or not (kind.startswith("multipart/") or kind == "application/octet-stream"):
        message = "The body must be multipart/form-data, with a boundary."
        raise RequestError(BAD_BODY, message, status=400 if kind.startswith("multipart/") else 415)
    if len(boundary) > LONGEST_BOUNDARY or not boundary.isascii():
        raise RequestError(BAD_BODY, f"The boundary of the body is longer than {LONGEST_BOUNDARY} characters.")
    return boundary.encode("ascii")


class Multipart:
    """Reads one body: `next` gives the head of a part, `content` its content, which must be read before the next."""

    def __init__(self, pieces: AsyncGenerator[bytes], boundary: bytes, most: int) -> None:
        """Take the body, and how many parts it may have."""
        self._pieces = pieces
        self._most = most
        self._decoder = MultipartDecoder(boundary, max_form_memory_size=3 * PIECE, max_parts=most)
        self._rest = memoryview(b"")
        # Cut here, the parser takes the CR of the boundary's own line end for the last byte of the content.
        self._unsafe_end = re.compile(rb"--%b(?:-|[^\S\r\n]*)\Z" % re.escape(boundary))

    async def next(self) -> PartHead | None:
        """Give the head of the next part; None at the end of the body.

        Raises:
            RequestError: the body breaks off, or is not made as a multipart body is.
        """
        while True:
            event = await self._event()
            if isinstance(event, Field | File):
                return _head(event)
            if isinstance(event, Epilogue):
                return None

    async def content(self) -> AsyncGenerator[bytes]:
        """Give the content of the part whose head was given last, piece by piece; raises as `next`."""
        while True:
            event = await self._event()
            if not isinstance(event, Data):
                raise _broken("a part without content")
            if event.data:
                yield event.data
            if not event.more_data:
                return

    async def _event(self) -> Event:
        try:
            while isinstance(event := self._decoder.next_event(), NeedData):
                self._decoder.receive_data(await self._next_piece())
        except RequestEntityTooLarge:
            message = f"The body has more than {self._most} parts, or the head of a part is larger than {PIECE} bytes."
            raise RequestError(BAD_BODY, message) from None
        except ValueError as error:
            raise _broken(str(error)) from error
        return event

    async def _next_piece(self) -> bytes | None:
        """Give the next bytes for the parser, more than arrived where they end in what it cannot be given yet."""
        piece = await self._arrived()
        while piece is not None and len(piece) <= PIECE and self._ends_unsafely(piece):
            more = await self._arrived()
            if more is None:
                break
            piece += more
        return piece

    def _ends_unsafely(self, piece: bytes) -> bool:
        """Tell whether what the parser holds, and this, ends within the line of a boundary."""
        held = self._decoder.buffer
        return self._unsafe_end.search(bytes(held[-PIECE:]) + piece if len(piece) < PIECE else piece) is not None

    async def _arrived(self) -> bytes | None:
        while not self._rest:
            try:
                self._rest = memoryview(await anext(self._pieces))
            except StopAsyncIteration:
                return None
        piece, self._rest = self._rest[:PIECE], self._rest[PIECE:]
        return bytes(piece)


def _broken(why: str) -> RequestError:
    return RequestError(BAD_BODY, f"The multipart body cannot be read: {why[:200]}.")


def _head(event: Field | File) -> PartHead:
    filename = event.filename if isinstance(event, File) else None
    return PartHead(
        name=event.name or "",
        filename=_base_name(filename) if filename is not None else None,
        content_type=event.headers.get("content-type", ""),
    )


def _base_name(filename: str) -> str | None:
    """Give the name of a file without a path, and without what no file system takes; None where nothing is left."""
    name = _decoded(filename).replace("\\", "/").rpartition("/")[2]
    name = "".join(each for each in name if each.isprintable())[:LONGEST_NAME].strip()
    return None if name in {"", ".", ".."} else name


def _decoded(filename: str) -> str:
    """Read the encoded words that .NET makes of a name beyond ASCII (RFC 2047)."""
    if not (filename.startswith("=?") and filename.endswith("?=")):
        return filename
    try:
        return str(make_header(decode_header(filename)))
    except (HeaderParseError, LookupError, UnicodeError):
        return filename
