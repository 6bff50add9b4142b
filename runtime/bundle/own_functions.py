"""Functions of a map's own: steps in order, each over the inputs and the steps before it (component XML, 5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.keys import Keys, as_scalar, as_table
from runtime.bundle.links import Links
from runtime.bundle.map_sources import SourceReader
from runtime.bundle.nodes import Scalar
from runtime.model.maps import FUNCTIONS, Call
from runtime.model.platform_maps import (
    OWN_PORTS,
    FromFunction,
    FunctionCache,
    FunctionInput,
    FunctionOutput,
    Link,
    ToFunction,
    UserFunction,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime.bundle.findings import Findings
    from runtime.bundle.known import Known
    from runtime.bundle.nodes import Node, Table
    from runtime.model.maps import Path, Source
    from runtime.model.values import Template

OUTPUT = 1  # the one output of such a function


class OwnFunction(Struct, frozen=True):
    """A function: the names of its inputs, what each step is, by name, and the step that it gives."""

    inputs: tuple[str, ...]
    steps: dict[str, Source]
    gives: str
    cache: FunctionCache

    def function(self, identity: str, name: str) -> UserFunction:
        """Give the function as it is run: its functions in order."""
        known = {one: FromFunction(OWN_PORTS, number) for number, one in enumerate(self.inputs, 1)}
        links = Links(known, {})
        for step, source in self.steps.items():
            known[step] = links.output(source)
        return UserFunction(
            id=identity,
            name=name,
            inputs=tuple(FunctionInput(key=number, name=one) for number, one in enumerate(self.inputs, 1)),
            outputs=(FunctionOutput(key=OUTPUT, name=self.gives),),
            steps=tuple(links.functions),
            links=(*links.links, Link(known[self.gives], ToFunction(OWN_PORTS, OUTPUT))),
        )


def read_functions(table: Table | None, known: Known, findings: Findings) -> dict[str, OwnFunction]:
    """Read ``functions: {name: {inputs, steps, gives, cache}}`` of a map."""
    found: dict[str, OwnFunction] = {}
    for name, node in table or ():
        if name.text in FUNCTIONS:
            hint = "give it a name of its own"
            findings.add("name-taken", f"there is a function '{name.text}' already", name.place, hint)
        made = _function(name, node, known, findings)
        if made is not None:
            found[name.text] = made
    return found


def _function(name: Scalar, node: Node, known: Known, findings: Findings) -> OwnFunction | None:
    table, before = as_table(node, name.text, findings), len(findings)
    if table is None:
        return None
    keys = Keys(table, findings, f"the function '{name.text}'")
    inputs, steps = keys.items("inputs", required=True), keys.table("steps", required=True)
    gives = keys.scalar("gives")
    cache: FunctionCache = keys.choice("cache", FunctionCache, "none")
    keys.done()
    names = [
        one.text for item in (inputs.items if inputs is not None else ())
        if (one := as_scalar(item, "inputs", findings)) is not None
    ]  # fmt: skip
    reader = _Reader(names, known, findings)
    read: dict[str, Source] = {}
    for step, value in steps or ():
        source = reader.step(step, value)
        if source is not None:
            read[step.text] = source
    last = next(reversed(read), None)
    given = gives.text if gives is not None else last
    if len(findings) > before:
        return None
    if given is None or given not in read:
        place = gives.place if gives is not None else keys.place
        findings.unknown("unknown-reference", "step", given or "", read, place)
        return None
    return OwnFunction(tuple(names), read, given, cache)


class _Reader(SourceReader):
    def __init__(self, inputs: list[str], known: Known, findings: Findings) -> None:
        super().__init__(known.tables, findings)
        self._names = dict.fromkeys(inputs)

    def step(self, name: Scalar, node: Node) -> Source | None:
        if name.text in self._names:
            self._findings.add("duplicate-key", f"'{name.text}' is an input, or a step before", name.place)
            return None
        source = self.source(node)
        if source is not None and any(FUNCTIONS[call.function].aggregate for call in _calls(source)):
            hint = "call it in the map, and give the function what it gives"
            self._findings.add("function", "a function takes its inputs one at a time", node.place, hint)
        self._names[name.text] = None
        return source

    def path(self, scalar: Scalar) -> Path | None:
        if scalar.text not in self._names:
            self._findings.unknown("unknown-reference", "input or step", scalar.text, self._names, scalar.place)
            return None
        return (scalar.text,)

    def check(self, template: Template) -> None:
        """Let expressions read whatever there is when the map runs."""


def _calls(source: Source) -> Iterator[Call]:
    if isinstance(source, Call):
        if source.function in FUNCTIONS:
            yield source
        for one in source.inputs:
            yield from _calls(one)
