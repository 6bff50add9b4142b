"""Reading JSON strictly, and finding the place of any value in it by its JSON pointer (RFC 6901)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

from runtime.errors import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime.bundle.findings import Findings

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[][{},:]|[^\s\][{},:"]+')
_MOST_LEVELS = 100  # of nesting: far beyond any profile, far below Python's recursion limit


def read_json(text: str, file: str, findings: Findings) -> tuple[Any, dict[str, Place]] | None:
    """Give the value of a JSON file and the place of each pointer in it; None when it is not sound.

    A member's place is that of its key. Duplicate keys and the numbers that JSON lacks (NaN) are refused.
    """
    if _depth(text) > _MOST_LEVELS:
        place = Place(file=file, line=1, column=1)
        findings.add("json-syntax", f"values nest deeper than {_MOST_LEVELS} levels", place)
        return None
    try:
        value = json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        place = Place(file=file, line=error.lineno, column=error.colno)
        findings.add("json-syntax", error.msg[:1].lower() + error.msg[1:], place)
        return None
    except ValueError as error:
        findings.add("json-syntax", str(error), Place(file=file, line=1, column=1))
        return None
    places: dict[str, Place] = {}
    for pointer, offset in _pointers(text):
        line = text.count("\n", 0, offset) + 1
        place = Place(file=file, line=line, column=offset - text.rfind("\n", 0, offset))
        if pointer in places:
            name = pointer.rpartition("/")[2]
            message = f"the key '{name}' is already used in line {places[pointer].line}"
            findings.add("duplicate-key", message, place, "keep one of the two")
        places.setdefault(pointer, place)
    return value, places


def nearest(places: dict[str, Place], pointer: str) -> Place:
    """Give the place of `pointer`, or of the nearest value around it that was written."""
    while pointer not in places and pointer:
        pointer = pointer.rpartition("/")[0]
    return places[pointer]


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _depth(text: str) -> int:
    deepest = depth = 0
    for match in _TOKEN.finditer(text):
        depth += (match[0] in "[{") - (match[0] in "]}")
        deepest = max(deepest, depth)
    return deepest


def _pointers(text: str) -> Iterator[tuple[str, int]]:
    """Give the pointer and offset of every value of a sound JSON text: of a member its key's, of an item its own."""
    levels: list[tuple[str, int | None]] = []  # the container's pointer, and the next index when it is a list
    pointer, is_key = "", False
    tokens = list(_TOKEN.finditer(text))
    for number, token in enumerate(tokens):
        symbol = token[0]
        if symbol in "]}":
            levels.pop()
        elif symbol == ",":
            is_key = levels[-1][1] is None
        elif symbol == ":":
            is_key = False
        elif is_key:
            pointer = f"{levels[-1][0]}/{_escape(json.loads(symbol))}"
            yield pointer, token.start()
        else:
            if levels and levels[-1][1] is not None:
                container, index = levels[-1]
                pointer = f"{container}/{index}"
                levels[-1] = (container, (index or 0) + 1)
                yield pointer, token.start()
            elif not levels:
                yield "", token.start()
            if symbol in "[{":
                levels.append((pointer, 0 if symbol == "[" else None))
                is_key = symbol == "{" and tokens[number + 1][0] != "}"


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
