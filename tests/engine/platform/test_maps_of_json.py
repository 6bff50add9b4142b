"""Maps of the platform from JSON to JSON (platform behaviours 81-87)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.engine.formats.pretty_json import pretty
from runtime.errors import BundleError
from runtime.model.components import Components
from runtime.model.platform_maps import (
    BuiltIn,
    ElementDefault,
    FromElement,
    Link,
    MapFunction,
    PlatformMap,
    ToElement,
)
from runtime.model.platform_profiles import Format, JsonNode, JsonProfile
from runtime.model.platform_shapes import PlatformMapStep
from runtime.model.shapes import ReturnDocumentsStep
from tests.engine.platform.shapes import compiled, process
from tests.engine.runs import Ended, Run
from tests.engine.seen import batch, texts
from tests.engine.worlds import World


def profile(identity: str) -> JsonProfile:
    """A profile of ``a`` (10), a number ``n`` (11) and a list ``l`` of objects with ``b`` (12)."""
    item = JsonNode(
        key=5,
        name="Item",
        kind="item",
        nodes=(JsonNode(key=6, name="Object", kind="object", nodes=(JsonNode(key=12, name="b", kind="entry"),)),),
    )
    things = JsonNode(key=3, name="l", kind="entry", nodes=(JsonNode(key=4, name="A", kind="array", nodes=(item,)),))
    members = (
        JsonNode(key=10, name="a", kind="entry"),
        JsonNode(key=11, name="n", kind="entry", format=Format(kind="number")),
        things,
    )
    root = JsonNode(key=1, name="R", kind="root", nodes=(JsonNode(key=2, name="O", kind="object", nodes=members),))
    return JsonProfile(id=identity, name=identity, root=root)


def links(*pairs: tuple[int, int]) -> tuple[Link, ...]:
    """Give links from elements to elements."""
    return tuple(Link(FromElement(come), ToElement(go)) for come, go in pairs)


def components(made: PlatformMap) -> Components:
    """Give the components of a bundle with this map."""
    return Components(maps={"m": made}, profiles={"from": profile("from"), "to": profile("to")})


def mapping(*pairs: tuple[int, int], **fields: object) -> PlatformMap:
    """Give a map of links."""
    made: dict[str, object] = {"source_profile": "from", "target_profile": "to", **fields}
    return PlatformMap(id="m", name="M", links=links(*pairs), **made)  # type: ignore[arg-type]


async def run(made: PlatformMap, *contents: str) -> Ended:
    """Map these contents."""
    world = World()
    step = PlatformMapStep(id="map", map="m", to="end")
    running = compiled([process("p", "map", step, ReturnDocumentsStep(id="end"))], world, components(made))
    return await Run(running, world, batch(*contents)).go()


async def test_values_are_copied_in_the_types_of_the_target() -> None:
    """81, 85, 86: document by document, printed as the platform prints, in the order of the profile; no nulls."""
    ended = await run(mapping((10, 11), (11, 10)), '{"a":"1.50","n":2}', '{"a":null,"n":3}')
    assert texts(ended) == ['{\r\n  "a" : "2",\r\n  "n" : 1.50\r\n}', '{\r\n  "a" : "3"\r\n}']


async def test_lists_map_to_lists_and_the_last_link_wins() -> None:
    """82, 83: an occurrence for each occurrence; of two links into one element the last one counts."""
    ended = await run(mapping((10, 12), (12, 12)), '{"a":"x","l":[{"b":"1"},{"b":"2"}]}')
    assert json.loads(texts(ended)[0]) == {"l": [{"b": "1"}, {"b": "2"}]}


async def test_defaults_stand_in_for_what_is_missing_or_empty() -> None:
    """87: also where nothing is linked."""
    made = mapping((10, 10), defaults=(ElementDefault(10, "d"), ElementDefault(11, "7")))
    ended = await run(made, '{"a":""}', '{"a":"x"}')
    assert [json.loads(text) for text in texts(ended)] == [{"a": "d", "n": 7}, {"a": "x", "n": 7}]


async def test_a_map_that_gives_nothing_fails_the_document() -> None:
    """84: with the platform's own words; its siblings go on."""
    ended = await run(mapping((10, 10)), "{}", '{"a":"x"}')
    assert len(texts(ended)) == 1
    assert (ended.message or "").startswith("No data produced from map 'M', please check source profile")


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (mapping((10, 99)), "key 99"),
        (mapping((2, 10)), "no value of its own"),
        (mapping((10, 10), target_profile=None), "has no target profile"),
        (mapping(functions=(MapFunction(key=1, work=BuiltIn(function="Sing")),)), "a function 'Sing'"),
        (mapping(defaults=(ElementDefault(10, "d", 3),)), "an instance 3"),
    ],
)
def test_what_a_map_cannot_do_is_refused(made: PlatformMap, reason: str) -> None:
    """A map that names what is not there is refused when it is deployed, with shape and map."""
    with pytest.raises(BundleError, match=reason) as refused:
        compiled([process("p", "map", PlatformMapStep(id="map", map="m"))], World(), components(made))
    assert "shape 'map' (map) of process 'p' cannot run: the map 'M'" in str(refused.value)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(value=_json)
def test_what_is_printed_is_the_same_json(value: object) -> None:
    """Printing adds blanks and line ends alone, whatever the value."""
    assert json.loads(pretty(value)) == value
