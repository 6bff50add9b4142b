"""The border of ruamel.yaml: a YAML text becomes nodes that know their places.

Only its event stream is used: scalars stay as they were written, so no rule of YAML 1.1 (``no`` as false, ``012`` as
ten, dates) can apply, and no object is ever built from a tag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from runtime.bundle.nodes import Items, Node, Scalar, Table
from runtime.bundle.yaml_check import refusal
from runtime.bundle.yaml_messages import explain
from runtime.errors import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime.bundle.findings import Findings


class _Open(Struct):
    """A list or table that has begun and not ended."""

    place: Place
    is_table: bool
    children: list[Node]


def read_yaml(text: str, file: str, findings: Findings) -> Node | None:
    """Give the root node of a YAML file; None when it is empty or not sound, which is then among the findings."""
    before = len(findings)
    refused = refusal(text)
    root = None if refused is not None and refused.hostile else _Reader(text, file, findings).root()
    if refused is not None and len(findings) == before:
        place = Place(file=file, line=refused.line or 1, column=refused.column or 1)
        findings.add("yaml-syntax", refused.message, place)
    return root if len(findings) == before else None


class _Reader:
    """Builds nodes from events with a stack of its own: hostile nesting meets no recursion limit."""

    def __init__(self, text: str, file: str, findings: Findings) -> None:
        self._text = text
        self._file = file
        self._findings = findings
        self._open: list[_Open] = [_Open(Place(file=file, line=1, column=1), is_table=False, children=[])]

    def root(self) -> Node | None:
        documents = 0
        for event in self._events():
            documents += isinstance(event, DocumentStartEvent)
            if documents > 1:
                self._add("yaml-feature", "a file holds one document", event, "remove what follows '---'")
                return None
            self._take(event)
        roots = self._open[0].children
        return roots[0] if roots else None

    def _events(self) -> Iterator[Event]:
        try:
            yield from YAML(typ="safe", pure=True).parse(self._text)
        except MarkedYAMLError as error:
            self._explain(error)
        except YAMLError as error:  # a character that YAML forbids; it knows an offset only
            offset = getattr(error, "position", 0)
            line = self._text.count("\n", 0, offset) + 1
            column = offset - (self._text.rfind("\n", 0, offset) + 1) + 1
            place = Place(file=self._file, line=line, column=column)
            self._findings.add("yaml-syntax", "this character is not allowed in YAML", place)

    def _explain(self, error: MarkedYAMLError) -> None:
        found = explain(error, self._text)
        place = Place(file=self._file, line=found.at[0], column=found.at[1])
        self._findings.add(found.code, found.message, place, found.hint)

    def _take(self, event: Event) -> None:
        match event:
            case AliasEvent():
                self._add("yaml-feature", "aliases (*name) are not used in bundles", event, "write the value out")
                self._close_value(Scalar(text="", place=self._place(event.start_mark)))
            case ScalarEvent():
                self._plain_features(event)
                self._close_value(self._scalar(event))
            case SequenceStartEvent() | MappingStartEvent():
                self._plain_features(event)
                is_table = isinstance(event, MappingStartEvent)
                self._open.append(_Open(self._place(event.start_mark), is_table=is_table, children=[]))
            case SequenceEndEvent() | MappingEndEvent():
                done = self._open.pop()
                self._close_value(self._table(done) if done.is_table else _items(done))

    def _close_value(self, node: Node) -> None:
        self._open[-1].children.append(node)

    def _table(self, done: _Open) -> Table:
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(done.children[::2], done.children[1::2], strict=True):
            if not isinstance(key, Scalar):
                self._findings.add("yaml-feature", "a key is a text", key.place, "put it in quotes")
            elif key.text in entries:
                first = entries[key.text][0].place
                message = f"the key '{key.text}' is already used in line {first.line}"
                self._findings.add("duplicate-key", message, key.place, "keep one of the two")
            else:
                entries[key.text] = (key, value)
        return Table(entries=tuple(entries.values()), place=done.place)

    def _plain_features(self, event: ScalarEvent | SequenceStartEvent | MappingStartEvent) -> None:
        if event.anchor is not None:
            self._add("yaml-feature", "anchors (&name) are not used in bundles", event, "write the value out")
        if event.ctag is not None:
            self._add("yaml-feature", "tags (!name) are not used in bundles", event, "remove the tag")

    def _scalar(self, event: ScalarEvent) -> Scalar:
        plain = event.style is None
        return Scalar(
            text=event.value, place=self._place(event.start_mark), plain=plain, marks=tuple(self._marks(event))
        )

    def _marks(self, event: ScalarEvent) -> Iterator[Place]:
        """Give the place of each ``${``: the k-th of the value is the k-th of its source, in any style of scalar."""
        count = event.value.count("${")
        if not count:
            return
        start, end = event.start_mark.index, event.end_mark.index
        if self._text.count("${", start, end) != count:  # one of them is spelt with escapes
            yield from [self._place(event.start_mark)] * count
            return
        offset = start
        for _ in range(count):
            offset = self._text.index("${", offset)
            line = self._text.count("\n", start, offset)
            column = offset - self._text.rfind("\n", 0, offset)
            yield Place(file=self._file, line=event.start_mark.line + 1 + line, column=column)
            offset += 2

    def _place(self, mark: StreamMark) -> Place:
        return Place(file=self._file, line=mark.line + 1, column=mark.column + 1)

    def _add(self, code: str, message: str, event: Event, hint: str) -> None:
        self._findings.add(code, message, self._place(event.start_mark), hint)


def _items(done: _Open) -> Items:
    return Items(items=tuple(done.children), place=done.place)
