"""Process components (component XML, section 2): a graph that begins at its one start shape."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from runtime.bundle.components.calls import call
from runtime.bundle.components.disk import DISK_V2
from runtime.bundle.components.fields import Fields, fields_in
from runtime.bundle.components.file_listeners import placed
from runtime.bundle.components.library import find
from runtime.bundle.components.paths import only_way, onward, read_ways
from runtime.bundle.components.shape import ShapeSource
from runtime.bundle.components.shapes import REFUSED, SHAPES
from runtime.errors import Place
from runtime.model.components import ProcessComponent
from runtime.model.process import Mode, Options, Process
from runtime.model.shapes import Start

if TYPE_CHECKING:
    from runtime.bundle.components.envelope import Component
    from runtime.bundle.components.library import Library
    from runtime.bundle.components.listeners import FlowOperation
    from runtime.bundle.components.made import Operation
    from runtime.bundle.components.xml import Element
    from runtime.bundle.findings import Findings
    from runtime.model.file_listener import FileListener
    from runtime.model.process import Listener
    from runtime.model.shapes import AnyShape
    from runtime.model.values import Template
    from runtime.model.web_service import WebListener

START = "start"  # the id of a start in front of the step that fetches: the step keeps the shape's own name

_MODES: Mapping[str, Mode] = MappingProxyType({"general": "general", "bridge": "bridge", "low_latency": "low latency"})
_NOWHERE_TOLD = 5  # shapes named in one message


class Operations(Struct, frozen=True):
    """The operation components of a bundle by id, by what they are for; None for one with a mistake of its own."""

    calls: dict[str, Operation | None]
    flow: dict[str, FlowOperation | None]
    web: dict[str, WebListener | None]
    files: dict[str, FileListener | None] = {}


class _Beginning(Struct, frozen=True):
    start: Start
    first: AnyShape | None = None
    listener: Listener | None = None


class ProcessReader:
    """Reads one process component."""

    def __init__(self, component: Component, library: Library, operations: Operations, findings: Findings) -> None:
        self._component = component
        self._library = library
        self._operations = operations
        self._notes = component.notes(findings)

    def read(self, name: str, properties: Mapping[str, Template]) -> Process | None:
        """Give the process, under its name in the bundle; None when it has a mistake or cannot run."""
        body = self._component.body
        if body.tag != "process":
            self._notes.wrong(body, f"a process component holds 'process', not '{body.tag}'")
            return None
        before = len(self._notes)
        fields = Fields(body, self._notes)
        options, about = self._options(fields)
        holder = fields_in(fields, "shapes")
        fields.done()
        elements = self._elements(holder) if holder is not None else {}
        begin = self._beginning(elements)
        if begin is None:
            return None
        shapes = self._shapes(elements, begin)
        if len(self._notes) > before:
            return None
        return Process(
            name=name,
            start=begin.start,
            shapes=shapes,
            listener=begin.listener,
            options=options,
            properties=dict(properties),
            description=self._component.description or None,
            component=ProcessComponent(**about),
            place=self._component.place,
        )

    def _options(self, fields: Fields) -> tuple[Options, dict[str, Any]]:
        mode: Mode = fields.word("workload", _MODES, "general")
        if not fields.flag("stopProcessingIfZeroDocuments", default=True):
            message = "a step that no document reaches is skipped, although 'stopProcessingIfZeroDocuments' is off"
            self._notes.differs(fields.element, message)
        about = {
            "id": self._component.id,
            "version": self._component.version,
            "folder": self._component.folder,
            "simultaneous": fields.flag("allowSimultaneous"),
            "stop_if_empty": fields.flag("stopProcessingIfZeroDocuments", default=True),
            "run_dates": fields.flag("updateRunDates"),
            "purge": fields.flag("purgeDataImmediately"),
        }
        return Options(mode=mode, simultaneous="allow" if about["simultaneous"] else "reject"), about

    def _elements(self, holder: Fields) -> dict[str, Element]:
        elements: dict[str, Element] = {}
        for element in holder.children("shape"):
            name = element.attributes.get("name", "")
            if not name or name in elements:
                self._notes.wrong(element, f"each shape has a name of its own, not '{name}'")
            elements.setdefault(name, element)
        holder.done()
        return elements

    def _beginning(self, elements: Mapping[str, Element]) -> _Beginning | None:
        starts = [element for element in elements.values() if element.attributes.get("shapetype") == "start"]
        if len(starts) != 1:
            place = starts[1] if starts else self._component.body
            self._notes.wrong(place, f"a process has one start shape, not {len(starts)}")
            return None
        return _StartReader(self, starts[0], elements).read()

    def _shapes(self, elements: Mapping[str, Element], begin: _Beginning) -> tuple[AnyShape, ...]:
        """Read what the start leads to; what it does not lead to never runs, there or here, and is only told."""
        first = begin.first.id if begin.first is not None else begin.start.id
        reached = _reached(elements, first)
        lost = [name for name in elements if name not in reached]
        if lost:
            named = ", ".join(lost[:_NOWHERE_TOLD]) + (" …" if len(lost) > _NOWHERE_TOLD else "")
            self._notes.differs(elements[lost[0]], f"never reached, and left out: {named}")
        read: list[AnyShape | None] = [begin.start, begin.first]
        read.extend(self._shape(elements[name], elements) for name in elements if name in reached - {first})
        return tuple(shape for shape in read if shape is not None)

    def _shape(self, element: Element, elements: Mapping[str, Element]) -> AnyShape | None:
        fields, common = self.common(element)
        kind = fields.required("shapetype")
        configuration = fields_in(fields, "configuration")
        ways = read_ways(fields, elements)
        fields.done()
        if kind in REFUSED:
            fields.notes.refused(element, REFUSED[kind])
            return None
        if kind not in SHAPES:
            fields.notes.unknown(element, f"there is no shape '{kind}'")
            return None
        tag, read = SHAPES[kind]
        inner = fields_in(configuration, tag) if configuration is not None else None
        if configuration is None or inner is None:
            fields.notes.wrong(element, f"the shape's configuration has no '{tag}'")
            return None
        configuration.done()
        source = ShapeSource(inner, ways, common, self._library, self._operations.calls)
        shape = read(source)
        inner.done()
        return shape

    def common(self, element: Element) -> tuple[Fields, dict[str, Any]]:
        """Read what all shapes have."""
        name, label = element.attributes.get("name", ""), element.attributes.get("userlabel", "")
        notes = self._notes.within(f"{name} '{label}'" if label else name)
        fields = Fields(element, notes)
        fields.shown("name", "userlabel")
        x, y = _coordinate(fields, "x"), _coordinate(fields, "y")
        place = Place(process=self._component.name, step=name, file=self._component.file, line=element.line)
        return fields, {
            "id": name,
            "label": label if label.strip() else None,
            "place": place,
            "canvas": (x, y) if x is not None and y is not None else None,
            "notes": _remarks(fields),
        }

    def listen(self, kind: str, fields: Fields) -> Listener | None:
        """Give what a start that listens listens for; what cannot listen here is told."""
        identity, components = fields.text("operationId"), self._library.components
        if kind == "fss":
            flow = find(identity, "Flow Services Server operation", self._operations.flow, components, fields)
            return flow.listener if flow is not None else None
        if kind == "wss":
            return find(identity, "Web Services Server operation", self._operations.web, components, fields)
        if kind == DISK_V2:
            listens = find(identity, "Disk V2 operation that listens", self._operations.files, components, fields)
            return placed(listens, fields, self._library) if listens is not None else None
        fields.notes.refused(fields.element, f"a start cannot listen with the connector '{kind}' here")
        return None

    def fetch(self, fields: Fields, element: Element, common: dict[str, Any], names: Mapping[str, Element]) -> AnyShape:
        """Read a start that fetches documents: a call for the one empty document of a No Data start."""
        outer = Fields(element, fields.notes)
        source = ShapeSource(fields, read_ways(outer, names), common, self._library, self._operations.calls)
        return call(source)


class _StartReader:
    def __init__(self, reader: ProcessReader, element: Element, elements: Mapping[str, Element]) -> None:
        self._reader = reader
        self._element = element
        self._elements = elements

    def read(self) -> _Beginning | None:
        """Read the start shape."""
        fields, common = self._reader.common(self._element)
        fields.text("shapetype")
        configuration = fields_in(fields, "configuration")
        ways = read_ways(fields, self._elements)
        fields.done()
        inner = configuration.element.children if configuration is not None else ()
        if configuration is None or len(inner) != 1:
            fields.notes.wrong(self._element, "a start says in one element how it begins")
            return None
        configuration.children(inner[0].tag)
        configuration.done()
        to = only_way(ways, fields)
        if inner[0].tag in {"noaction", "passthroughaction"}:
            Fields(inner[0], fields.notes).done()
            if inner[0].tag == "noaction":
                return _Beginning(Start(**common, mode="no data", to=to))
            return _Beginning(Start(**common, mode="passthrough", to=to))
        if inner[0].tag != "connectoraction":
            fields.notes.refused(inner[0], f"a start cannot begin with '{inner[0].tag}' here")
            return None
        return self._connector(Fields(inner[0], fields.notes), common, to)

    def _connector(self, fields: Fields, common: dict[str, Any], to: str | None) -> _Beginning:
        kind, action = fields.required("connectorType"), fields.text("actionType")
        if action.lower() != "listen":
            first = self._reader.fetch(fields, self._element, common, self._elements)
            fields.done()
            start = Start(id=START, place=common["place"], mode="no data", to=first.id)
            return _Beginning(start, first=first)
        fields.only("allowDynamicCredentials", "NONE", why="credentials are the connection's own")
        fields.text("connectionId")
        for tag in ("parameters", "dynamicProperties"):
            holder = fields_in(fields, tag)
            if holder is not None:
                holder.done()
        listener = self._reader.listen(kind, fields)
        fields.done()
        return _Beginning(Start(**common, mode="listen", to=to), listener=listener)


def _reached(elements: Mapping[str, Element], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in reached and name in elements:
            reached.add(name)
            waiting.extend(onward(elements[name]))
    return reached


def _coordinate(fields: Fields, name: str) -> float | None:
    try:
        return float(fields.text(name))
    except ValueError:
        return None


def _remarks(fields: Fields) -> tuple[str, ...]:
    holder = fields_in(fields, "stepnotes")
    if holder is None:
        return ()
    remarks = []
    for element in holder.children("note"):
        note = Fields(element, fields.notes)
        remarks.append(note.content())
        note.done()
    holder.done()
    return tuple(remarks)
