"""Promise 1: an execution that is killed at any record goes on as if nothing had happened."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.engine import context
from runtime.engine.compile import CompiledProcess, compile_bundle
from runtime.model.document import Document, root_identity
from runtime.model.shapes import AnyShape, ReturnDocumentsStep
from tests.engine.graphs import Graph, Node, batches, processes, scripts, world_rule
from tests.engine.runs import Run, bundle_of
from tests.engine.worlds import World


@pytest.fixture(autouse=True)
def nothing_depends_on_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing give others a turn because time has passed: what runs side by side interleaves by chance alone."""
    monkeypatch.setattr(context, "PACE", math.inf)


def build(nodes: list[Node], world: World) -> CompiledProcess:
    """Compile a random process; what reaches its end is returned."""
    graph = Graph([ReturnDocumentsStep(id="end")])
    first = graph.block(nodes, "end")
    shapes: list[AnyShape] = graph.shapes
    bundle = msgspec.structs.replace(bundle_of(shapes, first), scripts=scripts())
    return compile_bundle(bundle, world.catalogue()).processes["p"]


def fresh(nodes: list[Node], numbers: list[int]) -> Run:
    """Give a process that has not run yet, in a world that nobody has touched."""
    world = World(world_rule)
    start = [Document(root_identity(k), str(n).encode(), {"d": ""}) for k, n in enumerate(numbers)]
    return Run(build(nodes, world), world, start)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(nodes=processes, numbers=batches, data=st.data())
async def test_killed_at_every_record(
    nodes: list[Node], numbers: list[int], data: st.DataObject, autojump_clock: object
) -> None:
    """Killed before any of its commits and gone on with, a run returns, sets and effects what it does undisturbed.

    Where a call that must not be made twice was under way, the execution is parked instead, and nothing was made twice.
    """
    undisturbed = fresh(nodes, numbers)
    expected = await undisturbed.go()
    every = range(undisturbed.commits)
    chosen = every if len(every) <= 16 else sorted(data.draw(st.sets(st.sampled_from(every), min_size=6, max_size=16)))
    for kill_at in chosen:
        killed = fresh(nodes, numbers)
        ended = await killed.go_on(kill_at)
        once = [key for operation, key, _ in killed.world.calls if operation == "once"]
        assert len(once) == len(set(once)), f"a once call was made twice when killed at {kill_at}"
        if isinstance(ended, str):
            assert "must not be made twice" in ended
            continue
        assert ended == expected, f"killed at {kill_at}"
        assert killed.world.effects == undisturbed.world.effects, f"killed at {kill_at}"
