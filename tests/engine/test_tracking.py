"""Tracked fields (reference 2.5): by which values of its documents an execution is found."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
import trio

from runtime.bundle.read import read_bundle
from runtime.engine.compile import compile_bundle
from runtime.engine.context import MOST_TRACKED, Context
from runtime.engine.tracking import LONGEST_TRACKED
from runtime.errors import BundleError
from runtime.model.shapes import ConnectorStep
from runtime.observe.redaction import MASK
from runtime.sdk.connector import Call
from tests.bundle.house import write
from tests.engine.graphs import text
from tests.engine.houses import bundle, call, daemon
from tests.engine.processes import Steps
from tests.engine.runs import Ended, Run
from tests.engine.seen import batch
from tests.engine.slow import GENERAL, Slow
from tests.engine.worlds import ApplicationFault, World

CONNECTION = "connector: world\n"


def process(tracked: str, operation: str = "pure") -> dict[str, str | bytes]:
    """Give a bundle with a process of one call."""
    steps = f"  - connector: world\n    operation: {operation}\n{tracked}  - return documents\n"
    return {
        "bundle.yaml": "name: b\nversion: 1\n",
        "connections/world.yaml": CONNECTION,
        "processes/p.yaml": f"name: p\nstart: passthrough\nsteps:\n{steps}",
    }


def running(folder: Path, tracked: str, world: World, *contents: str, **properties: str) -> Run:
    """Give the run of a call over documents."""
    made = read_bundle(write(folder, process(tracked)), world.catalogue())
    return Run(compile_bundle(made, world.catalogue()).processes["p"], world, batch(*contents, **properties))


async def run(folder: Path, tracked: str, *contents: str, world: World | None = None, **properties: str) -> Ended:
    """Run a call over documents."""
    return await running(folder, tracked, world or World(), *contents, **properties).go()


async def test_fields_of_what_is_sent_and_of_what_comes_back(tmp_path: Path) -> None:
    """A value of each document, each once; those sent before those that came back."""

    def answer(_operation: str, made: Call, _tries: int) -> bytes:
        return json.dumps({"no": json.loads(made.content)["id"] * 10}).encode()

    tracked = (
        '    track: { order: "${document.id}", kind: "${properties.k}" }\n    track answers: { no: "${document.no}" }\n'
    )
    ended = await run(tmp_path, tracked, '{"id":1}', '{"id":2}', '{"id":1}', world=World(answer), k="x")
    assert ended.message is None
    assert ended.tracked == (("order", "1"), ("kind", "x"), ("no", "10"), ("order", "2"), ("no", "20"))


async def test_what_cannot_be_computed_fails_nothing(tmp_path: Path) -> None:
    """A document without the field, or that is no JSON, has no value of it."""
    ended = await run(tmp_path, '    track: { order: "${document.id}" }\n', "no json", "{}", '{"id":""}', '{"id":7}')
    assert (ended.message, ended.tracked) == (None, (("order", "7"),))
    assert len(ended.returned) == 4


async def test_a_document_whose_call_fails_is_found(tmp_path: Path) -> None:
    """It is what people look for."""

    def refuse(_operation: str, _call: Call, _tries: int) -> bytes:
        raise ApplicationFault("[409] Conflict", status="409")

    ended = await run(tmp_path, '    track: { order: "${document.id}" }\n', '{"id":7}', world=World(refuse))
    assert ended.tracked == (("order", "7"),)
    assert ended.message


async def test_values_are_bounded(tmp_path: Path) -> None:
    """Each is cut, and of very many the first count."""
    long = json.dumps({"id": "x" * 3_000})
    ended = await run(tmp_path, '    track: { order: "${document.id}" }\n', long)
    assert ended.tracked == (("order", "x" * LONGEST_TRACKED),)
    context = Context.__new__(Context)
    context.tracked, context.properties, context.done = {}, {}, None
    for first in range(0, 2 * MOST_TRACKED, 1_000):
        context.apply({}, (), [("n", str(number)) for number in range(first, first + 1_000)])
    assert len(context.tracked) == MOST_TRACKED


@pytest.mark.parametrize("kill_at", range(5))
async def test_fields_survive_a_death(tmp_path: Path, kill_at: int) -> None:
    """What a finished step has tracked is in its record."""
    one = running(tmp_path, '    track: { order: "${document.id}" }\n', World(), '{"id":7}')
    ended = await one.go_on(kill_at)
    assert not isinstance(ended, str)
    assert ended.tracked == (("order", "7"),)


@pytest.mark.parametrize(
    ("tracked", "code"),
    [
        ("    track: a\n", "wrong-type"),
        ("    track: { a: [ b ] }\n", "wrong-type"),
        ('    track: { a: "${nope}" }\n', "expression"),
        ("    track: { " + ", ".join(f"f{number}: x" for number in range(21)) + " }\n", "wrong-type"),
    ],
)
def test_a_mistake_is_told_when_it_is_read(tmp_path: Path, tracked: str, code: str) -> None:
    """With its place."""
    with pytest.raises(BundleError) as refused:
        read_bundle(write(tmp_path, process(tracked)), World().catalogue())
    assert f"bundle.{code}" in {one.code for one in refused.value.problems}


async def test_marked_fields_are_masked(autojump_clock: object) -> None:
    """By what documents hold in them, and by their own names."""
    steps = Steps()
    made = bundle(steps.shapes, steps.call("", steps.returned()), GENERAL)
    track = {"order": text("${document.Message}"), "password": text("visible"), "iban": text("DE00")}
    shapes = tuple(
        msgspec.structs.replace(one, track=track) if isinstance(one, ConnectorStep) else one
        for one in made.processes["p"].shapes
    )
    changed = msgspec.structs.replace(made.processes["p"], shapes=shapes)
    made = msgspec.structs.replace(made, redaction=("Message", "iban"), processes={"p": changed})
    async with daemon(made, Slow(25)) as one:
        one.upkeep()
        assert await one.ask(call("4111-1111")) == "WAIT"
        await trio.sleep(60)
        row = await one.row()
        assert await one.store.journal.tracked(row.id) == [("iban", MASK), ("order", MASK), ("password", MASK)]
