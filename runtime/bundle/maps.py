"""maps/*.yaml: one map a file, a rule for each field of the target.

from: order line
to: priced line
fields:
sku: sku                                                     # the source's field
name: { from: item.name, default: unknown }
label: "${document.sku + ' ' + document.name}"               # an expression
currency: { value: EUR }                                     # always the same
total: { function: multiply, of: [price, quantity, 2] }      # paths, numbers, {value: text}, functions, ${…}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.functions import read_call
from runtime.bundle.keys import Keys, as_table
from runtime.bundle.known import find
from runtime.bundle.nodes import Items, Scalar, Table
from runtime.bundle.paths import check_path, check_reads, read_path
from runtime.bundle.templates import read_template
from runtime.model.maps import Call, Field, Map, Rule, Source, lists_in, source_mistake
from runtime.model.values import Template

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.bundle.known import Known
    from runtime.bundle.nodes import Node
    from runtime.model.profile import Profile

_WAYS = ("from", "value", "function")


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


class _Reader:
    def __init__(self, source: Profile | None, target: Profile | None, known: Known, findings: Findings) -> None:
        self._source = source
        self._tables = known.tables
        self._target = target
        self._findings = findings

    def rule(self, key: Scalar, node: Node) -> Rule | None:
        """Read the rule for one field of the target."""
        target = read_path(key, self._findings)
        if target is None:
            return None
        if self._target is not None:
            check_path(target, self._target, key, self._findings)
        before = len(self._findings)
        source, default = self._source_and_default(key, node)
        if len(self._findings) > before or (source is None and default is None):
            return None
        if source is not None and (mistake := source_mistake(source, lists_in(target))) is not None:
            self._findings.add("map-source", mistake, node.place)
        return Rule(target=target, source=source, default=default, place=key.place)

    def _source_and_default(self, key: Scalar, node: Node) -> tuple[Source | None, str | None]:
        if not isinstance(node, Table):
            return self._source_of(node), None
        keys = Keys(node, self._findings, f"the rule for '{key.text}'")
        default = self._default(keys)
        if default is not None and not any(keys.has(way) for way in _WAYS):
            keys.done()
            return None, default
        return self._written(keys), default

    def _default(self, keys: Keys) -> str | None:
        scalar = keys.scalar("default")
        if scalar is not None and scalar.marks:
            self._findings.add("wrong-type", "a default cannot be computed", scalar.marks[0], "write the text itself")
        return scalar.text if scalar is not None else None

    def _source_of(self, node: Node) -> Source | None:
        """Read a source where a path is meant unless something else is written."""
        match node:
            case Table():
                return self._written(Keys(node, self._findings, "a source"))
            case Scalar(is_null=True):
                self._findings.add("missing-value", "a source is missing", node.place, 'an empty text is {value: ""}')
                return None
            case Scalar():
                return self._path_or_text(node)
            case Items():
                self._findings.add("wrong-type", "a source is a path, not a list", node.place, "use a function")
                return None

    def _written(self, keys: Keys) -> Source | None:
        if keys.has("function"):
            return self._call(keys)
        ways = [way for way in ("from", "value") if keys.has(way)]
        if len(ways) != 1:
            hint = "write one of: from (a path), value (a text), function"
            keys.findings.add("missing-key", f"{keys.what} needs one source", keys.place, hint)
            return None
        scalar = keys.scalar(ways[0])
        keys.done()
        if scalar is None:
            return None
        return self._template(scalar) if ways[0] == "value" else self._path_or_text(scalar)

    def _template(self, scalar: Scalar) -> Template:
        template = read_template(scalar, self._findings)
        if self._source is not None:
            check_reads(template, self._source, self._findings)
        return template

    def _path_or_text(self, scalar: Scalar) -> Source | None:
        if scalar.marks:
            return self._template(scalar)
        if scalar.plain and _is_number(scalar.text):
            return Template((scalar.text,))
        path = read_path(scalar, self._findings)
        if path is None:
            return None
        if self._source is not None:
            check_path(path, self._source, scalar, self._findings)
        return Field(path)

    def _call(self, keys: Keys) -> Call | None:
        inputs = keys.items("of")
        sources = [self._source_of(node) for node in inputs.items] if inputs is not None else []
        sound = tuple(source for source in sources if source is not None)
        call = read_call(keys, sound, self._tables)
        return call if len(sound) == len(sources) else None


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-").replace(".", "", 1)
    return digits.isascii() and digits.isdigit()
