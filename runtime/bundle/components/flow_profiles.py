"""A JSON profile of the platform as Flow sees it: objects with entries, lists of objects (behaviour 113)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.model.profile import Entry, EntryKind, Profile

if TYPE_CHECKING:
    from runtime.bundle.components.fields import Fields
    from runtime.model.platform_profiles import JsonNode, JsonProfile

_KINDS: dict[str, EntryKind] = {
    "character": "character",
    "number": "number",
    "boolean": "boolean",
    "datetime": "datetime",
    "clob": "character",
    "blob": "character",
}


def flow_profile(profile: JsonProfile, at: Fields) -> Profile | None:
    """Give the profile in the kinds that Flow can express; what it cannot is told at the operation that uses it."""
    root = profile.root.nodes[0] if profile.root.nodes else None
    if root is None or root.kind != "object":
        at.notes.refused(at.element, f"the root of '{profile.name}' is no object, which Flow cannot express")
        return None
    return Profile(name=profile.name, entries=_entries(root, profile, at))


def _entries(node: JsonNode, profile: JsonProfile, at: Fields) -> tuple[Entry, ...]:
    read = (_entry(entry, profile, at) for entry in node.nodes)
    return tuple(entry for entry in read if entry is not None)


def _entry(node: JsonNode, profile: JsonProfile, at: Fields) -> Entry | None:
    if not node.nodes:
        return Entry(name=node.name, kind=_KINDS[node.format.kind], required=node.required)
    inner = node.nodes[0]
    if inner.kind == "object":
        return Entry(name=node.name, kind="object", required=node.required, entries=_entries(inner, profile, at))
    item = inner.nodes[0] if inner.nodes else None
    content = item.nodes[0] if item is not None and item.nodes else None
    if inner.fixed or content is None or content.kind != "object":
        at.notes.refused(at.element, f"'{node.name}' in '{profile.name}' is no list of objects, as Flow wants lists")
        return None
    return Entry(name=node.name, kind="list", required=node.required, entries=_entries(content, profile, at))
