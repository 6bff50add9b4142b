from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import DocumentFault
from runtime.expressions import compile_condition
from runtime.expressions.comparisons import compare
from runtime.expressions.patterns import full_match, replace, wildcard_match
from runtime.model.values import Comparison, Operator, Template
from tests.expressions.support import expression, scope
from tests.patience import PATIENCE


@pytest.mark.parametrize(
    ("left", "how", "right", "holds"),
    [
        ("10", ">", "9", True),
        ("10", ">", "9a", False),
        ("1.0", "=", "1", True),
        ("1,0", "=", "1", False),
        ("a", "=", "A", False),
        (None, "=", "", True),
        (None, "<", "0", True),
        (Decimal("0.1000000000000000000001"), ">", "0.1", True),
        (9007199254740993, "!=", 9007199254740992, True),
        (True, "=", "true", True),
        ("abc", "matches", "a.c", True),
        ("abcd", "matches", "a.c", False),
        ("order-12", "matches", r"(?<kind>\p{Lower}++)-\d{2}", True),
        ("abc", "wildcard", "a*", True),
        ("a", "wildcard", "a*", False),
        ("abc", "wildcard", "?b?", True),
        ("a\nb", "wildcard", "*", False),
    ],
)
def test_the_platforms_comparisons(left: object, how: Operator, right: object, holds: bool) -> None:  # noqa: FBT001
    """Numeric only when both sides are numbers, else case-sensitive text; null is empty."""
    assert compare(how, left, right) is holds


def test_a_comparison_computes_both_sides() -> None:
    """Both sides are values with expressions in them."""
    condition = compile_condition(
        Comparison(Template((expression("document.a"),)), ">=", Template((expression("properties.limit"),)))
    )
    assert condition.reads_document
    assert condition.test(scope(b'{"a":10}', properties={"limit": "9.99"})) is True


@given(st.text(alphabet="ab*?", max_size=6), st.text(alphabet="ab", max_size=8))
def test_wildcards_are_the_expression_they_stand_for(pattern: str, text: str) -> None:
    """``*`` is ``.+`` and ``?`` is ``.``."""
    assert wildcard_match(pattern, text) is full_match(pattern.replace("?", ".").replace("*", ".+"), text)


@pytest.mark.parametrize("pattern", ["(?:(a|aa)+)+(\\1)+c", "(a{1000}){1000}", "(" * 900, "a" * 2000, "a{99999999999}"])
def test_a_hostile_pattern_is_a_fault_and_not_a_hang(pattern: str) -> None:
    """Time and memory of a match are bounded."""
    began = time.perf_counter()
    with pytest.raises(DocumentFault) as caught:
        full_match(pattern, "a" * 40 + "b")
    assert caught.value.code in {"pattern.too-slow", "pattern.invalid"}
    assert time.perf_counter() - began < PATIENCE


def test_a_wildcard_cannot_be_hostile() -> None:
    """Many stars take no more than pattern times text steps."""
    assert not wildcard_match("*a" * 200 + "c", "a" * 5000)


@pytest.mark.parametrize(
    ("pattern", "replacement", "text", "result"),
    [
        ("a+", "x", "baab", "bxb"),
        (r"(\d+)-(?<n>\d+)", "${n}/$1", "12-34", "34/12"),
        ("a", r"\$1", "a", "$1"),
        ("(a)|b", "[$1]", "ab", "[a][]"),
    ],
)
def test_replacements_refer_to_groups_as_in_java(pattern: str, replacement: str, text: str, result: str) -> None:
    """``$1``, ``${name}`` and a backslash before a dollar."""
    assert replace(pattern, replacement, text) == result


def test_a_replacement_cannot_name_a_group_that_is_not_there() -> None:
    """It is a fault with a code."""
    with pytest.raises(DocumentFault) as caught:
        replace("a", "$3", "a")
    assert caught.value.code == "pattern.invalid"
