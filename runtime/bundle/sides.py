"""The two sides of a map by profile: paths of elements, and the instances that they mean.

A path is spelled as `runtime.model.spelled` says. Instead of ``[]`` a repeating element may tell which of its
occurrences is meant: ``lines[2].sku``, ``lines[-1].sku`` by place, ``lines[type=H].sku`` by the value of an element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from runtime.bundle.findings import suggest
from runtime.model.platform_profiles import Format, JsonNode, JsonProfile, PlatformProfile, TagGroup, TagList, TagMatch
from runtime.model.spelled import Spelled, spellings

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Scalar

_PART = re.compile(r"(?P<name>[^.\[\]]+)(?P<list>\[(?P<which>[^\[\]]*)\])?(?:\.(?=.)|$)|(?P<own>\.$)")
_PLACE = re.compile(r"-?[1-9][0-9]{0,8}")
_INSTANCE = re.compile(r"\[[^\[\]]+\]")

Part = tuple[
    str, "str | None"
]  # a name as it is spelled, without [], and which occurrence is meant; None: it is no list


def names_an_instance(path: str) -> bool:
    """Whether a path tells which occurrence of a repeating element it means."""
    return _INSTANCE.search(path) is not None


def parts_of(path: str) -> list[Part] | None:
    """Give the parts of a path; None where it is none."""
    parts: list[Part] = []
    at = 0
    while at < len(path):
        found = _PART.match(path, at)
        if found is None or found.end() == at:
            return None
        parts.append((".", None) if found["own"] else (found["name"].strip(), found["which"]))
        at = found.end()
    return parts or None


class Side:
    """One side of a map, with the profile that it names."""

    def __init__(self, profile: PlatformProfile, findings: Findings) -> None:
        self._profile = profile
        self._spelled = spellings(profile)
        self._findings = findings
        self._tags: dict[str, TagList] = {}

    @property
    def is_json(self) -> bool:
        """Whether documents of this side are JSON."""
        return isinstance(self._profile, JsonProfile)

    def profile(self, identity: str) -> PlatformProfile:
        """Give the profile, with the instances that were named; its own where there are none."""
        if not self._tags:
            return self._profile
        return replace(self._profile, id=identity, tags=tuple(self._tags.values()))

    def element(self, scalar: Scalar) -> tuple[int, int] | None:
        """Give the key of an element that has a value, and its instance; what is none is among the findings."""
        found = self._found(scalar, scalar.text)
        if found is not None and found[0].holds:
            hint = "name one of the elements in it"
            self._findings.add("unknown-element", f"'{scalar.text}' holds others, and no value", scalar.place, hint)
            return None
        return None if found is None else (found[0].key, found[1])

    def holder(self, scalar: Scalar) -> tuple[int, int] | None:
        """Give the key of any element, and its instance."""
        found = self._found(scalar, scalar.text)
        return None if found is None else (found[0].key, found[1])

    def format(self, key: int) -> Format:
        """Give how an element is written."""
        return next((one.format for one in self._spelled.values() if one.key == key), Format())

    def _found(self, scalar: Scalar, path: str) -> tuple[Spelled, int] | None:
        parts = parts_of(path)
        if scalar.marks or parts is None:
            hint = "write names with dots between them: order.lines[].sku"
            self._findings.add("wrong-type", f"'{path}' is not a path of elements", scalar.place, hint)
            return None
        spelled, said, instance = "", "", 0
        for name, which in parts:
            dot = "." if spelled else ""
            spelled = f"{spelled}{dot}{name}" if which is None else f"{spelled}{dot}{name}[]"
            said = f"{said}{dot}{name}" if which is None else f"{said}{dot}{name}[{which}]"
            if which and spelled in self._spelled:
                tag = self._tag(scalar, spelled, said, which, instance)
                if tag is None:
                    return None
                instance = tag
        found = self._spelled.get(spelled)
        if found is None:
            self._unknown(scalar, spelled)
        return None if found is None else (found, instance)

    def _tag(self, scalar: Scalar, spelled: str, said: str, which: str, outer: int) -> int | None:
        if said in self._tags:
            return self._tags[said].key
        match = self._match(scalar, spelled, which)
        if match is None:
            return None
        group = TagGroup(join="and", matches=(match,))
        tag = TagList(key=len(self._tags) + 1, element=self._spelled[spelled].key, match=group, parent=outer)
        self._tags[said] = tag
        return tag.key

    def _match(self, scalar: Scalar, spelled: str, which: str) -> TagMatch | None:
        if _PLACE.fullmatch(which):
            return TagMatch(element=None, values=(which,))
        name, equals, value = which.partition("=")
        told = self._spelled.get(f"{spelled}.{name.strip()}")
        if not equals or told is None or told.holds:
            hint = "write a place, such as [1] or [-1], or an element in it and its value, such as [type=H]"
            self._findings.add("unknown-element", f"'[{which}]' tells no occurrence of '{spelled}'", scalar.place, hint)
            return None
        return TagMatch(element=told.key, values=(value.strip(),))

    def _unknown(self, scalar: Scalar, spelled: str) -> None:
        plain = spelled.replace("[]", "")
        meant = next((one for one in self._spelled if one.replace("[]", "") == plain), None)
        if meant is not None:
            message = f"'{spelled}' says otherwise than profile '{self._profile.name}' what repeats"
            self._findings.add("unknown-element", message, scalar.place, f"write '{meant}'")
            return
        message = f"profile '{self._profile.name}' has no element '{spelled}'"
        self._findings.add("unknown-element", message, scalar.place, suggest(spelled, self._spelled))


def json_of(paths: Mapping[str, object], name: str) -> JsonProfile:
    """Give the profile of a JSON document that has the elements at these paths, all of them texts."""
    tree: dict[str, object] = {}
    for path in paths:
        inner = tree
        for part, which in parts_of(path) or ():
            inner = _below(inner, part if which is None else f"{part}[]")
    numbers = iter(range(1, 1 << 30))
    root = JsonNode(key=next(numbers), name="Root", kind="root", nodes=_object(tree, numbers))
    return JsonProfile(id=name, name=name, root=root, compact=True)


def _below(tree: dict[str, object], name: str) -> dict[str, object]:
    found = tree.setdefault(name, {})
    return found if isinstance(found, dict) else {}


def _object(tree: Mapping[str, object], numbers: Iterator[int]) -> tuple[JsonNode, ...]:
    if not tree:
        return ()
    key = next(numbers)
    nodes = tuple(_entry(name, inner, numbers) for name, inner in tree.items())
    return (JsonNode(key=key, name="Object", kind="object", nodes=nodes),)


def _entry(name: str, inner: object, numbers: Iterator[int]) -> JsonNode:
    key = next(numbers)
    below = inner if isinstance(inner, dict) else {}
    if not name.endswith("[]"):
        return JsonNode(key=key, name=name, kind="entry", nodes=_object(below, numbers))
    array, item = next(numbers), next(numbers)
    within = JsonNode(key=item, name="Item", kind="item", nodes=_object(below, numbers))
    nodes = (JsonNode(key=array, name="Array", kind="array", nodes=(within,)),)
    return JsonNode(key=key, name=name.removesuffix("[]"), kind="entry", nodes=nodes)
