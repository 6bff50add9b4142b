"""Who blocks the loop is told from the stack of its thread, while it is blocked."""

from __future__ import annotations

import re
import sys
import threading

import trio

from runtime.engine.blame import SCRIPT, blame
from runtime.model.bundle import Script
from runtime.model.shapes import AnyShape, ReturnDocumentsStep, ScriptStep
from runtime.observe.stalls import NOBODY, Culprit
from runtime.sdk.connector import Call, Reply
from tests.engine.houses import bundle, daemon
from tests.engine.processes import Steps
from tests.engine.worlds import World

seen: list[Culprit] = []  # what a script of a test cannot hand back


def look() -> Culprit:
    """Block this thread until another has looked at its stack, as the witness of stalls does."""
    found: list[Culprit] = []
    here = threading.get_ident()
    other = threading.Thread(target=lambda: found.append(blame(sys._current_frames()[here])))
    other.start()
    other.join()
    return found[0]


class Blocking(World):
    """A world whose calls block the loop."""

    def __init__(self) -> None:
        super().__init__()
        self.culprits: list[Culprit] = []

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Block, and answer."""
        self.culprits.append(look())
        return await super().execute(operation, call)


async def test_a_call_that_blocks_names_connector_step_and_process(autojump_clock: trio.testing.MockClock) -> None:
    """The connector, the step, the process, the execution and the line are named."""
    world, steps = Blocking(), Steps()
    made = bundle(steps.shapes, steps.call("", steps.returned(), identity="ask"))
    async with daemon(made, world) as house:
        assert await house.ask() == "hi"
    (culprit,) = world.culprits
    assert (culprit.connector, culprit.bundle, culprit.process) == ("world", made.name, "p")
    assert culprit.step
    assert culprit.execution
    assert re.search(r"/(threading|test_blame)\.py:\d+ ", culprit.where)


async def test_a_script_on_the_loop_is_named(autojump_clock: trio.testing.MockClock) -> None:
    """A script that blocks is the bundle's own code: it stands where a connector would."""
    source = (
        "from tests.engine.test_blame import look, seen\n"
        "async def process(documents, context):\n"
        "    seen.append(look())\n"
        "    return documents\n"
    )
    shapes: list[AnyShape] = [
        ScriptStep(id="s", label="compute", file="scripts/a.py", function="process", to="r"),
        ReturnDocumentsStep(id="r"),
    ]
    made = bundle(shapes, "s", scripts={"scripts/a.py": Script(file="scripts/a.py", source=source)})
    seen.clear()
    async with daemon(made, World()) as house:
        assert await house.ask() == "hi"
    (culprit,) = seen
    assert (culprit.connector, culprit.step, culprit.process) == (SCRIPT, "compute", "p")


def test_a_stack_without_us_blames_nobody() -> None:
    """What is not of a process is told by its line alone."""
    culprit = look()
    assert (culprit.connector, culprit.step, culprit.process) == (NOBODY, "", "")
    assert blame(None) == Culprit()
