"""Maps between documents of several kinds, as users write them (platform behaviours 81-89)."""

from __future__ import annotations

import json

import pytest

from runtime.errors import BundleError
from tests.bundle.components.exports import errors
from tests.engine.platform.maps.written import (
    STANDARD,
    json_profile,
    link,
    qualified,
    run,
    tag_list,
    written,
)
from tests.engine.seen import texts

LINES = '{"id":"1","qty":2,"lines":[{"k":"a","v":"x"},{"k":"b","v":"y"}]}'
XML = (
    '<o:Order xmlns:o="urn:example" no="7"><o:Id> 1 </o:Id><o:Line k="a"><o:V>x</o:V></o:Line>'
    '<o:Line k="b"><o:V>y</o:V></o:Line></o:Order>'
)


async def test_json_becomes_xml() -> None:
    """82: occurrences for occurrences, in the namespace of the profile, elements and attributes in their places."""
    made = written(link(4, 2) + link(3, 3) + link(10, 5) + link(11, 6), target="xml")
    ended = await run(made, LINES)
    assert ended.message is None
    document = texts(ended)[0]
    assert 'xmlns:ns1="urn:example"' in document
    assert '<ns1:Order xmlns:ns1="urn:example" no="2">' in document
    assert "<ns1:Id>1</ns1:Id>" in document
    assert document.index('<ns1:Line k="a">') < document.index("<ns1:V>x</ns1:V>") < document.index('k="b"')


async def test_xml_becomes_json() -> None:
    """82, 89: whatever the document's prefix is; blanks around a value are trimmed."""
    made = written(link(3, 3) + link(2, 4) + link(5, 10) + link(6, 11), source="xml")
    ended = await run(made, XML)
    assert ended.message is None
    assert json.loads(texts(ended)[0]) == {
        "id": "1",
        "qty": 7,
        "lines": [{"k": "a", "v": "x"}, {"k": "b", "v": "y"}],
    }


async def test_xml_becomes_a_flat_file() -> None:
    """82: a record for each line, what is around the lines in each; one header."""
    made = written(link(3, 3) + link(6, 4), source="xml", target="flat")
    ended = await run(made, XML)
    assert texts(ended) == ["Id,V\r\n1,x\r\n1,y\r\n"]


async def test_a_flat_file_becomes_one_json_document() -> None:
    """82: records are occurrences of what repeats in the target."""
    ended = await run(written(link(3, 10) + link(4, 11), source="flat"), "Id,V\r\n1,x\r\n2,y\r\n")
    assert json.loads(texts(ended)[0]) == {"lines": [{"k": "1", "v": "x"}, {"k": "2", "v": "y"}]}


async def test_what_repeats_only_in_the_source_gives_documents() -> None:
    """82: a document for each occurrence, each with what is around it."""
    ended = await run(written(link(3, 3) + link(6, 4), source="xml"), XML.replace(">y<", ">5<").replace(">x<", ">4<"))
    assert [json.loads(text) for text in texts(ended)] == [{"id": "1", "qty": 4}, {"id": "1", "qty": 5}]


async def test_a_document_that_is_malformed_fails_alone() -> None:
    """81: its neighbours are mapped, before it and after it; so with each kind of source, alone or among several."""
    for made, good, bad in (
        (written(link(3, 3)), '{"id":"g"}', '{"id":'),
        (written(link(10, 3)), '{"lines":[{"k":"g"}]}', "}"),
        (written(link(3, 3), source="xml"), '<Order xmlns="urn:example"><Id>g</Id></Order>', "<Order>"),
        (written(link(4, 4)), '{"qty":"1"}', '{"qty":"many"}'),
    ):
        ended = await run(made, good, bad, good)
        assert len(texts(ended)) == 2
        assert ended.message


