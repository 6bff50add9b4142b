"""The document caches of a bundle: what is kept while an execution runs, and the keys that documents are found by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.keys import as_table
from runtime.bundle.nodes import Items, Node, Scalar, Table
from runtime.bundle.templates import read_template
from runtime.model.document_cache import CacheIndex, ComputedKey, DocumentCache

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings


def read_caches(table: Table | None, findings: Findings) -> dict[str, DocumentCache | None]:
    """Read ``caches: {name: {index: [keys]}}`` of bundle.yaml; a cache without an index is written ``name: {}``."""
    caches: dict[str, DocumentCache | None] = {}
    for name, node in table or ():
        indexes = as_table(node, name.text, findings)
        caches[name.text] = None if indexes is None else _cache(name, indexes, findings)
    return caches


def _cache(name: Scalar, table: Table, findings: Findings) -> DocumentCache:
    indexes = tuple(
        CacheIndex(id=number, name=index.text, keys=_keys(node, findings))
        for number, (index, node) in enumerate(table, start=1)
    )
    return DocumentCache(id=name.text, name=name.text, single=True, indexes=indexes, place=name.place)


def _keys(node: Node, findings: Findings) -> tuple[ComputedKey, ...]:
    nodes = node.items if isinstance(node, Items) else (node,)
    keys: list[ComputedKey] = []
    for number, key in enumerate(nodes, start=1):
        if isinstance(key, Scalar) and not key.is_null:
            keys.append(ComputedKey(id=number, value=read_template(key, findings)))
        else:
            hint = "write '${document.id}', or a list of such"
            findings.add("wrong-type", "a key of a cache is a single value", key.place, hint)
    return tuple(keys)
