"""The border of ryaml: whether a text is YAML 1.2, with duplicate keys, deep nesting and alias bombs refused."""

from __future__ import annotations

import re

import ryaml
from msgspec import Struct

_WHERE = re.compile(r" at line ([0-9]+) column ([0-9]+)")


class Refusal(Struct, frozen=True):
    """Why a text is not YAML; the position is of the first mistake, counted from 1, None where it is not known.

    `hostile`: it nests too deep, or its aliases multiply; nothing else should try to read it.
    """

    message: str
    line: int | None = None
    column: int | None = None
    hostile: bool = False


def refusal(text: str) -> Refusal | None:
    """Give why `text` is not acceptable YAML, or None when it is."""
    try:
        ryaml.loads(text)  # type: ignore[attr-defined] # its stub exports nothing by name
    except ValueError as error:  # InvalidYamlError is one; a key that is a list comes as a plain one
        message = str(error)
        match = _WHERE.search(message)
        hostile = "limit exceeded" in message
        if match is None:
            return Refusal(message, hostile=hostile)
        return Refusal(message[: match.start()], int(match[1]), int(match[2]), hostile)
    return None
