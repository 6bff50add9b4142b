"""The steps of document caches: add, retrieve, remove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from runtime.bundle.keys import Keys, as_scalar
from runtime.bundle.known import find
from runtime.bundle.nodes import Scalar, Table
from runtime.bundle.templates import read_template
from runtime.model.parameters import CacheKeyValue, Computed
from runtime.model.platform_shapes import AddToCacheStep, RemoveFromCacheStep, RetrieveFromCacheStep
from runtime.model.values import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.outline import Step
    from runtime.bundle.step_at import At, Reader
    from runtime.model.document_cache import DocumentCache

WhenEmpty = Literal["stop", "fail"]

_NOTHING = Template(())


def read_add_to_cache(step: Step, at: At) -> AddToCacheStep | None:
    """Read ``add to cache: <cache>``."""
    at.keys(step.beside, step.kind).done()
    name = as_scalar(step.value, step.kind, at.findings) if step.value is not None else None
    find(name, "cache", at.known.caches, at.findings)
    return AddToCacheStep(cache=name.text, **at.common) if name is not None else None


def read_retrieve_from_cache(step: Step, at: At) -> RetrieveFromCacheStep | None:
    """Read ``retrieve from cache: <cache>``, or a table of cache, index, keys and what happens when it is empty."""
    at.keys(step.beside, step.kind).done()
    asked = _Asked(step, at)
    empty: WhenEmpty = asked.keys.choice("when empty", WhenEmpty, "stop") if asked.keys is not None else "stop"
    asked.done()
    if asked.cache is None:
        return None
    return RetrieveFromCacheStep(
        cache=asked.cache, index=asked.index, keys=asked.values, when_empty=empty, **at.flowing
    )


def read_remove_from_cache(step: Step, at: At) -> RemoveFromCacheStep | None:
    """Read ``remove from cache: <cache>``, or a table of cache, index and keys; it leaves every index."""
    at.keys(step.beside, step.kind).done()
    asked = _Asked(step, at)
    asked.done()
    if asked.cache is None:
        return None
    return RemoveFromCacheStep(cache=asked.cache, index=asked.index, keys=asked.values, all_indices=True, **at.common)


class _Asked:
    """Which cache a step concerns, and which documents of it: all, or those that the keys of an index find."""

    def __init__(self, step: Step, at: At) -> None:
        self.keys: Keys | None = None
        self.cache: str | None = None
        self.index: int | None = None
        self.values: tuple[CacheKeyValue, ...] = ()
        self._at = at
        if isinstance(step.value, Table):
            self.keys = at.keys(step.value, step.kind)
            name = self.keys.scalar("cache", required=True)
        else:
            name = as_scalar(step.value, step.kind, at.findings) if step.value is not None else None
        found = find(name, "cache", at.known.caches, at.findings)
        self.cache = name.text if name is not None else None
        if self.keys is not None:
            self._read(self.keys, found)

    def _read(self, keys: Keys, cache: DocumentCache | None) -> None:
        index, items = keys.scalar("index"), keys.items("keys")
        if index is None or cache is None:
            return
        indexes = {one.name: one for one in cache.indexes}
        found = indexes.get(index.text)
        if found is None:
            keys.findings.unknown("unknown-reference", "index", index.text, indexes, index.place)
            return
        self.index = found.id
        nodes = items.items if items is not None else ()
        if len(nodes) != len(found.keys):
            message = f"the index '{found.name}' has {len(found.keys)} keys, and {len(nodes)} are given"
            keys.findings.add("wrong-type", message, items.place if items is not None else index.place)
        self.values = tuple(self._value(node, key.id) for node, key in zip(nodes, found.keys, strict=False))

    def _value(self, node: object, key: int) -> CacheKeyValue:
        if isinstance(node, Scalar):
            return CacheKeyValue(key, Computed(read_template(node, self._at.findings)))
        place = getattr(node, "place", self._at.place)
        self._at.findings.add("wrong-type", "a key must be a single value", place)
        return CacheKeyValue(key, Computed(_NOTHING))

    def done(self) -> None:
        if self.keys is not None:
            self.keys.done()


CACHE_READERS: Mapping[str, Reader] = {
    "add to cache": read_add_to_cache,
    "retrieve from cache": read_retrieve_from_cache,
    "remove from cache": read_remove_from_cache,
}
