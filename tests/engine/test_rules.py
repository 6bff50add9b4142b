"""The laws of the engine model (runtime reference 0, 1, 2), with the statements of platform behaviour behind them."""

from __future__ import annotations

from typing import Literal

import pytest
import trio

from runtime.errors import Place, ProcessFault
from runtime.model.journal import Status
from runtime.model.maps import Field, Map, Rule
from runtime.sdk.connector import Call, Reply
from tests.engine.processes import Steps
from tests.engine.seen import Seen, batch, run, texts
from tests.engine.worlds import World

# --- the order of things (0.1-0.7; platform behaviour A) ----------------------------------------------------------


async def test_step_barrier() -> None:
    """0.2, statement 1: a step finishes every document before the next step begins."""
    steps, world = Steps(), Seen()
    await run(steps, steps.call("a", steps.call("b")), world, batch("1", "2", "3"))
    assert sorted(world.seen[:3]) == ["a 1", "a 2", "a 3"]
    assert sorted(world.seen[3:]) == ["b 1", "b 2", "b 3"]


async def test_depth_first() -> None:
    """0.3, statements 2, 11, 15: a path runs to its very end, nested paths included, before its sibling begins."""
    steps, world = Steps(), Seen()
    inner = steps.branch(steps.call("a"), steps.call("b"))
    divided = steps.decide("properties.x == '1'", steps.call("c"), steps.call("d"))
    await run(steps, steps.branch(inner, divided, steps.call("e")), world, batch("1", x="1"))
    assert world.seen == ["a 1", "b 1", "c 1", "e 1"]


async def test_empty_batch_ends_its_path() -> None:
    """0.4, statements 3, 13: a step that nothing reaches does not run; later paths do, and the run is complete."""
    steps, world = Steps(), Seen(replies=0)
    after = steps.call("never", effect="pure")
    ended = await run(steps, steps.branch(steps.call("a", after), steps.call("b")), world, batch("1"))
    assert (world.seen, ended.status) == (["a 1", "b 1"], Status.COMPLETE)


async def test_nothing_runs_without_documents() -> None:
    """0.4: a process that starts with no document at all runs no step."""
    steps, world = Steps(), Seen()
    ended = await run(steps, steps.call("a"), world, [])
    assert (world.seen, ended.status) == ([], Status.COMPLETE)


async def test_fan_in_is_no_join() -> None:
    """0.6, statement 7: a step that two paths lead to runs once for each, never with the documents of both."""
    steps, world = Steps(), Seen()
    both = steps.message(steps.call("both", steps.returned()), "${document}", combine=True)
    ended = await run(steps, steps.decide("document < 2", both, both), world, batch("1", "2", "3"))
    assert world.seen == ["both 1", "both 23"]
    assert texts(ended) == ["1", "23"]


async def test_returned_documents_gather() -> None:
    """1.20, statement 65: Return Documents collects over all paths, in the order in which they ran."""
    steps = Steps()
    end = steps.returned()
    first = steps.branch(steps.message(end, "a ${document}"), steps.message(end, "b ${document}"))
    assert texts(await run(steps, first, World(), batch("1", "2"))) == ["a 1", "a 2", "b 1", "b 2"]


# --- documents that fail (0.5; B, D) ------------------------------------------------------------------------------


async def test_failed_documents_are_on_no_later_path() -> None:
    """0.5, 1.12, statement 14: a document that fails on a path is not on those after it; its siblings are."""
    steps, world = Steps(), Seen("a 2")
    ended = await run(steps, steps.branch(steps.call("a"), steps.call("b"), steps.call("c")), world, batch("1", "2"))
    assert world.seen[2:] == ["b 1", "c 1"]
    assert (ended.status, ended.message) == (Status.ERROR, "[409] Conflict")


async def test_failure_in_a_nested_branch_counts_outside() -> None:
    """0.5: a failure below is one in every branch above, whatever split and forked between."""
    steps, world = Steps(), Seen('inner "b"')
    inner = steps.branch(steps.call("other"), steps.call("inner"))
    first = steps.branch(steps.split(inner), steps.call("later"))
    await run(steps, first, world, batch('["a"]', '["b","c"]', '["d"]'))
    assert [line for line in world.seen if line.startswith("later")] == ['later ["a"]', 'later ["d"]']


async def test_failure_after_combine_marks_all() -> None:
    """0.5, lineage: what was combined descends from all its documents, so its failure is the failure of each."""
    steps, world = Steps(), Seen("one [1,3]")
    united = steps.combine(steps.call("one"))
    first = steps.branch(steps.decide("document != 2", united, None), steps.call("later"))
    await run(steps, first, world, batch("1", "2", "3"))
    assert world.seen == ["one [1,3]", "later 2"]


