"""Reading large JSON piece by piece gives what reading it at once gives."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Generator, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.errors import DocumentFault
from runtime.expressions.json_pieces import DEEPEST, decode_in_pieces
from runtime.expressions.json_values import LARGE, _decode, decode

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3).map(float)
    | st.text(),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=4), inner, max_size=6),
    max_leaves=40,
)
PRINTED = st.sampled_from([{}, {"indent": 1}, {"separators": (",", ":")}, {"ensure_ascii": False}])


def drained(reading: Generator[None, None, object]) -> object:
    """Read to the end."""
    while True:
        try:
            next(reading)
        except StopIteration as end:
            return end.value


def told(content: bytes, piece: int | None) -> object:
    """Give what comes of a content, at once or in pieces: its value, or the code of its fault."""
    try:
        return decode(content) if piece is None else drained(decode_in_pieces(content, piece, _decode))
    except DocumentFault as fault:
        return fault.code


@given(value=VALUES, how=PRINTED, piece=st.integers(1, 30))
@example(value=[1, [1, [1, [1, "xxxxxxxxxx"]]]], how={}, piece=3)
@example(value={"a": [1, 2], "b": {"c": [3]}, "a ": "]"}, how={}, piece=1)
def test_the_value_is_the_same(value: object, how: dict[str, object], piece: int) -> None:
    """Any document has the value that it has when it is decoded at once, members in their order."""
    content = json.dumps(value, **how).encode()  # type: ignore[arg-type]
    read = drained(decode_in_pieces(content, piece, _decode))
    assert read == decode(content)
    assert json.dumps(read, default=str) == json.dumps(decode(content), default=str)


@given(
    content=st.lists(
        st.sampled_from(
            ["[", "]", "{", "}", ",", ":", '"a"', '"', "1", " ", "\\", "x", '"]"', "null", '"b":2', "[1,2]"]
        ),
        min_size=1,
        max_size=14,
    ).map(lambda parts: "".join(parts).encode()),
    piece=st.integers(1, 6),
)
@example(content=b"[1,,2]", piece=1)
@example(content=b"[1,2,]", piece=1)
@example(content=b"[[1,2][3,4]]", piece=1)
@example(content=b'{"a":[1,2] "b":[3,4]}', piece=1)
@example(content=b"[[1,2]x,3]", piece=1)
@example(content=b"[1,2]]", piece=1)
@example(content=b"[1,2}", piece=1)
@example(content=b'{"a":1,[1,2]}', piece=1)
@example(content=b"x[1,2]", piece=1)
@example(content=b'["a,1]', piece=1)
def test_what_is_no_json_is_refused_alike(content: bytes, piece: int) -> None:
    """Any text is read, or refused with the same code, as when it is decoded at once."""
    assert told(content, piece) == told(content, None)


def test_duplicate_keys_and_numbers_are_read_alike() -> None:
    """The last of two equal keys counts, numbers keep every digit, and impossible ones are refused."""
    content = b'{"a": [1.10, 2], "b": 1, "a": [3, 12345678901234567890.5], "b": {"c": 1e2}}'
    assert drained(decode_in_pieces(content, 4, _decode)) == decode(content)
    assert told(b'{"a": 1, "b": [1, 1e99999]}', 3) == "json.number-too-large"
    assert told(b"[" * (DEEPEST + 1) + b"1," * 10, 4) == "json.too-deep"


def test_a_fault_tells_its_place_in_the_whole_document() -> None:
    """The place counts from the beginning, wherever the pieces begin."""
    with pytest.raises(DocumentFault, match=r"\(byte 13\)"):
        drained(decode_in_pieces(b"[1, 2, 3, 4, x, 5]", 3, _decode))


@pytest.fixture
def no_collections() -> Iterator[None]:
    """Let no garbage be collected: that takes longer the more there is, whoever computes."""
    gc.disable()
    yield
    gc.enable()


def test_a_large_document_is_read_in_pieces_by_itself() -> None:
    """What is larger than the limit has the value that it would have at once."""
    content = json.dumps([{"n": n, "t": "x" * 50} for n in range(LARGE // 60)]).encode()
    assert len(content) > LARGE
    assert decode(content) == _decode(content)
    assert told(content + b"]", None) == "json.malformed"


def test_no_piece_takes_long_beside_the_whole(no_collections: None) -> None:
    """Law: the longest step is a small part of the time that the whole takes at once, however the document nests."""
    item = {"id": 1, "name": "x" * 20, "tags": ["a", "b", "c"], "nested": {"k": 1.5}}
    flat = json.dumps([item] * 15_000).encode()
    nested = json.dumps({"a": {"b": [[item] * 8_000, {"c": [item] * 8_000}]}}).encode()
    for content in (flat, nested):
        begun = time.process_time()
        _decode(content)
        whole = time.process_time() - begun
        longest = min(_longest(content) for _ in range(3))
        assert longest < whole / 3, f"{longest} of {whole}"


def _longest(content: bytes) -> float:
    reading = decode_in_pieces(content, 64 * 1024, _decode)
    longest, begun = 0.0, time.process_time()
    while True:
        try:
            next(reading)
        except StopIteration:
            return longest
        now = time.process_time()
        longest, begun = max(longest, now - begun), now
