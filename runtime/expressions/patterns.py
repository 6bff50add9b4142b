r"""The border to the regex library: patterns as the platform writes them, bounded in time and memory.

The platform's patterns are Java's. This library knows what Java knows and the standard library does not (possessive
quantifiers, ``\p{...}``, ``(?<name>...)``), and it can stop: a hostile pattern ends in a fault, not in a hang.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NoReturn

import regex

from runtime.errors import DocumentFault

MAX_PATTERN = 1_000  # characters
MAX_REPEATS = 100_000  # product of all counted repetitions: they are unrolled when compiled, about 100 bytes each
TIMEOUT = 0.1  # seconds of the event loop that one match may take

_COUNTED = re.compile(r"\{(\d*)(?:,(\d*))?\}")
_REFERENCE = re.compile(r"\\(.)|\$(?:(\d+)|\{(\w+)\})", re.DOTALL)


def full_match(pattern: str, text: str) -> bool:
    """Whether the whole text matches a regular expression.

    Raises:
        DocumentFault: ``pattern.invalid`` or ``pattern.too-slow``.
    """
    try:
        return _compiled(pattern).fullmatch(text, timeout=TIMEOUT) is not None
    except TimeoutError:
        _too_slow(pattern)


def check_pattern(pattern: str) -> None:
    """Hold a pattern to what there is.

    Raises:
        DocumentFault: ``pattern.invalid``.
    """
    _compiled(pattern)


def pattern_mistake(pattern: str) -> str | None:
    """Say why a text is no pattern; None when it is one."""
    try:
        check_pattern(pattern)
    except DocumentFault as fault:
        return fault.message
    return None


def replace(pattern: str, replacement: str, text: str) -> str:
    """Replace every match; ``$1`` and ``${name}`` in the replacement stand for groups, as in Java.

    Raises:
        DocumentFault: ``pattern.invalid`` or ``pattern.too-slow``.
    """
    parts = _replacement(replacement)

    def expand(match: regex.Match[str]) -> str:
        return "".join(part if isinstance(part, str) else match[part[0]] or "" for part in parts)

    try:
        return _compiled(pattern).sub(expand, text, timeout=TIMEOUT)
    except TimeoutError:
        _too_slow(pattern)
    except IndexError as error:
        raise DocumentFault("pattern.invalid", f"{replacement!r} names a group that {pattern!r} has not") from error


def wildcard_match(pattern: str, text: str) -> bool:
    """Whether a text of one line matches: ``*`` is one or more characters, ``?`` exactly one (reference 1.14).

    It takes at most pattern times text steps: only the last ``*`` is ever returned to.
    """
    if "\n" in text or "\r" in text:
        return False
    row = at = 0
    star, resume = -1, 0
    while at < len(text):
        if row < len(pattern) and pattern[row] == "*":
            star, resume = row, at + 1  # at least one character
            row, at = row + 1, at + 1
        elif row < len(pattern) and pattern[row] in {"?", text[at]}:
            row, at = row + 1, at + 1
        elif star >= 0:
            resume += 1
            row, at = star + 1, resume
        else:
            return False
    return row == len(pattern)


@lru_cache(maxsize=512)  # patterns come from bundles; those made of documents only pass through
def _compiled(pattern: str) -> regex.Pattern[str]:
    if len(pattern) > MAX_PATTERN:
        raise DocumentFault("pattern.invalid", f"a pattern has at most {MAX_PATTERN} characters")
    repeats = 1
    for low, high in _COUNTED.findall(pattern):
        repeats *= max(int((high or low or "1")[:9]), 1)
    if repeats > MAX_REPEATS:
        raise DocumentFault("pattern.invalid", f"the repetitions of {pattern!r} multiply to more than {MAX_REPEATS}")
    try:
        return regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError) as error:
        raise DocumentFault("pattern.invalid", f"{pattern!r} is no regular expression: {error}") from error


@lru_cache(maxsize=512)
def _replacement(replacement: str) -> tuple[str | tuple[int | str], ...]:
    """Give the texts of a replacement, and its references to groups as tuples of one."""
    parts: list[str | tuple[int | str]] = []
    at = 0
    for match in _REFERENCE.finditer(replacement):
        parts.append(replacement[at : match.start()])
        escaped, number, name = match.groups()
        parts.append(escaped if escaped is not None else (int(number),) if number else (name,))
        at = match.end()
    parts.append(replacement[at:])
    return tuple(parts)


def _too_slow(pattern: str) -> NoReturn:
    raise DocumentFault("pattern.too-slow", f"{pattern!r} took longer than {TIMEOUT} s on one text")
