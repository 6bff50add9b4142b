"""The laws of single steps (runtime reference 1), of loops and of limits."""

from __future__ import annotations

import json

import msgspec
import pytest
import trio

from runtime.errors import Place
from runtime.model.bundle import Script
from runtime.model.journal import Status
from runtime.model.maps import Field, Map, Rule
from runtime.sdk.connector import Call, Reply
from tests.engine.processes import Steps, json_list, python
from tests.engine.runs import SMALL
from tests.engine.seen import Seen, batch, run, texts
from tests.engine.worlds import World

# --- single steps -------------------------------------------------------------------------------------------------


async def test_replies_replace_requests_in_order(autojump_clock: object) -> None:
    """0.7, 1.2, statement 94: one call a document; all replies in the order of documents, however the calls end."""

    class Uneven(Seen):
        async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
            await trio.sleep(5 - int(call.content))
            return await super().execute(operation, call)

    steps, world = Steps(), Uneven(replies=2)
    ended = await run(steps, steps.call("a", steps.returned()), world, batch("1", "2", "3"))
    assert texts(ended) == ["1", "1'", "2", "2'", "3", "3'"]
    assert world.seen == ["a 3", "a 2", "a 1"]


@pytest.mark.parametrize(("effect", "at_once"), [("pure", 8), ("idempotent", 8), ("keyed", 1), ("once", 1)])
async def test_calls_at_once(effect: str, at_once: int, autojump_clock: object) -> None:
    """Concurrency: calls that may be repeated are made eight at once, the others one after the other."""
    steps, world = Steps(), Seen(seconds=1)
    begun = trio.current_time()
    await run(steps, steps.call("a", effect=effect), world, batch(*map(str, range(8))))
    assert trio.current_time() - begun == pytest.approx(8 / at_once)


@pytest.mark.parametrize(("on_error", "returned"), [("fail", ["1"]), ("continue", ["1", "refused 409 a 2"])])
async def test_error_responses(on_error: str, returned: list[str]) -> None:
    """1.2, statement 48: an error response is an error of its document, or becomes the document with its status."""
    steps, world = Steps(), Seen("a 2")
    shown = steps.decide(
        "meta.status == 409", steps.message(steps.returned(), "refused ${meta.status} ${meta.why}"), steps.returned()
    )
    ended = await run(steps, steps.call("a", shown, on_error=on_error), world, batch("1", "2"))
    assert sorted(texts(ended)) == returned
    assert ended.status is (Status.ERROR if on_error == "fail" else Status.COMPLETE)


async def test_decision_divides_in_order() -> None:
    """1.14, statement 15: computed for each document; all that meet it run first, then the others, in their order."""
    steps, world = Steps(), Seen()
    first = steps.decide("document % 2 == 0", steps.call("yes", concurrency=1), steps.call("no", concurrency=1))
    await run(steps, first, world, batch(*map(str, range(1, 7))))
    assert world.seen == ["yes 2", "yes 4", "yes 6", "no 1", "no 3", "no 5"]


async def test_message() -> None:
    """1.5, statement 45: rendered for each document, or all in one; an empty text makes an empty document."""
    for combine, text, expected in (
        (False, "<${document}>", ["<1>", "<2>"]),
        (True, "<${document}>", ["<1><2>"]),
        (False, "", ["", ""]),
    ):
        steps = Steps()
        ended = await run(steps, steps.message(steps.returned(), text, combine=combine), World(), batch("1", "2"))
        assert texts(ended) == expected


async def test_split_and_combine() -> None:
    """1.10, statements 30, 31: elements in order, wrapped if wanted; no element, no document; Combine makes a list."""
    for keep, element, expected in (
        (False, ("o",), ["1", "2", "3"]),
        (True, ("o",), ['{"o":[1]}', '{"o":[2]}', '{"o":[3]}']),
        (False, ("other",), []),
    ):
        steps = Steps()
        first = steps.split(steps.returned(), *element, keep_wrapper=keep)
        ended = await run(steps, first, World(), batch('{"o":[1,2]}', '{"o":[3]}'))
        assert (texts(ended), ended.status) == (expected, Status.COMPLETE)
    steps = Steps()
    ended = await run(steps, steps.combine(steps.returned(), "all"), World(), batch("1", '"x"', "{}"))
    assert texts(ended) == ['{"all":[1,"x",{}]}']


async def test_split_of_what_is_no_json() -> None:
    """0.5: a document that cannot be split fails; its siblings are split."""
    steps = Steps()
    ended = await run(steps, steps.split(steps.returned()), World(), batch("[1,", "[2,3]"))
    assert (texts(ended), ended.status) == (["2", "3"], Status.ERROR)


async def test_failed_documents_of_a_split_leave_no_parts() -> None:
    """0.5: what was split off before a document failed goes no further: one document never both passes and fails."""
    steps, world = Steps(), Seen()
    first = steps.attempt(steps.split(steps.call("part")), steps.call("caught"))
    await run(steps, first, world, batch("[1,2,oops]", "[3]"))
    assert sorted(world.seen) == ["caught [1,2,oops]", "part 3"]


async def test_map() -> None:
    """1.3, statements 81, 84: document by document; one that produces nothing is an error of its document."""
    steps = Steps()
    rules = (Rule(target=("b",), source=Field(("a",)), place=Place()),)
    ended = await run(
        steps,
        steps.map(steps.returned(), "m"),
        World(),
        batch('{"a":1.10}', '{"z":1}', '{"a":"x"}'),
        maps={"m": Map(name="m", rules=rules)},
    )
    assert (texts(ended), ended.status) == (['{"b":1.10}', '{"b":"x"}'], Status.ERROR)
    assert ended.message is not None
    assert ended.message.startswith("No data produced from map 'm'")


