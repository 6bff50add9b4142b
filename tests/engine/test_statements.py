"""Every statement of the platform's behaviour (sections A to G) and of its steps (reference 1) has a test.

Tests name the numbers of the behaviour in their docstrings; the steps have a table (`tests/engine/statements.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.engine.statements import STATEMENTS as OF_STEPS
from tests.engine.statements import Statement

TESTS = Path(__file__).parents[1]
STATEMENTS = range(1, 94)  # sections A (1-10) to G (81-93)
ELSEWHERE = {
    8: "the oracle compares counts of every recorded run",
    9: "the oracle compares the status of every recorded run",
    10: "the oracle compares lines of the log where a recording has them",
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


@cache
def docstrings() -> Mapping[str, str]:
    """Give the docstring of each test, by its name."""
    found: dict[str, str] = {}
    for file in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                found[node.name] = f"{found.get(node.name, '')}\n{ast.get_docstring(node) or ''}".strip()
    return found


def numbers() -> set[int]:
    """Give the numbers that the tests name."""
    return {number for docstring in docstrings().values() for line in docstring.splitlines() for number in named(line)}


def test_every_statement_has_a_test() -> None:
    """What the platform is known to do is held by a test, or it is said why not."""
    assert sorted(set(STATEMENTS) - numbers() - ELSEWHERE.keys()) == []


def test_every_step_of_the_reference_is_in_the_table() -> None:
    """Sections 1.1 to 1.25 are there, each with what it says."""
    assert list(dict.fromkeys(one.step for one in OF_STEPS)) == [f"1.{number}" for number in range(1, 26)]


@pytest.mark.parametrize("statement", OF_STEPS, ids=lambda one: f"{one.step} {one.words}")
def test_every_statement_about_a_step_has_a_test(statement: Statement) -> None:
    """What the reference says of a step is held by a test that there is, or it is said why not."""
    assert set(statement.tests) <= docstrings().keys()
    assert bool(statement.tests) != bool(statement.reason)


def test_numbers_are_read_from_docstrings() -> None:
    """They stand at the beginning, or behind the word."""
    assert sorted(named("30-32: a")) == [30, 31, 32]
    assert sorted(named("1.17, statements 51, 52: b")) == [51, 52]
    assert sorted(named("41, 38: c")) == [38, 41]
    assert sorted(named("1.4: d")) == []
