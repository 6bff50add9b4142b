from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.groovy.support import numbers, operators
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import BigInteger, Char, JavaSet, Long
from tests.groovy.support import value, value_of

whole_numbers = st.integers(-(2**31), 2**31 - 1)
decimals = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=6)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("10 / 2", "5"),
        ("1 / 3", "0.3333333333"),
        ("2 / 3", "0.6666666667"),
        ("10 / 4", "2.5"),
        ("1.10 + 2", "3.10"),
        ("1.10 * 2.0", "2.200"),
        ("0.1 + 0.2", "0.3"),
        ("7.intdiv(2)", "3"),
        ("-7 % 3", "-1"),
        ("2 ** 10", "1024"),
        ("2 ** -1", "0.5"),
        ("1e3", "1E+3"),
        ("1.0d / 3", "0.3333333333333333"),
        ("1.0d * 10000000", "1.0E7"),
        ("100.0d", "100.0"),
        ("2147483647 + 1", "-2147483648"),
        ("2147483647 + 1L", "2147483648"),
        ("2147483648", "2147483648"),
        ("9223372036854775807 + 1", "-9223372036854775808"),
        ("9223372036854775807G + 1", "9223372036854775808"),
        ("new BigDecimal('2.50').divide(new BigDecimal('3'), 4, java.math.RoundingMode.HALF_UP)", "0.8333"),
        ("new BigDecimal('-2.5').setScale(0, BigDecimal.ROUND_HALF_UP)", "-3"),
        ("Math.ceil((double) 7 / 2)", "4.0"),
        ("Math.round(2.5)", "3"),
        ("('a' as char) + 1", "98"),
    ],
)
def test_numbers_are_those_of_java(expression: str, expected: str) -> None:
    """Whole numbers overflow at 32 and 64 bits, decimals are exact, division gives what Groovy gives."""
    assert text_of(value(expression)) == expected


@pytest.mark.parametrize("false", ["null", "false", "0", "0.0", "''", "[]", "[:]", '"${""}"', "new StringBuilder()"])
def test_nothing_and_empty_are_false(false: str) -> None:
    """Groovy's truth: null, zero and what is empty are false."""
    assert value(f"{false} ? 1 : 2") == 2


@pytest.mark.parametrize("true", ["' '", "[0]", "-1", "[a: null]", "'false'", "new Properties()?.size() == 0", "'0'"])
def test_everything_else_is_true(true: str) -> None:
    """Groovy's truth: what holds anything is true, whatever that is."""
    assert value(f"{true} ? 1 : 2") == 1


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 == 1.0", True),
        ("1.0 == 1.00", True),
        ("1 == '1'", False),
        ("1 == true", False),
        ("[1, 2] == [1.0, 2]", True),
        ("[a: 1] == [a: 1.0]", True),
        ("null == 0", False),
        ("\"${'a'}\" == 'a'", True),
        ("'a' == ('a' as char)", True),
        ("0.1d == 0.1", True),
        ("[1] == 1", False),
    ],
)
def test_equality_is_by_value_whatever_the_kind(expression: str, *, expected: bool) -> None:
    """``==`` compares numbers by value and never a number with a text."""
    assert value(expression) is expected


@given(whole_numbers, whole_numbers)
def test_integers_wrap_as_those_of_java(left: int, right: int) -> None:
    """Sums and products of Integers stay within 32 bits, and agree with the true ones modulo 2**32."""
    for operator, true in (("+", left + right), ("-", left - right), ("*", left * right)):
        found = numbers.compute(operator, left, right)
        assert -(2**31) <= found < 2**31
        assert (found - true) % 2**32 == 0


@given(whole_numbers, whole_numbers.filter(bool))
def test_a_remainder_has_the_sign_of_the_dividend(left: int, right: int) -> None:
    """Dividing towards zero and the remainder make the dividend again."""
    rest = numbers.remainder(left, right)
    assert numbers.int_divide(Long(left), right) * right + rest == left
    assert rest == 0 or (rest < 0) == (left < 0)


@given(decimals, decimals.filter(bool))
def test_a_quotient_is_exact_or_rounded_in_its_last_place(left: Decimal, right: Decimal) -> None:
    """A quotient that ends is exact; any other differs by less than a unit of its last place."""
    quotient = numbers.divide_decimals(left, right)
    unit = Decimal((0, (1,), -numbers.scale_of(quotient)))
    assert abs(quotient * right - left) <= abs(unit * right)


@given(st.lists(st.one_of(whole_numbers, decimals)))
def test_sorting_orders_numbers_of_all_kinds(items: list[object]) -> None:
    """``sort`` puts no number before a smaller one."""
    found = value_of("result = l.sort(false)", l=items)
    assert all(operators.compare(left, right) <= 0 for left, right in pairwise(found))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_a_text_survives_a_string_literal(text: str) -> None:
    """Any text can be written between quotes of Groovy and is the same when it is read."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    assert value(f"'{escaped}'") == text


def test_a_gstring_takes_its_values_where_it_stands() -> None:
    """What is computed in a text is computed once, when the text is made."""
    assert value_of("def a = 1\ndef s = \"$a ${a + 1} ${'x'.length()}\"\na = 5\nresult = s") == "1 2 1"


def test_kinds_of_whole_numbers_are_kept() -> None:
    """A Long stays a Long, a BigInteger a BigInteger, a character a character."""
    assert type(value("1L + 1")) is Long
    assert type(value("1G * 2")) is BigInteger
    assert type(value("'abc'.charAt(1)")) is Char
    assert type(value("[1, 1] as Set")) is JavaSet
