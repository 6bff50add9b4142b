"""Rows of a database profile between documents and the connector (component XML, section 4.4; behaviour 101).

What is read comes as one JSON array of arrays and becomes envelopes, columns by their places; the rows of a document
that is written become a JSON array of ``[statement, values]``, in the form that values have within maps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from runtime.engine.context import Context
from runtime.engine.formats.database_rows import columns_of, database_writer, rows_of
from runtime.engine.formats.flat_files import decode_text
from runtime.engine.formats.rows import Row
from runtime.engine.formats.values import into_map
from runtime.engine.platform.cells import cell_text, cells_of
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around
from runtime.errors import DocumentFault
from runtime.expressions.json_values import encode
from runtime.model.document import Document
from runtime.model.platform_calls import RowsOf
from runtime.model.platform_profiles import DatabaseProfile
from runtime.sdk.connector import Reply

_SEPARATORS = ("|^|", "|#|", "|@|")

Convert = Callable[[str], str]


class RowExchange:
    """What is between the documents of a call and the connector."""

    def __init__(self, rows: RowsOf, profile: DatabaseProfile) -> None:
        self._rows = rows
        self._profile = profile
        self._write = database_writer(profile)
        self._converts = {
            column.key: into_map(column.format) for statement in profile.statements for column in columns_of(statement)
        }

    def request(self, content: bytes, _document: Document, _context: Context) -> bytes:
        """Give the content that the connector gets; an empty document stays empty, and writes nothing.

        Raises:
            DocumentFault: the document holds no rows of the profile.
        """
        if not self._profile.writes or not content.strip():
            return content
        found: list[object] = []
        for statement, texts in rows_of(decode_text(content), self._profile):
            columns = columns_of(statement)
            values = [*texts, *(None for _ in columns[len(texts) :])][: len(columns)]
            made = [
                self._converts[column.key](text) if text else None for column, text in zip(columns, values, strict=True)
            ]
            found.append([str(statement.key), made])
        return encode(found)

    def replies(self, replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
        """Give the documents that rows become; there are none without a row."""
        if self._profile.writes:
            return replies
        return tuple(self._document(rows, reply) for reply in replies for rows in self._batches(reply.content))

    def _batches(self, content: bytes) -> Iterator[Sequence[Row]]:
        """Give the rows of each document. With a link, rows that agree in it stand together as one."""
        made = [self._row(row) for row in cells_of(content)]
        batch, link = self._rows.batch, self._rows.link
        if not made:
            return
        if batch == 0:
            yield made
            return
        units = [[row] for row in made] if link is None else _grouped(made, link)
        for begin in range(0, len(units), batch):
            yield [row for unit in units[begin : begin + batch] for row in unit]

    def _row(self, cells: list[object]) -> Row:
        row = Row()
        for column, cell in zip(self._profile.statements[0].columns, cells, strict=False):
            text = cell_text(cell, is_time=column.format.kind == "datetime")
            if text is not None and any(mark in text for mark in _SEPARATORS):
                message = f"a value of '{column.name}' holds what parts the fields of a row: {' '.join(_SEPARATORS)}"
                raise DocumentFault("database.separator", message, hint="let the statement replace it")
            row.values[column.key] = text
        return row

    def _document(self, rows: Sequence[Row], reply: Reply) -> Reply:
        root = Row()
        root.rows[self._profile.statements[0].key] = list(rows)
        return Reply(self._write(root), {**reply.meta, "rows": str(len(rows))})


def row_exchange(rows: RowsOf, around: Around) -> RowExchange:
    """Give what is between documents and connector.

    Raises:
        Refused: there is no such profile.
    """
    profile = around.components.profiles.get(rows.profile)
    if not isinstance(profile, DatabaseProfile):
        raise Refused("its database profile is not in the bundle")
    return RowExchange(rows, profile)


def _grouped(rows: Sequence[Row], link: int) -> list[list[Row]]:
    return [list(group) for _, group in groupby(rows, key=lambda row: row.values.get(link))]
