"""Any document that fits a profile survives document -> Flow values -> document."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from runtime.flow.inputs import compile_inputs, read_document
from runtime.flow.outputs import compile_outputs, encode_outputs, write_outputs
from runtime.flow.values import exact_float
from runtime.flow.wire import InputValue
from runtime.model.profile import Entry, EntryKind, Profile
from tests.flow.strategies import datetimes

_SINGLE: dict[EntryKind, st.SearchStrategy[Any]] = {
    "character": st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    "number": st.integers(-(10**20), 10**20) | st.decimals(allow_nan=False, allow_infinity=False, places=9),
    "boolean": st.booleans(),
    "datetime": datetimes,
}
_KINDS: list[EntryKind] = [*_SINGLE, "object", "list"]
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(float_hook=exact_float)


@st.composite
def entries(draw: st.DrawFn, depth: int = 2) -> tuple[Entry, ...]:
    """Give the entries of an object, nested up to `depth`."""
    names = draw(st.lists(st.sampled_from(["a", "b", "C", "ü x", "Id"]), unique=True, min_size=1, max_size=4))
    kinds = _KINDS if depth else list(_SINGLE)
    made: list[Entry] = []
    for name in names:
        kind = draw(st.sampled_from(kinds))
        inner = draw(entries(depth=depth - 1)) if kind in {"object", "list"} else ()
        made.append(Entry(name=name, kind=kind, entries=inner))
    return tuple(made)


def fitting(shape: tuple[Entry, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Give documents of this shape."""
    return st.fixed_dictionaries({entry.name: _value(entry) for entry in shape})


def _value(entry: Entry) -> st.SearchStrategy[Any]:
    if entry.kind == "object":
        return st.none() | fitting(entry.entries)
    if entry.kind == "list":
        return st.none() | st.lists(fitting(entry.entries), max_size=3)
    return st.none() | _SINGLE[entry.kind]


@given(st.data())
def test_documents_survive_flow(data: st.DataObject) -> None:
    """No digit, instant, null, letter, row or order is lost on the way to Flow and back."""
    shape = data.draw(entries())
    document = data.draw(fitting(shape))
    profile = Profile(name="p", entries=shape)
    codec = compile_outputs("A", profile)
    written = write_outputs(_ENCODER.encode(document), codec)
    assert b"[%b]" % b"".join(encode_outputs(_ENCODER.encode(document), codec)) == msgspec.json.encode(written)
    sent = msgspec.json.decode(msgspec.json.encode(written), type=list[InputValue])
    back = _DECODER.decode(read_document(sent, compile_inputs(shape)))
    assert _exact(back) == _exact(document)


def _exact(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Give a value in which equal numbers are equal: 1 and 1.000 are one number."""
    if isinstance(value, dict):
        return {name: _exact(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_exact(inner) for inner in value]
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
