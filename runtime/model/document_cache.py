"""Document caches of the platform: what is kept for the whole execution tree, and by which keys it is found (1.11).

A `DocumentCache` has `CacheIndex`es of `CacheKey`s; a key is an element of the content, a property of the document, or
computed.
"""

from __future__ import annotations

from msgspec import Struct

from runtime.errors import Place
from runtime.model.parameters import PropertyName
from runtime.model.values import Template


class ElementKey(Struct, frozen=True, kw_only=True, tag="element"):
    """A key that is an element of the document, read with the cache's profile."""

    id: int
    element: int
    alias: str = ""
    instance: int = 0


class PropertyKey(Struct, frozen=True, kw_only=True, tag="property"):
    """A key that is a property of the document, or of the execution."""

    id: int
    property: PropertyName
    alias: str = ""
    default: str = ""


class ComputedKey(Struct, frozen=True, kw_only=True, tag="computed"):
    """A key that is computed for each document, in a native bundle."""

    id: int
    value: Template


CacheKey = ElementKey | PropertyKey | ComputedKey


class CacheIndex(Struct, frozen=True, kw_only=True):
    """One index: a document is found when all keys are equal. An index or key with the id 0 stores nothing (79)."""

    id: int
    name: str = ""
    keys: tuple[CacheKey, ...] = ()


class DocumentCache(Struct, frozen=True, kw_only=True):
    """A cache. `profile` is None where it takes any document; `single`: one entry a document in each index.

    Retrieving all and removing by key need `single` (behaviour 77).
    """

    id: str
    name: str
    profile: str | None = None
    single: bool = False
    indexes: tuple[CacheIndex, ...] = ()
    place: Place = Place()
