"""How answers are written that are given oftenest."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from runtime.web.exchange import Alike, Kind
from runtime.web.hot.writing import Writer

NAMES = st.sampled_from([b"content-type", b"x-execution-id", b"retry-after"])
VALUES = st.from_regex(rb"[!-~]([ -~]{0,20}[!-~])?", fullmatch=True)


@given(
    kinds=st.lists(
        st.builds(Kind, st.sampled_from([200, 404, 500]), st.tuples(st.tuples(NAMES, VALUES)), NAMES), min_size=1
    ),
    value=VALUES,
    body=st.binary(max_size=30),
    keeps=st.booleans(),
    bodiless=st.booleans(),
)
def test_an_answer_of_a_kind_is_written_as_any(
    kinds: list[Kind], value: bytes, body: bytes, *, keeps: bool, bodiless: bool
) -> None:
    """Law: what is written once for a kind is what would be written for each of its answers."""
    writer = Writer()
    with patch("time.time", lambda: 1_700_000_000.5):
        for kind in kinds * 2:
            answer = Alike(kind, value, body)
            written = writer.answer(answer, keeps=keeps, bodiless=bodiless)
            assert written == writer.answer(answer.at_length(), keeps=keeps, bodiless=bodiless)
