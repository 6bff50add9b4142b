"""Instances: every occurrence of elements of a document, side by side where they stand in the same one.

What Business Rules and Cleanse look at. An element that repeats, or stands within one that does, has an instance for
each; elements of the same instance make one row, those of lists that have nothing to do with each other every pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from runtime.engine.platform.refused import Refused
from runtime.engine.platform.xml_tree import Element, name_of, parse, reached, text_within
from runtime.errors import DocumentFault
from runtime.expressions.json_values import decode
from runtime.expressions.text import text_of
from runtime.model.platform_profiles import JsonPath, JsonProfile, PlatformProfile, XmlNode, XmlProfile

MOST_ROWS = 100_000  # of one rule on one document: beyond it lists are multiplied that nobody meant to

Level = str | int
Row = dict[int, "str | None"]
_Instance = tuple[tuple[int, ...], "str | None"]
_Levels = tuple[Level, ...]  # of an element: the list that each of its positions counts in
_Find = Callable[[object], "list[_Instance]"]


class Instances:
    """Reads rows of a document: the values of `elements`, by their key in the profile."""

    def __init__(self, profile: PlatformProfile | None, elements: Sequence[int]) -> None:
        match profile:
            case JsonProfile():
                self._parse: Callable[[bytes], object] = decode
                ways = [_json(profile, element) for element in elements]
            case XmlProfile():
                self._parse = parse
                ways = [_xml(profile, element) for element in elements]
            case None:
                raise Refused("its profile is not in the bundle")
            case _:
                raise Refused(f"elements of '{profile.name}' cannot be read: only those of JSON and XML profiles can")
        self._ways: list[tuple[int, _Levels, _Find]] = [
            (element, levels, find) for element, (levels, find) in zip(elements, ways, strict=True)
        ]

    def parsed(self, content: bytes) -> object:
        """Give the document as `rows` takes it.

        Raises:
            DocumentFault: it is not what the profile says.
        """
        return self._parse(content)

    def rows(self, document: object) -> list[Row]:
        """Give a row for each instance; one of nothing where there is none.

        Raises:
            DocumentFault: there are too many.
        """
        rows: list[tuple[dict[Level, int], Row]] = [({}, {})]
        for element, levels, find in self._ways:
            rows = list(_joined(rows, element, levels, find(document)))
            if len(rows) > MOST_ROWS:
                raise DocumentFault("platform.instances", f"the document has more than {MOST_ROWS} instances to check")
        return [row for _, row in rows]


def _joined(
    rows: Sequence[tuple[dict[Level, int], Row]], element: int, levels: _Levels, instances: Sequence[_Instance]
) -> Iterator[tuple[dict[Level, int], Row]]:
    """Add an element to rows: its instances that stand where the row stands, or nothing."""
    shared = tuple(level for level in levels if level in rows[0][0])
    by_place: dict[tuple[int, ...], list[_Instance]] = {}
    for at, text in instances:
        by_place.setdefault(at[: len(shared)], []).append((at, text))
    for place, row in rows:
        found = by_place.get(tuple(place[level] for level in shared), ())
        for at, text in found:
            yield {**place, **dict(zip(levels, at, strict=False))}, {**row, element: text}
        if not found:
            yield {**dict.fromkeys(levels, -1), **place}, {**row, element: None}


def _json(profile: JsonProfile, element: int) -> tuple[_Levels, _Find]:
    path = profile.path(element)
    if path is None:
        raise Refused(f"the profile '{profile.name}' has no element with the key {element}")
    levels = tuple(_named(path[:number]) for number, key in enumerate(path) if key is None)
    return levels, lambda document: list(_in_json(document, path, ()))


def _named(path: JsonPath) -> str:
    return "/".join("[]" if key is None else str(key) for key in path)


def _in_json(value: object, path: JsonPath, at: tuple[int, ...]) -> Iterator[_Instance]:
    if not path:
        yield at, None if value is None or isinstance(value, dict | list) else text_of(value)
        return
    here, below = path[0], path[1:]
    match here:
        case str():
            inner = value.get(here) if isinstance(value, dict) else None
            yield from _in_json(inner, below, at)
        case int():
            inner = value[here] if isinstance(value, list) and here < len(value) else None
            yield from _in_json(inner, below, at)
        case None:
            for number, item in enumerate(value if isinstance(value, list) else ()):
                yield from _in_json(item, below, (*at, number))


def _xml(profile: XmlProfile, element: int) -> tuple[_Levels, _Find]:
    nodes = profile.path(element)
    if nodes is None:
        raise Refused(f"the profile '{profile.name}' has no element with the key {element}")
    parents = [number for number, node in enumerate(nodes) if node.most != 1]
    levels = tuple(nodes[number].key for number in parents)
    return levels, lambda document: list(_in_xml(document, nodes, parents))


def _in_xml(document: object, nodes: Sequence[XmlNode], repeating: Sequence[int]) -> Iterator[_Instance]:
    """Look for the parents that repeat, then for the value in each: one that lacks it is an instance of nothing."""
    if not isinstance(document, Element):
        return
    until = (repeating[-1] if repeating else 0) + 1
    last = nodes[-1]
    for at, parent in reached(document, [node for node in nodes[:until] if node.kind == "element"]):
        found = _value(parent, nodes[until:], last)
        yield tuple(at[number] for number in repeating if number < len(at)), found


def _value(parent: Element, below: Sequence[XmlNode], last: XmlNode) -> str | None:
    holder: Element | None = parent
    for node in below:
        if node.kind == "element" and holder is not None:
            holder = holder.find(name_of(node))
    return None if holder is None else text_within(holder, last)
