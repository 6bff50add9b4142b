from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from runtime.engine import json_parts, json_scan
from runtime.engine.json_parts import Source, combine, split
from runtime.errors import DocumentFault

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
keys = st.text(alphabet='ab"\\é', max_size=2)


async def chunked(content: bytes, cuts: Sequence[int]) -> AsyncGenerator[bytes]:
    """Give content in pieces of these sizes, again and again."""
    at = turn = 0
    while at < len(content):
        size = cuts[turn % len(cuts)]
        yield content[at : at + size]
        at, turn = at + size, turn + 1


async def stream(parts: Sequence[bytes]) -> AsyncGenerator[bytes]:
    """Give parts one by one."""
    for part in parts:
        yield part


async def taken(content: Source, element: tuple[str, ...] = (), *, keep_wrapper: bool = False) -> list[bytes]:
    """Give all elements."""
    async with aclosing(split(content, element, keep_wrapper)) as parts:
        return [part async for part in parts]


async def joined(parts: Sequence[bytes], element: tuple[str, ...] = ()) -> bytes:
    """Give the combined document."""
    async with aclosing(stream(parts)) as source, aclosing(combine(source, element)) as pieces:
        return b"".join([piece async for piece in pieces])


@given(
    st.lists(json_values, max_size=6),
    st.lists(keys, max_size=3).map(tuple),
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.booleans(),
)
def test_split_undoes_combine(
    values: list[object],
    element: tuple[str, ...],
    cuts: list[int],
    ascii_only: bool,  # noqa: FBT001
) -> None:
    """For any values, any path and any boundaries of chunks the parts come out byte for byte."""
    parts = [json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass") for value in values]

    async def there_and_back() -> list[bytes]:
        return await taken(chunked(await joined(parts, element), cuts), element)

    try:
        [part.decode() for part in parts]
    except UnicodeDecodeError:
        return  # a lone surrogate has no UTF-8
    assert trio.run(there_and_back) == parts


@given(st.lists(json_values, min_size=1, max_size=4), st.lists(st.integers(1, 7), min_size=1, max_size=3))
def test_blanks_between_values_change_nothing(values: list[object], cuts: list[int]) -> None:
    """A pretty-printed document gives the elements as they are printed, without the blanks around them."""
    content = json.dumps({"x": {"deep": [values, 1e5, "]}"]}, "a": values, "z": "\u00e9"}, indent=2).encode()
    found = trio.run(taken, chunked(content, cuts), ("a",))
    assert [json.loads(part) for part in found] == values
    assert all(part.strip() == part for part in found)


WRAPPED = b'{"id": 7, "orders": [ {"n":1} , {"n":2} ], "tail": [1, {"x": "]"}]}'


@pytest.mark.parametrize("cuts", [[1], [3], [1000]])
@pytest.mark.parametrize("kind", ["bytes", "chunks", "opened"])
async def test_the_wrapper_is_kept_around_each_element(kind: str, cuts: list[int]) -> None:
    """What stands before and after the list stays, whatever the source is: whole, read once, or opened again."""
    sources: dict[str, Source] = {
        "bytes": WRAPPED,
        "chunks": chunked(WRAPPED, cuts),
        "opened": lambda: chunked(WRAPPED, cuts),
    }
    found = await taken(sources[kind], ("orders",), keep_wrapper=True)
    assert [json.loads(part) for part in found] == [
        {"id": 7, "orders": [{"n": n}], "tail": [1, {"x": "]"}]} for n in (1, 2)
    ]


@pytest.mark.parametrize(
    ("content", "element", "parts"),
    [
        (b"{}", ("orders",), []),
        (b'{"orders":[]}', ("orders",), []),
        (b'{"a":{"b":1},"orders":{"x":[1]}}', ("orders", "y"), []),
        (b"[1]", ("orders",), []),
        (b"7", ("orders",), []),
        (b"[]", (), []),
        (b'{"orders":5}', ("orders",), [b"5"]),
        (b'{"orders":{"a":[1]}}', ("orders",), [b'{"a":[1]}']),
        (b'"text"', (), [b'"text"']),
        (b'{"o\\u0072ders":[1]}', ("orders",), [b"1"]),
        (b'{"o":[1],"o":[2]}', ("o",), [b"1"]),
        (b" [ 1.50 , 1e5,-0 ] ", (), [b"1.50", b"1e5", b"-0"]),
        (b"[" + b"9" * 9000 + b"]", (), [b"9" * 9000]),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
async def test_what_is_at_the_element_decides(
    content: bytes, element: tuple[str, ...], parts: list[bytes], size: int
) -> None:
    """No element: no document and no error; a single value: that value; a list: its elements."""
    assert await taken(chunked(content, [size]), element) == parts
    kept = await taken(content, element, keep_wrapper=True)
    assert len(kept) == len(parts)


@pytest.mark.parametrize(
    ("content", "offset"),
    [
        (b"", 0),
        (b"[1,2", 4),
        (b"[1 2]", 3),
        (b"[1,]", 3),
        (b'{"a":1,}', 7),
        (b"[1]x", 3),
        (b'["\xc3\xa9", nope]', 7),
        (b'["a\xff"]', 3),
        (b'["a\xc3', 4),
        (b"[NaN]", 0),
        (b'{"a" 1}', 5),
        (b'{"orders":[1,2],"z":}', 20),
        (b'["a\nb"]', 3),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 1000])
async def test_what_is_not_json_is_refused_with_its_place(content: bytes, offset: int, size: int) -> None:
    """The offset counts bytes from 0, also across chunks and past the elements that were given."""
    async with aclosing(chunked(content, [size])) as source:
        with pytest.raises(DocumentFault) as caught:
            await taken(source, ("orders",))
    assert caught.value.code == "json.malformed"
    assert caught.value.message.endswith(f"(byte {offset})")


async def test_a_long_neighbour_is_passed_over_in_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list or object that is longer than the window is never held as a whole, nor an element's neighbour."""
    monkeypatch.setattr(json_scan, "WINDOW", 64)
    monkeypatch.setattr(json_scan, "LARGEST", 400)
    neighbour = {"rows": [{"i": i, "text": "]}" * 5} for i in range(200)], "empty": [{}, []] * 50}
    content = json.dumps({"a": neighbour, "orders": [1, 2], "z": neighbour}).encode()
    assert await taken(chunked(content, [50]), ("orders",)) == [b"1", b"2"]
    async with aclosing(chunked(json.dumps(["x" * 1000]).encode(), [50])) as source:
        with pytest.raises(DocumentFault) as caught:
            await taken(source)
    assert caught.value.code == "split.too-large"


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a":' * 100_000])
async def test_endless_nesting_is_refused(content: bytes) -> None:
    """Neither the scanner nor the search runs out of stack."""
    for element in ((), ("b",)):
        with pytest.raises(DocumentFault) as caught:
            await taken(content, element)
        assert caught.value.code == "json.too-deep"


@pytest.mark.parametrize("part", [b"", b"{", b"1 2", b"nope", b"[" * 100_000])
async def test_only_json_is_combined(part: bytes) -> None:
    """One bad part would spoil the whole document."""
    with pytest.raises(DocumentFault):
        await joined([b"1", part])


async def test_nothing_combined_is_an_empty_list() -> None:
    """At its path."""
    assert await joined([]) == b"[]"
    assert json.loads(await joined([], ("a", 'b"'))) == {"a": {'b"': []}}


async def test_others_get_their_turn_while_a_document_is_split(monkeypatch: pytest.MonkeyPatch) -> None:
    """Splitting a large document never holds the event loop for its whole length."""
    monkeypatch.setattr(json_parts, "PACE", 0.0)
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(other)
        assert len(await taken(b"[" + b",".join([b"1"] * 5000) + b"]")) == 5000
        nursery.cancel_scope.cancel()
    assert turns > 100


async def test_a_split_can_be_cancelled() -> None:
    """A cancelled split ends at its next turn, and its source is closed."""
    closed = trio.Event()

    async def endless() -> AsyncGenerator[bytes]:
        try:
            yield b"["
            while True:
                yield b"1," * 1000
        finally:
            closed.set()

    async def run() -> None:
        async with aclosing(endless()) as source, aclosing(split(source, ())) as parts:
            async for _ in parts:
                pass

    with trio.move_on_after(0.05) as scope:
        await run()
    assert scope.cancelled_caught
    assert closed.is_set()
