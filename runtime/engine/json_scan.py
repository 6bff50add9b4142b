"""The search for values in JSON text that comes piece by piece: a generator without I/O.

Values are looked for in a window of text with the C scanner of the standard library. The search asks for more text by
yielding None.
"""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Generator
from typing import NoReturn

from runtime.errors import DocumentFault

WINDOW = 1024 * 1024  # characters: a value to be passed over that is longer is taken apart instead of held
LARGEST = 64 * 1024 * 1024  # characters of one element, which becomes a document in memory
LARGEST_WRAPPER = 1024 * 1024  # characters around the elements: they are repeated with each of them
DEEPEST = 200  # lists and objects around a value that is passed over

Search = Generator[bytes | None, None, None]
Steps = Generator[None, None, None]

_BLANK = re.compile(r"[ \t\n\r]*")
_COMMA = re.compile(r"[ \t\n\r]*,[ \t\n\r]*(?=[^ \t\n\r])")
_CLOSING = {"[": "]", "{": "}"}
_NUMBER = frozenset("-0123456789")
_NUMBER_TAIL = 4  # characters: "1.", "1e", "1e+" at the end of a window read as 1 and some rest
_LITERAL_TAIL = 12  # characters: the longest piece of JSON that is not known to be whole, \ud800\udc00


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_no_constant)  # no digits are computed


class Wrapper:
    """The text around the list: all before its first element, and all after its last."""

    def __init__(self) -> None:
        self.prefix = ""
        self.suffix = ""


class Window:
    """The text at hand, and the place in it. What lies before the place is let go when more text comes."""

    def __init__(self, wrapper: Wrapper | None) -> None:
        self.text = ""
        self.at = 0
        self.ended = False
        self._decoder = getincrementaldecoder("utf-8")()
        self._offset = 0  # bytes of the content before `text`
        self._read = 0  # bytes given to the decoder
        self._wrapper = wrapper
        self._keeping = wrapper is not None
        self._beyond = False  # whether the elements are behind
        self._kept: list[str] = []
        self._kept_size = 0
        self._kept_from = 0  # place in `text`

    def add(self, piece: bytes) -> None:
        """Take more of the content in."""
        try:
            more = self._decoder.decode(piece)
        except UnicodeDecodeError as error:
            pending = len(error.object) - len(piece)
            raise _malformed("it is not UTF-8", self._read - pending + error.start) from None
        self._read += len(piece)
        self._keep()
        gone = self.text[: self.at]
        self._offset += len(gone) if gone.isascii() else len(gone.encode())
        self.text = self.text[self.at :] + more
        self.at = self._kept_from = 0

    def end(self) -> None:
        """Take note that there is no more."""
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise _malformed("it ends within a character", self._read) from None
        self.ended = True

    def scan(self) -> int | None:
        """Read the value here and give the place behind it; None when it may go on beyond the window."""
        try:
            _, end = _DECODER.raw_decode(self.text, self.at)
        except json.JSONDecodeError as error:
            cut = error.msg.startswith("Unterminated") or error.pos > len(self.text) - _LITERAL_TAIL
            if cut and not self.ended:
                return None
            raise self.malformed(error.msg.lower(), error.pos) from None
        except RecursionError:
            raise DocumentFault("json.too-deep", "the document is nested too deeply") from None
        except ValueError as error:
            raise self.malformed(str(error)) from None
        if end > len(self.text) - _NUMBER_TAIL and self.text[self.at] in _NUMBER and not self.ended:
            return None
        return end

    def skip_blanks(self) -> None:
        """Go to the next character that is not blank, or to the end of the window."""
        blank = _BLANK.match(self.text, self.at)
        self.at = blank.end() if blank is not None else self.at

    def take(self, end: int) -> bytes:
        """Give the text up to `end` and go there."""
        text = self.text[self.at : end]
        self.at = end
        return text.encode()

    def end_prefix(self) -> None:
        """Take note that the text before the elements ends here."""
        if self._wrapper is not None:
            self._wrapper.prefix = self._all_kept()
            self._keeping = False

    def begin_suffix(self) -> None:
        """Take note that the text after the elements begins here; the last one to say so is right."""
        if self._wrapper is not None:
            self._keeping = self._beyond = True
            self._kept, self._kept_size, self._kept_from = [], 0, self.at

    def end_suffix(self) -> None:
        """Take note that the text after the elements ends here."""
        if self._wrapper is not None and self._beyond:
            self._wrapper.suffix = self._all_kept()

    def malformed(self, reason: str, at: int | None = None) -> DocumentFault:
        """Give the fault for a place in the text; the present one when none is named."""
        place = self.at if at is None else at
        return _malformed(reason, self._offset + len(self.text[:place].encode()))

    def _keep(self) -> None:
        if self._keeping:
            self._kept_size += self.at - self._kept_from
            if self._kept_size <= LARGEST_WRAPPER:
                self._kept.append(self.text[self._kept_from : self.at])
            self._kept_from = self.at

    def _all_kept(self) -> str:
        self._keep()
        if self._kept_size > LARGEST_WRAPPER:
            raise DocumentFault("split.too-large", "the text around the elements is too long to be kept with each")
        return "".join(self._kept)


