"""Answers as bytes, as hypercorn writes them: the same lines in the same order."""

from __future__ import annotations

import time
from email.utils import formatdate
from http import HTTPStatus

from runtime.web.exchange import Answer, Headers

BARE_400 = Answer(status=400, headers=((b"content-length", b"0"),))
LAST_CHUNK = b"0\r\n\r\n"

_LENGTH = b"content-length"
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

    def go_on(self) -> bytes:
        """Give the interim answer that a caller waits for before it sends its body."""
        return b"HTTP/1.1 100 \r\n%s\r\n" % self._dates.line()

    def answer(self, answer: Answer, *, keeps: bool, bodiless: bool) -> bytes:
        """Give a whole answer; `bodiless` for one to HEAD.

        Raises:
            ValueError: a header would end its line.
        """
        status, body = answer.status, answer.body
        lines, tells_length = _lines(answer.headers)
        if status in _BODILESS:
            body = b""
        elif not tells_length:
            lines = b"%bcontent-length: %d\r\n" % (lines, len(body))
        end = b"\r\n" if keeps else b"connection: close\r\n\r\n"
        return b"HTTP/1.1 %d %b%b%b%b" % (status, lines, self._dates.line(), end, b"" if bodiless else body)

    def opening(self, headers: Headers, *, keeps: bool) -> bytes:
        """Give the head of a 200 whose body follows in chunks.

        Raises:
            ValueError: a header would end its line.
        """
        end = b"\r\n" if keeps else b"connection: close\r\n\r\n"
        return b"HTTP/1.1 200 %btransfer-encoding: chunked\r\n%b%b" % (_lines(headers)[0], self._dates.line(), end)


def _lines(headers: Headers) -> tuple[bytes, bool]:
    """Give the end of the first line, and a line for each header; and whether one tells the length of the body."""
    lines, tells_length = b"\r\n", False
    for name, value in headers:
        lines += b"%b: %b\r\n" % (name, value)
        if len(name) == len(_LENGTH) and name.lower() == _LENGTH:
            tells_length = True
    if lines.count(b"\n") != len(headers) + 1 or lines.count(b"\r") != len(headers) + 1:
        raise ValueError("a header of an answer holds the end of a line")
    return lines, tells_length


def chunk(piece: bytes) -> bytes:
    """Give a piece of a body as a chunk."""
    return b"%x\r\n%s\r\n" % (len(piece), piece)
