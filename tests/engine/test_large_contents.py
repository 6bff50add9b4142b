"""Large contents are computed beside the event loop: others get their turns, and the same comes out."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import trio
from msgspec.structs import replace

from runtime.engine.batch import Held
from runtime.engine.contents import Contents
from runtime.engine.context import EngineLimits
from runtime.engine.redaction import Marks, Secrets, Words
from runtime.model.maps import Field, Map, Rule
from runtime.observe.redaction import MASK
from runtime.store.memory import MemoryStore
from tests.engine.processes import Steps
from tests.engine.runs import Ended, Run, compiled
from tests.engine.worlds import World, documents

ITEMS = [{"sku": f"A{number}", "text": "x" * 60, "quantity": number} for number in range(20_000)]
LARGE = json.dumps({"name": "order", "lines": ITEMS}).encode()
SMALL = json.dumps({"name": "order", "lines": ITEMS[:3]}).encode()
AT_ONCE = EngineLimits(compute_at_once=1 << 40)

Build = Callable[[Steps], str]
MAPS = {"m": Map(name="m", rules=(Rule(target=("names[]", "n"), source=Field(("lines[]", "sku"))),))}

STEPS: dict[str, Build] = {
    "map": lambda steps: steps.map(steps.returned(), "m"),
    "message": lambda steps: steps.message(steps.returned(), "${document.lines[19999].sku}"),
    "combined message": lambda steps: steps.message(steps.returned(), "${document.lines[2].sku}", combine=True),
    "set properties": lambda steps: steps.set(steps.returned(), "process", "p", "${document.lines[7].text}"),
    "decision": lambda steps: steps.decide("document.lines[19999].quantity == 19999", steps.returned(), None),
    "call": lambda steps: steps.call("${document.lines[1].sku}", steps.message(steps.returned(), "${meta.status}")),
    "exception": lambda steps: steps.fail("no ${document.lines[3].sku}"),
}


def run_of(build: Build) -> Run:
    """Give a run of one step with a large document."""
    steps, world = Steps(), World()
    first = build(steps)
    return Run(compiled(steps.shapes, first, world, maps=MAPS), world, documents(LARGE))


async def turns_beside(run: Run, limits: EngineLimits) -> tuple[Ended, int]:
    """Run, and count how often another task got its turn meanwhile."""
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(other)
        ended = await run.go(limits=limits)
        nursery.cancel_scope.cancel()
    return ended, turns


@pytest.mark.parametrize("step", STEPS)
async def test_others_get_their_turns_while_a_large_document_is_read(step: str) -> None:
    """Law: a step that reads a large document gives many more turns than one on the loop; the same comes out."""
    beside, turns = await turns_beside(run_of(STEPS[step]), replace(AT_ONCE, compute_at_once=1024 * 1024))
    at_once, few = await turns_beside(run_of(STEPS[step]), AT_ONCE)
    assert beside == at_once
    assert turns > 5 * few, f"{turns} beside, {few} at once"


async def test_fields_of_a_large_document_are_learned_beside_the_loop() -> None:
    """Law: what a bundle marks is found in a large document, too."""
    secrets = Secrets(Marks(["lines.sku"]), Words())
    contents = Contents(MemoryStore().documents, "ex", 1 << 30)
    await secrets.learn(Held(documents(SMALL)), contents)
    assert secrets.masked("A2 and B7") == f"{MASK} and B7"
    many = Secrets(Marks(["lines.text"]), Words())
    await many.learn(Held(documents(LARGE)), contents)
    assert "x" * 60 not in many.masked("x" * 60)
