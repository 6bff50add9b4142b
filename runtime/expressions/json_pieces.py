"""Reading a large JSON document piece by piece, so that a thread that reads one does not stop the event loop.

The decoder is C code that holds the interpreter's lock, in a thread as well: a document of 18 MB would stop everything
for a third of a second. Here the text is gone through once; whatever has grown to some size is decoded and taken into
the lists and objects around it. It gives the same as to decode the whole; it takes some three times as long where that
is made of objects, and some fifteen times where it is made of bare numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from typing import Any, cast

from runtime.errors import DocumentFault

DEEPEST = 900  # lists and objects within each other: what the decoder itself takes, whose limit is the interpreter's
GLANCE = 1_024  # places looked at between two turns where nothing is decoded: a millisecond

_TEXT = rb'"(?:[^"\\]++|\\.)*+"'
_PLAIN = rb'[^"\[\]{},]*+'  # neither texts nor what divides
_SMALL = rb'(?:[^"\[\]{}]{0,256}+' + _TEXT + rb'){0,64}+[^"\[\]{}]{0,256}+'  # what a small list or object holds
_TOKEN = re.compile(
    rb"%(plain)s(?:%(text)s%(plain)s)*+(\{%(small)s\}|\[%(small)s\]|[\[\]{},])"
    % {b"plain": _PLAIN, b"text": _TEXT, b"small": _SMALL},
    re.DOTALL,
)
_KEY = re.compile(rb'[ \t\n\r]*("(?:[^"\\]++|\\.)*+")[ \t\n\r]*:[ \t\n\r]*', re.DOTALL)
_BYTE = re.compile(r"\(byte (\d+)\)")
BLANKS = b" \t\n\r"
_CLOSES = {b"[": b"]", b"{": b"}"}


class _Open:
    """A list or an object that has begun at `start`. `value` is there once it is taken apart.

    What lies between `group` and the place is not decoded yet, but for a value that was taken apart itself and has just
    `ended`. The last member begins at `member`.
    """

    __slots__ = ("ended", "group", "member", "opening", "start", "value")

    def __init__(self, opening: bytes, start: int) -> None:
        self.opening = opening
        self.start = start
        self.group = self.member = start + 1
        self.value: list[Any] | dict[str, Any] | None = None
        self.ended = False


Decode = Callable[[bytes], object]


def decode_in_pieces(content: bytes, piece: int, decode: Decode) -> Generator[None, None, object]:
    """Read one JSON document as `decode` does, which is given `piece` bytes and little more in each step.

    Raises:
        DocumentFault: as `decode`; places count from the beginning of the document.
    """
    if len(content) <= piece:
        return decode(content)
    return (yield from _Reader(content, piece, decode).read())


def decode_large(content: bytes, piece: int, decode: Decode) -> object:
    """Read one JSON document, letting go of the interpreter's lock between the pieces."""
    reading = decode_in_pieces(content, piece, decode)
    while True:
        try:
            next(reading)
        except StopIteration as end:
            return cast("object", end.value)


