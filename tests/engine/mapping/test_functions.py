from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.engine.mapping.dates import MAKERS as DATES
from runtime.engine.mapping.numbers import MAKERS as NUMBERS
from runtime.engine.mapping.texts import MAKERS as TEXTS
from runtime.errors import DocumentFault
from runtime.model.maps import FUNCTIONS, LOOKUP
from tests.engine.mapping.support import call, compute, constant


def test_every_function_that_is_named_can_run() -> None:
    """The table that lint and editors read is the table that runs."""
    computed = {name for name, spec in FUNCTIONS.items() if spec.counts is None}
    assert computed == {*TEXTS, *NUMBERS, *DATES, "current date", LOOKUP}


@pytest.mark.parametrize(
    ("function", "inputs", "options", "result"),
    [
        ("concat", ["a", None, 1, True], {"delimiter": "-"}, "a-1-true"),
        ("append", ["ab"], {"text": "0"}, "ab0"),
        ("append", ["ab"], {"text": "xy", "length": "5"}, "abxyx"),
        ("append", ["abcdef"], {"text": "x", "length": "3"}, "abc"),
        ("prepend", ["7"], {"text": "0", "length": "4"}, "0007"),
        ("prepend", ["12345"], {"text": "0", "length": "3"}, "345"),
        ("left trim", ["abcdef"], {"length": "2"}, "ef"),
        ("right trim", ["abcdef"], {"length": "2"}, "ab"),
        ("left trim", ["abc"], {"length": "0"}, None),
        ("whitespace trim", [" a b\n"], {}, "a b"),
        ("whitespace trim", ["  "], {}, None),
        ("upper", ["aé"], {}, "AÉ"),
        ("lower", ["AB"], {}, "ab"),
        ("replace", ["2024-01"], {"pattern": r"(\d+)-(\d+)", "with": "$2/$1"}, "01/2024"),
        ("remove", ["a1b22"], {"pattern": r"\d"}, "ab"),
        ("split", ["a,b,c"], {"delimiter": ",", "part": "2"}, "b"),
        ("split", ["a,b,c"], {"delimiter": ",", "part": "9"}, None),
        ("add", ["0.1", 0.2, 1], {}, Decimal("1.3")),
        ("add", ["0.1", None], {}, None),
        ("subtract", ["1.00", "0.90"], {}, Decimal("0.10")),
        ("multiply", ["12345678901234567890.123456789", "10"], {}, Decimal("123456789012345678901.234567890")),
        ("divide", [1, 3], {}, Decimal("0.3333333333")),
        ("divide", [2, 3], {}, Decimal("0.6666666667")),
        ("divide", [-2, 3], {}, Decimal("-0.6666666667")),
        ("divide", [10, 4], {}, Decimal("2.5")),
        ("divide", [100, 1], {}, 100),
        ("abs", ["-1.50"], {}, Decimal("1.50")),
        ("ceil", ["1.01"], {}, 2),
        ("ceil", ["-1.99"], {}, -1),
        ("floor", ["-1.01"], {}, -2),
        ("set precision", ["2.345"], {"places": "2"}, Decimal("2.35")),
        ("set precision", ["-2.345"], {"places": "2"}, Decimal("-2.35")),
        ("set precision", ["2"], {"places": "2"}, Decimal("2.00")),
        ("number format", ["1234567.891"], {"mask": "#,##0.00"}, "1,234,567.89"),
        ("number format", ["0.5"], {"mask": "#.##"}, ".5"),
        ("number format", ["-5"], {"mask": "000"}, "-005"),
        ("number format", ["0.125"], {"mask": "0.##%"}, "12.5%"),
        ("number format", ["2.5"], {"mask": "0"}, "2"),
        ("number format", ["3"], {"mask": "EUR #,##0"}, "EUR 3"),
        ("sum", ["1", None, "", 2.5], {}, Decimal("3.5")),
        ("count", ["x"], {}, 1),
        ("count", [""], {}, 0),
        ("date format", ["20240102 030405.006"], {"to": "yyyy-MM-dd'T'HH:mm:ss.SSS"}, "2024-01-02T03:04:05.006"),
        ("date format", ["31/12/99"], {"from": "dd/MM/yy", "to": "EEE d MMMM yyyy"}, "Fri 31 December 1999"),
        ("date format", ["Feb 3 2024 9:05 PM"], {"from": "MMM d yyyy h:mm a", "to": "HHmm"}, "2105"),
        ("date format", ["2024-01-32"], {"from": "yyyy-MM-dd", "to": "yyyy-MM-dd"}, "2024-02-01"),
        ("date format", ["2024-13-01"], {"from": "yyyy-MM-dd", "to": "yyyy-MM-dd"}, "2025-01-01"),
        ("date format", ["2024-01-01T00:00:00+01:30"], {"from": "yyyy-MM-dd'T'HH:mm:ssX", "to": "Z X XX XXX"}, None),
        ("date format", [""], {"from": "yyyy", "to": "yyyy"}, None),
    ],
)
def test_functions(function: str, inputs: list[object], options: dict[str, str], result: object) -> None:
    """Each function gives what the platform's gives; None is a target left out."""
    names = [f"x{number}" for number in range(len(inputs))]
    made = call(function, *names, **dict(options.items()))
    if options.get("to") == "Z X XX XXX":
        with pytest.raises(DocumentFault, match="two places"):
            compute(made, **dict(zip(names, inputs, strict=True)))
        return
    assert compute(made, **dict(zip(names, inputs, strict=True))) == result


