"""The matchers of the conformance vectors (vectors/README.md): what an answer is compared with, and how it differs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import Struct

Json = Any
MISSING = object()  # the value of a member that is not there


class Context(Struct, frozen=True):
    """What matchers refer to: the status of the answer, the value that a header had in the triggering request."""

    status: int = 0
    original: str | None = None


def mismatches(expected: Json, actual: Json, context: Context, path: str = "$") -> Iterator[str]:
    """Give each difference between what is expected and what came, as a line that begins with its JSON path.

    Objects are compared by the members that are expected, lists element by element.

    Raises:
        ValueError: the vector uses a matcher that does not exist.
    """
    if _is_matcher(expected):
        for name, argument in expected.items():
            if name not in MATCHERS:
                raise ValueError(f"there is no matcher {name}")
            yield from MATCHERS[name](argument, actual, context, path)
    elif actual is MISSING:
        yield f"{path} is missing"
    elif isinstance(expected, dict):
        yield from _members(expected, actual, context, path)
    elif isinstance(expected, list):
        yield from _elements(expected, actual, context, path)
    elif not _equal(expected, actual):
        yield f"{path} is {_short(actual)}, not {_short(expected)}"


def header_mismatches(
    expected: Mapping[str, Json], actual: Mapping[str, str], context: Context, original: Mapping[str, str]
) -> Iterator[str]:
    """Compare headers, whose names have no case. `original` are those of the request that triggered this one."""
    there = {name.lower(): value for name, value in actual.items()}
    before = {name.lower(): value for name, value in original.items()}
    for name, wanted in expected.items():
        told = Context(context.status, before.get(name.lower()))
        yield from mismatches(wanted, there.get(name.lower(), MISSING), told, f"header {name}")


def _members(expected: dict[str, Json], actual: Json, context: Context, path: str) -> Iterator[str]:
    if not isinstance(actual, dict):
        yield f"{path} is {_short(actual)}, not an object"
        return
    for name, wanted in expected.items():
        yield from mismatches(wanted, actual.get(name, MISSING), context, f"{path}.{name}")


def _elements(expected: list[Json], actual: Json, context: Context, path: str) -> Iterator[str]:
    if not isinstance(actual, list):
        yield f"{path} is {_short(actual)}, not a list"
        return
    if len(actual) != len(expected):
        yield f"{path} has {len(actual)} elements, not {len(expected)}"
    for index, (wanted, there) in enumerate(zip(expected, actual, strict=False)):
        yield from mismatches(wanted, there, context, f"{path}[{index}]")


def _fits(expected: Json, actual: Json, context: Context) -> bool:
    return next(mismatches(expected, actual, context), None) is None


def _any(alternatives: list[Json], actual: Json, context: Context, path: str) -> Iterator[str]:
    if not any(_fits(each, actual, context) for each in alternatives):
        yield f"{path} is {_short(actual)}, none of {_short(alternatives)}"


def _all(parts: list[Json], actual: Json, context: Context, path: str) -> Iterator[str]:
    for part in parts:
        yield from mismatches(part, actual, context, path)


def _regex(pattern: str, actual: Json, _: Context, path: str) -> Iterator[str]:
    if not isinstance(actual, str) or not re.search(pattern, actual):
        yield f"{path} is {_short(actual)}, which {pattern!r} does not find"


def _nonblank(wanted: bool, actual: Json, _: Context, path: str) -> Iterator[str]:  # noqa: FBT001 - all matchers alike
    if (isinstance(actual, str) and bool(actual.strip())) is not wanted:
        yield f"{path} is {_short(actual)}, {'blank' if wanted else 'not blank'}"


def _present(wanted: bool, actual: Json, _: Context, path: str) -> Iterator[str]:  # noqa: FBT001 - as above
    if (actual is not MISSING) is not wanted:
        yield f"{path} is {'missing' if wanted else 'there'}"


_TYPES: dict[str, Callable[[Json], bool]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}


def _type(name: str, actual: Json, _: Context, path: str) -> Iterator[str]:
    if not _TYPES[name](actual):
        yield f"{path} is {_short(actual)}, not of type {name}"


def _empty_or_null(_: Json, actual: Json, __: Context, path: str) -> Iterator[str]:
    if actual is not None and actual not in ([], {}):
        yield f"{path} is {_short(actual)}, neither empty nor null"


def _nonempty(_: Json, actual: Json, __: Context, path: str) -> Iterator[str]:
    if not isinstance(actual, list | dict | str) or not actual:
        yield f"{path} is {_short(actual)}, not filled"


def _length(wanted: Json, actual: Json, context: Context, path: str) -> Iterator[str]:
    if not isinstance(actual, list | dict | str):
        yield f"{path} is {_short(actual)}, which has no length"
        return
    yield from mismatches(wanted, len(actual), context, f"the length of {path}")


def _min(least: int, actual: Json, _: Context, path: str) -> Iterator[str]:
    if not _TYPES["number"](actual) or actual < least:
        yield f"{path} is {_short(actual)}, not {least} or more"


def _contains(parts: list[Json], actual: Json, context: Context, path: str) -> Iterator[str]:
    for part in parts:
        if not isinstance(actual, list) or not any(_fits(part, each, context) for each in actual):
            yield f"{path} has no element like {_short(part)}"


def _unordered(expected: list[Json], actual: Json, context: Context, path: str) -> Iterator[str]:
    if not isinstance(actual, list) or not _pair_off(expected, actual, context):
        yield f"{path} does not hold exactly these in any order: {_short(expected)}"


def _pair_off(expected: list[Json], actual: list[Json], context: Context) -> bool:
    if not expected or len(expected) != len(actual):
        return len(expected) == len(actual)
    first, *others = expected
    return any(
        _fits(first, each, context) and _pair_off(others, actual[:index] + actual[index + 1 :], context)
        for index, each in enumerate(actual)
    )


def _each(wanted: Json, actual: Json, context: Context, path: str) -> Iterator[str]:
    if not isinstance(actual, list):
        yield f"{path} is {_short(actual)}, not a list"
        return
    for index, there in enumerate(actual):
        yield from mismatches(wanted, there, context, f"{path}[{index}]")


def _by_name(expected: dict[str, Json], actual: Json, context: Context, path: str) -> Iterator[str]:
    if not isinstance(actual, list) or not all(isinstance(each, dict) for each in actual):
        yield f"{path} is {_short(actual)}, not a list of objects"
        return
    named = {each.get("developerName"): each for each in actual}
    for name, wanted in expected.items():
        yield from mismatches(wanted, named.get(name, MISSING), context, f"{path}[{name}]")


def _values(wanted: Json, actual: Json, context: Context, path: str) -> Iterator[str]:
    if not isinstance(actual, dict):
        yield f"{path} is {_short(actual)}, not a map"
        return
    for name, there in actual.items():
        yield from mismatches(wanted, there, context, f"{path}.{name}")


def _decimal(wanted: str, actual: Json, _: Context, path: str) -> Iterator[str]:
    try:
        equal = isinstance(actual, str) and Decimal(actual) == Decimal(wanted)
    except InvalidOperation:
        equal = False
    if not equal:
        yield f"{path} is {_short(actual)}, not the number {wanted}"


def _instant(wanted: str, actual: Json, _: Context, path: str) -> Iterator[str]:
    try:
        equal = isinstance(actual, str) and _utc(actual) == _utc(wanted)
    except ValueError:
        equal = False
    if not equal:
        yield f"{path} is {_short(actual)}, not the instant {wanted}"


def _utc(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _same_as_status(_: Json, actual: Json, context: Context, path: str) -> Iterator[str]:
    if not _equal(context.status, actual):
        yield f"{path} is {_short(actual)}, the status is {context.status}"


def _equals_original(_: Json, actual: Json, context: Context, path: str) -> Iterator[str]:
    if actual is MISSING or actual != context.original:
        yield f"{path} is {_short(actual)}, the request had {_short(context.original)}"


MATCHERS: dict[str, Callable[[Any, Json, Context, str], Iterator[str]]] = {
    "$any": _any,
    "$all": _all,
    "$regex": _regex,
    "$nonblank": _nonblank,
    "$present": _present,
    "$type": _type,
    "$emptyOrNull": _empty_or_null,
    "$nonempty": _nonempty,
    "$length": _length,
    "$min": _min,
    "$contains": _contains,
    "$unordered": _unordered,
    "$each": _each,
    "$byName": _by_name,
    "$values": _values,
    "$decimal": _decimal,
    "$instant": _instant,
    "$sameAsStatus": _same_as_status,
    "$equalsOriginal": _equals_original,
}


def _is_matcher(expected: Json) -> bool:
    return isinstance(expected, dict) and bool(expected) and all(key.startswith("$") for key in expected)


def _equal(expected: Json, actual: Json) -> bool:
    return isinstance(expected, bool) == isinstance(actual, bool) and bool(expected == actual)


def _short(value: Json) -> str:
    text = "missing" if value is MISSING else repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