def _malformed(reason: str, offset: int) -> DocumentFault:
    return DocumentFault("json.malformed", f"the document is not JSON: {reason} (byte {offset})")


def search(window: Window, element: tuple[str, ...]) -> Search:
    """Give the elements, and None where more text is needed. All of the document is read, so that all of it is JSON."""
    depth = 0
    for key in element:
        if (yield from _peek(window)) != "{":
            yield from _pass_over(window)
            break
        if not (yield from _member(window, key)):
            break
        depth += 1
    else:
        yield from _elements(window)
    for _ in range(depth):
        yield from _close_object(window)
    if (yield from _peek(window)):
        raise window.malformed("there is more after its end")
    window.end_suffix()


def _elements(window: Window) -> Search:
    """Give each element of the list here, or the one value here."""
    if (yield from _peek(window)) != "[":
        window.end_prefix()
        end = yield from _whole(window)
        yield window.take(end)
        window.begin_suffix()
        return
    window.at += 1
    window.end_prefix()
    if (yield from _peek(window)) == "]":
        window.at += 1
        return
    while True:
        end = yield from _whole(window)
        yield window.take(end)
        comma = _COMMA.match(window.text, end)
        if comma is not None:
            window.at = comma.end()
            continue
        yield from _peek(window)
        window.begin_suffix()
        if not (yield from _more(window, "]")):
            return
        yield from _peek(window)


def _member(window: Window, key: str) -> Generator[None, None, bool]:
    """Go to the value of a key in the object here; False, and behind the object, when it has no such key."""
    window.at += 1
    if (yield from _peek(window)) == "}":
        window.at += 1
        return False
    while (yield from _key(window)) != key:
        yield from _pass_over(window)
        if not (yield from _more(window, "}")):
            return False
    return True


def _close_object(window: Window) -> Steps:
    """Go behind the object around the value that has just been read."""
    while (yield from _more(window, "}")):
        yield from _key(window)
        yield from _pass_over(window)


def _key(window: Window) -> Generator[None, None, str]:
    """Read a key and its colon."""
    if (yield from _peek(window)) != '"':
        raise window.malformed("a key in double quotes is expected")
    end = yield from _whole(window)
    key: str = json.loads(window.text[window.at : end])
    window.at = end
    if (yield from _peek(window)) != ":":
        raise window.malformed("a colon is expected")
    window.at += 1
    return key


def _more(window: Window, close: str) -> Generator[None, None, bool]:
    """Read what follows a value: True for a comma, False for the closing bracket."""
    separator = yield from _peek(window)
    if separator not in {",", close}:
        raise window.malformed(f"a comma or {close} is expected")
    window.at += 1
    return separator == ","


def _peek(window: Window) -> Generator[None, None, str]:
    """Skip blanks; give the character here, or nothing at the end."""
    while True:
        window.skip_blanks()
        if window.at < len(window.text):
            return window.text[window.at]
        if window.ended:
            return ""
        yield


def _whole(window: Window) -> Generator[None, None, int]:
    """Bring the value here into the window as a whole, and give the place behind it."""
    while (end := window.scan()) is None:
        yield from _grow(window)
    return end


def _pass_over(window: Window, depth: int = 0) -> Steps:
    """Go behind a value, however long it is."""
    first = yield from _peek(window)
    while (end := window.scan()) is None:
        if first in _CLOSING and len(window.text) - window.at >= WINDOW:
            yield from _pass_over_members(window, first, depth)
            return
        yield from _grow(window)
    window.at = end


def _pass_over_members(window: Window, first: str, depth: int) -> Steps:
    if depth >= DEEPEST:
        raise DocumentFault("json.too-deep", "the document is nested too deeply")
    close = _CLOSING[first]
    window.at += 1
    if (yield from _peek(window)) == close:
        window.at += 1
        return
    while True:
        if first == "{":
            yield from _key(window)
        yield from _pass_over(window, depth + 1)
        if not (yield from _more(window, close)):
            return


def _grow(window: Window) -> Steps:
    """Ask for twice the text from here on, so that a long value is not scanned once for each piece of it."""
    size = len(window.text) - window.at
    if size > LARGEST:
        raise DocumentFault("split.too-large", f"one value of the document has more than {LARGEST} characters")
    while not window.ended and len(window.text) - window.at < max(2 * size, 1):
        yield
