"""The native format: what is written is what the model holds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import ryaml
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.errors import Place
from runtime.model.process import FlowListener, Options, Process
from runtime.model.shapes import (
    AnyShape,
    Assignment,
    BranchStep,
    CombineStep,
    ConnectorStep,
    DecisionStep,
    ExceptionStep,
    Flowing,
    MapStep,
    MessageStep,
    ReturnDocumentsStep,
    ScriptStep,
    SetPropertiesStep,
    SplitStep,
    Start,
    StopStep,
    TryCatchStep,
    WaitStep,
)
from runtime.model.values import Comparison, Expression, Template
from tests.bundle.house import SOUND, process_of, read

FILE = "processes/price-order.yaml"
TIDY: dict[str, str | bytes] = {**SOUND, "processes/p.yaml": ""}


@contextmanager
def folder() -> Iterator[Path]:
    """Give an empty folder, for properties that are tried many times."""
    with TemporaryDirectory() as name:
        yield Path(name)


def at(line: int, column: int, step: str | None = None) -> Place:
    """Give a place in the example; a step's place names the process and the step too."""
    return Place(file=FILE, line=line, column=column, step=step, process="Price order" if step else None)


def expression(source: str, line: int, column: int) -> Expression:
    """Give an expression of the example."""
    return Expression(source=source, place=at(line, column))


def shapes(tmp_path: Path, steps: str) -> dict[str, AnyShape]:
    """Give the shapes of a process with those steps, by id."""
    files = {**SOUND, "processes/p.yaml": process_of(steps)}
    return {shape.id: shape for shape in read(tmp_path, files).processes["P"].shapes}


def arrows(tmp_path: Path, steps: str) -> dict[str, tuple[str | None, ...]]:
    """Give, for each shape by id, where its paths lead."""
    found: dict[str, tuple[str | None, ...]] = {}
    for name, shape in shapes(tmp_path, steps).items():
        match shape:
            case DecisionStep():
                found[name] = (shape.yes, shape.no)
            case BranchStep():
                found[name] = shape.paths
            case TryCatchStep():
                found[name] = (shape.attempt, shape.caught)
            case ExceptionStep() | StopStep() | ReturnDocumentsStep():
                found[name] = ()
            case Flowing(to=to):
                found[name] = (to,)
    return found


def test_the_example_of_the_format_reads_to_exactly_these_structs(tmp_path: Path) -> None:
    """The example process becomes this graph: ids, arrows, values, places."""
    start = Start(id="start", place=at(3, 3), mode="listen", to="1")
    assert read(tmp_path, SOUND).processes == {
        "Price order": Process(
            name="Price order",
            start=start,
            listener=FlowListener(
                service="message action",
                request_profile="order",
                response_profile="priced order",
                sync_timeout=20.0,
            ),
            options=Options(mode="general", recovery="resume"),
            place=at(1, 1),
            shapes=(
                start,
                SplitStep(id="1", place=at(10, 5, "1"), to="look-up-price", element=("lines",)),
                ConnectorStep(
                    id="look-up-price",
                    label="look up price",
                    place=at(11, 5, "look-up-price"),
                    to="3",
                    connection="catalogue",
                    operation="get",
                    fields={"path": Template(("/items/", expression("document.sku", 14, 18)))},
                    on_error_response="continue",
                ),
                DecisionStep(
                    id="3",
                    place=at(16, 5, "3"),
                    condition=expression("meta.status == 404", 16, 15),
                    yes="3.yes.1",
                    no="4",
                ),
                ExceptionStep(
                    id="3.yes.1",
                    place=at(17, 12, "3.yes.1"),
                    title=Template(("Unknown item",)),
                    message=Template(("No item ", expression("document.sku", 17, 66))),
                ),
                MapStep(id="4", place=at(18, 5, "4"), to="5", map="priced-line"),
                CombineStep(id="5", place=at(19, 5, "5"), to="6", element=("lines",)),
                ReturnDocumentsStep(id="6", place=at(20, 5, "6")),
            ),
        )
    }


def test_versions_and_texts_stay_as_they_were_written(tmp_path: Path) -> None:
    """YAML 1.2 and no guessing: 1.10 keeps its zero, `no` and 012 are texts, whatever a parser of 1.1 would say."""
    steps = "  - set properties: { a: no, b: 012, c: 1.10, process.d: on, e: 2024-01-02, f: '', g: '$${x}' }\n"
    step = shapes(tmp_path, steps)["1"]
    assert isinstance(step, SetPropertiesStep)
    assert step.assignments == (
        Assignment("document", "a", Template(("no",))),
        Assignment("document", "b", Template(("012",))),
        Assignment("document", "c", Template(("1.10",))),
        Assignment("process", "d", Template(("on",))),
        Assignment("document", "e", Template(("2024-01-02",))),
        Assignment("document", "f", Template(())),
        Assignment("document", "g", Template(("${x}",))),
    )


