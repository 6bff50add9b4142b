"""Document caches of one execution and of all processes that it calls (platform behaviours 61, 72-80).

A cache holds batches, and for each index where the documents of a key stand in them: content that is in a file stays
there. It changes by `Added` and `Removed` alone, which are part of a step's outcome; an execution that goes on has its
caches again once their changes have been applied again.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from runtime.engine.batch import Batch, Selected, only, without

Key = tuple[str, ...]  # the values of the keys of an index, in their order
_Stand = tuple[int, int]  # which batch of the cache, and which document of it


class Added(Struct, frozen=True):
    """Documents were added. `keys` gives, for each index, the key of each document; None where it has none in it."""

    cache: str
    batch: Batch
    keys: dict[int, tuple[Key | None, ...]]


class Removed(Struct, frozen=True):
    """All documents were removed (`index` None), or those with `keys`: from that index, or from `everywhere`."""

    cache: str
    index: int | None = None
    keys: tuple[Key, ...] = ()
    everywhere: bool = False


CacheChange = Added | Removed


class Caches:
    """The caches of an execution, by component id; one that nothing was added to is empty."""

    def __init__(self) -> None:
        self._caches: dict[str, _Cache] = {}
        self._shared: set[str] = set()  # those that other copies have, too

    def copy(self) -> Caches:
        """Give caches that hold the same, and change without these."""
        other = Caches()
        other._caches = dict(self._caches)
        other._shared = set(self._caches)
        self._shared |= other._shared
        return other

    def apply(self, change: CacheChange) -> None:
        """Make a change."""
        if isinstance(change, Added):
            self._own(change.cache).add(change.batch, change.keys)
        elif change.index is None:
            self._caches.pop(change.cache, None)
        elif change.cache in self._caches:
            self._own(change.cache).remove(change.index, change.keys, everywhere=change.everywhere)

    def _own(self, cache: str) -> _Cache:
        """Give a cache to change: one that other copies have is copied first."""
        found = self._caches.get(cache)
        if found is None or cache in self._shared:
            found = self._caches[cache] = _Cache() if found is None else found.copy()
        self._shared.discard(cache)
        return found

    def everything(self, cache: str) -> list[Batch]:
        """Give all documents of a cache, in the order in which they were added; no batch is empty."""
        found = self._caches.get(cache)
        return [] if found is None else found.everything()

    def found(self, cache: str, index: int, key: Key) -> list[Batch]:
        """Give the documents of a cache that have this key in this index, in the order in which they were added."""
        found = self._caches.get(cache)
        return [] if found is None else found.found(index, key)


class _Cache:
    def __init__(self) -> None:
        self._batches: list[Batch] = []
        self._gone: list[set[int]] = []
        self._indexes: dict[int, dict[Key, list[_Stand]]] = {}

    def copy(self) -> _Cache:
        other = _Cache()
        other._batches = list(self._batches)
        other._gone = [set(gone) for gone in self._gone]
        other._indexes = {
            index: {key: list(those) for key, those in stands.items()} for index, stands in self._indexes.items()
        }
        return other

    def add(self, batch: Batch, keys: dict[int, tuple[Key | None, ...]]) -> None:
        number = len(self._batches)
        self._batches.append(batch)
        self._gone.append(set())
        for index, of_documents in keys.items():
            stands = self._indexes.setdefault(index, {})
            for position, key in enumerate(of_documents):
                if key is not None:
                    stands.setdefault(key, []).append((number, position))

    def remove(self, index: int, keys: Sequence[Key], *, everywhere: bool) -> None:
        removed = {stand for key in keys for stand in self._indexes.get(index, {}).pop(key, ())}
        if not everywhere:
            return
        for number, position in removed:
            self._gone[number].add(position)
        for stands in self._indexes.values():
            for key, those in list(stands.items()):
                stands[key] = [stand for stand in those if stand not in removed]

    def everything(self) -> list[Batch]:
        found: list[Batch] = []
        for batch, gone in zip(self._batches, self._gone, strict=True):
            left = Selected(batch, without(len(batch), gone))
            if len(left):
                found.append(left)
        return found

    def found(self, index: int, key: Key) -> list[Batch]:
        by_batch: dict[int, list[int]] = {}
        for number, position in self._indexes.get(index, {}).get(key, ()):
            by_batch.setdefault(number, []).append(position)
        return [Selected(self._batches[number], only(positions)) for number, positions in by_batch.items()]
