"""Lines of fields between delimiters, with quotes and escapes (help text on delimited flat file data).

A quote opens a field only at its beginning; blanks before it, and after its end, do not count. Line ends stand within
quotes. A line of nothing but blanks is no line. Blanks around what is not quoted stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from runtime.model.platform_profiles import Escapes, FlatFileProfile

LINE_END = "\r\n"

_LINE_ENDS = re.compile(r"\r\n|\n|\r")


class Dialect(Struct, frozen=True, kw_only=True):
    """How fields are told apart. `quote` is one character, or None; without an escape of its own it is doubled."""

    delimiter: str = ","
    quote: str | None = None
    escapes: Escapes = Escapes()
    remove_escape: bool = False


def dialect_of(profile: FlatFileProfile) -> Dialect:
    """Give the dialect of a profile that is delimited."""
    return Dialect(
        delimiter=profile.delimiter or ",",
        quote=profile.quote,
        escapes=profile.escapes,
        remove_escape=profile.remove_escape,
    )


class Line(NamedTuple):
    """One line: its fields, and the line itself without its end."""

    fields: list[str]
    text: str


def read_lines(text: str, dialect: Dialect) -> Iterator[Line]:
    """Give each line that is more than blanks."""
    if dialect.quote is None and dialect.escapes == Escapes():
        for line in _LINE_ENDS.split(text):
            if line.strip():
                yield Line(line.split(dialect.delimiter), line)
        return
    yield from _Lines(text, dialect).read()


def whole_lines(text: str, dialect: Dialect) -> int:
    """Give how many characters of a beginning of a file are whole lines: where reading may stop and go on later.

    A line end within quotes ends no line. Escaped quotes must come in pairs, as doubled ones do.
    """
    end = text.rfind("\n")
    if dialect.quote is None:
        return end + 1
    while end >= 0 and text.count(dialect.quote, 0, end) % 2:
        end = text.rfind("\n", 0, end)
    return end + 1


class _Lines:
    """Reads fields one character after the other; `_at` is the next."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self._text = text
        self._at = 0
        self._delimiter = dialect.delimiter
        self._quote = dialect.quote
        escapes = dialect.escapes
        self._escape = escapes.delimiter
        self._escape_of_escape = escapes.escape
        # without an escape of its own a quote is escaped as a delimiter is, and else by being doubled
        self._quote_escape = escapes.quote or escapes.delimiter or (dialect.quote or "")
        self._removes = dialect.remove_escape or not (escapes.quote or escapes.delimiter)

    def read(self) -> Iterator[Line]:
        while self._at < len(self._text):
            line = self._line()
            if line.text.strip():
                yield line

    def _line(self) -> Line:
        start, fields = self._at, [self._field()]
        while self._takes(self._delimiter):
            fields.append(self._field())
        line = Line(fields, self._text[start : self._at])
        if not self._takes("\r\n") and not self._takes("\n"):
            self._takes("\r")
        return line

    def _takes(self, mark: str) -> bool:
        if mark and self._text.startswith(mark, self._at):
            self._at += len(mark)
            return True
        return False

    def _field(self) -> str:
        if self._quote is not None:
            start = self._at
            while self._at < len(self._text) and self._text[self._at] in " \t" and not self._at_delimiter():
                self._at += 1
            if self._takes(self._quote):
                return self._quoted()
            self._at = start
        return self._plain()

    def _at_delimiter(self) -> bool:
        return self._text.startswith(self._delimiter, self._at)

    def _plain(self) -> str:
        pieces: list[str] = []
        while self._at < len(self._text) and self._text[self._at] not in "\r\n" and not self._at_delimiter():
            if not self._escaped(pieces):
                pieces.append(self._text[self._at])
                self._at += 1
        return "".join(pieces)

    def _escaped(self, pieces: list[str]) -> bool:
        """Take an escape and what it escapes; say whether there was one."""
        both = self._escape_of_escape + self._escape
        if self._escape_of_escape and self._escape and self._text.startswith(both, self._at):
            self._at += len(both)
            pieces.append(self._escape if self._removes else both)
            return True
        if self._escape and self._text.startswith(self._escape + self._delimiter, self._at):
            self._at += len(self._escape) + len(self._delimiter)
            pieces.append(self._delimiter if self._removes else self._escape + self._delimiter)
            return True
        return False

    def _quoted(self) -> str:
        quote = self._quote or ""
        escaped = self._quote_escape + quote
        pieces: list[str] = []
        while self._at < len(self._text):
            if self._takes(escaped):
                pieces.append(quote if self._removes else escaped)
            elif self._takes(quote):
                break
            elif not self._escaped(pieces):
                pieces.append(self._text[self._at])
                self._at += 1
        while self._at < len(self._text) and self._text[self._at] not in "\r\n" and not self._at_delimiter():
            self._at += 1
        return "".join(pieces)


def write_line(fields: Sequence[tuple[str, bool]], dialect: Dialect) -> str:
    """Write one line with its end. A field comes with whether it is a text, which is quoted where there is a quote."""
    return dialect.delimiter.join(_written(text, dialect, quoted=quoted) for text, quoted in fields) + LINE_END


def _written(text: str, dialect: Dialect, *, quoted: bool) -> str:
    escapes, quote = dialect.escapes, dialect.quote
    if quote is not None and (quoted or quote in text or "\n" in text or "\r" in text or dialect.delimiter in text):
        escape = escapes.quote or escapes.delimiter or quote
        return f"{quote}{text.replace(quote, escape + quote)}{quote}"
    if not escapes.delimiter:
        return text
    if escapes.escape:
        text = text.replace(escapes.delimiter, escapes.escape + escapes.delimiter)
    return text.replace(dialect.delimiter, escapes.delimiter + dialect.delimiter)
