"""Whatever document comes to a map and whatever stands in it: it is mapped, or it fails alone; nothing breaks."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.engine.formats import reader
from runtime.errors import DocumentFault
from runtime.model.document import Document, root_identity
from tests.engine.platform.maps.test_cached_documents_in_maps import JOIN, LOOKS
from tests.engine.platform.maps.written import (
    CACHE,
    STANDARD,
    components,
    function,
    into,
    link,
    out,
    running,
    script,
    written,
)
from tests.engine.runs import Ended
from tests.engine.seen import texts

GOOD = b'{"id":"good","qty":1,"lines":[{"v":"1"}]}'
ALL = link(3, 3) + link(4, 4) + link(9, 9) + link(10, 10) + link(11, 11)
MAPS = {
    "json": written(ALL),
    "xml": written(link(3, 3) + link(4, 2) + link(10, 5) + link(11, 6), target="xml"),
    "flat": written(link(3, 3) + link(11, 4), target="flat"),
    "documents": written(link(3, 3) + link(10, 9)),
    "totals": written(link(3, 3) + into(4, 1) + out(1, 2, 4), function(1, "Sum2")),
    "script": written(link(3, 3) + into(4, 1) + out(1, 2, 4), function(1, "Scripting", configuration=script("p2=p1"))),
    "look-up": LOOKS.replace(b"<Mappings>", f"<Mappings>{link(3, 3)}".encode()),
    "join": written(link(3, 3) + link(4, 4, 'fromCacheJoinKey="8"'), joins=JOIN.format(parent=1, key=3)),
}


async def over(made: bytes, *contents: bytes) -> Ended:
    """Map contents as they are."""
    documents = [Document(root_identity(number), content) for number, content in enumerate(contents)]
    return await running(made, CACHE, start=documents).go()


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize(
    "bad",
    [
        b"\xff\xfe\x00",
        b"\x00",
        b'{"id":"\\ud800"}',
        b'{"id":"\\u0000","lines":[{"k":"\\u0001"}]}',
        b'{"qty":1e999999999}',
        b'{"qty":-1E+400,"id":1e400}',
        b'{"qty":NaN}',
        b'{"qty":"' + b"9" * 5_000 + b'"}',
        b'{"qty":' + b"9" * 5_000 + b"}",
        b"[" * 50_000,
        b'{"id":' * 2_000 + b"1" + b"}" * 2_000,
        b'{"day":"0000-00-00"}',
        b'{"day":"99999-12-31"}',
        b'{"day":20240101,"id":{},"qty":[],"lines":"x"}',
        b'{"lines":[[[]],{"k":{"v":[]}},null,1]}',
        b'{"id":"1","id":"2"}',
    ],
)
async def test_neighbours_of_a_hostile_document_are_mapped(name: str, bad: bytes) -> None:
    """81: a good document before it and after it comes out, whatever becomes of it."""
    alone = texts(await over(MAPS[name], GOOD))
    ended = await over(MAPS[name], GOOD, bad, GOOD)
    found = texts(ended)
    assert len(alone) == 1
    assert [text for text in found if text == alone[0]] == alone * 2
    assert ended.message or len(found) > 2 or name == "documents"


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "qty", "day", "lines", "k", "v"]), inner, max_size=6)
    ),
    max_leaves=12,
)
_read = {
    identity: reader(components(*STANDARD).profiles[identity], set(range(1, 12)))
    for identity in ("json", "xml", "flat")
}


def read_or_refused(identity: str, content: bytes) -> bool:
    """Whether a document is read; what refuses it must be a fault of the document."""
    try:
        _read[identity](content)
    except DocumentFault:
        return False
    return True


@settings(max_examples=200)
@given(value=_values)
def test_any_json_is_read_or_refused(value: object) -> None:
    """A document is read by a profile that it does not fit, or it is a fault of the document."""
    assert read_or_refused("json", json.dumps(value).encode()) in {True, False}


@settings(max_examples=200)
@given(content=st.binary(max_size=60) | st.text(alphabet='<>/"=&; !?Order-[]\n,', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """So with bytes that are nothing at all, by each kind of profile."""
    for identity in _read:
        assert read_or_refused(identity, content) in {True, False}
