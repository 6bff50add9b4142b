"""Whether a text is a mask for times at all, as Java's SimpleDateFormat has them."""

from __future__ import annotations

LETTERS = frozenset("GyYMLwWDdFEuaHkKhmsSzZX")


def mask_mistake(mask: str) -> str | None:
    """Say why Java would refuse a mask; None when it is one."""
    quoted = False
    for letter in mask:
        if letter == "'":
            quoted = not quoted
        elif not quoted and letter.isascii() and letter.isalpha() and letter not in LETTERS:
            return f"the letter '{letter}' stands for nothing; a text of its own stands between single quotes"
    return "a quote is not closed" if quoted else None