async def test_documents_that_are_not_what_the_profile_says_map_nothing() -> None:
    """84: another root, other members, a list for an object, nothing at all: no data, never an accident."""
    for content in ("[]", "1", "null", '"x"', "{}", '{"lines":1}', '{"lines":[1,null,[]]}', '{"lines":{"q":1}}', ""):
        ended = await run(written(link(10, 10)), content)
        assert texts(ended) == []
        assert (ended.message or "").startswith("No data produced from map 'M'"), content
    for content in ("<Other/>", '<Order xmlns="urn:other"><Id>1</Id></Order>'):
        ended = await run(written(link(3, 3), source="xml"), content)
        assert (texts(ended), bool(ended.message)) == ([], True), content


async def test_of_an_instance_only_what_it_means_is_read() -> None:
    """Component XML, 4: by the value of an element, by its place, and by its place from the end."""
    tags = tag_list(7, 1, qualified(10, "b")) + tag_list(7, 2, qualified(-1, "1")) + tag_list(7, 3, qualified(-1, "-1"))
    for tag, expected in ((1, "y"), (2, "x"), (3, "y")):
        ended = await run(written(link(11, 3, f'fromTagListKey="{tag}"')), LINES, more=[json_profile(tags=tags)])
        assert [json.loads(text) for text in texts(ended)] == [{"id": expected}]


async def test_an_instance_of_the_target_gets_what_tells_it() -> None:
    """Component XML, 4: two elements fill two occurrences, each with its qualifier."""
    tags = tag_list(7, 1, qualified(10, "ID")) + tag_list(7, 2, qualified(10, "QTY"))
    made = written(link(3, 11, 'toTagListKey="1"') + link(4, 11, 'toTagListKey="2"'), target="tagged")
    ended = await run(made, LINES, more=[json_profile("tagged", tags)])
    assert json.loads(texts(ended)[0]) == {"lines": [{"k": "ID", "v": "1"}, {"k": "QTY", "v": "2"}]}


async def test_defaults_stand_in_within_what_repeats() -> None:
    """87: in each occurrence that has no value; without an instance in an occurrence of its own."""
    ended = await run(
        written(link(10, 10) + link(11, 11), defaults='<Default toKey="11" value="d"/>'),
        '{"lines":[{"k":"a"},{"k":"b","v":"y"}]}',
    )
    assert json.loads(texts(ended)[0]) == {"lines": [{"k": "a", "v": "d"}, {"k": "b", "v": "y"}]}
    tags = tag_list(7, 1, qualified(10, "ID"))
    made = written(link(3, 11, 'toTagListKey="1"'), defaults='<Default toKey="11" value="d"/>', target="tagged")
    ended = await run(made, LINES, more=[json_profile("tagged", tags)])
    assert json.loads(texts(ended)[0]) == {"lines": [{"k": "ID", "v": "1"}, {"v": "d"}]}


async def test_dates_of_defaults_have_the_form_of_maps() -> None:
    """88: the target writes them in its own format; another form fails the document."""
    for value, expected in (("20240131 000000.000", [{"id": "1", "day": "2024-01-31"}]), ("31.01.2024", [])):
        ended = await run(written(link(3, 3), defaults=f'<Default toKey="9" value="{value}"/>'), LINES)
        assert [json.loads(text) for text in texts(ended)] == expected
        assert bool(ended.message) == (not expected)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (written(link(3, 99)), "key 99"),
        (written(link(99, 3)), "key 99"),
        (written(link(3, 3), source="gone"), "gone"),
        (written(link(3, 3, 'toTagListKey="9"')), "instance 9"),
        (written(link(3, 3, 'fromCacheJoinKey="9"')), "cache join 9"),
    ],
)
def test_what_names_nothing_is_refused(made: bytes, reason: str) -> None:
    """A map that names a profile, element, instance or join that is not there is refused when it is read."""
    found = errors(made, *STANDARD)
    assert any(reason in one for one in found), found


async def test_an_instance_told_by_no_place_is_refused() -> None:
    """A place that is no number is refused at deployment, or else in no document an accident."""
    tags = tag_list(7, 1, qualified(-1, "first"))
    profile = json_profile(tags=tags)
    if not errors(profile):
        with pytest.raises(BundleError):
            await run(written(link(11, 3, 'fromTagListKey="1"')), LINES, more=[profile])
