"""Cached documents in maps: look-ups and joins (platform behaviour 80), and going on after a death."""

from __future__ import annotations

import json

import pytest

from runtime.errors import BundleError
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
from tests.engine.seen import batch, texts

JOIN = (
    '<DocumentCacheJoin cacheIndex="1" docCache="cache" docCacheJoinId="8">'
    '<srcParentKey key="{parent}" tagListKey="0"/>'
    '<CacheKeyJoinValues><CacheKeyJoinValue cacheKeyId="1" cacheKeyName="id"><srcLinkKey key="{key}" tagListKey="0"/>'
    "</CacheKeyJoinValue></CacheKeyJoinValues></DocumentCacheJoin>"
)
DOCUMENTS = (
    '{"id":"1","qty":10,"lines":[{"k":"2","v":"x"},{"k":"9","v":"y"}]}',
    '{"id":"2","qty":20,"lines":[{"k":"1","v":"z"}]}',
)


def lookup(key: int = 1) -> str:
    """Look up the quantity of the document with an id."""
    configuration = (
        '<DocumentCacheLookup cacheIndex="1" docCache="cache"><Input index="1" keyId="1" name="id"/>'
        '<Output index="2" key="4" name="qty"/></DocumentCacheLookup>'
    )
    return function(key, "DocumentCacheLookup", configuration=configuration)


LOOKS = written(into(10, 1) + out(1, 2, 11) + link(10, 10), lookup())


async def test_elements_of_cached_documents_are_looked_up() -> None:
    """80: for each row; what is not found has no value."""
    ended = await run(LOOKS, *DOCUMENTS, more=[CACHE], cached=True)
    assert ended.message is None
    assert [json.loads(text)["lines"] for text in texts(ended)] == [
        [{"k": "2", "v": "20"}, {"k": "9"}],
        [{"k": "1", "v": "10"}],
    ]


async def test_more_than_one_match_fails_the_document() -> None:
    """80: it alone."""
    ended = await run(LOOKS, *DOCUMENTS, '{"id":"2"}', '{"lines":[{"k":"2"}]}', more=[CACHE], cached=True)
    assert "Found more than 1 document" in (ended.message or "")
    assert [json.loads(text)["lines"] for text in texts(ended)] == [[{"k": "1", "v": "10"}]]


async def test_look_ups_feed_look_ups() -> None:
    """80: what one found is what the next one asks with."""
    steps = lookup() + function(2, "MathDivide", (1, 2), (2,), defaults=("", "20")) + lookup(3)
    made = written(into(10, 1) + between(1, 2, 2, 1) + between(2, 2, 3, 1) + out(3, 2, 11), steps)
    ended = await run(made, *DOCUMENTS, more=[CACHE], cached=True)
    (first,) = texts(ended)
    assert json.loads(first) == {"lines": [{"v": "10"}]}
    assert "Nothing came to" in (ended.message or "")


async def test_joined_documents_are_a_part_of_the_source() -> None:
    """80: below the document or below its lines, with the key that stands there; one output document a match."""
    made = written(link(3, 3) + link(4, 4, 'fromCacheJoinKey="8"'), joins=JOIN.format(parent=1, key=3))
    ended = await run(made, *DOCUMENTS, '{"id":"2","qty":30}', more=[CACHE], cached=True)
    assert ended.message is None
    assert [json.loads(text) for text in texts(ended)] == [
        {"id": "1", "qty": 10},
        *[{"id": "2", "qty": 20}, {"id": "2", "qty": 30}] * 2,
    ]
    made = written(link(10, 10) + link(4, 11, 'fromCacheJoinKey="8"'), joins=JOIN.format(parent=7, key=10))
    ended = await run(made, *DOCUMENTS, more=[CACHE], cached=True)
    assert [json.loads(text)["lines"] for text in texts(ended)] == [
        [{"k": "2", "v": "20"}, {"k": "9"}],
        [{"k": "1", "v": "10"}],
    ]


async def test_a_join_without_its_keys_is_refused() -> None:
    """A join that gives no key of the index cannot be run, and says so."""
    joins = JOIN.format(parent=1, key=3).replace('cacheKeyId="1"', 'cacheKeyId="2"')
    with pytest.raises(BundleError, match="without all keys"):
        await run(written(link(4, 4, 'fromCacheJoinKey="8"'), joins=joins), "{}", more=[CACHE])


async def test_a_key_that_never_settles_fails_its_document() -> None:
    """A look-up whose key is another one whenever it is computed fails its document, and does not ask for ever."""
    made = written(
        into(3, 2) + between(2, 2, 1, 1) + out(1, 2, 3),
        lookup() + function(2, "Scripting", configuration=script("p2 = p1 + java.util.UUID.randomUUID()")),
    )
    ended = await run(made, DOCUMENTS[0], more=[CACHE], cached=True)
    assert "still asks for something else" in (ended.message or "")


async def test_time_stands_still_for_a_document() -> None:
    """A look-up by the current date asks once: a document is mapped at one time, however often it is tried."""
    made = written(between(2, 2, 1, 1) + out(1, 2, 11) + link(3, 3), lookup() + function(2, "CurrentDate", (), (2,)))
    ended = await run(made, *DOCUMENTS, more=[CACHE], cached=True)
    assert [json.loads(text)["id"] for text in texts(ended)] == ["1", "2"]


async def test_numbers_are_never_given_twice() -> None:
    """Component XML, 5.1: wherever an execution dies, what it gives in the end has each number once, in order."""
    counter = function(
        1, "SequentialValue", configuration='<SequentialValue batchSize="3" keyfixtolength="4" keyname="n"/>'
    )
    made = written(link(10, 10) + into(10, 1) + out(1, 2, 11), counter)
    for kill_at in range(6):
        ended = await running(made, start=batch(*DOCUMENTS)).go_on(kill_at)
        assert not isinstance(ended, str)
        numbers = [line["v"] for text in texts(ended) for line in json.loads(text)["lines"]]
        assert len(set(numbers)) == 3
        assert numbers == sorted(numbers)
        assert all(len(number) == 4 for number in numbers)
