"""Parameter values that call a connector for each document: SQL statements and connector calls (section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from runtime.engine.context import Context
from runtime.engine.formats import reader
from runtime.engine.platform.calling import Called, called
from runtime.engine.platform.cells import cell_text, cells_of
from runtime.engine.step import Fetch
from runtime.expressions.json_values import encode
from runtime.model.document import Document
from runtime.model.parameters import ConnectorLookup, SqlLookup
from runtime.model.platform_profiles import PlatformProfile
from runtime.sdk.connector import OperationSpec

SQL = "platform read"  # the operation of the database connector that runs a statement with marks


class Text(Protocol):
    """A compiled value."""

    def text(self, document: Document, context: Context) -> str:
        """Give the text for a document."""
        ...


def sql_fetch(value: SqlLookup, spec: OperationSpec, parameters: Sequence[Text], token: object) -> Fetch:
    """Give what runs a statement, and keeps the column of its first row, if there is one, under the token."""
    fixed = (("sql", value.statement), ("most_rows", "1"))

    async def fetch(document: Document, context: Context) -> None:
        given = {str(number): one.text(document, context) for number, one in enumerate(parameters)}
        call = Called(value.connection, spec, (*fixed, ("values", encode(given).decode())))
        rows = [row for content in await called(call, document, context) for row in cells_of(content)]
        found = rows[0][value.output - 1 : value.output] if rows else []
        context.fetched[token] = cell_text(found[0], is_time=False) if found else None

    return fetch


def connector_fetch(
    value: ConnectorLookup,
    spec: OperationSpec,
    profile: PlatformProfile,
    fields: Mapping[str, Text | Sequence[tuple[str, Text]]],
    token: object,
) -> Fetch:
    """Give what makes a call, and keeps the element of its first answer, if there is one, under the token."""
    read = reader(profile, {value.output})

    def made(field: Text | Sequence[tuple[str, Text]], document: Document, context: Context) -> str:
        if isinstance(field, Sequence):
            return encode({key: one.text(document, context) for key, one in field}).decode()
        return field.text(document, context)

    async def fetch(document: Document, context: Context) -> None:
        texts = tuple((name, made(field, document, context)) for name, field in fields.items())
        call = Called(value.connection, spec, texts, place=value.output, single=value.single)
        answers = await called(call, document, context)
        context.fetched[token] = read(answers[0]).first(value.output) if answers else None

    return fetch
