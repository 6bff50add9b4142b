"""The part of a case below ``expect:``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.keys import Keys, as_scalar, as_table
from runtime.bundle.nodes import Items, Scalar
from runtime.testkit.cases.model import Callback, Expectation, Outcome, Told
from runtime.testkit.cases.patterns import Pattern, pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Node, Table


class ExpectationReader:
    """Reads what a case expects; `known` gives the address of each step by what a test may call it."""

    def __init__(self, known: Mapping[str, str], findings: Findings) -> None:
        self._known = known
        self._findings = findings

    def read(self, table: Table | None) -> Expectation:
        """Read a table; one that is missing is told by who reads the case."""
        if table is None:
            return Expectation()
        keys = Keys(table, self._findings, "what is expected")
        status: Outcome = keys.choice("status", Outcome, "complete")
        documents, callbacks = keys.items("documents"), keys.items("callbacks")
        answer = self._told(keys, "answer")
        outputs = keys.node("outputs")
        found = Expectation(
            status=status,
            message=keys.literal("message"),
            documents=None if documents is None else tuple(self._pattern(item) for item in documents.items),
            properties=self._patterns(keys.table("properties")),
            steps=self._steps(keys.items("steps")),
            not_reached=self._steps(keys.items("not reached")),
            requests=self._requests(keys.table("requests")),
            answer=answer,
            outputs=None if outputs is None else self._pattern(outputs),
            callbacks=None if callbacks is None else tuple(self._callback(item) for item in callbacks.items),
        )
        keys.done()
        return found

    def _callback(self, node: Node) -> Callback:
        table = as_table(node, "a callback", self._findings)
        if table is None:
            return Callback()
        keys = Keys(table, self._findings, "a callback")
        kind = self._told(keys, "kind")
        outputs, message = keys.node("outputs"), keys.literal("message")
        keys.done()
        return Callback(kind=kind, outputs=None if outputs is None else self._pattern(outputs), message=message)

    def _told(self, keys: Keys, key: str) -> Told | None:
        if not keys.has(key):
            return None
        forward: Told = "forward"
        return keys.choice(key, Told, forward)

    def _requests(self, table: Table | None) -> dict[str, tuple[Pattern, ...]]:
        requests: dict[str, tuple[Pattern, ...]] = {}
        for key, value in table or ():
            address = self._step(key)
            if not isinstance(value, Items):
                hint = "begin each item of it with '- '"
                self._findings.add("wrong-type", "the requests of a step are a list", value.place, hint)
            elif address is not None:
                requests[address] = tuple(self._pattern(item) for item in value.items)
        return requests

    def _steps(self, items: Items | None) -> tuple[str, ...]:
        scalars = (as_scalar(item, "a step", self._findings) for item in (items.items if items is not None else ()))
        found = (self._step(scalar) for scalar in scalars if scalar is not None)
        return tuple(address for address in found if address is not None)

    def _step(self, name: Scalar) -> str | None:
        if name.text not in self._known:
            self._findings.unknown("unknown-reference", "step", name.text, self._known, name.place)
        return self._known.get(name.text)

    def _patterns(self, table: Table | None) -> dict[str, Pattern]:
        return {key.text: self._pattern(value) for key, value in table or ()}

    def _pattern(self, node: Node) -> Pattern:
        return read_pattern(node, self._findings)


def read_pattern(node: Node, findings: Findings) -> Pattern:
    """Give what a value is compared with; an expression that cannot be read is among the findings."""
    try:
        return pattern(node)
    except ValueError as error:
        findings.add("wrong-type", str(error), node.place)
        return pattern(Scalar(text="", place=node.place))
