from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import StoreError
from runtime.store.cipher import Cipher
from runtime.store.segments.blocks import (
    PAGE,
    Block,
    Gap,
    blocks_in,
    encoded,
    head_in,
    joined,
    length_of,
    new_head,
    opened,
    sealed,
)
from tests.store.examples import KEY, brief

CIPHER, HEAD = Cipher(KEY), new_head(7)
groups = st.lists(st.integers(1, 3), min_size=1, max_size=4)


def block(serial: int, count: int = 1) -> bytes:
    """Give a block of so many executions."""
    names = [f"ex-{serial}-{number}" for number in range(count)]
    return sealed(CIPHER, HEAD, serial, joined([encoded(brief(name, token=f"token {name}")) for name in names]))


def found(data: bytes) -> list[Block | Gap]:
    """Give what is found in a segment."""
    return list(blocks_in(CIPHER, HEAD, data))


@given(groups)
def test_found_as_written(counts: list[int]) -> None:
    """All blocks of a segment are found, each at its place with its executions, and what was there before is not."""
    blocks = [block(serial, count) for serial, count in enumerate(counts)]
    before = b"".join(sealed(CIPHER, new_head(6), serial, joined([])) for serial in range(9))
    data = HEAD.encode() + b"".join(blocks)
    data += before[len(data) :]
    seen = found(data)
    assert [each.serial for each in seen if isinstance(each, Block)] == list(range(len(counts)))
    at = PAGE
    for each, count, written in zip(seen, counts, blocks, strict=True):
        assert isinstance(each, Block)
        assert (each.at, each.length, len(each.briefs)) == (at, len(written), count)
        assert [one.execution.id for one in each.briefs] == [f"ex-{each.serial}-{number}" for number in range(count)]
        assert each.briefs[0] == brief(f"ex-{each.serial}-0", token=f"token ex-{each.serial}-0")
        at += each.length
    assert at % PAGE == 0


@given(st.data())
def test_what_was_torn_is_no_block(data: st.DataObject) -> None:
    """Whatever of a block is not as it was written, it is not found; where another follows, a gap is told."""
    first, second = block(1, 3), block(2)
    at = data.draw(st.integers(0, len(first) - 1))
    torn = bytearray(HEAD.encode() + first + second)
    torn[PAGE + at] ^= data.draw(st.integers(1, 255))
    sealed_bytes = int.from_bytes(first[8:12], "big") + 12
    whole = at >= sealed_bytes  # behind it, in what fills its last page
    expected = [1, 2] if whole else [2]
    assert [each.serial for each in found(bytes(torn)) if isinstance(each, Block)] == expected
    assert [each.at for each in found(bytes(torn)) if isinstance(each, Gap)] == ([] if whole else [PAGE])
    assert found(bytes(torn[: PAGE + len(first)])) == [] or whole


def test_a_head_that_is_wiped_takes_the_blocks_along() -> None:
    """Without its head nothing of a segment opens, nor with the head of another, nor with another key."""
    data = HEAD.encode() + block(1)
    assert head_in(data) == HEAD
    assert head_in(bytes(PAGE) + data[PAGE:]) is None
    assert head_in(data[:10]) is None
    assert list(blocks_in(CIPHER, new_head(7), data)) == []
    assert list(blocks_in(Cipher(bytes(32)), HEAD, data)) == []


def test_the_length_of_a_block_is_known_before_it_is_sealed() -> None:
    """A block takes whole pages, as many as are said before."""
    for size in (0, 1, PAGE - 60, PAGE, 3 * PAGE):
        content = joined([encoded(brief("ex", answer=bytes(size)))])
        assert len(sealed(CIPHER, HEAD, 1, content)) == length_of(content)
        assert length_of(content) % PAGE == 0


def test_a_form_that_is_not_known_stops_the_start() -> None:
    """A block that another version has written is not taken for a torn one: its executions were acknowledged."""
    strange = sealed(CIPHER, HEAD, 1, joined([b"\x93\x01\x02\x03"]))
    with pytest.raises(StoreError, match=r"store\.newer-schema"):
        opened(CIPHER, HEAD, strange)
