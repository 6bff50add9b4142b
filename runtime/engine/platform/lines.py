"""Split and Combine of files of lines (reference 1.10; platform behaviour 33)."""

from __future__ import annotations

import csv
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from runtime.engine.platform.parts import Dividing, Streaming
from runtime.engine.platform.refused import Refused
from runtime.errors import DocumentFault
from runtime.model.data_process import CombineLines, SplitGroups, SplitLines


class DivideLines(Dividing):
    """One document for each few lines, as they stand."""

    def __init__(self, step: SplitLines, identity: str) -> None:
        super().__init__(identity, step.name)
        self._batch = max(step.batch, 1)
        self._header = step.header

    def parts(self, content: bytes) -> Iterator[bytes]:
        """Give the lines, a few at a time."""
        lines = content.splitlines(keepends=True)
        head, lines = _headed(lines, self._header)
        for start in range(0, len(lines), self._batch):
            yield b"".join([*head, *lines[start : start + self._batch]])


class DivideGroups(Dividing):
    """One document for each value of a column."""

    def __init__(self, step: SplitGroups, identity: str) -> None:
        super().__init__(identity, step.name)
        if len(step.delimiter) != 1:
            raise Refused(f"columns are parted by one character, not by {step.delimiter!r}")
        if step.header == "none" and not step.column.isdecimal():
            raise Refused(f"there is no first line that could name the column '{step.column}'")
        self._column = step.column
        self._delimiter = step.delimiter
        self._header = step.header

    def parts(self, content: bytes) -> Iterator[bytes]:
        """Give the lines of each value, in the order in which the values come."""
        lines = content.splitlines(keepends=True)
        head, lines = _headed(lines, self._header)
        number = self._number(content.splitlines(keepends=True)[:1])
        groups: dict[str, list[bytes]] = {}
        for line in lines:
            fields = self._fields(line)
            if number >= len(fields):
                message = f"a line has {len(fields)} columns, and column {number + 1} is asked for"
                raise DocumentFault("data-process.split", message)
            groups.setdefault(fields[number], []).append(line)
        for group in groups.values():
            yield b"".join([*head, *group])

    def _number(self, first: list[bytes]) -> int:
        if self._column.isdecimal():
            return int(self._column) - 1
        names = self._fields(first[0]) if first else []
        if self._column not in names:
            raise DocumentFault("data-process.split", f"the first line names no column '{self._column}'")
        return names.index(self._column)

    def _fields(self, line: bytes) -> list[str]:
        try:
            return next(csv.reader([line.decode()], delimiter=self._delimiter), [])
        except (csv.Error, UnicodeDecodeError) as error:
            raise DocumentFault("data-process.split", f"a line cannot be parted into columns: {error}") from error


def _headed(lines: list[bytes], header: str) -> tuple[list[bytes], list[bytes]]:
    if header == "none":
        return [], lines
    return (lines[:1] if header == "retain" else []), lines[1:]


class JoinLines(Streaming):
    """All documents one after the other, each ending with the separator."""

    def __init__(self, step: CombineLines, identity: str) -> None:
        super().__init__(identity, step.name)
        self._header = step.header
        self._separator = step.separator.encode()
        self._before = _line(step.before, step.separator)
        self._after = _line(step.after, step.separator)

    async def pieces(self, contents: AsyncGenerator[AsyncGenerator[bytes]]) -> AsyncGenerator[bytes]:
        """Give the texts, a piece at a time."""
        if self._before:
            yield self._before
        number = 0
        async with aclosing(contents) as documents:
            async for pieces in documents:
                heads = self._header == "remove" or (self._header == "retain" and number > 0)
                number += 1
                ends = True
                async for piece in _beheaded(pieces) if heads else pieces:
                    yield piece
                    ends = piece.endswith((self._separator, b"\n")) if piece else ends
                if not ends:
                    yield self._separator
        if self._after:
            yield self._after


def _line(text: str, separator: str) -> bytes:
    return f"{text}{separator}".encode() if text else b""


async def _beheaded(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Give a text without its first line."""
    waiting = True
    async for piece in pieces:
        if not waiting:
            yield piece
        elif b"\n" in piece:
            waiting = False
            yield piece.partition(b"\n")[2]
