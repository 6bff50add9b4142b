"""Promise 1, with calls and caches: an execution that is killed at any record goes on as if nothing had happened."""

from __future__ import annotations

import math
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.engine import context
from runtime.engine.compile import CompiledProcess
from runtime.engine.persisting import kept_of
from runtime.errors import Place
from runtime.model.business_rules import ComputedRule
from runtime.model.document import Document, root_identity
from runtime.model.parameters import CacheKeyValue, PropertyName
from runtime.model.persisted import Persisted
from runtime.model.platform_shapes import (
    AddToCacheStep,
    BusinessRulesStep,
    FieldText,
    FieldValue,
    FlowControlStep,
    PlatformAssignment,
    PlatformConnectorStep,
    PlatformDecisionStep,
    PlatformExceptionStep,
    PlatformSetPropertiesStep,
    ProcessCallStep,
    ProcessRouteStep,
    RemoveFromCacheStep,
    RetrieveFromCacheStep,
    ReturnPath,
    RouteEntry,
)
from runtime.model.process import Process
from runtime.model.shapes import AnyShape, BranchStep, RetryPolicy, ReturnDocumentsStep, TryCatchStep
from runtime.model.values import Expression, Template
from runtime.sdk.connector import Call
from tests.engine.graphs import batches, world_rule
from tests.engine.platform.shapes import CURRENT, assign, compiled, ddp, dpp, message, process, static
from tests.engine.runs import Run
from tests.engine.worlds import World


