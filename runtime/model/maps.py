"""Maps: how one document becomes another, field by field (reference 1.3)."""

from __future__ import annotations

from msgspec import Struct

from runtime.errors import Place
from runtime.model.values import Template

Path = tuple[str, ...]  # keys from the root; a key that ends in "[]" repeats


class Call(Struct, frozen=True, tag="call"):
    """A map function with its inputs: source paths or constants, in order, and its own options by name."""

    function: str
    inputs: tuple[Source, ...]
    options: dict[str, str] = {}


class Field(Struct, frozen=True, tag="field"):
    """A field of the source document."""

    path: Path


Source = Field | Call | Template


class Rule(Struct, frozen=True, kw_only=True):
    """Fills one field of the target. `default` is used when the source gives nothing or an empty text."""

    target: Path
    source: Source | None = None
    default: str | None = None
    place: Place = Place()


class Map(Struct, frozen=True, kw_only=True):
    """A map of the bundle; profiles are named when the bundle has them."""

    name: str
    rules: tuple[Rule, ...]
    source_profile: str | None = None
    target_profile: str | None = None
    place: Place = Place()
