"""Every statement of the platform's behaviour, sections A to G, has a test that names it by its number."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
STATEMENTS = range(1, 94)  # sections A (1-10) to G (81-93)
ELSEWHERE = {
    8: "the oracle compares counts of every recorded run",
    9: "the oracle compares the status of every recorded run",
    10: "the oracle compares lines of the log where a recording has them",
    20: "Cleanse is refused",
    21: "Find Changes is refused",
    55: "a continuation is how the platform logs a Try; it is a scope here",
}

_LEADING = re.compile(r"^((?:\d{1,2}(?:-\d{1,2})?(?:, | and )?)+)(?: for XML)?:")
_NAMED = re.compile(r"(?:statements?|behaviou?rs?) ((?:\d{1,3}(?:-\d{1,3}| to \d{1,3})?(?:, | and )?)+)")


def named(docstring: str) -> Iterator[int]:
    """Give the numbers that a docstring begins with, or names as statements or behaviours."""
    found = [match[1] for match in _NAMED.finditer(docstring)]
    leading = _LEADING.match(docstring)
    for text in [*found, *([leading[1]] if leading else [])]:
        for first, last in re.findall(r"(\d+)(?:(?:-| to )(\d+))?", text):
            yield from range(int(first), int(last or first) + 1)


def numbers() -> set[int]:
    """Give the numbers that the tests name."""
    found: set[int] = set()
    for file in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                found.update(named(ast.get_docstring(node) or ""))
    return found


def test_every_statement_has_a_test() -> None:
    """What the platform is known to do is held by a test, or it is said why not."""
    assert sorted(set(STATEMENTS) - numbers() - ELSEWHERE.keys()) == []


def test_numbers_are_read_from_docstrings() -> None:
    """They stand at the beginning, or behind the word."""
    assert sorted(named("30-32: a")) == [30, 31, 32]
    assert sorted(named("1.17, statements 51, 52: b")) == [51, 52]
    assert sorted(named("41, 38: c")) == [38, 41]
    assert sorted(named("1.4: d")) == []
