"""maps/*.yaml by profile: XML, flat files, rows of a database, instances, joins, and functions of the map's own.

Such a map runs by the engine of exported maps: what repeats in the target repeats with its source, and what repeats
only in the source gives documents (platform behaviours 81-87).

from: order file
to: order
functions:
tidy: { inputs: [ text ], cache: document, steps: { bare: { function: whitespace trim, of: [ text ] } }, gives: bare }
joins:
stock: { cache: stock, profile: stock, index: by sku, below: "lines[]", keys: [ "lines[].sku" ] }
fields:
Line[].@sku: { function: tidy, of: [ "line[].sku" ] }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.join_keys import read_joins
from runtime.bundle.keys import Keys
from runtime.bundle.known import find
from runtime.bundle.links import Links
from runtime.bundle.map_sources import SourceReader
from runtime.bundle.nodes import Items, Scalar, Table
from runtime.bundle.own_functions import OwnFunction, read_functions
from runtime.bundle.sides import Side, json_of, names_an_instance
from runtime.expressions import names_read
from runtime.model.maps import FUNCTIONS
from runtime.model.platform_maps import CacheJoin, FromElement, PlatformMap, UserFunction
from runtime.model.spelled import json_profile
from runtime.model.values import Expression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime.bundle.findings import Findings
    from runtime.bundle.known import Known
    from runtime.bundle.nodes import Node
    from runtime.errors import Place
    from runtime.model.maps import Path
    from runtime.model.platform_profiles import PlatformProfile
    from runtime.model.values import Template


class Mapped(Struct, frozen=True):
    """A map as it is run: with its profiles, and the functions of its own."""

    map: PlatformMap
    profiles: dict[str, PlatformProfile]
    functions: dict[str, UserFunction]


def map_id(name: str) -> str:
    """Give the id of a native map among those of exports."""
    return f"maps/{name}"


def is_by_profile(node: Node | None, known: Known) -> bool:
    """Whether a map says what only the engine of profiles runs."""
    if not isinstance(node, Table):
        return False
    names = [entry[1].text for key in ("from", "to") if (entry := node.get(key)) and isinstance(entry[1], Scalar)]
    fields = node.get("fields")
    return (
        any(name in known.formats for name in names)
        or node.get("joins") is not None
        or node.get("functions") is not None
        or (fields is not None and any(_is_by_profile(key, value) for key, value in _entries(fields[1])))
    )


def _entries(node: Node) -> Iterator[tuple[Scalar, Node]]:
    return iter(node) if isinstance(node, Table) else iter(())


def _is_by_profile(key: Scalar, node: Node) -> bool:
    return names_an_instance(key.text) or any(_says_more(one) for one in _scalars(node))


def _says_more(scalar: Scalar) -> bool:
    spec = FUNCTIONS.get(scalar.text)
    return (not scalar.marks and names_an_instance(scalar.text)) or (spec is not None and spec.counts is not None)


def _scalars(node: Node) -> Iterator[Scalar]:
    """Give the paths and names of functions within a source."""
    match node:
        case Scalar():
            yield node
        case Items(items=items):
            for one in items:
                yield from _scalars(one)
        case Table():
            for key, value in node:
                if key.text in {"from", "of", "function"}:
                    yield from _scalars(value)


def read_mapped(name: str, table: Table, known: Known, findings: Findings) -> Mapped | None:
    """Read one map; its name is the file's, without the ending."""
    before = len(findings)
    keys = Keys(table, findings, "a map")
    keys.text("description")
    source_name, target_name = keys.scalar("from"), keys.scalar("to")
    own = read_functions(keys.table("functions"), known, findings)
    joins, fields = keys.table("joins"), keys.table("fields", required=True)
    keys.done()
    source = _profile(source_name, known, findings)
    target = _profile(target_name, known, findings)
    if source is None and source_name is None:
        source = json_of(dict.fromkeys(_paths(fields, joins)), f"{name} source")
    if target is None and target_name is None:
        target = json_of({key.text: None for key, _ in fields or ()}, f"{name} target")
    if source is None or target is None:
        return None
    side = Side(source, findings)
    made = _Making(name, own, read_joins(joins, side, known, findings), side, Side(target, findings), table.place)
    made.read(fields, known, findings)
    return made.mapped() if len(findings) == before else None


def _profile(name: Scalar | None, known: Known, findings: Findings) -> PlatformProfile | None:
    if name is not None and name.text in known.formats:
        return known.formats[name.text]
    found = find(name, "profile", known.profiles, findings)
    return None if found is None else json_profile(found)


