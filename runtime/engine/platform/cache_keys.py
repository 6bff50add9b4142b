"""Keys of documents in the indexes of a cache (platform behaviours 78, 79)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runtime.engine.caches import Key
from runtime.engine.contents import held
from runtime.engine.context import Context
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around, Value, compile_value
from runtime.engine.platform.xml_element import check_xml
from runtime.errors import DocumentFault
from runtime.expressions.json_values import decode
from runtime.model.document import Document
from runtime.model.document_cache import CacheIndex, CacheKey, ComputedKey, DocumentCache, ElementKey
from runtime.model.parameters import (
    CacheKeyValue,
    Computed,
    DocumentProperty,
    Parameter,
    ProcessProperty,
    ProfileElement,
)
from runtime.model.platform_profiles import JsonProfile, XmlProfile

_Check = Callable[[bytes], object]


class CacheKeys:
    """The keys of a cache's indexes, computed for a document. An index or a key with the id 0 stores nothing."""

    def __init__(self, cache: DocumentCache, around: Around) -> None:
        self._check = _check_of(cache, around)
        self._indexes = {
            index.id: [(isinstance(key, ElementKey), _value(key, cache, around)) for key in index.keys]
            for index in cache.indexes
            if index.id and index.keys and all(key.id for key in index.keys)
        }
        of_content = (value.content for values in self._indexes.values() for _, value in values)
        self.reads = self._check is not None or any(of_content)

    @property
    def indexes(self) -> Sequence[int]:
        """The ids of the indexes that documents are found by."""
        return list(self._indexes)

    def of(self, document: Document, context: Context) -> dict[int, Key | None]:
        """Give the document's key in each index; None in one where it lacks an element.

        Raises:
            DocumentFault: a key is empty, or the content is not what the cache's profile says.
        """
        if self._check is not None:
            self._check(held(document))
        return {index: _key(values, document, context) for index, values in self._indexes.items()}


def _key(values: Sequence[tuple[bool, Value]], document: Document, context: Context) -> Key | None:
    key: list[str] = []
    for is_element, value in values:
        found = value.read(document, context)
        if found is None and is_element:
            return None
        if not found:
            raise DocumentFault("cache.empty-key", "a key of the document cache is empty for this document")
        key.append(found)
    return tuple(key)


def compile_index(cache: DocumentCache, index: int) -> CacheIndex:
    """Give the index with that id.

    Raises:
        Refused: the cache has none.
    """
    found = next((one for one in cache.indexes if one.id == index), None)
    if found is None:
        raise Refused(f"the document cache '{cache.name}' has no index {index}")
    return found


def compile_keys(index: CacheIndex, keys: Sequence[CacheKeyValue], around: Around) -> tuple[Value, ...]:
    """Give the values that an index is asked with, in the order of its keys.

    Raises:
        Refused: a key of the index is given no value, or one that cannot be computed.
    """
    given: dict[int, Parameter] = {one.key: one.value for one in keys}
    missing = [key.id for key in index.keys if key.id not in given]
    if missing:
        raise Refused(f"the index {index.id} of its document cache is asked without its key {missing[0]}")
    return tuple(compile_value(given[key.id], around) for key in index.keys)


def _value(key: CacheKey, cache: DocumentCache, around: Around) -> Value:
    if isinstance(key, ElementKey):
        if cache.profile is None:
            raise Refused(f"the document cache '{cache.name}' has an element as its key, and no profile")
        return compile_value(ProfileElement(cache.profile, key.element), around)
    if isinstance(key, ComputedKey):
        return compile_value(Computed(key.value), around)
    if key.property.scope == "process":
        return compile_value(ProcessProperty(key.property.name, key.default), around)
    return compile_value(DocumentProperty(key.property, key.default), around)


def _check_of(cache: DocumentCache, around: Around) -> _Check | None:
    """Give what refuses malformed content: caches of JSON and XML do, others take anything (behaviour 78)."""
    match None if cache.profile is None else around.components.profiles.get(cache.profile):
        case JsonProfile():
            return decode
        case XmlProfile():
            return check_xml
        case _:
            return None
