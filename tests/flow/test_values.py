from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.flow.values import (
    exact_float,
    read_boolean,
    read_datetime,
    read_number,
    write_boolean,
    write_datetime,
    write_number,
    write_text,
)

DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=4)


class TestNumber:
    """Decimal text."""

    @pytest.mark.parametrize(
        ("text", "digits"),
        [
            ("587", "587"),
            ("12.50", "12.50"),
            ("0.999999999", "0.999999999"),
            ("123456789012345678.99", "123456789012345678.99"),
            ("-0.5", "-0.5"),
            ("+5", "5"),
            ("007", "7"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1E3", "1000"),
            ("1.5e-3", "0.0015"),
            (" 7 ", "7"),
            ("", None),
            ("  ", None),
        ],
    )
    def test_reading(self, text: str, digits: str | None) -> None:
        """A number keeps its digits, loses what JSON does not allow, and is unset when blank."""
        assert read_number(text) == digits

    @pytest.mark.parametrize("text", ["x", "1,5", "1 000", "NaN", "Infinity", "0x10", "1_000", "٣", "--1", "1e", "e5"])
    def test_no_number(self, text: str) -> None:
        """What is not a decimal number is refused, in every notation that other readers might take."""
        with pytest.raises(ValueError, match="is not a number"):
            read_number(text)

    @pytest.mark.parametrize("text", ["1e999999", "1e-999999", "9" * 2_000])
    def test_size_is_bounded(self, text: str) -> None:
        """A few characters cannot become a megabyte of digits."""
        with pytest.raises(ValueError, match="more than"):
            read_number(text)

    @given(DECIMALS)
    def test_exact(self, number: Decimal) -> None:
        """From text to document to text no digit changes."""
        text = read_number(format(number, "f"))
        assert text is not None
        assert write_number(exact_float(text)) == format(number, "f")

    @pytest.mark.parametrize(
        ("value", "text"), [(3, "3"), (2**80, str(2**80)), (Decimal("1E+3"), "1000"), ("12.50", "12.50"), (None, None)]
    )
    def test_writing(self, value: object, text: str | None) -> None:
        """Numbers of a document are written plainly, without an exponent."""
        assert write_number(value) == text

    @pytest.mark.parametrize("value", [True, "many", [], {}, 1.5])
    def test_no_number_in_a_document(self, value: object) -> None:
        """A truth value is no number, and a binary float never passes."""
        with pytest.raises(ValueError, match="number"):
            write_number(value)


class TestBoolean:
    """True, false or unset."""

    @pytest.mark.parametrize(
        ("text", "value"), [("true", True), ("True", True), ("FALSE", False), ("false", False), ("", None), (" ", None)]
    )
    def test_reading(self, text: str, value: object) -> None:
        """The words count in any case; the text ``false`` is not true for being a text."""
        assert read_boolean(text) is value

    @pytest.mark.parametrize("text", ["yes", "1", "t", "null"])
    def test_no_boolean(self, text: str) -> None:
        """Nothing else is guessed to be true or false."""
        with pytest.raises(ValueError, match="neither"):
            read_boolean(text)

    @pytest.mark.parametrize(
        ("value", "text"), [(True, "true"), (False, "false"), ("TRUE", "true"), ("", None), (None, None)]
    )
    def test_writing(self, value: object, text: str | None) -> None:
        """Flow reads lower case."""
        assert write_boolean(value) == text

    @pytest.mark.parametrize("value", [0, 1, [], "no"])
    def test_no_boolean_in_a_document(self, value: object) -> None:
        """Numbers are no truth values."""
        with pytest.raises(ValueError, match="neither"):
            write_boolean(value)


class TestDatetime:
    """Instants."""

    @pytest.mark.parametrize(
        ("text", "instant"),
        [
            ("2025-09-04T10:20:30.1230000+00:00", "2025-09-04T10:20:30.123Z"),
            ("2025-09-04T00:00:00.0000000+01:00", "2025-09-03T23:00:00.000Z"),
            ("2020-01-21T00:00:00Z", "2020-01-21T00:00:00.000Z"),
            ("2020-01-21T00:00:00", "2020-01-21T00:00:00.000Z"),
            ("2025-09-04", "2025-09-04T00:00:00.000Z"),
            ("2025-09-04T10:20Z", "2025-09-04T10:20:00.000Z"),
            ("2025-09-04 10:20:30 +02:00", "2025-09-04T08:20:30.000Z"),
            ("2025-09-04T10:20:30-0530", "2025-09-04T15:50:30.000Z"),
            ("2025-09-04T10:20:30.9999999Z", "2025-09-04T10:20:30.999Z"),
            ("09/04/2025 12:00:00 AM +01:00", "2025-09-03T23:00:00.000Z"),
            ("09/04/2025 12:30:00 PM +00:00", "2025-09-04T12:30:00.000Z"),
            ("1815-12-10T00:00:00.000Z", "1815-12-10T00:00:00.000Z"),
            ("", None),
        ],
    )
    def test_reading(self, text: str, instant: str | None) -> None:
        """Every form that Flow uses becomes the one that documents use: an instant in UTC with milliseconds."""
        assert read_datetime(text) == instant

    @pytest.mark.parametrize(
        "text",
        [
            "InvalidDate",
            "2025-13-01",
            "2025-02-30",
            "2025-09-04T24:00:00Z",
            "2025-09-04T10:20:60Z",
            "0001-01-01T00:00:00+14:00",
            "2025-W01-1",
            "20250904",
            "09/04/2025 13:00:00 PM +00:00",
            "2025-09-04T10:20:30+99:99",
        ],
    )
    def test_no_datetime(self, text: str) -> None:
        """What names no instant is refused."""
        with pytest.raises(ValueError, match="is not a datetime"):
            read_datetime(text)

    @given(
        st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)),  # noqa: DTZ001 - zone drawn apart
        st.integers(min_value=-14 * 60, max_value=14 * 60),
    )
    def test_the_instant_is_kept(self, local: datetime, minutes: int) -> None:
        """Whatever the offset, the instant is the same, to the millisecond; what was written reads as itself."""
        instant = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
        text = read_datetime(instant.isoformat())
        assert text is not None
        assert datetime.fromisoformat(text) == instant.astimezone(UTC).replace(
            microsecond=instant.microsecond // 1000 * 1000
        )
        assert write_datetime(text) == text

    def test_no_datetime_in_a_document(self) -> None:
        """A number is no instant: nobody knows its unit."""
        with pytest.raises(ValueError, match="datetime"):
            write_datetime(1_700_000_000)


class TestText:
    """Characters."""

    @pytest.mark.parametrize(
        ("value", "text"), [("", ""), ("a", "a"), (None, None), (7, "7"), (Decimal("1.50"), "1.50"), (True, "true")]
    )
    def test_writing(self, value: object, text: str | None) -> None:
        """Null and the empty text stay apart; single values become their text."""
        assert write_text(value) == text

    @pytest.mark.parametrize("value", [[], {}, ["a"]])
    def test_no_text(self, value: object) -> None:
        """An object is not printed into a text."""
        with pytest.raises(ValueError, match="single value"):
            write_text(value)
