"""Maps of the platform from JSON to JSON, by links alone (reference 1.3; platform behaviours 81-87).

Such a map says what a native one says, so it becomes one: each link is a rule, from a path to a path.
"""

from __future__ import annotations

from collections.abc import Mapping

from runtime.clock import SystemClock
from runtime.engine.contents import held
from runtime.engine.context import Context
from runtime.engine.formats.pretty_json import pretty
from runtime.engine.mapping.compiled import CompiledMap
from runtime.engine.mapping.functions import Around as MapAround
from runtime.engine.mapping.occurrences import NOTHING, Standing
from runtime.engine.mapping.source import compile_source
from runtime.engine.mapping.target import Fill, Leaf, Members, grow
from runtime.engine.mapping.types import finish_as
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around
from runtime.engine.step import EachStep
from runtime.errors import DocumentFault
from runtime.model.document import Document
from runtime.model.maps import Field, Path, Rule, lists_in, source_mistake
from runtime.model.platform_maps import FromElement, Link, PlatformMap, ToElement
from runtime.model.platform_profiles import JsonNode, JsonPath, JsonProfile
from runtime.model.platform_shapes import PlatformMapStep
from runtime.model.profile import Entry, EntryKind

_LIST = "[]"  # what a native path writes behind the name of a list

_KINDS: Mapping[str, EntryKind] = {
    "character": "character",
    "number": "number",
    "datetime": "datetime",
    "boolean": "boolean",
}

Nodes = Mapping[int, tuple[JsonPath, JsonNode]]


class MapJson(EachStep):
    """Maps each document; properties stay."""

    def __init__(self, shape: PlatformMapStep, around: Around) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        found = around.components.maps.get(shape.map)
        if found is None:
            raise Refused("its map is not in the bundle")
        self._map = compile_json_map(found, around)

    def each(self, document: Document, context: Context) -> Document:
        """Give the mapped document."""
        content = self._map.apply(held(document), context.scope(document))
        return Document(document.id, content, document.properties, document.meta, document.origins)


def compile_json_map(found: PlatformMap, around: Around) -> CompiledMap:
    """Compile a map.

    Raises:
        Refused: it does more than copy elements of JSON into elements of JSON.
    """
    try:
        return _Compiling(found, around).compile()
    except Refused as refused:
        raise Refused(f"the map '{found.name}' {refused}") from refused
    except DocumentFault as error:
        raise Refused(f"the map '{found.name}': {error.message}") from error


class _Compiling:
    """A map while it is compiled; what it refuses is said of the map."""

    def __init__(self, found: PlatformMap, around: Around) -> None:
        if found.functions:
            raise Refused("uses functions, which are not run")
        if any(default.instance for default in found.defaults):
            raise Refused("has a default for one instance of a repeating element")
        self._found = found
        self._source = _nodes(found.source_profile, around)
        self._target = _nodes(found.target_profile, around)
        self._root = Members()

    def compile(self) -> CompiledMap:
        linked = {go: come for come, go in map(_ends, self._found.links)}  # the last link wins (behaviour 83)
        defaults = {default.element: default.value for default in self._found.defaults}
        for key in dict.fromkeys([*linked, *defaults]):
            self._add(key, linked.get(key), defaults.get(key))
        return CompiledMap(self._found.name, self._root, reads_content=bool(linked), write=pretty)

    def _add(self, key: int, source_key: int | None, default: str | None) -> None:
        path, node = _leaf(key, self._target)
        read: Field | None = None
        if source_key is not None:
            source_path, source_node = _leaf(source_key, self._source)
            _check_formats(source_node, node)
            read = Field(source_path)
            mistake = source_mistake(read, lists_in(path))
            if mistake is not None:
                raise Refused(f"cannot fill '{'/'.join(path)}': {mistake}")
        rule = Rule(target=path, source=read, default=default)
        grow(self._root, rule, Leaf(rule, _fill(read), finish_as(Entry(name=node.name, kind=_kind(node)))))


def _fill(read: Field | None) -> Fill:
    """Give what reads the source; null is nothing, so that its element is left out (behaviour 86)."""
    if read is None:
        return lambda _standing: NOTHING
    value_at = compile_source(read, MapAround(SystemClock()))

    def fill(standing: Standing) -> object:
        value = value_at(standing)
        return NOTHING if value is None else value

    return fill


def _ends(link: Link) -> tuple[int, int]:
    match link:
        case Link(FromElement(come, 0, 0), ToElement(go, 0)):
            return come, go
        case _:
            raise Refused("links single instances of repeating elements, or joins a cache")


def _nodes(profile: str | None, around: Around) -> Nodes:
    known = None if profile is None else around.components.profiles.get(profile)
    if not isinstance(known, JsonProfile):
        raise Refused("is not from JSON to JSON, or its profiles are not in the bundle")
    return {node.key: (path, node) for path, node in known.walk()}


def _leaf(key: int, nodes: Nodes) -> tuple[Path, JsonNode]:
    if key not in nodes:
        raise Refused(f"links an element with the key {key}, which its profile has not")
    path, node = nodes[key]
    if node.nodes:
        raise Refused(f"links '{node.name}', which has no value of its own")
    return _native(path), node


def _native(path: JsonPath) -> Path:
    """Write a path as native maps do: a list is marked behind its name."""
    made: list[str] = []
    for key in path:
        if isinstance(key, str) and not key.endswith(_LIST):
            made.append(key)
        elif key is None and made and not made[-1].endswith(_LIST):
            made[-1] += _LIST
        else:
            raise Refused("links an element of a list at the root, of a list in a list, or by its position")
    if not made:
        raise Refused("links a whole document")
    return tuple(made)


def _kind(node: JsonNode) -> EntryKind:
    kind = _KINDS.get(node.format.kind)
    if kind is None:
        raise Refused(f"writes '{node.name}' as {node.format.kind}, which JSON has not")
    return kind


def _check_formats(source: JsonNode, target: JsonNode) -> None:
    """Refuse what a copy would not do: another form of a date, a mask of a number, implied decimals."""
    dates = {node.format.mask for node in (source, target) if node.format.kind == "datetime"}
    masks = any(node.format.mask for node in (source, target) if node.format.kind == "number")
    if len(dates) > 1 or masks or source.format.decimals or target.format.decimals:
        raise Refused(f"brings '{source.name}' into another format, which is not done")