async def test_siblings_finish(autojump_clock: object) -> None:
    """Concurrency: when a document of a step fails, or ends the run, the calls under way for its siblings finish."""

    class Mistaken(Seen):
        async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
            replies = await super().execute(operation, call)
            if call.content == b"2":
                raise ProcessFault("x.whole", "all of it")
            await trio.sleep(5)
            self.seen.append(f"done {call.content.decode()}")
            return replies

    steps, world = Steps(), Mistaken()
    ended = await run(steps, steps.call("a", concurrency=3), world, batch("1", "2", "3", "4"))
    assert sorted(line for line in world.seen if line.startswith("done")) == ["done 1", "done 3"]
    assert "a 4" not in world.seen, "nothing new begins"
    assert (ended.status, ended.message) == (Status.ERROR, "all of it")


async def test_exception_for_one_document() -> None:
    """1.18, statement 56: an exception that stops single documents fails them; the others go on."""
    steps = Steps()
    wrong = steps.fail("no item ${document}")
    ended = await run(steps, steps.decide("document == 1", wrong, steps.returned()), World(), batch("1", "2"))
    assert (ended.status, ended.message, texts(ended)) == (Status.ERROR, "no item 1", ["2"])


async def test_exception_for_the_process() -> None:
    """1.18, statement 56: an exception that stops the process ends it at once, with the first document's message."""
    steps, world = Steps(), Seen()
    first = steps.branch(steps.fail("halt ${document}", stop="process"), steps.call("never"))
    ended = await run(steps, first, world, batch("1", "2"))
    assert (ended.status, ended.message, world.seen) == (Status.ERROR, "halt 1", [])


@pytest.mark.parametrize(("goes_on", "seen"), [(True, ["b 1", "b 2"]), (False, [])])
async def test_stop(goes_on: bool, seen: list[str]) -> None:  # noqa: FBT001 - both forms
    """1.19, statements 13, 24: Stop ends its path, or the whole process, as a success; what was returned stays."""
    steps, world = Steps(), Seen()
    end = steps.returned()
    first = steps.branch(end, steps.stop(goes_on=goes_on), steps.call("b"))
    ended = await run(steps, first, world, batch("1", "2"))
    assert (ended.status, texts(ended), world.seen) == (Status.COMPLETE, ["1", "2"], seen)


# --- Try/Catch (1.17; D 49-54) ------------------------------------------------------------------------------------


async def test_catch_gets_documents_as_they_entered() -> None:
    """1.17, statements 49, 50: content and properties as they entered, with the message; those that passed stay out."""
    steps, world = Steps(), Seen("try other 2")
    caught = steps.call("caught ${properties.x} ${meta.catcherrorsmessage}", steps.returned())
    changed = steps.set(steps.message(steps.call("try"), "other ${document}"), "document", "x", "changed")
    ended = await run(steps, steps.attempt(changed, caught), world, batch("1", "2", x="before"))
    assert world.seen[2:] == ["caught before [409] Conflict 2"]
    assert (ended.status, texts(ended)) == (Status.COMPLETE, ["2"])


async def test_retry_schedule(autojump_clock: object) -> None:
    """1.17, statement 53: repeats of what failed, at once, then after 10, 30, 60 and 120 s; then Catch."""
    steps, world = Steps(), Seen("try 2")
    begun = trio.current_time()
    first = steps.attempt(steps.call("try"), steps.call("caught"), retries=5)
    await run(steps, first, world, batch("1", "2"))
    tries = [round(time - begun) for line, time in zip(world.seen, world.times, strict=True) if line == "try 2"]
    assert tries == [0, 0, 10, 40, 100, 220]
    assert (world.seen.count("try 1"), world.seen[-1]) == (1, "caught 2")


async def test_retry_goes_through_the_whole_path() -> None:
    """1.17, statement 53: a repeat runs the whole Try path again, from the documents as they entered."""
    steps, world = Steps(), Seen("b 1+")
    path = steps.call("a", steps.message(steps.call("b"), "${document}+"))
    await run(steps, steps.attempt(path, None, retries=1), world, batch("1"))
    assert world.seen == ["a 1", "b 1+"] * 2


async def test_nearest_catch_wins() -> None:
    """1.17, statement 54: the innermost Try/Catch handles the error; the outer does not run, nor what is before."""
    steps, world = Steps(), Seen("inner 1")
    inner = steps.attempt(steps.call("inner"), steps.call("near"), retries=1)
    first = steps.attempt(steps.call("before", inner), steps.call("far"), retries=2)
    ended = await run(steps, first, world, batch("1"))
    assert world.seen == ["before 1", "inner 1", "inner 1", "near 1"]
    assert ended.status is Status.COMPLETE


