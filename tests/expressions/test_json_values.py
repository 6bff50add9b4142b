"""The law of reading JSON: a usual document is read in one go, and gives what the exact reader gives."""

from __future__ import annotations

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.errors import DocumentFault
from runtime.expressions.json_values import MAX_EXPONENT, decode, exact

digits = (
    st.text("0123456789", max_size=4) | st.integers(90, 110).map("5".__mul__) | st.integers(990, 1_010).map("0".__mul__)
)
exponents = st.one_of(
    st.just(""), st.sampled_from([0, 3, -3, 490, 501, -510, 999, 1_001, -1_001, 10**6]).map("e{}".format)
)
numbers = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "-"]),
    st.sampled_from(["0", "7", "10"]) | st.integers(990, 1_010).map("9".__mul__),
    digits.map(lambda text: f".{text}" if text else ""),
    exponents,
)


@given(numbers.filter(lambda number: len(number) <= MAX_EXPONENT))
@example("0e-1500")
@example("1." + "0" * 990)
def test_a_number_is_read_as_the_exact_reader_reads_it(number: str) -> None:
    """Digit by digit, and refused beyond the same limits, wherever in a document it stands."""
    content = b'{"n":[%s]}' % number.encode()
    try:
        expected = msgspec.json.Decoder(float_hook=exact).decode(content)
    except ValueError:
        expected = "json.number-too-large"
    try:
        found = decode(content)
    except DocumentFault as fault:
        found = fault.code
    assert repr(found) == repr(expected)
