"""Add to, retrieve from and remove from a document cache (reference 1.11; platform behaviours 72-80)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

from runtime.engine.batch import EMPTY, Batch, BatchWriter, Selected, without
from runtime.engine.caches import Added, Key, Removed
from runtime.engine.context import Context
from runtime.engine.merge import Merger
from runtime.engine.outcome import Failure, Failures, Outcome, failure
from runtime.engine.platform.cache_keys import CacheKeys, compile_index, compile_keys
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around, Value, declare
from runtime.engine.step import WholeStep
from runtime.errors import DocumentFault
from runtime.model.document import Document, derived_identity
from runtime.model.document_cache import DocumentCache
from runtime.model.parameters import CacheKeyValue
from runtime.model.platform_shapes import AddToCacheStep, RemoveFromCacheStep, RetrieveFromCacheStep

NOTHING_CACHED = "Error getting document references; Caused by: No documents found in cache"


class AddToCache(WholeStep):
    """Stores the documents that can be; none goes on (behaviour 72)."""

    def __init__(self, shape: AddToCacheStep, around: Around) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._cache = shape.cache
        self._keys = CacheKeys(_cache(shape.cache, around), around)

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give what was stored; documents that the cache cannot take fail."""
        failures: dict[int, Failure] = {}
        keys: dict[int, list[Key | None]] = {index: [] for index in self._keys.indexes}
        position = -1
        async with aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                await context.pace()
                for stored in chunk:
                    position += 1
                    document = await context.contents.load(stored) if self._keys.reads else stored
                    try:
                        found = await context.beside(self._keys.of, document)
                    except DocumentFault as fault:
                        failures[position] = failure(document, fault)
                        continue
                    for index, key in found.items():
                        keys[index].append(key)
        added = Selected(batch, without(len(batch), failures)) if failures else batch
        change = Added(self._cache, added, {index: tuple(those) for index, those in keys.items()})
        return Outcome(outputs=(EMPTY,), failures=tuple(failures.values()), cached=(change,) if len(added) else ())


class RetrieveAll(WholeStep):
    """Gives every cached document, once for the batch (behaviour 73)."""

    def __init__(self, shape: RetrieveFromCacheStep, around: Around) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        _require_single(_cache(shape.cache, around), "all of its documents are retrieved")
        self._cache = shape.cache
        self._fails = shape.when_empty == "fail"

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the cached documents in the place of the batch."""
        cached = context.caches.everything(self._cache)
        if not cached and self._fails:
            raise DocumentFault("cache.empty", NOTHING_CACHED)
        merger = Merger(context.name)
        if cached:
            async with aclosing(batch.chunks()) as chunks:
                async for chunk in chunks:
                    for document in chunk:
                        merger.add(document)
        async with context.writer() as writer:
            await _retrieve(cached, merger.document(b""), writer, context.name)
        return Outcome(outputs=(writer.batch,))


class RetrieveByKey(WholeStep):
    """Gives, for each document, the cached ones that its keys find."""

    def __init__(self, shape: RetrieveFromCacheStep, index: int, around: Around) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._cache = shape.cache
        self._index = index
        self._keys = _Asked(shape.cache, index, shape.keys, around)
        declare(self, self._keys.values)
        self._fails = shape.when_empty == "fail"

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the cached documents; a document whose keys find none fails, or is gone."""
        failures: list[Failure] = Failures()
        async with context.writer() as writer, aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                await context.pace()
                for stored in chunk:
                    try:
                        cached = context.caches.found(self._cache, self._index, await self._keys.of(stored, context))
                        if not cached and self._fails:
                            raise DocumentFault("cache.empty", NOTHING_CACHED)
                    except DocumentFault as fault:
                        failures.append(failure(stored, fault))
                        continue
                    await _retrieve(cached, stored, writer, context.name)
        return Outcome(outputs=(writer.batch,), failures=tuple(failures))


class RemoveFromCache(WholeStep):
    """Removes all documents of a cache, or those that the documents' keys find; none goes on (behaviour 72)."""

    def __init__(self, shape: RemoveFromCacheStep, around: Around) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._cache = shape.cache
        self._index = shape.index
        self._everywhere = shape.all_indices
        cache = _cache(shape.cache, around)
        if shape.index is None:
            self._keys = None
        else:
            _require_single(cache, "documents are removed by key")
            self._keys = _Asked(shape.cache, shape.index, shape.keys, around)
            declare(self, self._keys.values)

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give what was removed."""
        if self._keys is None:
            return Outcome(outputs=(EMPTY,), cached=(Removed(self._cache),))
        failures: list[Failure] = Failures()
        keys: list[Key] = []
        async with aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                await context.pace()
                for stored in chunk:
                    try:
                        keys.append(await self._keys.of(stored, context))
                    except DocumentFault as fault:
                        failures.append(failure(stored, fault))
        change = Removed(self._cache, self._index, tuple(keys), self._everywhere)
        return Outcome(outputs=(EMPTY,), failures=tuple(failures), cached=(change,))


def retrieve(shape: RetrieveFromCacheStep, around: Around) -> WholeStep:
    """Give the compiled step of a retrieval.

    Raises:
        Refused: the cache does not allow it.
    """
    if shape.index is None:
        return RetrieveAll(shape, around)
    return RetrieveByKey(shape, shape.index, around)


class _Asked:
    """The key that a document asks an index for."""

    def __init__(self, cache: str, index: int, keys: Sequence[CacheKeyValue], around: Around) -> None:
        self.values: tuple[Value, ...] = compile_keys(compile_index(_cache(cache, around), index), keys, around)
        self._reads = any(value.content for value in self.values)

    async def of(self, stored: Document, context: Context) -> Key:
        document = await context.contents.load(stored) if self._reads else stored
        for value in self.values:
            for fetch in value.fetches:
                await fetch(document, context)
        return tuple(value.text(document, context) for value in self.values)


async def _retrieve(cached: Sequence[Batch], current: Document, writer: BatchWriter, name: bytes) -> None:
    """Add cached documents in the place of the current one: their properties win over its own (behaviour 74)."""
    ordinal = 0
    for batch in cached:
        async with aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for document in chunk:
                    identity = derived_identity(current.id, name, ordinal)
                    ordinal += 1
                    properties = {**current.properties, **document.properties}
                    meta = {**current.meta, **document.meta}
                    if writer.add(Document(identity, document.content, properties, meta, current.origins)):
                        await writer.flush()


def _cache(identity: str, around: Around) -> DocumentCache:
    cache = around.components.caches.get(identity)
    if cache is None:
        raise Refused("its document cache is not in the bundle")
    return cache


def _require_single(cache: DocumentCache, what: str) -> None:
    """As on the platform, where a process fails at its start otherwise (behaviour 77)."""
    if not cache.single:
        raise Refused(f"{what}, and the document cache '{cache.name}' does not keep one entry a document")