def test_a_comparison_is_read_as_left_is_right(tmp_path: Path) -> None:
    """The declarative form of a decision keeps the platform's operators."""
    step = shapes(tmp_path, '  - decision: { left: "${document.n}", is: ">=", right: 5 }\n    no: [ stop ]\n')["1"]
    assert isinstance(step, DecisionStep)
    left = Expression("document.n", Place(file="processes/p.yaml", line=4, column=24))
    assert step.condition == Comparison(Template((left,)), ">=", Template(("5",)))


def test_every_other_step_reads_aloud(tmp_path: Path) -> None:
    """The short and the long form of each step say the same as the model."""
    read_steps = shapes(
        tmp_path,
        "  - message: { text: hello, combine: true }\n"
        "  - wait: 5 s\n"
        "  - script: tidy.py\n"
        "  - script: { file: tidy.py, function: process }\n"
        "  - split\n"
        "  - combine: { element: a.b }\n"
        "  - split: { element: a.b, keep wrapper: true }\n"
        "  - combine\n"
        "  - stop: process\n",
    )
    texts = [msgspec.structs.replace(step, place=Place()) for step in read_steps.values()][1:]
    assert texts == [
        MessageStep(id="1", to="2", text=Template(("hello",)), combine=True),
        WaitStep(id="2", to="3", duration=Template(("5 s",))),
        ScriptStep(id="3", to="4", file="scripts/tidy.py"),
        ScriptStep(id="4", to="5", file="scripts/tidy.py"),
        SplitStep(id="5", to="6", element=()),
        CombineStep(id="6", to="7", element=("a", "b")),
        SplitStep(id="7", to="8", element=("a", "b"), keep_wrapper=True),
        CombineStep(id="8", to="9"),
        StopStep(id="9", continue_=False),
    ]


def test_an_arm_goes_on_with_the_next_step_unless_it_ends(tmp_path: Path) -> None:
    """A given arm continues after its last step, a missing one continues at once, an ended one does not."""
    steps = (
        "  - decision: ${1 == 1}\n    yes: [ message: a ]\n  - decision: ${1 == 1}\n    no: [ stop ]\n  - message: b\n"
    )
    assert arrows(tmp_path, steps) == {
        "start": ("1",),
        "1": ("1.yes.1", "2"),
        "1.yes.1": ("2",),
        "2": ("3", "2.no.1"),
        "2.no.1": (),
        "3": (None,),
    }


def test_the_steps_after_a_branch_or_a_try_belong_to_each_of_its_paths(tmp_path: Path) -> None:
    """Fan-in by nesting: what follows is entered once for each path that did not end."""
    steps = (
        "  - branch:\n      - [ message: a ]\n      - []\n      - [ stop ]\n"
        "  - try: [ message: b ]\n    catch: [ return documents ]\n    retries: 2\n    trigger: all errors\n"
        "  - message: c\n"
    )
    assert arrows(tmp_path, steps) == {
        "start": ("1",),
        "1": ("1.1.1", "2", "1.3.1"),
        "1.1.1": ("2",),
        "1.3.1": (),
        "2": ("2.try.1", "2.catch.1"),
        "2.try.1": ("3",),
        "2.catch.1": (),
        "3": (None,),
    }


def test_go_to_leads_to_the_step_with_that_label(tmp_path: Path) -> None:
    """`go to` is an arrow and no step: loops and fan-in need no shape of their own."""
    steps = (
        "  - wait: 1 s\n    label: Try again!\n"
        "  - decision: ${1 == 1}\n    yes:\n      - message: a\n      - go to: Try again!\n"
        "    no: [ go to: Try again! ]\n"
    )
    assert arrows(tmp_path, steps) == {
        "start": ("try-again",),
        "try-again": ("2",),
        "2": ("2.yes.1", "try-again"),
        "2.yes.1": ("try-again",),
    }


@settings(max_examples=25)
@given(seed=st.integers(min_value=0))
def test_the_order_of_keys_means_nothing(seed: int) -> None:
    """Any order of keys gives the same model; only Set Properties and profiles keep theirs."""
    chance = random.Random(seed)
    shuffled = {
        path: ryaml.dumps(_shuffled(ryaml.loads(text), chance)) if path.endswith(".yaml") else text  # type: ignore[attr-defined]
        for path, text in SOUND.items()
        if isinstance(text, str) and path != "bundle.yaml"  # its version is a text that a dumper would change
    }
    with folder() as one, folder() as other:
        expected, found = read(one, SOUND), read(other, {**SOUND, **shuffled})
    assert _placeless(found.processes) == _placeless(expected.processes)
    assert _placeless(found.connections) == _placeless(expected.connections)
    assert _placeless(found.services) == _placeless(expected.services)


def _shuffled(value: object, chance: random.Random) -> object:
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: _shuffled(value[key], chance) for key in keys}
    return [_shuffled(item, chance) for item in value] if isinstance(value, list) else value


def _placeless(value: object) -> object:
    plain = msgspec.to_builtins(value)
    return _without(plain)


def _without(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without(item) for key, item in value.items() if key != "place"}
    return [_without(item) for item in value] if isinstance(value, list | tuple) else value