@pytest.mark.parametrize(
    ("mask", "text"),
    [("Z", "+0130"), ("X", "+01"), ("XX", "+0130"), ("XXX", "+01:30"), ("''yyyy 'o''clock'", "'2024 o'clock")],
)
def test_a_time_keeps_its_zone(mask: str, text: str) -> None:
    """Zones are read and written in the forms of RFC 822 and ISO 8601; quotes stand for text."""
    made = call("date format", "x", **{"from": "yyyy-MM-dd'T'HH:mm:ssXXX", "to": mask})
    assert compute(made, x="2024-01-01T00:00:00+01:30") == text


def test_the_current_date_is_the_clocks() -> None:
    """In the zone that is named; the form inside a map is the default."""
    assert compute(call("current date", time_zone="UTC")) == "20231115 120000.250"
    assert (
        compute(call("current date", mask="yyyy-MM-dd HH:mm XXX", time_zone="Asia/Kolkata"))
        == "2023-11-15 17:30 +05:30"
    )


@pytest.mark.parametrize(
    ("function", "inputs", "options", "code"),
    [
        ("add", ["a", 1], {}, "map.not-a-number"),
        ("add", [True, 1], {}, "map.not-a-number"),
        ("add", [[1], 1], {}, "map.not-a-number"),
        ("divide", [1, "0.0"], {}, "map.divide-by-zero"),
        ("split", ["a,b,c"], {"delimiter": ",", "part": "1", "parts": "2"}, "map.too-many-parts"),
        ("date format", ["tomorrow"], {"from": "yyyy-MM-dd"}, "map.not-a-date"),
        ("date format", ["0000-01-01"], {"from": "yyyy-MM-dd"}, "map.not-a-date"),
        ("date format", ["x"], {"from": "qq"}, "map.invalid-option"),
        ("date format", ["x"], {"from": "yyyy'"}, "map.invalid-option"),
        ("number format", ["1"], {"mask": "abc"}, "map.invalid-option"),
        ("replace", ["a"], {"pattern": "(", "with": ""}, "pattern.invalid"),
        ("remove", ["a" * 40 + "b"], {"pattern": "(?:(a|aa)+)+(\\1)+c"}, "pattern.too-slow"),
        ("current date", [], {"time zone": "Mars/Olympus"}, "map.invalid-option"),
        ("multiply", ["1e999"] * 9, {}, "map.number-too-large"),
    ],
)
def test_what_a_function_refuses(function: str, inputs: list[object], options: dict[str, str], code: str) -> None:
    """A document fails with a code; nothing is guessed."""
    names = [f"x{number}" for number in range(len(inputs))]
    with pytest.raises(DocumentFault) as caught:
        compute(call(function, *names, **options), **dict(zip(names, inputs, strict=True)))
    assert caught.value.code == code


def test_constants_are_inputs_too() -> None:
    """A number that the author wrote is a text that reads as one."""
    assert compute(call("multiply", "x", constant("1.10")), x="2") == Decimal("2.20")


decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=12)


@given(decimals, decimals)
def test_sums_and_products_are_exact(left: Decimal, right: Decimal) -> None:
    """They equal the fractions that they stand for."""
    texts = {"x": f"{left:f}", "y": f"{right:f}"}
    for function, exact in (
        ("add", Fraction(left) + Fraction(right)),
        ("subtract", Fraction(left) - Fraction(right)),
        ("multiply", Fraction(left) * Fraction(right)),
    ):
        result = compute(call(function, "x", "y"), **texts)
        assert isinstance(result, int | Decimal)
        assert Fraction(result) == exact


@given(decimals, decimals.filter(bool))
def test_division_rounds_once(dividend: Decimal, divisor: Decimal) -> None:
    """The quotient is the exact one, to 10 places, half up."""
    wide = Context(prec=400)
    exact = wide.divide(dividend, divisor).quantize(Decimal("1E-10"), ROUND_HALF_UP, wide)
    result = compute(call("divide", "x", "y"), x=f"{dividend:f}", y=f"{divisor:f}")
    assert isinstance(result, int | Decimal)
    assert result == exact