@pytest.fixture(autouse=True)
def nothing_depends_on_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing give others a turn because time has passed: what runs side by side interleaves by chance alone."""
    monkeypatch.setattr(context, "PACE", math.inf)


Node = tuple[Any, ...]

ODD = Expression("has(properties.d) && size(properties.d) % 2 == 1", Place())  # of the letters of the property d


class Drawing:
    """Processes made out of nodes: each call makes one more process."""

    def __init__(self) -> None:
        self.processes: list[Process] = []

    def process(self, name: str, nodes: list[Node], mode: str) -> None:
        """Make a process that returns what reaches its end."""
        shapes: list[AnyShape] = [ReturnDocumentsStep(id="end")]
        first = self._block(nodes, "end", shapes)
        kind: Literal["no data", "passthrough"] = "no data" if mode == "no data" else "passthrough"
        self.processes.append(process(name, first, *shapes, mode=kind))

    def _block(self, nodes: list[Node], to: str, shapes: list[AnyShape]) -> str:
        for node in reversed(nodes):
            shape = self._shape(node, to, shapes)
            shapes.append(shape)
            to = shape.id
        return to

    def _shape(self, node: Node, to: str, shapes: list[AnyShape]) -> AnyShape:
        match node:
            case ("branch", paths):
                targets = tuple(self._block(path, to, shapes) for path in paths)
                return BranchStep(id=f"s{len(shapes)}", paths=targets)
            case ("parallel", paths):
                targets = tuple(self._block(path, to, shapes) for path in paths)
                return BranchStep(id=f"s{len(shapes)}", paths=targets, parallel=True)
            case ("try", attempt, caught, retries):
                first, second = self._block(attempt, to, shapes), self._block(caught, to, shapes)
                return TryCatchStep(
                    id=f"s{len(shapes)}", attempt=first, caught=second, retries=retries, trigger="all errors"
                )
            case ("again", attempt, caught, times):
                first, second = self._block(attempt, to, shapes), self._block(caught, to, shapes)
                policy = RetryPolicy(times=times, wait=3.0, jitter=0.5)
                return TryCatchStep(id=f"s{len(shapes)}", attempt=first, caught=second, policy=policy)
            case ("rules", accepted, rejected):
                first, second = self._block(accepted, to, shapes), self._block(rejected, to, shapes)
                rule = ComputedRule(name="r", passes=ODD, message=Template(("no",)))
                return BusinessRulesStep(
                    id=f"s{len(shapes)}", profile=None, rules=(rule,), accepted=first, rejected=second
                )
            case ("routed", mode, abort, nodes):
                name = f"child{len(self.processes)}"
                self.process(name, nodes, mode)
                entry = RouteEntry(key="x", process=name, rest=to)
                return ProcessRouteStep(
                    id=f"s{len(shapes)}", key=(ddp("d"),), entries=(entry,), default=to, abort=abort
                )
            case ("process", mode, abort, nodes):
                name = f"child{len(self.processes)}"
                self.process(name, nodes, mode)
                back = (ReturnPath(shape="end", to=to),)
                return ProcessCallStep(id=f"s{len(shapes)}", process=name, abort=abort, returns=back)
            case _:
                return leaf(node, f"s{len(shapes)}", to)


def leaf(node: Node, identity: str, to: str) -> AnyShape:
    """Give the shape of a node without paths of its own."""
    match node:
        case ("call", effect):
            fields: dict[str, FieldValue] = {"note": FieldText(ddp("d"))}
            return PlatformConnectorStep(id=identity, connection="world", operation=effect, fields=fields, to=to)
        case ("keep",):
            target = PropertyName("process", "kept")
            kept = PlatformAssignment(target=target, sources=(dpp("kept"), static("k")), persist=True)
            return PlatformSetPropertiesStep(id=identity, assignments=(kept,), to=to)
        case ("set", "process"):
            one = assign("process", "p", dpp("p"), static("x"))
            return PlatformSetPropertiesStep(id=identity, assignments=(one,), to=to)
        case ("set", _):
            one = assign("dynamicdocument", "d", ddp("d"), static("x"))
            return PlatformSetPropertiesStep(id=identity, assignments=(one,), to=to)
        case ("slices", fibers, size):
            return FlowControlStep(id=identity, fibers=fibers, batch=size, to=to)
        case ("decide",):
            return PlatformDecisionStep(id=identity, left=CURRENT, operator="<", right=static("9"), yes=to, no=None)
        case ("exception", stop):
            return PlatformExceptionStep(id=identity, title="t", message=message("no {1}", ddp("d")), stop=stop)
        case _:
            return caching(node, identity, to)


def caching(node: Node, identity: str, to: str) -> AnyShape:
    """Give the shape of a node that concerns a cache."""
    match node:
        case ("add", cache):
            return AddToCacheStep(id=identity, cache=cache, to=to)
        case ("get", None):
            return RetrieveFromCacheStep(id=identity, cache="all", when_empty="stop", to=to)
        case ("get", key):
            keys = (CacheKeyValue(1, static(key)),)
            return RetrieveFromCacheStep(id=identity, cache="by d", index=1, keys=keys, when_empty="stop", to=to)
        case ("remove", None):
            return RemoveFromCacheStep(id=identity, cache="all", to=to)
        case ("remove", key):
            keys = (CacheKeyValue(1, static(key)),)
            return RemoveFromCacheStep(id=identity, cache="by d", index=1, keys=keys, all_indices=True, to=to)
        case _:
            raise AssertionError(node)


_leaf = st.one_of(
    st.tuples(st.just("call"), st.sampled_from(["pure", "keyed", "once"])),
    st.tuples(st.just("call"), st.sampled_from(["keyed", "once"])),
    st.tuples(st.just("set"), st.sampled_from(["process", "document"])),
    st.tuples(st.just("add"), st.sampled_from(["all", "by d"])),
    st.tuples(st.just("get"), st.sampled_from([None, "x", "xx"])),
    st.tuples(st.just("remove"), st.sampled_from([None, "x"])),
    st.tuples(st.just("slices"), st.integers(1, 2), st.integers(0, 2)),
    st.just(("decide",)),
    st.just(("keep",)),
)
_fail = st.tuples(st.just("exception"), st.sampled_from(["document", "process"]))


def _blocks(depth: int) -> st.SearchStrategy[list[Node]]:
    plain = st.lists(_leaf, min_size=1, max_size=3)
    if depth == 0:
        return st.tuples(plain, st.lists(_fail, max_size=1)).map(lambda pair: [*pair[0], *pair[1]])
    inner = _blocks(depth - 1)
    branch = st.tuples(st.just("branch"), st.lists(inner, min_size=2, max_size=3))
    parallel = st.tuples(st.just("parallel"), st.lists(plain, min_size=2, max_size=2))
    attempt = st.tuples(st.just("try"), inner, plain, st.integers(0, 2))
    called = st.tuples(st.just("process"), st.sampled_from(["passthrough", "no data"]), st.booleans(), inner)
    again = st.tuples(st.just("again"), inner, plain, st.integers(1, 2))
    rules = st.tuples(st.just("rules"), inner, plain)
    routed = st.tuples(st.just("routed"), st.sampled_from(["passthrough", "no data"]), st.booleans(), inner)
    forks = st.one_of(_leaf, branch, attempt, called, called, again, rules, routed, parallel)
    return st.lists(forks, min_size=1, max_size=3)


def build(nodes: list[Node], world: World) -> CompiledProcess:
    """Compile random processes that call each other."""
    drawing = Drawing()
    drawing.process("p", nodes, "passthrough")
    return compiled(drawing.processes, world)


def rule(operation: str, call: Call, tries: int) -> bytes:
    """Answer as the world of random processes does; an empty document is answered too."""
    return world_rule(operation, call, tries) if call.content else b"1"


def keeps_side_by_side(nodes: list[Node]) -> bool:
    """Whether parts that run side by side may keep the same property."""
    told = repr(nodes)
    return "'keep'" in told and ("'parallel'" in told or "('slices', 2" in told)


async def kept_by(run: Run) -> dict[str, dict[str, Persisted]]:
    """Give what the processes of a run have kept for their next one."""
    return await kept_of(run.store.journal, "b", run.process.keeping)


def fresh(nodes: list[Node], numbers: list[int]) -> Run:
    """Give processes that have not run yet, in a world that nobody has touched."""
    world = World(rule)
    start = [Document(root_identity(k), str(n).encode(), {"d": "x"}) for k, n in enumerate(numbers)]
    return Run(build(nodes, world), world, start)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(nodes=_blocks(3), numbers=batches, data=st.data())
async def test_killed_at_every_record(
    nodes: list[Node], numbers: list[int], data: st.DataObject, autojump_clock: object
) -> None:
    """Killed before any of its commits and gone on with, a run returns, sets and effects what it does undisturbed.

    Its caches are seen in what it returns. Where a call that must not be made twice was under way, it is parked.
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
        if not keeps_side_by_side(nodes):  # the last to keep it wins, whichever that is
            assert await kept_by(killed) == await kept_by(undisturbed), f"killed at {kill_at}"