class _Reader:
    """Goes through the text. The lists and objects from the outermost to `stack[base]` are taken apart, or none is."""

    def __init__(self, content: bytes, piece: int, decode: Decode) -> None:
        self._content = content
        self._decode = decode
        self._piece = piece
        self._stack: list[_Open] = []
        self._base = 0

    def read(self) -> Generator[None, None, object]:
        """Give what the text says."""
        stack, content, place, number = self._stack, self._content, 0, 0
        while (token := _TOKEN.match(content, place)) is not None:
            at, place = token.span(1)
            number += 1
            if number % GLANCE == 0:
                yield
            mark = token[1]
            if len(mark) > 1 and stack:  # a small list or object, as one value
                continue
            if mark in _CLOSES:
                self._open(mark, at)
            elif not stack or (mark != b"," and mark != _CLOSES[stack[-1].opening]):
                break
            elif mark == b",":
                if self._is_due(at):
                    self._take(at)
                    yield
                self._next(at)
            else:
                closed = stack[-1]
                self._close(at)
                if not stack and closed.value is not None:
                    return self._whole(closed.value, at)
        return self._decode(content)  # it is one small value, or no JSON: the decoder says what is wrong

    def _open(self, mark: bytes, at: int) -> None:
        if len(self._stack) == DEEPEST:
            raise DocumentFault("json.too-deep", "the document is nested too deeply")
        if not self._stack and self._content[:at].strip(BLANKS):
            raise self._malformed(0)
        self._stack.append(_Open(mark, at))

    def _is_due(self, at: int) -> bool:
        """Whether enough has gathered: at once where it is a part of what is taken apart, else a little later."""
        gathered = at - self._stack[self._base].group
        return gathered >= self._piece and (len(self._stack) == self._base + 1 or gathered >= 2 * self._piece)

    def _next(self, at: int) -> None:
        """Take note of a comma."""
        top = self._stack[-1]
        if top.ended:
            if self._content[top.group : at].strip(BLANKS):
                raise self._malformed(top.group)
            top.ended, top.group = False, at + 1
        top.member = at + 1

    def _take(self, at: int) -> None:
        """Take everything that is open apart, and decode what has gathered in the innermost."""
        for depth, entry in enumerate(self._stack):
            if entry.value is not None:
                continue
            if depth:
                self._attach(self._stack[depth - 1], entry)
            else:
                entry.value = _empty(entry)
        self._base = len(self._stack) - 1
        top = self._stack[-1]
        if not top.ended:
            self._flush(top, at)
            top.group = at + 1

    def _attach(self, parent: _Open, entry: _Open) -> None:
        """Put the value of what is taken apart into its parent, after what has gathered there."""
        if parent.ended:
            raise self._malformed(parent.group)
        if parent.member > parent.group:
            self._flush(parent, parent.member - 1)
        entry.value = _empty(entry)
        if isinstance(parent.value, list):
            if self._content[parent.member : entry.start].strip(BLANKS):
                raise self._malformed(parent.member)
            parent.value.append(entry.value)
            return
        key = _KEY.fullmatch(self._content, parent.member, entry.start)
        if key is None or parent.value is None:
            raise self._malformed(parent.member)
        parent.value[cast("str", self._decoded(key[1], key.start(1)))] = entry.value

    def _close(self, at: int) -> None:
        closed = self._stack.pop()
        if closed.value is None:
            return
        if not closed.ended:
            self._flush(closed, at)
        elif self._content[closed.group : at].strip(BLANKS):
            raise self._malformed(closed.group)
        if self._stack:
            self._base = len(self._stack) - 1
            parent = self._stack[-1]
            parent.ended, parent.group = True, at + 1

    def _whole(self, value: object, at: int) -> object:
        if self._content[at + 1 :].strip(BLANKS):
            raise self._malformed(at + 1)
        return value

    def _flush(self, entry: _Open, until: int) -> None:
        """Decode what has gathered in a list or an object that is taken apart: at least one member."""
        text = self._content[entry.group : until]
        if not text.strip(BLANKS):
            raise self._malformed(until)
        made = self._decoded(entry.opening + text + _CLOSES[entry.opening], entry.group - 1)
        if isinstance(entry.value, list):
            entry.value.extend(cast("list[Any]", made))
        elif entry.value is not None:
            entry.value.update(cast("dict[str, Any]", made))

    def _decoded(self, text: bytes, start: int) -> object:
        try:
            return self._decode(text)
        except DocumentFault as fault:
            told = _BYTE.sub(lambda found: f"(byte {int(found[1]) + start})", fault.message)
            raise DocumentFault(fault.code, told) from fault

    def _malformed(self, at: int) -> DocumentFault:
        return DocumentFault("json.malformed", f"the document is not JSON: something else is expected (byte {at})")


def _empty(entry: _Open) -> list[Any] | dict[str, Any]:
    return [] if entry.opening == b"[" else {}
