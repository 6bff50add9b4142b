"""Random processes: nested branches, tries with retries, decisions, loops, batches that grow, shrink and unite."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from runtime.errors import Place
from runtime.model.bundle import Script
from runtime.model.platform_shapes import FlowControlStep
from runtime.model.shapes import (
    AnyShape,
    Assignment,
    BranchStep,
    CombineStep,
    ConnectorStep,
    DecisionStep,
    ExceptionStep,
    ReturnDocumentsStep,
    ScriptStep,
    SetPropertiesStep,
    SplitStep,
    StopStep,
    TryCatchStep,
    WaitStep,
)
from runtime.model.values import Expression, Template
from runtime.sdk.connector import Call
from runtime.sdk.effect import Effect
from runtime.sdk.faults import ApplicationFault

SCRIPTS = {
    "double.py": "for d in documents:\n        out += [d, d.derive(d.content)]",
    "thin.py": "out = documents[::2]",
    "reverse.py": "out = documents[::-1]",
}

_SCRIPT = "async def process(documents, context):\n    out = []\n    {}\n    return out"

CONDITIONS = ("size(properties.d) % 2 == 0", "size(process.p) < 4", "size(properties.d) < 2", "true", "false")

Node = tuple[Any, ...]


def text(source: str) -> Template:
    """Give a template of plain text and expressions in ``${}``."""
    parts: list[str | Expression] = []
    while source:
        before, opened, rest = source.partition("${")
        if before:
            parts.append(before)
        if not opened:
            break
        inner, _, source = rest.partition("}")
        parts.append(Expression(inner, Place()))
    return Template(tuple(parts))


def world_rule(operation: str, call: Call, tries: int) -> bytes:
    """Answer a call by its content alone: some contents are refused, the others come back longer."""
    value = json.loads(call.content)
    grown = [*(value if isinstance(value, list) else [value]), len(call.fields.note)]
    if sum(map(_weight, grown)) % 7 == 3:
        raise ApplicationFault("[409] Conflict", status="409")
    return json.dumps(grown).encode()


def _weight(value: object) -> int:
    return value if isinstance(value, int) else sum(map(_weight, value)) if isinstance(value, list) else 1


def scripts() -> dict[str, Script]:
    """Give the scripts that random processes call."""
    return {file: Script(file=file, source=_SCRIPT.format(body)) for file, body in SCRIPTS.items()}


@dataclass
class Graph:
    """Shapes made out of nodes; ids count up in the order of making."""

    shapes: list[AnyShape] = field(default_factory=list)

    def block(self, nodes: list[Node], following: str | None) -> str | None:
        """Make a block of nodes that leads to the shape `following`; give the id of its first shape."""
        for node in reversed(nodes):
            following = self._node(node, following)
        return following

    def _add(self, kind: type[Any], **fields: object) -> str:
        identity = f"s{len(self.shapes)}"
        self.shapes.append(kind(id=identity, **fields))
        return identity

    def _node(self, node: Node, to: str | None) -> str | None:
        match node:
            case ("call", effect, note):
                fields = {"note": text("n" * note)}
                return self._add(ConnectorStep, connection="world", operation=effect, fields=fields, to=to)
            case ("set", scope):
                name = "p" if scope == "process" else "d"
                value = text("${process.p}x" if scope == "process" else "${properties.d}x")
                return self._add(SetPropertiesStep, assignments=(Assignment(scope, name, value),), to=to)
            case ("decide", condition, yes, no):
                expression = Expression(condition, Place())
                return self._add(DecisionStep, condition=expression, yes=self.block(yes, to), no=self.block(no, to))
            case ("branch", paths):
                return self._add(BranchStep, paths=tuple(self.block(path, to) for path in paths))
            case ("parallel", paths):
                return self._add(BranchStep, paths=tuple(self.block(path, to) for path in paths), parallel=True)
            case ("try", attempt, caught, retries, trigger):
                tried, handler = self.block(attempt, to), self.block(caught, to)
                return self._add(TryCatchStep, attempt=tried, caught=handler, retries=retries, trigger=trigger)
            case ("loop", body):
                return self._loop(body, to)
            case _:
                return self._plain(node, to)

    def _loop(self, body: list[Node], to: str | None) -> str:
        back = f"loop{len(self.shapes)}"
        counted = Assignment("document", "d", text("${properties.d}x"))
        first = self.block([*body], back) or back
        self.shapes.append(SetPropertiesStep(id=f"{back}.count", assignments=(counted,), to=first))
        condition = Expression("size(properties.d) < 3", Place())
        self.shapes.append(DecisionStep(id=back, condition=condition, yes=f"{back}.count", no=to))
        return back

    def _plain(self, node: Node, to: str | None) -> str | None:
        match node:
            case ("script", file):
                return self._add(ScriptStep, file=file, to=to)
            case ("wait", seconds):
                return self._add(WaitStep, duration=text(f"{seconds} s"), to=to)
            case ("split",):
                return self._add(SplitStep, element=(), to=to)
            case ("parts", fibers, size):
                return self._add(FlowControlStep, fibers=fibers, batch=size, to=to)
            case ("combine",):
                return self._add(CombineStep, to=to)
            case ("exception", stop):
                return self._add(ExceptionStep, title=text("t"), message=text("failed ${properties.d}"), stop=stop)
            case ("stop", goes_on):
                return self._add(StopStep, continue_=goes_on)
            case _:
                return self._add(ReturnDocumentsStep)


_call = st.tuples(st.just("call"), st.sampled_from([effect.value for effect in Effect]), st.integers(0, 6))
_leaf = st.one_of(
    _call,
    _call,
    _call,
    st.tuples(st.just("set"), st.sampled_from(["document", "process"])),
    st.tuples(st.just("script"), st.sampled_from(sorted(SCRIPTS))),
    st.tuples(st.just("wait"), st.sampled_from([0, 20])),
    st.tuples(st.just("parts"), st.integers(0, 3), st.integers(0, 2)),
    st.just(("split",)),
    st.just(("combine",)),
)
_end = st.one_of(
    st.just(("return",)),
    st.just(("return",)),
    st.tuples(st.just("exception"), st.sampled_from(["document", "process"])),
    st.tuples(st.just("stop"), st.booleans()),
)


_few = st.tuples(st.lists(_leaf, min_size=1, max_size=2), st.lists(_end, max_size=1)).map(
    lambda pair: [*pair[0], *pair[1]]
)


def _nested(inner: st.SearchStrategy[list[Node]]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.tuples(st.just("branch"), st.lists(inner, min_size=2, max_size=3)),
        st.tuples(st.just("parallel"), st.lists(_few, min_size=2, max_size=2)),
        st.tuples(st.just("try"), inner, inner, st.integers(0, 3), st.sampled_from(["document errors", "all errors"])),
        st.tuples(st.just("decide"), st.sampled_from(CONDITIONS), inner, inner),
        st.tuples(st.just("loop"), inner),
    )


def _block(depth: int) -> st.SearchStrategy[list[Node]]:
    if depth == 0:
        return st.lists(_leaf, min_size=1, max_size=2)
    inner = _block(depth - 1)
    node = st.one_of(_leaf, _nested(inner), _nested(inner))
    return st.tuples(st.lists(node, min_size=1, max_size=2), st.lists(_end, max_size=1)).map(
        lambda pair: [*pair[0], *pair[1]]
    )


processes = st.lists(st.one_of(_leaf, _nested(_block(2)), _nested(_block(1))), min_size=2, max_size=4)
batches = st.lists(st.integers(0, 20), min_size=1, max_size=5)
