"""The laws of durations and sizes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.model.units import format_duration, format_size, parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500 ms", 0.5),
        ("30 s", 30.0),
        ("30s", 30.0),
        (" 1.5 min ", 90.0),
        ("1 minute", 60.0),
        ("24 h", 86400.0),
        ("7 days", 604800.0),
        ("0 s", 0.0),
    ],
)
def test_a_duration_is_a_number_and_its_unit(text: str, seconds: float) -> None:
    """A duration reads in the unit that stands behind it, with or without a space."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "size"),
    [("512 B", 512), ("1 KiB", 1024), ("1 kB", 1000), ("16 MiB", 16 * 1024**2), ("1.5 GB", 1_500_000_000)],
)
def test_a_size_is_a_number_and_its_unit(text: str, size: int) -> None:
    """Powers of 1000 and of 1024 have units of their own, and each is taken at its word."""
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("30", "write e.g. '30 s'"),
        ("30 sek", "did you mean 's'?|the units are"),
        ("30 mins", "did you mean 'min'?"),
        ("", "write a number and a unit"),
        ("-1 s", "write a number and a unit"),
        ("1e3 s", "write a number and a unit"),
        ("nan s", "write a number and a unit"),
        ("١ s", "write a number and a unit"),  # noqa: RUF001 - a digit of another script is no digit here
    ],
)
def test_what_is_no_duration_is_refused_with_the_cure(text: str, message: str) -> None:
    """A text that is no duration is refused with what to write instead."""
    with pytest.raises(ValueError, match=message.replace("?", r"\?")):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [("1024", "write e.g. '1024 MiB'"), ("1 mib", "did you mean 'MiB'"), ("0.5 B", "not a whole number of bytes")],
)
def test_what_is_no_size_is_refused_with_the_cure(text: str, message: str) -> None:
    """A text that is no size is refused with what to write instead."""
    with pytest.raises(ValueError, match=message):
        parse_size(text)


def test_a_number_without_end_is_refused_unread() -> None:
    """A text of any length costs no more than a look at its length."""
    with pytest.raises(ValueError, match="write a number and a unit"):
        parse_duration("1" * 1_000_000 + " s")


@given(st.integers(min_value=0, max_value=10**12))
def test_a_printed_duration_reads_back(milliseconds: int) -> None:
    """What `format_duration` prints, `parse_duration` reads as the same seconds."""
    seconds = milliseconds / 1000
    assert parse_duration(format_duration(seconds)) == seconds


@given(st.integers(min_value=0, max_value=2**53))
def test_a_printed_size_reads_back(size: int) -> None:
    """What `format_size` prints, `parse_size` reads as the same bytes."""
    assert parse_size(format_size(size)) == size


@pytest.mark.parametrize(("seconds", "text"), [(0.0, "0 s"), (0.25, "250 ms"), (90.0, "90 s"), (300.0, "5 min")])
def test_a_duration_is_printed_in_the_longest_unit_that_fits(seconds: float, text: str) -> None:
    """A printed duration has the longest unit that divides it, so a person reads few digits."""
    assert format_duration(seconds) == text
