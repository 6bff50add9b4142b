"""The operations of a disk connection, and what each does to the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from runtime.sdk.connector import OperationSpec
from runtime.sdk.effect import Effect

Path = Annotated[
    str,
    Meta(min_length=1, max_length=4_000, description="a path in the connection's folder, such as in/order.json"),
]
Below = Annotated[str, Meta(max_length=4_000, description="a folder in the connection's folder")]
Bytes = Annotated[
    str,
    Meta(
        pattern=r"^\s*([0-9]+(\.[0-9]+)?\s*(B|kB|KiB|MB|MiB|GB|GiB))?\s*$",
        description="a size such as 16 MiB, or nothing",
    ),
]
Moment = Annotated[
    str,
    Meta(
        pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,20}(Z|[+-][0-9]{2}:[0-9]{2}))?$",
        description="a date and time with its offset, such as 2024-01-31T00:00:00Z, or nothing",
    ),
]


class Creating(Struct, frozen=True, kw_only=True):
    """Fields of a creation: the document becomes the file.

    `if_exists` says what happens when there is such a file: ``forbid`` is an error; ``unique`` chooses another name,
    ``order-1.json``; ``overwrite`` puts the new content in its place, at once; ``append`` adds to its end.
    `make_folders` makes the folders on the way.
    """

    file: Path
    if_exists: Literal["forbid", "unique", "overwrite", "append"] = "forbid"
    make_folders: bool = False


class Naming(Struct, frozen=True, kw_only=True):
    """Fields of an operation on one file."""

    file: Path


class Moving(Naming, frozen=True, kw_only=True):
    """Fields of a move into the folder `to`, which is made where it is missing.

    Where there is such a file, a number is added to the name: ``order-1.json``.
    """

    to: Below


class Listing(Struct, frozen=True, kw_only=True):
    """Fields of a list: the entries of one folder, each a JSON document, in the order of their names."""

    folder: Below = ""


class Querying(Listing, frozen=True, kw_only=True):
    """Fields of a query: the files below a folder whose path fits `pattern`.

    In the pattern ``*``, ``?`` and ``[abc]`` stand for characters of a name, ``**`` for any number of folders:
    ``**/*.csv`` finds all tables. Sizes include their bounds, times do not; what is empty asks nothing.
    """

    pattern: Annotated[str, Meta(min_length=1, max_length=1_000, description="a pattern, such as **/*.csv")] = "*"
    min_size: Bytes = ""
    max_size: Bytes = ""
    modified_after: Moment = ""
    modified_before: Moment = ""


class Placed(Struct, frozen=True, kw_only=True):
    """Fields of all operations that the platform's disk connectors have.

    `directory` is the document's own, if it has one; else the connection's counts. It is a path in the connection's
    folder, or an absolute one that begins with it.
    """

    directory: str = ""


class Storing(Placed, frozen=True, kw_only=True):
    """Fields of a file that is written as the platform does.

    `returns` is what goes on: a ``description`` of the file as JSON with the members `members`, or the ``document``.
    """

    file: str = ""
    if_exists: Literal["forbid", "unique", "overwrite", "append"] = "forbid"
    make_folders: bool = False
    members: str = "fileName, directory"
    returns: Literal["description", "document"] = "description"


class Fetching(Placed, frozen=True, kw_only=True):
    """Fields of a file that is read as the platform does, and removed with `delete_after`.

    That it could not be removed is an error with `fail_delete_after`.
    """

    file: str = ""
    delete_after: bool = False
    fail_delete_after: bool = False


class Searching(Placed, frozen=True, kw_only=True):
    """Fields of a search in one directory, as the platform does it.

    `filter` is JSON: ``{"all": [...]}`` or ``{"any": [...]}`` of filters and of what one asks, an object of `key`,
    `field` and `operator`; `values` gives what the field is compared with, by that key, and what has none asks nothing.
    `limit` bounds the result, -1 does not. `gives` are the ``contents`` of files, or ``descriptions`` of entries as
    JSON with the members `members`. Files whose contents were given are removed with `delete_after`.
    """

    filter: str = ""
    values: str = ""
    limit: int = -1
    gives: Literal["contents", "descriptions"] = "contents"
    members: str = "fileName, directory"
    delete_after: bool = False


def _always(effect: Effect) -> Callable[[Mapping[str, str | None]], Effect]:
    return lambda _fields: effect


def _of_creation(fields: Mapping[str, str | None]) -> Effect:
    """Give the word for a creation.

    To overwrite again changes nothing. ``forbid`` is no ``keyed``: a file holds no trace of the call that made it, so a
    repeated call could not tell its own file from another's of the same name.
    """
    return Effect.IDEMPOTENT if fields.get("if_exists") == "overwrite" else Effect.ONCE


def _of_reading(fields: Mapping[str, str | None]) -> Effect:
    """Give the word for what may remove what it has read: a repeated call would not find it again."""
    return Effect.PURE if fields.get("delete_after", "false") == "false" else Effect.ONCE


OPERATIONS = (
    OperationSpec(
        name="create",
        summary="makes a file of the document",
        fields=Creating,
        effect=_of_creation,
        takes_pieces=True,
    ),
    OperationSpec(name="get", summary="gives the content of a file", fields=Naming, effect=_always(Effect.PURE)),
    OperationSpec(name="list", summary="lists the entries of a folder", fields=Listing, effect=_always(Effect.PURE)),
    OperationSpec(
        name="query", summary="finds files by name, size and time", fields=Querying, effect=_always(Effect.PURE)
    ),
    OperationSpec(name="move", summary="puts a file into another folder", fields=Moving, effect=_always(Effect.ONCE)),
    OperationSpec(name="delete", summary="removes a file", fields=Naming, effect=_always(Effect.IDEMPOTENT)),
    OperationSpec(
        name="platform write",
        summary="makes a file of the document as the platform's connectors do",
        fields=Storing,
        effect=_of_creation,
    ),
    OperationSpec(
        name="platform get",
        summary="gives the content of a file as the platform's connectors do",
        fields=Fetching,
        effect=_of_reading,
    ),
    OperationSpec(
        name="platform search",
        summary="finds files and entries of a directory as the platform's connectors do",
        fields=Searching,
        effect=_of_reading,
    ),
    OperationSpec(
        name="platform delete",
        summary="removes the file that an XML document names; nothing goes on",
        fields=Placed,
        effect=_always(Effect.ONCE),
    ),
)