async def test_error_on_the_catch_path_goes_outwards() -> None:
    """1.17, statement 52: what fails on a Catch path is not caught by it again, but by the next outwards."""
    steps, world = Steps(), Seen("try 1", "near 1")
    inner = steps.attempt(steps.call("try"), steps.call("near"), retries=0)
    ended = await run(steps, steps.attempt(inner, steps.call("far")), world, batch("1"))
    assert (world.seen, ended.status) == (["try 1", "near 1", "far 1"], Status.COMPLETE)
    bare = Steps()
    ended = await run(bare, bare.attempt(bare.call("try"), bare.call("near")), Seen("try 1", "near 1"), batch("1"))
    assert ended.status is Status.ERROR


@pytest.mark.parametrize("trigger", ["document errors", "all errors"])
async def test_trigger(trigger: Literal["document errors", "all errors"]) -> None:
    """1.17, statements 51, 52: an error of the process is caught by `all errors` alone, and concerns every document."""
    steps, world = Steps(), Seen()
    first = steps.attempt(steps.fail("halt", stop="process"), steps.call("caught"), trigger=trigger)
    ended = await run(steps, steps.branch(first, steps.call("later")), world, batch("1", "2"))
    if trigger == "all errors":
        assert (sorted(world.seen[:2]), sorted(world.seen[2:])) == (["caught 1", "caught 2"], ["later 1", "later 2"])
        assert ended.status is Status.COMPLETE
    else:
        assert (world.seen, ended.status) == ([], Status.ERROR)


async def test_process_error_passes_the_inner_try() -> None:
    """1.17: an inner Try/Catch for errors of documents lets an error of the process pass to an outer one for all."""
    steps, world = Steps(), Seen()
    inner = steps.attempt(steps.branch(steps.fail("halt", stop="process"), steps.call("never")), steps.call("near"))
    await run(steps, steps.attempt(inner, steps.call("far"), trigger="all errors"), world, batch("1"))
    assert world.seen == ["far 1"]


async def test_caught_documents_are_on_later_paths() -> None:
    """0.5: a failure that was caught below a path is none for the branch above."""
    steps, world = Steps(), Seen("try 1")
    caught = steps.attempt(steps.call("try"), None)
    await run(steps, steps.branch(caught, steps.call("later")), world, batch("1"))
    assert world.seen == ["try 1", "later 1"]


# --- properties (2.2, 2.3; C) -------------------------------------------------------------------------------------


async def test_properties_and_paths() -> None:
    """1.12, statements 11, 12: document properties set on a path are unseen on the next, those of the process seen."""
    steps, world = Steps(), Seen()
    first = steps.set(steps.set(None, "process", "p", "new"), "document", "d", "new")
    second = steps.call("d=${properties.d} p=${process.p}")
    ended = await run(steps, steps.branch(first, second), world, batch("1", d="old"))
    assert (world.seen, ended.properties) == (["d=old p=new 1"], {"p": "new"})


async def test_properties_travel() -> None:
    """2.2, statements 25, 26: properties survive Message, Map, Split, Combine and calls that replace the content."""
    steps, world = Steps(), Seen()
    rules = (Rule(target=("n",), source=Field(("n",)), place=Place()),)
    end = steps.call("end ${properties.d}")
    end = steps.map(steps.split(steps.combine(end)), "m")
    end = steps.call("c", steps.message(end, '{"n":1}'))
    await run(steps, end, world, batch('{"n":5}', d="kept"), maps={"m": Map(name="m", rules=rules)})
    assert world.seen[-1] == 'end kept [{"n":1}]'


async def test_assignments() -> None:
    """1.4, statements 34, 40: sources join in order, null adds nothing; a process property has the last value."""
    steps = Steps()
    first = steps.set(steps.set(steps.returned(), "process", "p", "${document.n}"), "document", "d", "a${document.x}b")
    steps_end = steps.message(steps.returned(), "${properties.d}")
    ended = await run(steps, first, World(), batch('{"n":1,"x":null}', '{"n":2,"x":7}'))
    assert ended.properties["p"] == "2"
    shown = steps.set(steps_end, "document", "d", "a${document.x}b")
    assert texts(await run(steps, shown, World(), batch('{"x":null}', '{"x":7}'))) == ["ab", "a7b"]


async def test_a_value_that_cannot_be_computed_fails_its_document() -> None:
    """1.25: a failing value fails that document; the others of the batch go on."""
    steps = Steps()
    first = steps.set(steps.returned(), "document", "d", "${document.x}")
    ended = await run(steps, first, World(), batch("{}", '{"x":1}', "no json"))
    assert (texts(ended), ended.status) == (['{"x":1}'], Status.ERROR)
