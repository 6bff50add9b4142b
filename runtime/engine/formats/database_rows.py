"""Rows of a database as the platform's legacy connector passes them: ``DBSTART|…|DBEND`` (component XML, section 4.4).

The envelope names the statement and what holds its columns by their keys; fields are parted by ``|^|``, rows end with
``|#|``, the last one twice. A JSON document of one object a row, with the columns as members, is read as well: that is
what the database connector of this runtime passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from uuid import UUID, uuid5

from runtime.engine.formats.flat_files import decode_text
from runtime.engine.formats.rows import Row
from runtime.engine.formats.values import into_map, out_of_map
from runtime.errors import DocumentFault
from runtime.expressions.json_values import decode
from runtime.expressions.text import text_of
from runtime.model.platform_profiles import DatabaseColumn, DatabaseCondition, DatabaseProfile, DatabaseStatement

_BEGINS = "DBSTART|"
_FIELD, _ROW, _PART = "|^|", "|#|", "|@|"
_MARK = re.compile(r"\|[\^#]\|")
_STATEMENTS = re.compile(
    r"\|@\|BEGIN\|(?P<key>[^|]*)\|@\|OUT_START\|[^|]*\|@\|(?P<rows>.*?)(?:\|#\|)?OUT_END\|[^|]*\|@\|END\|", re.DOTALL
)
_NAMES = UUID("8d5b9a0e-3f0c-5f57-9c38-0a1b5a0f6f3e")  # of envelopes: the same rows have the same envelope

Column = DatabaseColumn | DatabaseCondition


def columns_of(statement: DatabaseStatement) -> tuple[Column, ...]:
    """Give what a row of a statement holds, in its order: columns, then the values of conditions."""
    return (*statement.columns, *statement.conditions)


def database_reader(profile: DatabaseProfile, keys: Collection[int]) -> Callable[[bytes], Row]:
    """Give the function that reads the elements `keys` of a document.

    The function raises DocumentFault ``database.malformed`` for what is neither an envelope nor JSON.
    """
    wanted = frozenset(keys)
    converts = {
        column.key: into_map(column.format)
        for statement in profile.statements
        for column in columns_of(statement)
        if column.key in wanted
    }

    def read(content: bytes) -> Row:
        root = Row()
        if not content.strip():
            return root
        for statement, fields in rows_of(decode_text(content), profile):
            row = root.open(statement.key)
            for column, text in zip(columns_of(statement), fields, strict=False):
                if column.key in converts:
                    row.values[column.key] = None if text is None else converts[column.key](text)
        return root

    return read


def rows_of(text: str, profile: DatabaseProfile) -> list[tuple[DatabaseStatement, list[str | None]]]:
    """Give the rows of a document as they stand in it, each with its statement.

    Raises:
        DocumentFault: ``database.malformed``.
    """
    if text.startswith(_BEGINS):
        return _enveloped(text, profile)
    if text[:1] in {"{", "["}:
        value = decode(text.encode())
        rows = value if isinstance(value, list) else [value]
        statement = profile.statements[0]
        names = [column.name for column in columns_of(statement)]
        return [(statement, [_member(row, name) for name in names]) for row in rows if isinstance(row, dict)]
    raise DocumentFault("database.malformed", "the document holds no rows of a database")


def _member(row: dict[str, object], name: str) -> str | None:
    value = row.get(name)
    return None if value is None else text_of(value)


def _enveloped(text: str, profile: DatabaseProfile) -> list[tuple[DatabaseStatement, list[str | None]]]:
    by_key = {str(statement.key): statement for statement in profile.statements}
    found: list[tuple[DatabaseStatement, list[str | None]]] = []
    for key, body in _STATEMENTS.findall(text):
        statement = by_key.get(key, profile.statements[0])
        found += [(statement, fields) for fields in _rows_in(body)]
    return found


def _rows_in(body: str) -> list[list[str | None]]:
    """Part rows and fields in one go from the left: a field may be ``#``, and its bars belong to what is around it."""
    rows: list[list[str | None]] = []
    fields: list[str | None] = []
    at = 0
    for mark in _MARK.finditer(body):
        fields.append(body[at : mark.start()])
        at = mark.end()
        if mark[0] == _ROW:
            rows.append(fields)
            fields = []
    if fields or body[at:]:
        rows.append([*fields, body[at:]])
    return [row for row in rows if row != [""]]


def database_writer(profile: DatabaseProfile) -> Callable[[Row], bytes]:
    """Give the function that writes an envelope; without a row the document is empty."""
    converts = {
        column.key: out_of_map(column.format) for statement in profile.statements for column in columns_of(statement)
    }

    def write(row: Row) -> bytes:
        parts = [
            f"BEGIN|{statement.key}{_PART}OUT_START|{statement.fields or statement.key}{_PART}"
            + "".join(_line(one, statement, converts) for one in rows)
            + f"{_ROW}OUT_END|{statement.fields or statement.key}{_PART}END|{statement.key}{_PART}"
            for statement in profile.statements
            if (rows := row.rows.get(statement.key))
        ]
        if not parts:
            return b""
        body, key = "".join(parts), profile.statements[0].key
        name = uuid5(_NAMES, body)
        return f"{_BEGINS}{name}|{key}{_PART}{body}DBEND|{name}|{key}{_PART}".encode()

    return write


def _line(row: Row, statement: DatabaseStatement, converts: dict[int, Callable[[str], str]]) -> str:
    texts = []
    for column in columns_of(statement):
        text = row.values.get(column.key)
        texts.append("" if text is None else converts[column.key](text))
    return _FIELD.join(texts) + _ROW