def _paths(fields: Table | None, joins: Table | None) -> Iterator[str]:
    """Give the paths of a source that has no profile, those into joined documents left out."""
    joined = {key.text for key, _ in joins or ()}
    for _, node in fields or ():
        for path in _read_paths(node):
            if path.split(".", 1)[0] not in joined:
                yield path
    for _, node in joins or ():
        keys = node.get("keys") if isinstance(node, Table) else None
        below = node.get("below") if isinstance(node, Table) else None
        for entry in (keys, below):
            yield from (() if entry is None else (one.text for one in _scalars(entry[1])))


def _read_paths(node: Node) -> Iterator[str]:
    match node:
        case Scalar():
            if not node.marks and not node.is_null and not (node.plain and node.text.lstrip("-")[:1].isdigit()):
                yield node.text
        case Table():
            for key in ("from", "of"):
                entry = node.get(key)
                if entry is not None:
                    yield from _read_paths(entry[1])
        case Items(items=items):
            for one in items:
                yield from _read_paths(one)


class _Making(Struct, frozen=True):
    """A map while it is made. `joined` are its joins, each with the side of what it finds."""

    name: str
    own: dict[str, OwnFunction]
    joined: dict[str, tuple[CacheJoin, Side]]
    source: Side
    target: Side
    place: Place
    links: list[Links] = []

    def read(self, fields: Table | None, known: Known, findings: Findings) -> None:
        """Read what fills each element of the target."""
        reader = _Reader(self, known, findings)
        links = Links(reader.elements, {key: (self._id(key), one.cache) for key, one in self.own.items()})
        for key, node in fields or ():
            element = self.target.element(key)
            read, default = reader.read(key, node)
            if element is not None:
                if default is not None and self.target.format(element[0]).kind == "datetime":
                    check_date(default, node, findings)
                links.fill(element, read, default)
        self.links.append(links)

    def mapped(self) -> Mapped:
        """Give the map, with what belongs to it."""
        source, target = self.source.profile(self._id("from")), self.target.profile(self._id("to"))
        others = [side.profile(join.profile or "") for join, side in self.joined.values()]
        (links,) = self.links
        made = PlatformMap(
            id=map_id(self.name),
            name=self.name,
            source_profile=source.id,
            target_profile=target.id,
            links=tuple(links.links),
            functions=tuple(links.functions),
            defaults=tuple(links.defaults),
            joins=tuple(join for join, _ in self.joined.values()),
            place=self.place,
        )
        functions = {self._id(key): one.function(self._id(key), key) for key, one in self.own.items()}
        return Mapped(made, {profile.id: profile for profile in (source, target, *others)}, functions)

    def _id(self, part: str) -> str:
        return f"{map_id(self.name)}/{part}"


def check_date(text: str, node: Node, findings: Findings) -> None:
    """Note a date of a default that is not in the form that dates have within maps (behaviour 88)."""
    digits = text.replace(" ", "").replace(".", "")
    if text and (len(text) != len("yyyyMMdd HHmmss.SSS") or not digits.isdigit()):
        hint = "write it as yyyyMMdd HHmmss.SSS: 20240131 000000.000"
        findings.add("wrong-type", f"'{text}' is no date as maps have them", node.place, hint)


class _Reader(SourceReader):
    """Reads sources, and holds their paths to the profile of the source and of what is joined."""

    def __init__(self, made: _Making, known: Known, findings: Findings) -> None:
        super().__init__(known.tables, findings, {name: len(one.inputs) for name, one in made.own.items()})
        self.elements: dict[str, FromElement] = {}
        self._source = made.source
        self._joined = made.joined

    def path(self, scalar: Scalar) -> Path | None:
        first, dot, rest = scalar.text.partition(".")
        if dot and first in self._joined:
            join, side = self._joined[first]
            found = side.element(Scalar(text=rest, place=scalar.place))
            made = None if found is None else FromElement(found[0], found[1], join.id)
        else:
            found = self._source.element(scalar)
            made = None if found is None else FromElement(*found)
        if made is None:
            return None
        self.elements[scalar.text] = made
        return (scalar.text,)

    def check(self, template: Template) -> None:
        """Note expressions that read a document which is no JSON."""
        if self._source.is_json:
            return
        for part in template.parts:
            if isinstance(part, Expression) and any(path[0] == "document" for path in names_read(part.source)):
                hint = "name the element by its path; expressions read its properties, and the execution's"
                self._findings.add("map-source", "expressions read documents of JSON alone", part.place, hint)