async def test_wait(autojump_clock: object) -> None:
    """Wait: once for the batch, as long as its first document says; nothing of the documents changes."""
    steps = Steps()
    begun = trio.current_time()
    first = steps.wait(steps.returned(), "${document} s")
    assert texts(await run(steps, first, World(), batch("30", "90"))) == ["30", "90"]
    assert trio.current_time() - begun == pytest.approx(30)
    ended = await run(steps, first, World(), batch('"soon"'))
    assert ended.status is Status.ERROR


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["return documents[::-1]"], ["2", "1"]),
        (["return [d for d in documents if d.content == b'2']"], ["2"]),
        (["return [d.derive(d.content * n) for d in documents for n in (1, 2)]"], ["1", "11", "2", "22"]),
        (["return []"], []),
    ],
)
async def test_script(lines: list[str], expected: list[str]) -> None:
    """1.10, statements 28, 29: one call for the batch; what is given back goes on, in that order, the rest is gone."""
    steps = Steps()
    scripts = {"s.py": Script(file="s.py", source=python(*lines))}
    ended = await run(steps, steps.script(steps.returned(), "s.py"), World(), batch("1", "2"), scripts=scripts)
    assert (texts(ended), ended.status) == (expected, Status.COMPLETE)


@pytest.mark.parametrize(
    "lines",
    [
        ["raise ValueError('bad')"],
        ["documents[0].content = 'text'", "return documents"],
        ["documents[0].properties['x'] = 7", "return documents"],
        ["documents[0].properties['x'] = '\\ud800'", "return documents"],
        ["documents[0].meta[1] = 'x'", "return documents"],
        ["documents[0].properties = None", "return documents"],
        ["context.process['x'] = '\\ud800'", "return documents"],
    ],
)
async def test_script_that_fails(lines: list[str]) -> None:
    """1.10, statement 28: an error fails every document of the batch, and so does a result that is none of ours."""
    steps, world = Steps(), Seen()
    scripts = {"s.py": Script(file="s.py", source=python(*lines))}
    first = steps.attempt(steps.script(steps.call("never"), "s.py"), steps.call("caught"))
    ended = await run(steps, first, world, batch("1", "2"), scripts=scripts)
    assert sorted(world.seen) == ["caught 1", "caught 2"]
    assert ended.status is Status.COMPLETE


async def test_script_makes_documents_of_its_own() -> None:
    """Lineage: a document that a script makes out of nothing descends from all that it was given."""
    steps, world = Steps(), Seen("new 3")
    source = python("from runtime.sdk.script import ScriptDocument", "return [ScriptDocument(b'3')]")
    first = steps.branch(steps.script(steps.call("new"), "s.py"), steps.call("later"))
    await run(steps, first, world, batch("1", "2"), scripts={"s.py": Script(file="s.py", source=source)})
    assert world.seen == ["new 3"]


# --- loops and limits ---------------------------------------------------------------------------------------------


def counting(most: int) -> tuple[Steps, str]:
    """Give a process that counts up to `most` in a loop through a decision (1.14: loops are legal)."""
    steps = Steps()
    steps.decide(f"size(process.p) < {most}", "more", steps.returned(), identity="again")
    steps.set("again", "process", "p", "${process.p}x", identity="more")
    return steps, "again"


async def test_loops_grow_no_stack() -> None:
    """1.14, frames: a loop through a decision goes round ten thousand times without a deeper stack."""
    steps, first = counting(10_000)
    ended = await run(steps, first, World(), batch("1"), limits=msgspec.structs.replace(SMALL, steps=25_000))
    assert (len(ended.properties["p"]), ended.status) == (10_000, Status.COMPLETE)


async def test_steps_limit() -> None:
    """Bounded everything: a loop that never ends is ended, with a message that says so."""
    steps, first = counting(1_000_000)
    ended = await run(steps, first, World(), batch("1"), limits=msgspec.structs.replace(SMALL, steps=500))
    assert ended.status is Status.ERROR
    assert ended.message is not None
    assert "more than 500 steps" in ended.message


async def test_steps_limit_counts_forks() -> None:
    """Bounded everything: a loop of forks alone ends as well, and gives other tasks their turn."""
    for other in (None, "loop"):
        steps = Steps()
        first = steps.branch("loop", other, identity="loop")
        ended = await run(steps, first, World(), batch("1"), limits=msgspec.structs.replace(SMALL, steps=500))
        assert ended.status is Status.ERROR


async def test_documents_limit() -> None:
    """Bounded everything: documents that multiply without end are ended."""
    steps = Steps()
    double = python("return [d.derive(d.content) for d in documents for _ in (1, 2)]")
    steps.set("again", "process", "n", "x", identity="again")
    scripts = {"s.py": Script(file="s.py", source=double)}
    first = steps.script("loop", "s.py")
    steps.decide("true", first, None, identity="loop")
    limits = msgspec.structs.replace(SMALL, documents=1_000)
    ended = await run(steps, first, World(), batch("1"), limits=limits, scripts=scripts)
    assert ended.status is Status.ERROR
    assert ended.message is not None
    assert "more than 1000 documents" in ended.message


async def test_large_batches_and_contents() -> None:
    """Batches that spill and contents that lie in files go through every step as small ones do."""
    steps, world = Steps(), Seen()
    numbers = list(range(600))
    end = steps.combine(steps.returned())
    branch = steps.branch(
        steps.decide("document % 2 == 0", steps.combine(steps.message(steps.returned(), "${size(document)}")), None),
        end,
    )
    ended = await run(steps, steps.split(steps.call("n", branch)), world, batch(json_list(numbers).decode()))
    assert texts(ended)[0] == "300"
    assert json.loads(texts(ended)[1]) == numbers
