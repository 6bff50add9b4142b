"""Filters: which records a query of Flow asks for, in which order, and how many (wire protocol A.5.2, A.5.3).

One rule of comparison holds wherever a filter is applied, in Python (`filter_rows`) and in SQL (`filter_sql`):

- Texts compare without regard to the case of the letters A to Z, all other characters by code point; a missing text is
  the empty text. An empty value of CONTAINS, STARTS_WITH and ENDS_WITH fits every record.
- Numbers compare as decimals, datetimes as instants, false is less than true. One that is missing, or a value that is
  none, compares with nothing: neither EQUAL nor NOT_EQUAL holds. IS_EMPTY finds it.
- In an order missing values come first, and last where it descends. What is equal stays as it was, or is in the order
  of the identifiers where the source has no order.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from runtime.errors import RequestError
from runtime.model.profile import EntryKind

Criterion = Literal[
    "EQUAL",
    "NOT_EQUAL",
    "GREATER_THAN",
    "GREATER_THAN_OR_EQUAL",
    "LESS_THAN",
    "LESS_THAN_OR_EQUAL",
    "CONTAINS",
    "STARTS_WITH",
    "ENDS_WITH",
    "IS_EMPTY",
]
OF_TEXTS: frozenset[Criterion] = frozenset({"CONTAINS", "STARTS_WITH", "ENDS_WITH"})

FILTER_PROPERTY = "param_filter"  # the dynamic process property in which a query process finds its filter

_TO_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


class Column(Struct, frozen=True):
    """A property of the type that is asked for."""

    name: str
    kind: EntryKind


class Condition(Struct, frozen=True):
    """One comparison. `value` is in the form of documents, and None where there is none or it is not of the kind.

    For IS_EMPTY it is ``true`` or ``false``.
    """

    column: Column
    criterion: Criterion
    value: str | None = None


class Group(Struct, frozen=True, kw_only=True):
    """Conditions and groups of which all, or `any`, must hold; an empty group holds."""

    any: bool = False
    conditions: tuple[Condition, ...] = ()
    groups: tuple[Group, ...] = ()


class Order(Struct, frozen=True):
    """A column to order by."""

    column: Column
    descending: bool = False


class Filter(Struct, frozen=True, kw_only=True):
    """What a query asks for. `key` identifies a record; a `limit` of 0 is none; without `search` nothing is searched.

    `search` is a text that one of `searched` contains, in addition to `where`.
    """

    key: Column
    where: Group = Group()
    order: tuple[Order, ...] = ()
    search: str = ""
    searched: tuple[Column, ...] = ()
    limit: int = 0
    offset: int = 0


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Filter)


def encode_filter(wanted: Filter) -> str:
    """Give a filter as JSON text: what a process finds in its property ``param_filter``."""
    return _encoder.encode(wanted).decode()


def decode_filter(text: str) -> Filter:
    """Give the filter that `encode_filter` wrote.

    Raises:
        RequestError: the text is no filter.
    """
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise RequestError("flow.filter", f"This is no filter of Flow: {error}.") from error


def fold(text: str) -> str:
    """Give a text as it is compared: the letters A to Z in lower case, as every database can do it."""
    return text.translate(_TO_LOWER)
