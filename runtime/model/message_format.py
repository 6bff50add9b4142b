"""The platform's texts with placeholders: Java's MessageFormat, whose quoting decides what is literal.

`'` switches literal mode on and off, `''` is one quote, a quote that is never closed makes the rest literal, and
``{n}`` is the n-th value, counted from 1 (platform behaviour 44).
"""

from __future__ import annotations

from msgspec import Struct

from runtime.model.parameters import Parameter

_LONGEST_NUMBER = 9  # digits: no step has more values, and Java's own limit lies just above


class MessageText(Struct, frozen=True, tag="message text"):
    """A text in pieces: literal ones, and positions in `values`, counted from 0.

    A value that is missing prints ``null`` (platform behaviour 35).
    """

    parts: tuple[str | int, ...]
    values: tuple[Parameter, ...] = ()


def parse_message_format(pattern: str, count: int) -> tuple[str | int, ...]:
    """Take a pattern apart: literal texts, and positions (from 0) in a list of `count` values.

    A number beyond the values stays as it is written, in braces, as Java leaves it.

    Raises:
        ValueError: the platform would fail on it when the step runs.
    """
    parts: list[str | int] = []
    literal: list[str] = []
    position = 0
    quoted = False
    while position < len(pattern):
        sign = pattern[position]
        if sign == "'":
            doubled = pattern.startswith("'", position + 1)
            quoted = quoted if doubled else not quoted
            literal.append("'" if doubled else "")
            position += 2 if doubled else 1
        elif sign == "{" and not quoted:
            end = pattern.find("}", position)
            number = _number(pattern, position, end)
            position = end + 1
            if not 1 <= number <= count:
                literal.append(f"{{{number}}}")
                continue
            parts.append("".join(literal))
            parts.append(number - 1)
            literal.clear()
        else:
            literal.append(sign)
            position += 1
    parts.append("".join(literal))
    return tuple(part for part in parts if part != "")


def _number(pattern: str, start: int, end: int) -> int:
    if end < 0:
        raise ValueError("unmatched braces in the pattern")
    text = pattern[start + 1 : end]
    if not text.isascii() or not text.isdigit() or len(text) > _LONGEST_NUMBER:
        raise ValueError(f"can't parse argument number: {text[:40]}")
    return int(text)
