"""Which rows and documents a map makes, and what is left of looking at rows before their turn (behaviours 82-91)."""

from __future__ import annotations

import pytest

from runtime.engine.platform.maps.running import MOST_KEPT, Results
from tests.engine.platform.maps.test_functions_of_maps import CALL, user, values
from tests.engine.platform.maps.written import between, flat_profile, function, into, link, out, run, running, written
from tests.engine.seen import batch, texts

LINES = '{"id":"1","lines":[{"k":"a","v":"1"},{"k":"b","v":"2"},{"k":"a","v":"4"}]}'
NONE = '{"id":"1","qty":3,"lines":[]}'


@pytest.mark.parametrize("content", ['{"lines":[{"k":""}]}', '{"lines":[{}]}', "{}", '{"qty":5}'])
async def test_what_gives_no_value_gives_no_document(content: str) -> None:
    """84, 86: a function that finds nothing leaves its element out; without any the fault says which."""
    made = written(into(10, 1) + out(1, 2, 3) + link(9, 9), function(1, "String2Upper"))
    ended = await run(made, content)
    assert texts(ended) == []
    message = ended.message or ""
    assert message.startswith("No data produced from map 'M', please check source profile and make sure it matches")
    assert message.endswith("Nothing came to 'Root/O/id', 'Root/O/day'.")


async def test_a_text_that_is_empty_is_a_value() -> None:
    """84: what the source has, however empty, is something."""
    assert values(await run(written(link(3, 3)), '{"id":""}')) == [{"id": ""}]


async def test_what_stands_around_rows_that_are_not_there_has_a_row() -> None:
    """82: an occurrence of the target with the value that there is; none for constants alone."""
    assert values(await run(written(link(3, 10) + link(11, 11)), NONE)) == [{"lines": [{"k": "1"}]}]
    upper = function(1, "String2Upper")
    assert values(await run(written(into(3, 1) + out(1, 2, 10) + link(11, 11), upper), NONE)) == [
        {"lines": [{"k": "1"}]}
    ]
    dated = written(link(3, 3) + out(1, 2, 10) + link(11, 11), function(1, "CurrentDate", (), (2,)))
    assert values(await run(dated, NONE)) == [{"id": "1"}]
    ended = await run(written(link(3, 3) + link(11, 4), target="flat"), NONE, more=[flat_profile()])
    assert texts(ended) == ["Id,V\r\n1,\r\n"]


async def test_what_is_collected_is_done_once() -> None:
    """91, 93: a user function that counts all rows and sets a property sets it for each row, not twice."""
    steps = (
        function(1, "SequentialValue", (1,), (2,), '<SequentialValue batchSize="1" keyfixtolength="0" keyname="n"/>')
        + function(2, "PropertyGet", (1, 2), (3,), defaults=("P", ""))
        + function(3, "StringConcat", (1, 2), (3,), '<StringConcat delimiter=""/>')
        + function(4, "PropertySet", (1, 2), (), defaults=("P",))
        + function(5, "Count", (1, 2), (3,))
    )
    links = between(2, 3, 3, 1) + between(0, 1, 3, 2) + between(3, 3, 4, 2) + between(0, 1, 5, 1)
    udf = user(steps, links + between(5, 3, 0, 1))
    made = written(into(11, 1) + out(1, 1, 11) + link(10, 10), CALL)
    ended = await running(made, udf, start=batch(LINES)).go()
    assert values(ended) == [
        {"lines": [{"k": "a", "v": "3"}, {"k": "b", "v": "3"}, {"k": "a", "v": "3"}]},
    ]
    assert ended.properties["P"] == "124"


async def test_numbers_are_not_used_up_by_looking_ahead() -> None:
    """91: what feeds a total takes its numbers once, without gaps, and the total is of these."""
    counter = function(
        1, "SequentialValue", configuration='<SequentialValue batchSize="1" keyfixtolength="0" keyname="n"/>'
    )
    total = function(2, "Sum2", (1, 2), (3,))
    links = into(10, 1) + out(1, 2, 10) + between(1, 2, 2, 1) + out(2, 3, 11)
    found = values(await run(written(links, counter + total), LINES))
    assert [line["k"] for one in found for line in one["lines"]] == ["1", "2", "3"]  # type: ignore[index]
    assert {line["v"] for one in found for line in one["lines"]} == {"6"}  # type: ignore[index]


async def test_totals_of_totals() -> None:
    """91: a total may be fed by another one; each row gives what its group gives."""
    links = into(11, 1) + into(10, 1, 2) + between(1, 3, 2, 1) + out(2, 3, 4)
    steps = function(1, "Sum2", (1, 2), (3,)) + function(2, "Sum2", (1, 2), (3,))
    assert values(await run(written(links, steps), LINES)) == [{"qty": 12}]


def test_results_that_are_kept_have_a_limit() -> None:
    """Component XML, 5.1: a cache of results never grows beyond its bound; what is forgotten is computed again."""
    results = Results()
    for number in range(100):
        results.keep((1, number), {1: "x" * (MOST_KEPT // 10)})
    kept = [number for number in range(100) if results.get((1, number)) is not None]
    assert 0 < len(kept) < 10
    assert kept[-1] == 99
    results.keep((2, 0), {1: "x" * (2 * MOST_KEPT)})
    assert results.get((2, 0)) is None
