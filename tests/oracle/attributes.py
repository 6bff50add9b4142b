"""What becomes of every attribute that exports have: python -m tests.oracle.attributes TSV FOLDER….

The table names component types, elements and attributes. An attribute is *honoured* when the reader asks for it,
*harmless* when `runtime.bundle.components.harmless` says why, else it must be *refused*: a component that has it is,
with a reason. *Silent* is what is none of these, and an error. What is read are the components of the folders; where
none of them has an element, one is put together from what the table says of parents and children.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from lxml import etree
from msgspec import Struct

from runtime.bundle.components.fields import Fields
from runtime.bundle.components.harmless import ELEMENTS, is_harmless
from runtime.bundle.components.notes import REFUSED, UNKNOWN
from runtime.bundle.components.read import read_components
from runtime.bundle.components.shapes import SHAPES
from runtime.bundle.findings import Findings
from runtime.bundle.rules import PREFIX
from runtime.errors import Problem
from runtime.plugins import installed_connectors
from runtime.sdk.connector import Catalogue
from tests.oracle.corpus import corpus, groups

_DEEPEST = 14  # elements: the deepest that the table has is the values of a look-up in a shape
_ENVELOPE = frozenset({"Component", "encryptedValue", "encryptedValues", "description", "object"})
_PLATFORM = "http://api.platform.boomi.com/"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

_PROCESS = {"fragment:shape": "process", "process (shape fragment)": "process"}

# What an element on the way must say so that the reader comes to the elements in it.
_SHAPES = {tag: kind for kind, (tag, _) in SHAPES.items()} | {"noaction": "start", "tradingpartneraction": "start"}
_CONNECTORS = {
    "DatabaseConnectionSettings": "database",
    "FTPGetAction": "ftp",
    "FTPSettings": "ftp",
    "GenericConnectionConfig": "officialboomi-X3979C-rest-prod",
    "GenericOperationConfig": "officialboomi-X3979C-dbv2da-prod",
    "SFTPSendAction": "sftp",
    "SFTPSettings": "sftp",
    "SalesforceGetAction": "salesforce",
    "SalesforceSettings": "salesforce",
}
_TYPED = frozenset({"cacheKey", "condition", "input", "leftInput", "nestedExpression", "rightInput"})
_FUNCTIONS = {"Scripting": "Scripting", "DocumentProperty": "DocumentPropertyGet", "StringConcat": "StringConcat"}

Named = tuple[str, str, str]  # component type, element, attribute


class Row(Struct, frozen=True):
    """An attribute of the table, with a value that exports have, if the table says one."""

    type: str
    element: str
    attribute: str
    value: str

    @property
    def named(self) -> Named:
        """Give what tells it apart."""
        return _named(self.type, self.element, self.attribute)


class Table(Struct, frozen=True):
    """The attributes, and the children of each element by component type."""

    rows: tuple[Row, ...]
    children: Mapping[str, Mapping[str, tuple[str, ...]]]

    def chains(self, kind: str, element: str) -> Iterator[tuple[str, ...]]:
        """Give every way from the envelope to an element, each as the names of the elements on it."""
        waiting: list[tuple[str, ...]] = [("Component",)]
        while waiting:
            chain = waiting.pop()
            if chain[-1] == element:
                yield chain
            elif len(chain) < _DEEPEST:
                waiting += [(*chain, child) for child in self.children[kind].get(chain[-1], ()) if child not in chain]


class Judged(Struct, frozen=True):
    """What became of one attribute: ``honoured``, ``harmless``, ``refused`` with the reason, or ``silent``."""

    row: Row
    outcome: str
    reason: str = ""


def read_table(path: Path) -> Table:
    """Read the table."""
    rows: list[Row] = []
    children: dict[str, dict[str, tuple[str, ...]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for kind, element, attribute, _, _, values, inner in list(csv.reader(file, delimiter="\t"))[1:]:
            kind = _PROCESS.get(kind, kind)  # noqa: PLW2901 - a fragment is a part of a process
            if attribute:
                rows.append(Row(kind, element, attribute, values.partition(" | ")[0]))
            elif inner:
                known = children.setdefault(kind, {})
                known[element] = (*known.get(element, ()), *inner.split(", "))
    return Table(tuple(dict.fromkeys(rows)), children)


def judge(table: Table, files: Iterable[Mapping[str, bytes]], catalogue: Catalogue) -> list[Judged]:
    """Say of each attribute what becomes of it; each group of files is read together."""
    with _listening() as asked:
        for group in files:
            read_components(group, catalogue, Findings("attributes", {}))
    return [_judge(row, table, asked, catalogue) for row in table.rows]


def _judge(row: Row, table: Table, asked: set[Named], catalogue: Catalogue) -> Judged:
    if row.named in asked:
        return Judged(row, "honoured")
    if is_harmless(row.element, row.attribute, row.value):
        return Judged(row, "harmless")
    reasons: list[str] = []
    for chain in table.chains(row.type, row.element):
        if any((parent, child) in ELEMENTS or ("*", child) in ELEMENTS for parent, child in pairwise(chain)):
            return Judged(row, "harmless")
        findings = Findings("attributes", {})
        with _listening() as heard:
            read_components({"one.xml": written(chain, table, row)}, catalogue, findings)
        if row.named in heard:
            return Judged(row, "honoured")
        reasons += [one.message for one in findings.problems("error") if _concerns(one, row, chain)]
    return Judged(row, "refused", reasons[0]) if reasons else Judged(row, "silent")


def _concerns(problem: Problem, row: Row, chain: Sequence[str]) -> bool:
    """Whether a component is refused for the attribute itself, or for an element that it stands in."""
    if problem.code == PREFIX + UNKNOWN:
        names = (f"'{parent}'" for parent in chain)
        return f"'{row.attribute}'" in problem.message or any(f"{name} in " in problem.message for name in names)
    return problem.code == PREFIX + REFUSED


@contextmanager
def _listening() -> Generator[set[Named]]:
    """Give the attributes that the reader asks for while the block runs."""
    asked: set[Named] = set()
    text, shown = Fields.text, Fields.shown

    def heard(self: Fields, name: str, default: str = "") -> str:
        asked.add(_named(_type(self), self.element.tag, name.removeprefix("xsi:")))
        return text(self, name, default)

    def passed(self: Fields, *names: str) -> None:
        asked.update(_named(_type(self), self.element.tag, name) for name in names)
        shown(self, *names)

    Fields.text, Fields.shown = heard, passed  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        Fields.text, Fields.shown = text, shown  # type: ignore[method-assign]


def _type(read: Fields) -> str:
    return read.notes.component.partition(" '")[0]


def _named(kind: str, element: str, attribute: str) -> Named:
    return ("" if element in _ENVELOPE else _PROCESS.get(kind, kind), element, attribute)


def written(chain: Sequence[str], table: Table, row: Row) -> bytes:
    """Give a component with the elements of a way, each with the attributes that the table says it has."""
    root = outer = etree.Element(f"{{{_PLATFORM}}}Component", nsmap={"bns": _PLATFORM})
    root.attrib.update({"componentId": "one", "name": "One", "type": row.type})
    for parent, name in pairwise(chain):
        in_envelope = parent == "Component"
        inner = etree.SubElement(outer, f"{{{_PLATFORM}}}{name}" if in_envelope else name)
        for one in table.rows:
            if (one.type, one.element) == (row.type, name) and not in_envelope:
                inner.set(_TYPE if one.attribute == "type" and name in _TYPED else one.attribute, one.value or "1")
        if name in _CONNECTORS:
            root.set("subType", _CONNECTORS[name])
        if parent == "configuration":
            _put_into_process(outer, _SHAPES.get(name, name))
        if parent == "Configuration" and row.type.startswith("transform"):
            outer.getparent().set("type", _FUNCTIONS.get(name, name))  # type: ignore[union-attr]
        outer = inner
    if "object" not in chain:
        etree.SubElement(etree.SubElement(root, f"{{{_PLATFORM}}}object"), "process")
    return etree.tostring(root)


def _put_into_process(configuration: etree._Element, kind: str) -> None:
    """Make the shape of a configuration one that a process leads to."""
    shape = next(configuration.iterancestors("shape"))
    shape.attrib.update({"name": "shape2", "shapetype": kind})
    if kind != "start":
        start = '<shape name="shape1" shapetype="start"><configuration><noaction/></configuration><dragpoints>'
        shape.addprevious(etree.fromstring(f'{start}<dragpoint toShape="shape2"/></dragpoints></shape>'))


def report(judged: Iterable[Judged]) -> str:
    """Give the counts, and each silent attribute."""
    judged = list(judged)
    silent = [
        f"silent: {one.row.type}: {one.row.attribute} of {one.row.element}" for one in judged if one.outcome == "silent"
    ]
    counts = Counter(one.outcome for one in judged)
    outcomes = ", ".join(f"{counts[outcome]} {outcome}" for outcome in ("honoured", "harmless", "refused", "silent"))
    return "\n".join([*silent, f"{len(judged)} attributes: {outcomes}"])


def main() -> int:
    """Judge the attributes of a table."""
    table, *folders = map(Path, sys.argv[1:])
    if not table.is_file():
        print(f"there is no table of attributes at {table}", file=sys.stderr)
        return 2
    files = [group for folder in folders for group in groups(corpus(folder))]
    judged = judge(read_table(table), files, installed_connectors())
    print(report(judged))
    return 1 if any(one.outcome == "silent" for one in judged) else 0


if __name__ == "__main__":
    sys.exit(main())
