"""Joins of a map: cached documents as a part of its source (platform behaviour 80)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.keys import Keys, as_scalar, as_table
from runtime.bundle.known import find
from runtime.bundle.sides import Side
from runtime.model.platform_maps import CacheJoin, JoinKey
from runtime.model.spelled import json_profile

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.bundle.known import Known
    from runtime.bundle.nodes import Scalar, Table
    from runtime.model.document_cache import CacheIndex, DocumentCache
    from runtime.model.platform_profiles import PlatformProfile

ROOT = 0  # the document as a whole


def read_joins(
    table: Table | None, source: Side, known: Known, findings: Findings
) -> dict[str, tuple[CacheJoin, Side]]:
    """Read ``joins: {name: {cache, profile, index, below, keys}}``; each with the side of what it finds."""
    found: dict[str, tuple[CacheJoin, Side]] = {}
    for number, (name, node) in enumerate(table or (), 1):
        inner = as_table(node, name.text, findings)
        keys = None if inner is None else Keys(inner, findings, f"the join '{name.text}'")
        made = None if keys is None else _join(number, keys, source, known, findings)
        if made is not None:
            found[name.text] = made
    return found


def _join(number: int, keys: Keys, source: Side, known: Known, findings: Findings) -> tuple[CacheJoin, Side] | None:
    cache = find(keys.scalar("cache", required=True), "cache", known.caches, findings)
    profile = _profile(keys.scalar("profile", required=True), known, findings)
    index_name, below = keys.scalar("index", required=True), keys.scalar("below")
    items = keys.items("keys", required=True)
    keys.done()
    asked = [one for item in (items.items if items else ()) if (one := as_scalar(item, "keys", findings)) is not None]
    index = _index(cache, index_name, findings)
    parent = (ROOT, 0) if below is None else source.holder(below)
    elements = [source.element(one) for one in asked]
    if cache is None or profile is None or index is None or parent is None:
        return None
    if len(elements) != len(index.keys) and items is not None:
        message = f"the index '{index.name}' has {len(index.keys)} keys, not {len(elements)}"
        findings.add("wrong-type", message, items.place, "write the element for each key of the index, in its order")
        return None
    join = CacheJoin(
        id=number,
        cache=cache.id,
        index=index.id,
        parent=parent[0],
        parent_instance=parent[1],
        keys=tuple(
            JoinKey(key.id, element[0], element[1])
            for key, element in zip(index.keys, elements, strict=False)
            if element is not None
        ),
        profile=profile.id,
    )
    return join, Side(profile, findings)


def _profile(name: Scalar | None, known: Known, findings: Findings) -> PlatformProfile | None:
    if name is not None and name.text in known.formats:
        return known.formats[name.text]
    found = find(name, "profile", known.profiles, findings)
    return None if found is None else json_profile(found)


def _index(cache: DocumentCache | None, name: Scalar | None, findings: Findings) -> CacheIndex | None:
    if cache is None or name is None:
        return None
    found = next((one for one in cache.indexes if one.name == name.text), None)
    if found is None:
        findings.unknown("unknown-reference", "index", name.text, [one.name for one in cache.indexes], name.place)
    return found
