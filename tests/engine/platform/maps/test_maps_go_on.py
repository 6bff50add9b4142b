"""Maps of executions that die and go on: the same documents, all that was set once (platform behaviour 81)."""

from __future__ import annotations

import pytest

from tests.bundle.components.exports import component
from tests.engine.platform.maps.test_cached_documents_in_maps import DOCUMENTS, LOOKS
from tests.engine.platform.maps.test_functions_of_maps import CALL, user
from tests.engine.platform.maps.written import (
    CACHE,
    between,
    function,
    into,
    link,
    out,
    run,
    running,
    script,
    written,
)
from tests.engine.runs import Ended
from tests.engine.seen import batch, texts

DEFINED = component(
    "processproperty",
    "properties",
    '<DefinedProcessProperties xmlns=""><definedProcessProperty key="k"><helpText/><label>Size</label>'
    "<type>string</type><defaultValue>10</defaultValue><allowedValues/><persisted>false</persisted>"
    "</definedProcessProperty></DefinedProcessProperties>",
)
PUT = function(1, "PropertySet", (1, 2), (), defaults=("P",))
HELD = '<DefinedProcessProperty componentId="properties" componentName="P" propertyKey="k" propertyName="Size"/>'


@pytest.mark.parametrize(
    "made",
    [
        written(into(3, 1, 2) + link(3, 3), PUT),
        written(into(3, 1, 2) + link(10, 3), PUT),
        written(into(3, 1) + out(1, 2, 3), function(1, "Scripting", configuration=script("p2 = p1 + p1"))),
        LOOKS,
    ],
)
async def test_an_execution_that_goes_on_gives_the_same(made: bytes) -> None:
    """Wherever it is killed: the same documents in the same order, and the same properties."""
    whole = await running(made, CACHE, start=batch(*DOCUMENTS), cached=True).go()
    for kill_at in range(8):
        ended = await running(made, CACHE, start=batch(*DOCUMENTS), cached=True).go_on(kill_at)
        assert isinstance(ended, Ended)
        assert (texts(ended), ended.properties) == (texts(whole), whole.properties), kill_at


async def test_defined_properties_are_read_and_set() -> None:
    """Component XML, 5.1: the declared value until one is set; set by one document, it is read by the next."""
    put = function(2, "DefinedProcessPropertySet", (1,), (), HELD)
    got = function(1, "DefinedProcessPropertyGet", (), (1,), HELD)
    made = written(into(3, 2) + out(1, 1, 4) + link(3, 3), got + put, optimize="false")
    ended = await run(made, '{"id":"7"}', '{"id":"8"}', more=[DEFINED])
    assert ended.message is None
    assert [text.split('"qty" : ')[1][:2].strip() for text in texts(ended)] == ["10", "7"]


async def test_document_properties_are_those_that_entered() -> None:
    """Component XML, 5.1: one that a map sets is not what it reads; one that was never set has its default.

    To keep one for the next run is what properties of the process do: one of a document goes with it.
    """
    held = '<DocumentProperty defaultValue="none" persist="true" propertyId="dynamicdocument.D" propertyName="D"/>'
    put = function(1, "DocumentPropertySet", (1,), (), held)
    got = function(2, "DocumentPropertyGet", (), (3,), held)
    made = written(into(3, 1) + out(2, 3, 3), put + got, optimize="false")
    assert '"none"' in texts(await run(made, '{"id":"x"}'))[0]
    ended = await running(made, start=batch('{"id":"x"}', D="was")).go()
    assert '"was"' in texts(ended)[0]


async def test_user_functions_look_up_cached_documents() -> None:
    """80, 93: what a step of a user-defined function needs is fetched as for any function."""
    configuration = (
        '<DocumentCacheLookup cacheIndex="1" docCache="cache"><Input index="1" keyId="1" name="id"/>'
        '<Output index="2" key="4" name="qty"/></DocumentCacheLookup>'
    )
    udf = user(
        function(1, "DocumentCacheLookup", configuration=configuration), between(0, 1, 1, 1) + between(1, 2, 0, 1)
    )
    made = written(into(3, 1) + out(1, 1, 4), CALL)
    ended = await running(made, CACHE, udf, start=batch(*DOCUMENTS), cached=True).go()
    assert ended.message is None
    assert texts(ended) == ['{\r\n  "qty" : 10\r\n}', '{\r\n  "qty" : 20\r\n}']


async def test_results_in_memory_are_those_of_equal_inputs() -> None:
    """Component XML, 5.1: a function whose results are kept for the map computes once for equal inputs."""
    text = "p2 = p1 + java.util.UUID.randomUUID()"
    for cache, same in (("none", False), ("document", False), ("map", True)):
        step = function(1, "Scripting", configuration=script(text), cache=cache)
        ended = await run(written(into(3, 1) + out(1, 2, 3), step), '{"id":"a"}', '{"id":"a"}', '{"id":"b"}')
        first, second, third = texts(ended)
        assert (first == second) is same
        assert third not in {first, second}
