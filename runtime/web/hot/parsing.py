"""Requests out of bytes, without I/O. Nothing else knows httptools.

Only what is plainly well-formed is taken: a request that this reader takes, hypercorn's parser takes too, and means the
same by it. Everything else is *elsewhere*: whoever asks then hands over all bytes that no request has taken, so that
there is one place that refuses, upgrades, or is lenient. `tests/web/test_door_parsing.py` holds both parsers to that.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final

import httptools
from msgspec import Struct

from runtime.web.exchange import Headers

_BLANK_LINE: Final = b"\r\n\r\n"
_OVERLAP: Final = len(_BLANK_LINE) - 1  # bytes of a blank line that may end one read, its last one beginning the next
_DIGITS: Final = 18  # of a Content-Length: beyond it no limit of ours is, and hypercorn says so
_JUDGED: Final = frozenset({b"host", b"content-length", b"transfer-encoding", b"connection", b"expect", b"upgrade"})
_NONE: Final[frozenset[bytes]] = frozenset()
_ODD: Final = -1

Wanted = Callable[[str, str], bool]
"""Whether a request, by its method and raw path, is served here."""


class State(Enum):
    """What a reader gives when it does not give what it was asked for."""

    MORE = "bytes are missing"
    ELSEWHERE = "this is not for here"
    TOO_LARGE = "the body is beyond its limit"
    BROKEN = "the body is no chunked body"


class Head(Struct, frozen=True):
    """A request head. `length` is None for a chunked body; `expects` asks for ``100 Continue``.

    `path` is as sent, percent-encoded; names of `headers` are in lower case. `keeps`: another request may follow.
    """

    method: str
    path: str
    query: bytes
    headers: Headers
    length: int | None
    keeps: bool
    expects: bool


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

    def feed(self, data: bytes) -> None:
        """Take in what has arrived."""
        self._bytes = self._bytes + data if self._bytes else data

    @property
    def waiting(self) -> int:
        """How many bytes are here that no request has taken."""
        return len(self._bytes)

    def rest(self) -> bytes:
        """Give up what no request has taken."""
        rest, self._bytes = self._bytes, b""
        return rest

    def head(self) -> Head | State:
        """Give the head of the next request, `State.MORE` or `State.ELSEWHERE`; only a head given takes its bytes."""
        data = self._bytes
        if not data:
            return State.MORE
        end = data.find(_BLANK_LINE) + len(_BLANK_LINE)
        if end < len(_BLANK_LINE):
            return State.ELSEWHERE if self._is_odd(data) else State.MORE
        if end > self._head_bytes:
            return State.ELSEWHERE
        message = self._message
        message.begin()
        raw = data[:end]
        try:
            self._parser.feed_data(raw)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            return State.ELSEWHERE
        method = self._parser.get_method()
        # The parser skips blanks within the first line, and keeps those behind a value; hypercorn's does neither.
        if not raw.startswith(method + b" " + message.url + b" "):
            return State.ELSEWHERE
        if b" \r\n" in raw or b"\t\r\n" in raw:
            message.headers = [(name, value.rstrip(b" \t")) for name, value in message.headers]
        if self._parser.get_http_version() != "1.1":
            return State.ELSEWHERE
        head = _head(method.decode(), message.url, tuple(message.headers))
        if head is None or (head.length or 0) > self._body_bytes or not self._wanted(head.method, head.path):
            return State.ELSEWHERE
        self._left = head.length
        self._bytes = data[end:]
        return head

    def body(self) -> bytes | State:
        """Give the body of the request whose head was given last, or `MORE`, `TOO_LARGE`, `BROKEN`."""
        message = self._message
        if self._left == 0:
            return b""
        try:
            if self._left is None:
                self._feed_chunks()
            else:
                taken, self._bytes = self._bytes[: self._left], self._bytes[self._left :]
                self._left -= len(taken)
                self._parser.feed_data(taken)
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
        while self._bytes and not self._message.complete and self._message.size <= self._body_bytes:
            end = self._bytes.find(_BLANK_LINE) + len(_BLANK_LINE)
            if end < len(_BLANK_LINE):
                end = len(self._bytes) - _OVERLAP
                if end <= 0:
                    return
            piece, self._bytes = self._bytes[:end], self._bytes[end:]
            self._parser.feed_data(piece)

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

    __slots__ = ("_pieces", "complete", "headers", "size", "url")

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.size = 0
        self.complete = False
        self._pieces: list[bytes] = []

    def body(self) -> bytes:
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self.size += len(body)
        self._pieces.append(body)

    def on_message_complete(self) -> None:
        self.complete = True


def _head(method: str, url: bytes, headers: Headers) -> Head | None:
    """Give a head, or None where anything about it is better judged elsewhere."""
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
    path, _, query = url.partition(b"?")
    expects = told.get(b"expect") == b"100-continue"
    return Head(method, path.decode("ascii"), query, headers, length, b"close" not in tokens, expects)


def _length(told: dict[bytes, bytes]) -> int | None:
    """Give the length of a body, None for chunks, `_ODD` where that is not plain. Both at once the parser refuses."""
    coding, length = told.get(b"transfer-encoding"), told.get(b"content-length", b"0")
    if coding is not None:
        return None if coding == b"chunked" else _ODD
    return int(length) if len(length) <= _DIGITS and length.isdigit() else _ODD
