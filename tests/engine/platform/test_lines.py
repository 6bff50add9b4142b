"""The laws of reading lines piece by piece."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from runtime.engine.platform.lines import DivideLines
from runtime.model.data_process import SplitLines

PIECES = st.lists(st.text("ab\r\n", max_size=6).map(str.encode), max_size=8)


async def _given(pieces: Sequence[bytes]) -> AsyncGenerator[bytes]:
    for piece in pieces:
        yield piece


@given(pieces=PIECES, batch=st.integers(1, 3), header=st.sampled_from(["none", "remove", "retain"]))
async def test_pieces_make_no_difference(pieces: list[bytes], batch: int, header: str) -> None:
    """However a file is cut into pieces, within a line or within its end, its parts are those of the whole."""
    lines = b"".join(pieces).splitlines(keepends=True)
    head = lines[:1] if header == "retain" else []
    lines = lines if header == "none" else lines[1:]
    expected = [b"".join([*head, *lines[start : start + batch]]) for start in range(0, len(lines), batch)]
    step = DivideLines(SplitLines(batch=batch, header=header), "s")  # type: ignore[arg-type] # one of its words
    assert [part async for part in step._parts(_given(pieces))] == expected
