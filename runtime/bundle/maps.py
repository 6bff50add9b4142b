"""maps/*.yaml: one map a file, a rule for each field of the target.

from: order line
to: priced line
fields:
sku: sku                                                     # the source's field
name: { from: item.name, default: unknown }
label: "${document.sku + ' ' + document.name}"               # an expression
currency: { value: EUR }                                     # always the same
total: { function: multiply, of: [price, quantity, 2] }      # paths, numbers, {value: text}, functions, ${…}

A map between documents that are no JSON, or one that says more, is read by `runtime.bundle.mapped`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.keys import Keys, as_table
from runtime.bundle.known import find
from runtime.bundle.map_sources import SourceReader
from runtime.bundle.nodes import Table
from runtime.bundle.paths import check_path, check_reads, read_path
from runtime.expressions.jsonata import mistake_in
from runtime.model.maps import Map, Rule, lists_in, source_mistake

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.bundle.known import Known
    from runtime.bundle.nodes import Node, Scalar
    from runtime.model.maps import Path
    from runtime.model.profile import Profile
    from runtime.model.values import Template


PROGRAM = "jsonata"


def read_map(name: str, node: Node, known: Known, findings: Findings) -> Map | None:
    """Read one map; its name is the file's, without the ending."""
    table = as_table(node, "a map", findings)
    if table is None:
        return None
    keys = Keys(table, findings, "a map")
    keys.text("description")
    source_name, target_name = keys.scalar("from"), keys.scalar("to")
    source = find(source_name, "profile", known.profiles, findings)
    target = find(target_name, "profile", known.profiles, findings)
    fields = keys.table("fields", required=True)
    keys.done()
    reader = _Reader(source, target, known, findings)
    rules = (reader.rule(key, value) for key, value in fields or ())
    return Map(
        name=name,
        rules=tuple(rule for rule in rules if rule is not None),
        source_profile=source_name.text if source_name is not None else None,
        target_profile=target_name.text if target_name is not None else None,
        place=table.place,
    )


def is_program(node: Node | None) -> bool:
    """Whether a map is written as an expression of JSONata."""
    return isinstance(node, Table) and node.get(PROGRAM) is not None


def read_program(table: Table, known: Known, findings: Findings) -> str | None:
    """Read ``jsonata: expression``, with the profiles of both sides for people; None when it has a mistake."""
    keys = Keys(table, findings, "a map")
    keys.text("description")
    for side in ("from", "to"):
        find(keys.scalar(side), "profile", known.profiles, findings)
    scalar = keys.scalar(PROGRAM, required=True)
    keys.done()
    if scalar is None:
        return None
    mistake = mistake_in(scalar.text)
    if mistake is not None:
        line = scalar.text.count("\n", 0, mistake[1]) + 1
        findings.add("expression", f"this is no JSONata (in its line {line}): {mistake[0]}", scalar.place)
        return None
    return scalar.text


class _Reader(SourceReader):
    def __init__(self, source: Profile | None, target: Profile | None, known: Known, findings: Findings) -> None:
        super().__init__(known.tables, findings)
        self._source = source
        self._target = target

    def rule(self, key: Scalar, node: Node) -> Rule | None:
        """Read the rule for one field of the target."""
        target = read_path(key, self._findings)
        if target is None:
            return None
        if self._target is not None:
            check_path(target, self._target, key, self._findings)
        before = len(self._findings)
        source, default = self.read(key, node)
        if len(self._findings) > before or (source is None and default is None):
            return None
        if source is not None and (mistake := source_mistake(source, lists_in(target))) is not None:
            self._findings.add("map-source", mistake, node.place)
        return Rule(target=target, source=source, default=default, place=key.place)

    def path(self, scalar: Scalar) -> Path | None:
        path = read_path(scalar, self._findings)
        if path is not None and self._source is not None:
            check_path(path, self._source, scalar, self._findings)
        return path

    def check(self, template: Template) -> None:
        if self._source is not None:
            check_reads(template, self._source, self._findings)
