"""The type of a value in the target: what the profile says, made out of what the source gave."""

from __future__ import annotations

from collections.abc import Callable

from runtime.engine.mapping.inputs import number_in
from runtime.errors import DocumentFault
from runtime.expressions import text_of
from runtime.model.profile import Entry, EntryKind

_BOOLEANS = {"true": True, "false": False}


def finish_as(entry: Entry | None) -> Callable[[object], object]:
    """Give the function that brings a value, never null, into the entry's type; without an entry it stays as it is."""
    return _FINISHES.get(entry.kind, _as_is) if entry is not None else _as_is


def _as_is(value: object) -> object:
    return value


def _as_text(value: object) -> object:
    return value if isinstance(value, dict | list) else text_of(value)


def _as_number(value: object) -> object:
    return value if isinstance(value, int) and not isinstance(value, bool) else number_in(value)


def _as_boolean(value: object) -> object:
    if isinstance(value, bool):
        return value
    truth = _BOOLEANS.get(text_of(value).strip().lower())
    if truth is None:
        raise DocumentFault("map.not-a-boolean", "a value that is neither true nor false")
    return truth


_FINISHES: dict[EntryKind, Callable[[object], object]] = {
    "character": _as_text,
    "datetime": _as_text,
    "number": _as_number,
    "boolean": _as_boolean,
}

USUAL: dict[Callable[[object], object], type] = {_as_is: object, _as_text: str, _as_number: int, _as_boolean: bool}
"""The type whose values each of these functions gives as they are."""
