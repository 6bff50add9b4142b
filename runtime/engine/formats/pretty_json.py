r"""JSON as the platform's maps write it (behaviour 85): lines end with CRLF, two blanks for each level, ``"k" : "v"``.

Only an object's form was seen; lists are written as the platform's library writes them: ``[ 1, 2 ]``, ``[ {``, ``[ ]``.
"""

from __future__ import annotations

from runtime.expressions.json_values import encode

_LINE = "\r\n"
_LEVEL = "  "


def pretty(value: object) -> bytes:
    """Give the JSON of a value.

    Raises:
        DocumentFault: the value has no JSON form, or is nested too deeply.
    """
    encode(value)  # what nests too deeply is found here, before anything is written
    pieces: list[str] = []
    _write(value, _LINE, pieces)
    return "".join(pieces).encode()


def _write(value: object, line: str, pieces: list[str]) -> None:
    match value:
        case dict() if value:
            below = line + _LEVEL
            for number, (name, member) in enumerate(value.items()):
                pieces.append(("," if number else "{") + below + encode(name).decode() + " : ")
                _write(member, below, pieces)
            pieces.append(line + "}")
        case list() if value:
            for number, item in enumerate(value):
                pieces.append(", " if number else "[ ")
                _write(item, line, pieces)
            pieces.append(" ]")
        case dict():
            pieces.append("{ }")
        case list():
            pieces.append("[ ]")
        case _:
            pieces.append(encode(value).decode())
