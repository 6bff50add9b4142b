"""The operations of a database connection, and what each does to the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from runtime.sdk.connector import OperationSpec
from runtime.sdk.effect import Effect

Sql = Annotated[str, Meta(min_length=1, max_length=100_000, description="one SQL statement with :named parameters")]
Name = Annotated[str, Meta(min_length=1, max_length=255, description="the name of a table")]
Names = Annotated[str, Meta(min_length=1, max_length=4_000, description="names of columns, separated by commas")]
Count = Annotated[int, Meta(ge=0, le=10_000_000, description="rows a document; 0 puts all rows into one")]


class Running(Struct, frozen=True, kw_only=True):
    """Fields of a statement.

    A ``:name`` in `sql` is bound to the member of that name of the JSON object `parameters`, or else of the document; a
    list stands for the values of an ``IN``. `sql` itself is written out: a template in it would make data to be SQL.
    `batch_count` is how many rows make one document: with 1 it is the row's object, else an array of them.
    """

    sql: Sql
    parameters: str = ""
    batch_count: Count = 1


class Querying(Running, frozen=True, kw_only=True):
    """Fields of a query.

    `filter` is what Flow asks for, as the process finds it in its property ``param_filter``: its conditions, order and
    limit are laid around the statement, whose columns have the names of the type's properties.
    """

    filter: str = ""


class Stating(Running, frozen=True, kw_only=True):
    """Fields of a statement that may change something.

    `effect` declares what it does when it is run again. A ``pure`` one runs in a transaction that cannot write;
    a ``keyed`` one finds the idempotency key in ``:idempotency_key``.
    """

    effect: Literal["pure", "idempotent", "keyed", "once"] = "once"


class Inserting(Struct, frozen=True, kw_only=True):
    """Fields of an insertion. The members of the document are the columns; an array of objects is that many rows.

    `key_column` names a column with a unique index of its own, where the idempotency key is kept: the call may then be
    repeated, and is known again.
    """

    table: Name
    schema: str = ""
    key_column: str = ""


class Matching(Struct, frozen=True, kw_only=True):
    """Fields of an operation on the rows that agree with the document in `key_columns`; null agrees with nothing."""

    table: Name
    schema: str = ""
    key_columns: Names


class Marked(Struct, frozen=True, kw_only=True):
    """Fields of a statement with ``?``, as database profiles of the Boomi platform have them.

    `values` is a JSON object whose values, in their order, are bound: texts, of which an empty one is null. `types` is
    one too, and says of what kind the values of the same names are: ``number``, ``datetime`` or ``date`` (as the
    platform writes times inside of maps: ``yyyyMMdd HHmmss.SSS``). Rows come as one JSON array of arrays, at most
    `most_rows` of them, and 0 takes all. `changes` says that the statement may change something, as a procedure may.
    """

    sql: Sql
    values: str = ""
    types: str = ""
    most_rows: Count = 0
    changes: bool = False


class Writing(Struct, frozen=True, kw_only=True):
    """Fields of rows that are written by statements with ``?``.

    `statements` is a JSON object: by the key of a statement its `sql` and, in `types`, the kinds of its values. The
    document is a JSON array of rows, each ``[key, [value, …]]``, or, with `values`, the one row that these are for the
    first statement. They are committed together, or `commit_rows` at a time where that is more than 0. The document
    goes on as it is.
    """

    statements: Annotated[str, Meta(min_length=1, max_length=1_000_000, description="a JSON object of statements")]
    values: str = ""
    commit_rows: Count = 0


class Asking(Struct, frozen=True, kw_only=True):
    """Fields of a reading as Database V2 of the Boomi platform makes it.

    With `kind` ``standard`` the statement is `sql`, whose ``$names`` and ``?`` stand for members of the document: by
    their names, or in their order; with ``dynamic`` it is made of `table` and of the document's members, which are
    columns. A member may be a list with `in_clause`. Each row is a document, or `batch_count` rows are one array.
    """

    kind: Literal["standard", "dynamic"] = "standard"
    sql: str = ""
    table: str = ""
    schema: str = ""
    in_clause: bool = False
    most_rows: Count = 0
    batch_count: Count = 0


class Changing(Struct, frozen=True, kw_only=True):
    """Fields of a change as Database V2 of the Boomi platform makes it.

    `action` with `kind` ``dynamic`` is made of `table` and the document: its members are columns for an insertion, and
    ``SET`` and ``WHERE`` list columns, values and operators for an update or deletion. With ``standard`` it is `sql`,
    as in a reading. What goes on tells the statement and how many rows have changed.
    """

    action: Literal["insert", "update", "delete", "upsert"]
    kind: Literal["standard", "dynamic"] = "dynamic"
    sql: str = ""
    table: str = ""
    schema: str = ""


def _effect_of_changing(fields: Mapping[str, str | None]) -> Effect:
    repeatable = fields.get("kind") == "dynamic" and fields.get("action") in {"update", "delete", "upsert"}
    return Effect.IDEMPOTENT if repeatable else Effect.ONCE


def _effect_of_marked(fields: Mapping[str, str | None]) -> Effect:
    return Effect.PURE if fields.get("changes", "false") == "false" else Effect.ONCE


def _effect_of_insertion(fields: Mapping[str, str | None]) -> Effect:
    return Effect.KEYED if fields.get("key_column") else Effect.ONCE


def _effect_of_statement(fields: Mapping[str, str | None]) -> Effect:
    declared = fields.get("effect")
    return next((effect for effect in Effect if effect == declared), Effect.ONCE)


def _always(effect: Effect) -> Callable[[Mapping[str, str | None]], Effect]:
    return lambda _fields: effect


OPERATIONS = (
    OperationSpec(
        name="query", summary="gives the rows of a query as JSON", fields=Querying, effect=_always(Effect.PURE)
    ),
    OperationSpec(name="insert", summary="adds the document as a row", fields=Inserting, effect=_effect_of_insertion),
    OperationSpec(
        name="update",
        summary="changes the rows that the document names",
        fields=Matching,
        effect=_always(Effect.IDEMPOTENT),
    ),
    OperationSpec(
        name="upsert",
        summary="adds the document as a row, or changes the row that is there",
        fields=Matching,
        effect=_always(Effect.IDEMPOTENT),
    ),
    OperationSpec(
        name="delete",
        summary="removes the rows that the document names",
        fields=Matching,
        effect=_always(Effect.IDEMPOTENT),
    ),
    OperationSpec(name="statement", summary="runs any SQL statement", fields=Stating, effect=_effect_of_statement),
    OperationSpec(
        name="platform read",
        summary="gives the rows of a statement as the platform's database profiles have it",
        fields=Marked,
        effect=_effect_of_marked,
    ),
    OperationSpec(
        name="platform write",
        summary="writes rows by the statements of a database profile of the platform",
        fields=Writing,
        effect=_always(Effect.ONCE),
    ),
    OperationSpec(
        name="platform query",
        summary="gives rows as JSON as the platform's Database V2 does",
        fields=Asking,
        effect=_always(Effect.PURE),
    ),
    OperationSpec(
        name="platform change",
        summary="changes rows as the platform's Database V2 does",
        fields=Changing,
        effect=_effect_of_changing,
    ),
)
