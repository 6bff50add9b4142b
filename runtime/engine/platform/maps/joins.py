"""Cached documents as a part of the source (component XML, section 5; platform behaviour 80).

For each occurrence of the element that a join stands below, the documents that its keys find. A key that is empty finds
none (help text on document cache look-ups in maps).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from runtime.engine.formats import Row, reader
from runtime.engine.platform.maps.outside import CachedDocuments
from runtime.engine.platform.maps.running import Running
from runtime.engine.platform.maps.standing import Chain, Sources, Standing
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around
from runtime.model.platform_maps import CacheJoin, FromElement


class _Found:
    """The documents that a join has found for one document, by key."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, ...], Sequence[Row]] = {}


class Join:
    """A join, ready to find documents."""

    def __init__(self, join: CacheJoin, keys: Sequence[tuple[Chain, int]], read: Callable[[bytes], Row]) -> None:
        self._join = join
        self._keys = keys
        self._read = read

    def rows(self, standing: Standing, running: Running) -> Sequence[Row]:
        """Give the documents for the occurrences that are meant now."""
        key = tuple(_value(standing, chain, element) or "" for chain, element in self._keys)
        if not all(key):
            return ()
        known = running.state(("join", self._join.id), _Found, collected=True).rows
        if key not in known:
            found = running.outside.answer(CachedDocuments(self._join.cache, self._join.index, key))
            known[key] = [self._read(content) for content in found]
        return known[key]


def _value(standing: Standing, chain: Chain, element: int) -> str | None:
    """Give the value of an element; where its own loops are not settled, the first one."""
    depth = len(chain)
    while depth and not standing.bound(chain[depth - 1]):
        depth -= 1
    row = standing.row(chain[:depth])
    return None if row is None else row.first(element)


def compile_join(join: CacheJoin, elements: Collection[int], sources: Sources, around: Around) -> Join:
    """Compile a join; `elements` are those of the cached documents that are linked.

    Raises:
        Refused: the cache is not there, or is asked without a key of its index.
    """
    cache = around.components.caches.get(join.cache)
    if cache is None:
        raise Refused("joins a document cache that is not in the bundle")
    index = next((one for one in cache.indexes if one.id == join.index), None)
    if index is None:
        raise Refused(f"joins an index {join.index} that the document cache '{cache.name}' has not")
    named = cache.profile or join.profile
    profile = None if named is None else around.components.profiles.get(named)
    if profile is None:
        raise Refused(f"joins the document cache '{cache.name}', whose documents have no profile")
    asked = {key.key: key for key in join.keys}
    if any(key.id not in asked for key in index.keys):
        raise Refused(f"joins the document cache '{cache.name}' without all keys of its index {index.id}")
    keys = [
        (sources.chain(FromElement(asked[key.id].element, asked[key.id].instance)), asked[key.id].element)
        for key in index.keys
    ]
    return Join(join, keys, reader(profile, elements))
