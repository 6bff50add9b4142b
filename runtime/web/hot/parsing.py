"""Requests out of bytes, without I/O. Of the doors nothing else knows httptools.

Only what is plainly well-formed is taken: a request that this reader takes, hypercorn's parser takes too, and means the
same by it. Everything else is *elsewhere*: whoever asks then hands over all bytes that no request has taken, so that
there is one place that refuses, upgrades, or is lenient. `tests/web/test_door_parsing.py` holds both parsers to that.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import httptools
from msgspec import Struct

from runtime.web.exchange import Headers

if TYPE_CHECKING:
    from runtime.web.front import Route

BLANK_LINE: Final = b"\r\n\r\n"
_OVERLAP: Final = len(BLANK_LINE) - 1  # bytes of a blank line that may end one read, its last one beginning the next
_DIGITS: Final = 18  # of a Content-Length: beyond it no limit of ours is, and hypercorn says so
_JUDGED: Final = frozenset({b"host", b"content-length", b"transfer-encoding", b"connection", b"expect", b"upgrade"})
_NONE: Final[frozenset[bytes]] = frozenset()
_ODD: Final = -1
_REMEMBERED: Final = 4 * 1024  # bytes of a head that is kept: 40 MB for ten thousand callers, if all have so large ones

Wanted = Callable[[str, str], "Route | None"]
"""Gives what serves a request here, by its method and raw path; None where nothing here does."""


class State(Enum):
    """What a reader gives when it does not give what it was asked for."""

    MORE = "bytes are missing"
    ELSEWHERE = "this is not for here"
    TOO_LARGE = "the body is beyond its limit"
    BROKEN = "the body is no chunked body"


class Head(Struct, frozen=True):
    """A request head. `length` is None for a chunked body; `expects` asks for ``100 Continue``.

    `path` is as sent, percent-encoded; names of `headers` are in lower case. `keeps`: another request may follow.
    `made` is for what is made of the head (`Request.once`): the next head of the connection may be this one again.
    """

    method: str
    path: str
    query: bytes
    headers: Headers
    length: int | None
    keeps: bool
    expects: bool
    route: Route
    made: dict[Any, Any] = {}


class Reader:
    """Reads the requests of one connection: `feed` it, ask for a `head`, then for its `body`, then for the next.

    `head_bytes` bounds a head, `body_bytes` a body.
    """

    def __init__(self, wanted: Wanted, *, head_bytes: int, body_bytes: int) -> None:
        self._wanted = wanted
        self._head_bytes = head_bytes
        self._body_bytes = body_bytes
        self._bytes = b""
        self._message = _Message()
        self._parser = httptools.HttpRequestParser(self._message)
        self._left: int | None = 0  # bytes of the body that are still to come; None while chunks tell
        self._pieces: list[bytes] = []  # what there is of the body, where not all of it is
        self._raw = b""  # the last head that was given, if it is remembered
        self._last: Head | None = None

    def feed(self, data: bytes) -> None:
        """Take in what has arrived."""
        self._bytes = self._bytes + data if self._bytes else data

    @property
    def repeated(self) -> bytes:
        """The head that was given last, as it came, if another request with it can be told by it; else nothing."""
        return self._raw

    @property
    def waiting(self) -> int:
        """How many bytes are here that no request has taken."""
        return len(self._bytes)

    def rest(self) -> bytes:
        """Give up what no request has taken."""
        rest, self._bytes = self._bytes, b""
        return rest

    def head(self) -> Head | State:
        """Give the head of the next request, `State.MORE` or `State.ELSEWHERE`; only a head given takes its bytes.

        Callers mostly repeat their heads, so one that is the last one again, byte for byte, is not parsed again.
        """
        data, last = self._bytes, self._last
        if last is None or not data.startswith(self._raw):
            return self._parsed(data) if data else State.MORE
        if self._wanted(last.method, last.path) is None:
            return State.ELSEWHERE
        self._left = last.length
        self._bytes = data[len(self._raw) :]
        return last

    def _parsed(self, data: bytes) -> Head | State:
        end = data.find(BLANK_LINE) + len(BLANK_LINE)
        if end < len(BLANK_LINE):
            return State.ELSEWHERE if self._is_odd(data) else State.MORE
        if end > self._head_bytes:
            return State.ELSEWHERE
        message = self._message
        message.begin()
        raw = data[:end]
        parser = self._parser = httptools.HttpRequestParser(message)
        try:
            parser.feed_data(raw)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            return State.ELSEWHERE
        method = parser.get_method()
        # The parser skips blanks within the first line, and keeps those behind a value; hypercorn's does neither.
        if not raw.startswith(method + b" " + message.url + b" "):
            return State.ELSEWHERE
        if b" \r\n" in raw or b"\t\r\n" in raw:
            message.headers = [(name, value.rstrip(b" \t")) for name, value in message.headers]
        if parser.get_http_version() != "1.1":
            return State.ELSEWHERE
        head = _head(method.decode(), message.url, tuple(message.headers), self._wanted)
        if head is None or (head.length or 0) > self._body_bytes:
            return State.ELSEWHERE
        self._left = head.length
        self._bytes = data[end:]
        kept = head.length is not None and end <= _REMEMBERED  # chunks need the parser that has read their head
        self._raw, self._last = (raw, head) if kept else (b"", None)
        return head

    def body(self) -> bytes | State:
        """Give the body of the request whose head was given last, or `MORE`, `TOO_LARGE`, `BROKEN`."""
        left, data = self._left, self._bytes
        if left is None:
            return self._chunks()
        if len(data) < left:
            self._pieces.append(data)
            self._left, self._bytes = left - len(data), b""
            return State.MORE
        piece, self._bytes, self._left = data[:left], data[left:], 0
        if self._pieces:
            piece = b"".join((*self._pieces, piece))
            self._pieces.clear()
        return piece

    def _chunks(self) -> bytes | State:
        message = self._message
        try:
            self._feed_chunks()
        except httptools.HttpParserError:
            return State.BROKEN
        if message.size > self._body_bytes:
            return State.TOO_LARGE
        return message.body() if message.complete else State.MORE

    def _feed_chunks(self) -> None:
        """Feed chunks as far as they are here, and no byte of what follows them.

        The parser goes on with the next request when there is one, and tells no position; but a chunked body always
        ends with a blank line, so it is fed from one of these to the next.
        """
        message = self._message
        while self._bytes and not message.complete and message.size <= self._body_bytes:
            end = self._bytes.find(BLANK_LINE) + len(BLANK_LINE)
            if end < len(BLANK_LINE):
                end = len(self._bytes) - _OVERLAP
                if end <= 0:
                    return
            piece, self._bytes = self._bytes[:end], self._bytes[end:]
            size = message.size
            self._parser.feed_data(piece)
            message.empty = message.empty + len(piece) if message.size == size else 0
            if message.empty > self._head_bytes and not message.complete:
                raise httptools.HttpParserError("endless extensions of a chunk, or lines behind the last")

    def _is_odd(self, data: bytes) -> bool:
        """Tell whether an incomplete head is one that hypercorn need not wait for to refuse, or to serve."""
        return (
            len(data) > self._head_bytes
            or not data[:1].isalpha()
            or not data[:1].isupper()
            or data.count(b"\n") != data.count(b"\r\n")
        )


class _Message:
    """What the parser tells of one request; the names of the methods are the parser's."""

    __slots__ = ("_first", "_rest", "complete", "empty", "headers", "size", "url")

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.size = 0
        self.empty = 0  # bytes that were read since the last one of the body
        self.complete = False
        self._first = b""
        self._rest = bytearray()  # an object for each chunk may cost twenty times the chunk

    def body(self) -> bytes:
        return self._first + self._rest if self._rest else self._first

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        if self.size:
            self._rest += body
        else:
            self._first = body
        self.size += len(body)

    def on_message_complete(self) -> None:
        self.complete = True


def _head(method: str, url: bytes, headers: Headers, wanted: Wanted) -> Head | None:
    """Give a head, or None where it is not wanted, or anything about it is better judged elsewhere."""
    told: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _JUDGED:
            if name in told:
                return None
            told[name] = value.lower()
    if b"host" not in told or b"upgrade" in told or url[:1] != b"/":
        return None
    length = _length(told)
    tokens = {token.strip() for token in told[b"connection"].split(b",")} if b"connection" in told else _NONE
    if length == _ODD or b"upgrade" in tokens:
        return None
    target, _, query = url.partition(b"?")
    path = target.decode("ascii")
    route = wanted(method, path)
    if route is None:
        return None
    expects = told.get(b"expect") == b"100-continue"
    return Head(method, path, query, headers, length, b"close" not in tokens, expects, route)


def _length(told: dict[bytes, bytes]) -> int | None:
    """Give the length of a body, None for chunks, `_ODD` where that is not plain. Both at once the parser refuses."""
    coding, length = told.get(b"transfer-encoding"), told.get(b"content-length", b"0")
    if coding is not None:
        return None if coding == b"chunked" else _ODD
    return int(length) if len(length) <= _DIGITS and length.isdigit() else _ODD
