"""Split and Combine of files of lines (reference 1.10; platform behaviour 33)."""

from __future__ import annotations

import csv
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from runtime.engine.batch import Batch
from runtime.engine.context import TURN, Context
from runtime.engine.outcome import Outcome
from runtime.engine.platform.parts import Dividing, Streaming
from runtime.engine.platform.refused import Refused
from runtime.engine.step import WholeStep
from runtime.errors import DocumentFault
from runtime.model.data_process import CombineLines, SplitGroups, SplitLines
from runtime.model.document import Document, derived_identity


class DivideLines(WholeStep):
    """One document for each few lines, as they stand. A file of any length is read piece by piece."""

    def __init__(self, step: SplitLines, identity: str) -> None:
        super().__init__(identity, step.name or identity, (None,))
        self._batch = max(step.batch, 1)
        self._header = step.header

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the lines of all documents, in their order."""
        name = context.name
        async with context.writer() as writer, aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for document in chunk:
                    async with aclosing(self._parts(context.contents.chunks(document))) as parts:
                        number = 0
                        async for content in parts:
                            if number % TURN == 0:
                                await context.pace()
                            identity = derived_identity(document.id, name, number)
                            made = Document(identity, content, document.properties, document.meta, document.origins)
                            number += 1
                            if len(content) > context.limits.content_in_memory:
                                made = await context.contents.settle(made)
                            if writer.add(made):
                                await writer.flush()
        return Outcome(outputs=(writer.batch,))

    async def _parts(self, pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Give the lines, a few at a time."""
        head: list[bytes] = []
        waiting: list[bytes] = []
        begun = self._header == "none"
        async with aclosing(_lines(pieces)) as runs:
            async for lines in runs:
                first = 0 if begun else 1
                if not begun and self._header == "retain":
                    head = lines[:1]
                begun = True
                waiting += lines[first:]
                whole = len(waiting) - len(waiting) % self._batch
                for start in range(0, whole, self._batch):
                    yield b"".join([*head, *waiting[start : start + self._batch]])
                del waiting[:whole]
        if waiting:
            yield b"".join([*head, *waiting])


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


async def _lines(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[list[bytes]]:
    """Give whole lines with their ends, many at a time: a piece may end within a line, or within its end."""
    rest = b""
    async with aclosing(pieces):
        async for piece in pieces:
            lines = (rest + piece).splitlines(keepends=True)
            rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
            if lines:
                yield lines
    if rest:
        yield rest.splitlines(keepends=True)


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
                async with aclosing(_beheaded(pieces) if heads else pieces) as texts:
                    async for piece in texts:
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
    async with aclosing(pieces):
        async for piece in pieces:
            if not waiting:
                yield piece
            elif b"\n" in piece:
                waiting = False
                yield piece.partition(b"\n")[2]
