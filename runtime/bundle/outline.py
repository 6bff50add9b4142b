"""The steps of a process as they nest, before what each says is read: kinds, ids, labels, arms.

A step is a one-key table (``map: priced-line``), with keys of its own beside it, or a bare word (``stop``). Its id is
its label, else its position: ``3.yes.1`` is the first step of the `yes` arm of the third step.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.cures import step_cure
from runtime.bundle.keys import Keys
from runtime.bundle.nodes import Items, Node, Scalar, Table, describe
from runtime.bundle.outline_around import AROUND, Around, read_around
from runtime.errors import Place

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings

GO_TO = "go to"
START = "start"  # the id of the shape before the first step


class StepKind(Struct, frozen=True):
    """A kind of step, for people and editors. `bare`: it may stand as a word alone."""

    summary: str
    bare: bool = False


KINDS: Mapping[str, StepKind] = MappingProxyType(
    {
        "connector": StepKind("Calls a system for each document; the answers go on in place of the documents."),
        "map": StepKind("Makes another document of each, field by field, as a map of the bundle says."),
        "set properties": StepKind("Sets properties of each document, or of the process (`process.name`)."),
        "message": StepKind("Replaces the content of each document by a text."),
        "decision": StepKind("Sends each document to the arm `yes` or `no`; an arm that is missing goes on below."),
        "branch": StepKind("Gives a copy of all documents to each path, one path after the other, or all at once."),
        "try": StepKind("Runs steps; documents that fail in them, or below, go to the arm `catch`."),
        "exception": StepKind("Fails the documents that come here, or the whole process."),
        "stop": StepKind("Ends the path; with `process` it ends the process, as a success.", bare=True),
        "return documents": StepKind("Gives the documents back to whoever called the process.", bare=True),
        "split": StepKind("Makes a document of each item of a list.", bare=True),
        "combine": StepKind("Makes one document with a list of all documents.", bare=True),
        "data process": StepKind("Changes contents in a list of small steps: encodings, archives, parts, stylesheets."),
        "notify": StepKind("Writes a line to the log, and lets the documents pass."),
        "route": StepKind("Sends each document down the path of the first case that its value meets."),
        "business rules": StepKind("Sends documents that keep all rules to `accepted`, the others to `rejected`."),
        "cleanse": StepKind("Repairs values that are not what the profile says; rejects documents that stay so."),
        "process call": StepKind("Runs another process of the bundle; what it returns goes on."),
        "process route": StepKind("Runs the process whose key a document has; without one it goes to `default`."),
        "flow control": StepKind("Runs what follows in parts: some documents at a time."),
        "add to cache": StepKind("Keeps the documents in a cache of the bundle for later steps; none goes on."),
        "retrieve from cache": StepKind("Gives documents of a cache in place of those that come."),
        "remove from cache": StepKind("Removes documents from a cache; none goes on."),
        "wait": StepKind("Waits, once for all documents."),
        "progress": StepKind("Tells the person who waits in Flow how things stand; the documents pass."),
        "script": StepKind("Runs a Python function over all documents."),
        GO_TO: StepKind("Goes on at the step with that label; no step of its own."),
    }
)
# Nothing in the same list follows these.
ENDS = frozenset({"exception", "stop", "return documents", "add to cache", "remove from cache", GO_TO})
_ARMS = {
    "business rules": ("accepted", "rejected"),
    "cleanse": ("rejected", "clean"),
    "decision": ("yes", "no"),
    "process route": ("default",),
    "route": ("default",),
    "try": ("try", "catch"),
}
_RETURNING = ("process call", "process route")
_FEWEST_PATHS = 2  # of a branch: with one path it would be that path


class Step(Struct, frozen=True, kw_only=True):
    """One step as it stands. `value` is what its kind's key says, `beside` the keys that are left to be read.

    `boomi`: it has the platform's form. `canvas` and `notes`: where an editor drew it, and what stood beside it there.
    """

    id: str
    kind: str
    place: Place
    label: str | None = None
    canvas: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()
    boomi: bool = False
    value: Node | None = None
    beside: Table
    arms: dict[str, tuple[Step, ...]] = {}


class Outline(Struct, frozen=True):
    """The steps of a process, and the id of each label."""

    steps: tuple[Step, ...]
    labels: dict[str, str]


def outline(steps: Items, findings: Findings) -> Outline:
    """Give the steps of a process; what is no step is among the findings and left out."""
    reader = _Reader(findings)
    return Outline(reader.path(steps, ""), reader.labels)


class _Reader:
    def __init__(self, findings: Findings) -> None:
        self.labels: dict[str, str] = {}
        self._findings = findings
        self._places: dict[str, Place] = {}  # of each id made from a label

    def path(self, items: Items, prefix: str) -> tuple[Step, ...]:
        steps = (self._step(node, f"{prefix}{number}") for number, node in enumerate(items.items, start=1))
        found = tuple(step for step in steps if step is not None)
        for step, following in pairwise(found):
            if step.kind in ENDS and following.label is None and not step.boomi:
                message = f"this step is never reached: '{step.kind}' ends the path before it"
                self._findings.add("unreachable", message, following.place, "remove it, or move it up")
        return found

    def _step(self, node: Node, position: str) -> Step | None:
        if isinstance(node, Scalar) and not node.is_null:
            node = Table(entries=((node, Scalar(text="", place=node.place)),), place=node.place)
        if not isinstance(node, Table):
            self._add("wrong-type", f"a step is a table of keys or a word, not {describe(node)}", node.place)
            return None
        kind = self._kind(node)
        if kind is None:
            return None
        told = read_around(node, self._findings)
        value = self._value(kind, node)
        label = self._label(kind, node, told)
        identity = self._identity(label, told, position)
        arms = self._arms(kind, node, value, identity)
        around = AROUND if told.boomi or kind != "connector" else ()
        mine = {kind, "label", *around, *_ARMS.get(kind, ()), *(("returns",) if kind in _RETURNING else ())}
        beside = tuple(entry for entry in node if entry[0].text not in mine)
        return Step(
            id=identity,
            kind=kind,
            place=node.place,
            label=label.text if label is not None else None,
            canvas=told.canvas,
            notes=told.notes,
            boomi=told.boomi,
            value=value,
            beside=Table(entries=beside, place=node.place),
            arms=arms,
        )

    def _kind(self, table: Table) -> str | None:
        kinds = [key for key in table.keys() if key in KINDS]  # noqa: SIM118 - a Table, not a dict
        if "connector" in kinds:  # an operation may have a field that is called like a step
            return "connector"
        if any(kind in _RETURNING for kind in kinds):  # whether a call is waited for is no step that waits
            kinds = [kind for kind in kinds if kind != "wait"]
        if len(kinds) == 1:
            return kinds[0]
        if kinds:
            message = f"one step cannot be {' and '.join(repr(kind) for kind in kinds)}"
            entry = table.get(kinds[0])
            is_empty = entry is not None and isinstance(entry[1], Scalar) and entry[1].is_null
            hint = _deeper(kinds[0]) if is_empty else "begin each step with its own '- '"
            self._add("unknown-step", message, table.place, hint)
            return None
        others = [key for key, _ in table if key.text not in {"label", *AROUND}]
        name, place = (others[0].text, others[0].place) if others else ("", table.place)
        self._add("unknown-step", f"there is no step '{name}'", place, step_cure(name, KINDS))
        return None

    def _value(self, kind: str, table: Table) -> Node | None:
        entry = table.get(kind)
        if entry is None:
            return None
        key, value = entry
        if not (isinstance(value, Scalar) and value.is_null):
            return value
        if not KINDS[kind].bare:
            others = [other for other in table.keys() if other not in {kind, "label"}]  # noqa: SIM118 - a Table
            hint = _deeper(kind) if others else f"write '{kind}: …'"
            self._add("missing-value", f"'{kind}' has no value", key.place, hint)
        return None

    def _label(self, kind: str, table: Table, told: Around) -> Scalar | None:
        entry = table.get("label")
        if entry is None:
            return None
        key, value = entry
        if kind == GO_TO:
            self._add("unknown-key", "'go to' has no label: it is no step of its own", key.place, "label its target")
        elif isinstance(value, Scalar) and told.id is not None and value.text:
            return value
        elif not isinstance(value, Scalar) or value.is_null or value.marks or not slug(value.text):
            self._add("wrong-type", f"a label is a text with a letter in it, not {describe(value)}", value.place)
        else:
            return value
        return None

    def _identity(self, label: Scalar | None, told: Around, position: str) -> str:
        if told.id is not None:
            identity = told.id.text
            if identity in self.labels or identity == START:
                self._add("duplicate-label", f"the id '{identity}' is already used", told.id.place)
            self.labels[identity] = identity
            return identity
        if label is None:
            return position
        identity = slug(label.text)
        if identity in self._places or identity == START:
            taken = self._places.get(identity)
            where = f"in line {taken.line}" if taken is not None else "by the start of the process"
            self._add("duplicate-label", f"the label '{label.text}' is already used {where}", label.place)
        else:
            self._places[identity] = label.place
            self.labels[label.text] = identity
        return identity

    def _arms(self, kind: str, table: Table, value: Node | None, identity: str) -> dict[str, tuple[Step, ...]]:
        if kind == "branch":
            return self._branch(value, identity)
        if kind == "process call":
            return self._returns(table, identity)
        returned = self._returns(table, identity) if kind == "process route" else {}
        names = _ARMS.get(kind, ())
        keys = Keys(table, self._findings, f"the step '{kind}'")
        lists = {name: keys.items(name, required=kind == "try") for name in names}
        if names and kind == "decision" and not any(keys.has(name) for name in names):
            self._add("missing-key", "a decision needs 'yes' or 'no'", table.place, "add 'yes: [ … ]'")
        cases = self._cases(keys, identity) if kind == "route" else {}
        named = {name: self.path(items, f"{identity}.{name}.") for name, items in lists.items() if items is not None}
        return returned | cases | named

    def _cases(self, keys: Keys, identity: str) -> dict[str, tuple[Step, ...]]:
        """Give the paths of a route, by the numbers of its cases; what else a case says is read with the step."""
        items = keys.items("cases", required=True)
        arms: dict[str, tuple[Step, ...]] = {}
        for number, case in enumerate(items.items if items is not None else (), start=1):
            entry = case.get("steps") if isinstance(case, Table) else None
            if entry is not None and isinstance(entry[1], Items):
                arms[str(number)] = self.path(entry[1], f"{identity}.{number}.")
        return arms

    def _returns(self, table: Table, identity: str) -> dict[str, tuple[Step, ...]]:
        """Give the paths of a call, by the labels of the steps that documents are returned at."""
        keys = Keys(table, self._findings, "the step")
        arms: dict[str, tuple[Step, ...]] = {}
        for label, path in keys.table("returns") or ():
            if isinstance(path, Items):
                arms[label.text] = self.path(path, f"{identity}.{slug(label.text) or len(arms)}.")
            else:
                self._add("wrong-type", f"a path is a list of steps, not {describe(path)}", path.place)
        return arms

    def _branch(self, value: Node | None, identity: str) -> dict[str, tuple[Step, ...]]:
        if value is None:
            return {}
        if not isinstance(value, Items) or len(value.items) < _FEWEST_PATHS:
            self._add(
                "wrong-type", "a branch is a list of two or more paths", value.place, "write 'branch: [ […], […] ]'"
            )
            return {}
        arms: dict[str, tuple[Step, ...]] = {}
        for number, path in enumerate(value.items, start=1):
            if isinstance(path, Items):
                arms[str(number)] = self.path(path, f"{identity}.{number}.")
            else:
                self._add(
                    "wrong-type", f"a path is a list of steps, not {describe(path)}", path.place, "write '- - step'"
                )
        return arms

    def _add(self, code: str, message: str, place: Place, hint: str | None = None) -> None:
        self._findings.add(code, message, place, hint)


def _deeper(kind: str) -> str:
    return f"indent what belongs to '{kind}' deeper than '{kind}' itself"


def slug(label: str) -> str:
    """Give an id from a label; never one that a position has, because it keeps a letter and no dot."""
    slug = re.sub(r"[\W_]+", "-", label.casefold()).strip("-")
    return slug if any(character.isalpha() for character in slug) else ""
