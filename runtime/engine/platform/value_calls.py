"""Parameter values that call a connector for each document: SQL statements and connector calls (section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from runtime.engine.context import Context
from runtime.engine.formats import reader
from runtime.engine.platform.calling import Called, called
from runtime.engine.platform.cells import cell_text, cells_of
from runtime.engine.step import Fetch
from runtime.errors import DocumentFault
from runtime.expressions.json_values import encode
from runtime.model.document import Document
from runtime.model.parameters import ConnectorLookup, SqlLookup
from runtime.model.platform_profiles import PlatformProfile
from runtime.sdk.connector import OperationSpec

MOST_KEPT = 1_000  # results of statements whose values are kept, and others; beyond it those kept are forgotten
SQL = "platform read"  # the operation of the database connector that runs a statement with marks


class Text(Protocol):
    """A compiled value."""

    def text(self, document: Document, context: Context) -> str:
        """Give the text for a document."""
        ...


def sql_fetch(value: SqlLookup, spec: OperationSpec, parameters: Sequence[Text], token: object) -> Fetch:
    """Give what runs a statement, and keeps the column of its first row, if there is one, under the token."""
    fixed = (("sql", value.statement), ("most_rows", "1"), ("changes", "true" if value.changes else "false"))

    async def fetch(document: Document, context: Context) -> None:
        given = encode({str(number): one.text(document, context) for number, one in enumerate(parameters)}).decode()
        key = (token, given)
        if key not in context.fetched:
            call = Called(value.connection, spec, (*fixed, ("values", given)))
            rows = [row for content in await called(call, document, context) for row in cells_of(content)]
            _make_room(context)
            context.fetched[key] = _cell(rows, value.output)
        context.fetched[token] = context.fetched[key]
        if not value.kept:
            del context.fetched[key]

    return fetch


def _make_room(context: Context) -> None:
    if len(context.fetched) >= MOST_KEPT:
        for key in [one for one in context.fetched if isinstance(one, tuple)]:
            del context.fetched[key]


def _cell(rows: Sequence[Sequence[object]], column: int) -> str | None:
    """Give a cell of the first row; None where there is no row.

    Raises:
        DocumentFault: ``platform.sql-column``: the statement gives no such column.
    """
    if not rows:
        return None
    if column > len(rows[0]):
        message = f"the statement gives {len(rows[0])} columns, and the value is column {column}"
        raise DocumentFault("platform.sql-column", message)
    return cell_text(rows[0][column - 1], is_time=False)


def connector_fetch(
    value: ConnectorLookup,
    spec: OperationSpec,
    profile: PlatformProfile,
    fields: Mapping[str, Text | Sequence[tuple[str, Text]]],
    token: object,
) -> Fetch:
    """Give what makes a call, and keeps the element of its first answer under the token.

    No answer is an empty text (reference 1.25); an answer without the element is a miss.
    """
    read = reader(profile, {value.output})

    def made(field: Text | Sequence[tuple[str, Text]], document: Document, context: Context) -> str:
        if isinstance(field, Sequence):
            return encode({key: one.text(document, context) for key, one in field}).decode()
        return field.text(document, context)

    async def fetch(document: Document, context: Context) -> None:
        texts = tuple((name, made(field, document, context)) for name, field in fields.items())
        call = Called(value.connection, spec, texts, place=value.output, single=value.single)
        answers = await called(call, document, context)
        context.fetched[token] = read(answers[0]).first(value.output) if answers else ""

    return fetch
