"""The law of generated functions: nobody can tell them from the driver."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from runtime.engine.generated.attempts import IN_A_ROW, REST
from runtime.model.shapes import MessageStep, ReturnDocumentsStep
from tests.engine.generated.support import LIMITS, batch_of, compiled, told
from tests.engine.graphs import CONDITIONS, Graph, Node, text

leaves = st.one_of(
    st.tuples(st.just("set"), st.sampled_from(["document", "process"])),
    st.just(("return",)),
    st.tuples(st.just("stop"), st.booleans()),
    st.tuples(st.just("exception"), st.sampled_from(["document", "process"])),
)


def nested(inner: st.SearchStrategy[list[Node]]) -> st.SearchStrategy[list[Node]]:
    """Give blocks with forks of blocks in them."""
    node = st.one_of(
        leaves,
        st.tuples(st.just("branch"), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.just("try"), inner, inner, st.integers(0, 1), st.sampled_from(["document errors", "all errors"])),
        st.tuples(st.just("decide"), st.sampled_from([*CONDITIONS, "document.no.such"]), inner, inner),
    )
    return st.lists(node, max_size=3)


graphs = st.recursive(st.lists(leaves, max_size=2), nested, max_leaves=12)
contents = st.sampled_from([b'"a"', b'"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"', b"{", b""])


@given(graphs, st.lists(contents, min_size=1, max_size=2))
@example([("branch", [[("set", "process")], [("exception", "document")]])], [b'"a"'])
@example([("set", "process"), ("try", [("exception", "process")], [], 1, "all errors")], [b'"a"'])
@example([("branch", [[("stop", False)], [("set", "document"), ("return",)]])], [b'"a"'])
@settings(suppress_health_check=[HealthCheck.too_slow])
async def test_nobody_can_tell(nodes: list[Node], given_contents: list[bytes]) -> None:
    """Results, documents, properties, process log and counts are those of the driver, whatever the process does."""
    graph = Graph()
    first = graph.block(nodes, "end")
    process = compiled([*graph.shapes, ReturnDocumentsStep(id="end")], first)
    batch = batch_of(*given_contents)
    assert process.generated is not None or "may wait" in process.not_generated, process.not_generated
    by_function, _ = await told(process, batch, generated=True)
    by_driver, _ = await told(process, batch, generated=False)
    assert by_function == by_driver


@pytest.mark.parametrize(
    ("nodes", "flies"),
    [
        ([("set", "process"), ("decide", "true", [("set", "document")], [])], True),
        ([("branch", [[("set", "document")], [("return",)]])], True),
        ([("exception", "document")], False),
        ([("decide", "document.no.such", [], [])], False),
    ],
)
async def test_what_goes_well_is_run_by_it(nodes: list[Node], flies: bool) -> None:  # noqa: FBT001
    """The function runs what goes well; what fails is the driver's."""
    graph = Graph()
    first = graph.block(nodes, "end")
    process = compiled([*graph.shapes, ReturnDocumentsStep(id="end")], first)
    _, watch = await told(process, batch_of(json.dumps("a").encode()), generated=True)
    assert watch.flights == flies


@pytest.mark.parametrize(
    ("nodes", "reason"),
    [
        ([("loop", [("set", "document")])], "loop"),
        ([("combine",)], "more than to make one document of one"),
        ([("try", [], [], 3, "document errors")], "may wait"),
        ([("decide", "true", [], [])] * 9, "200 steps"),
    ],
)
def test_what_cannot_be_one_function_says_why(nodes: list[Node], reason: str) -> None:
    """Steps that wait, loops and paths without number are left to the driver, with a reason for people."""
    graph = Graph()
    first = graph.block(nodes, "end")
    process = compiled([*graph.shapes, ReturnDocumentsStep(id="end")], first)
    assert process.generated is None
    assert reason in process.not_generated


@pytest.mark.parametrize(("size", "flies"), [(LIMITS.content_in_memory, True), (LIMITS.content_in_memory + 1, False)])
async def test_what_is_too_large_for_memory_is_the_drivers(size: int, flies: bool) -> None:  # noqa: FBT001
    """A content that a step makes beyond the limit goes to a file, as everywhere."""
    process = compiled([MessageStep(id="m", text=text("x" * size), to="end"), ReturnDocumentsStep(id="end")], "m")
    by_function, watch = await told(process, batch_of(b'"a"'), generated=True)
    assert watch.flights == flies
    assert by_function == (await told(process, batch_of(b'"a"'), generated=False))[0]


async def test_what_often_fails_is_not_run_twice_for_long() -> None:
    """A function that was left several times in a row rests for a while, then one document tries it again."""
    process = compiled([MessageStep(id="m", text=text("${document.no}"), to="end"), ReturnDocumentsStep(id="end")], "m")
    generated = process.generated
    assert generated is not None
    tried: list[int] = []
    given: list[bytes] = []

    def function(*parts: Any) -> None:  # noqa: ANN401 - whatever a generated function is given
        tried.append(len(given))
        generated.function(*parts)

    process.generated = msgspec.structs.replace(generated, function=function)
    for _ in range(IN_A_ROW + 2 * (REST + 1)):
        _, watch = await told(process, batch_of(b"{}"), generated=True)
        given.append(b"{}")
        assert watch.flights == 0
    assert tried == [*range(IN_A_ROW), IN_A_ROW + REST, IN_A_ROW + 2 * REST + 1]
    _, watch = await told(process, batch_of(b'{"no":1}'), generated=True)
    assert watch.flights == 0, "it rests"
    for _ in range(REST):
        _, watch = await told(process, batch_of(b'{"no":1}'), generated=True)
    assert watch.flights == 1
    assert process.generated.attempts.due()
