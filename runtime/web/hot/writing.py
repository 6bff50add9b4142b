"""Answers as bytes, as hypercorn writes them: the same lines in the same order."""

from __future__ import annotations

import time
from email.utils import formatdate
from http import HTTPStatus

from runtime.web.exchange import Alike, Answer, Headers, Kind

BARE_400 = Answer(status=400, headers=((b"content-length", b"0"),))
LAST_CHUNK = b"0\r\n\r\n"

_LENGTH = b"content-length"
_OK = HTTPStatus.OK.value
_BODILESS = frozenset({HTTPStatus.NO_CONTENT.value, HTTPStatus.NOT_MODIFIED.value})


class Dates:
    """Writes the ``date`` line, anew once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._line = b""

    def line(self) -> bytes:
        """Give the line of this second."""
        now = int(time.time())
        if now != self._second:
            self._second = now
            self._line = b"date: %s\r\n" % formatdate(now, usegmt=True).encode()
        return self._line


class Writer:
    """Writes answers of one listener."""

    def __init__(self) -> None:
        self._dates = Dates()
        self._kinds: dict[Kind, bytes] = {}

    def go_on(self) -> bytes:
        """Give the interim answer that a caller waits for before it sends its body."""
        return b"HTTP/1.1 100 \r\n%s\r\n" % self._dates.line()

    def answer(self, answer: Answer | Alike, *, keeps: bool, bodiless: bool) -> bytes:
        """Give a whole answer; `bodiless` for one to HEAD.

        Raises:
            ValueError: a header would end its line.
        """
        body = answer.body
        if isinstance(answer, Alike):
            lines = b"%b%b\r\ncontent-length: %d\r\n" % (self._of_kind(answer.kind), answer.value, len(body))
        else:
            lines, tells_length = _lines(answer.status, answer.headers)
            if answer.status in _BODILESS:
                body = b""
            elif not tells_length:
                lines += b"content-length: %d\r\n" % len(body)
        end = b"\r\n" if keeps else b"connection: close\r\n\r\n"
        return b"".join((lines, self._dates.line(), end, b"" if bodiless else body))

    def _of_kind(self, kind: Kind) -> bytes:
        """Give all before the value of its last header."""
        lines = self._kinds.get(kind)
        if lines is None:
            lines, _ = _lines(kind.status, (*kind.headers, (kind.name, b"")))
            lines = self._kinds[kind] = lines.removesuffix(b"\r\n")
        return lines

    def opening(self, headers: Headers, *, keeps: bool) -> bytes:
        """Give the head of a 200 whose body follows in chunks.

        Raises:
            ValueError: a header would end its line.
        """
        end = b"\r\n" if keeps else b"connection: close\r\n\r\n"
        lines, _ = _lines(200, headers)
        return b"%btransfer-encoding: chunked\r\n%b%b" % (lines, self._dates.line(), end)


def _lines(status: int, headers: Headers) -> tuple[bytes, bool]:
    """Give the first line, and one for each header; and whether one of these tells the length of the body."""
    pieces, tells_length = [b"HTTP/1.1 200 \r\n" if status == _OK else b"HTTP/1.1 %d \r\n" % status], False
    for name, value in headers:
        pieces += (name, b": ", value, b"\r\n")
        if len(name) == len(_LENGTH) and name.lower() == _LENGTH:
            tells_length = True
    lines = b"".join(pieces)
    if lines.count(b"\n") != len(headers) + 1 or lines.count(b"\r") != len(headers) + 1:
        raise ValueError("a header of an answer holds the end of a line")
    return lines, tells_length


def chunk(piece: bytes) -> bytes:
    """Give a piece of a body as a chunk."""
    return b"%x\r\n%s\r\n" % (len(piece), piece)
