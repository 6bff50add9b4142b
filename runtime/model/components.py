"""Components of the platform as a bundle holds them, by component id, and what a process says beyond a native one.

- `Components`: maps, user functions, profiles, caches, cross reference tables and property components of a bundle
- `ProcessComponent`: what a process component says of itself
- `CrossReferenceTable`, `PropertyComponent` with `DefinedValue`s
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from runtime.errors import Place
from runtime.model.document_cache import DocumentCache
from runtime.model.platform_maps import PlatformMap, UserFunction
from runtime.model.platform_profiles import PlatformProfile


class CrossReferenceTable(Struct, frozen=True, kw_only=True):
    """A cross reference table (behaviour 92): the first row that matches all inputs wins, without regard to case.

    `match`: cells are texts, or patterns of that kind. A row has a cell for each column.
    """

    id: str
    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    match: Literal["exact", "wildcard", "regex"] = "exact"
    place: Place = Place()


class DefinedValue(Struct, frozen=True, kw_only=True):
    """One value of a property component: the written one, else the kept one where `persisted`, else `default` (42)."""

    key: str
    label: str = ""
    kind: Literal["string", "number", "boolean", "date", "password"] = "string"
    default: str = ""
    persisted: bool = False
    allowed: tuple[str, ...] = ()


class PropertyComponent(Struct, frozen=True, kw_only=True):
    """A process property component."""

    id: str
    name: str
    values: tuple[DefinedValue, ...]
    place: Place = Place()


class ProcessComponent(Struct, frozen=True, kw_only=True):
    """What a process component says of itself.

    `simultaneous`: more than one execution at once; a listener answers 503 while one runs without it. `stop_if_empty`:
    a step that nothing reaches is skipped. `run_dates`: its runs are the last ones of date parameters. `purge`: no
    documents are kept afterwards.
    """

    id: str
    version: int | None = None
    folder: str = ""
    simultaneous: bool = False
    stop_if_empty: bool = True
    run_dates: bool = False
    purge: bool = False


class Components(Struct, frozen=True, kw_only=True):
    """Components of a bundle, by component id. `processes` gives the name in the bundle of each process component."""

    processes: dict[str, str] = {}
    maps: dict[str, PlatformMap] = {}
    functions: dict[str, UserFunction] = {}
    profiles: dict[str, PlatformProfile] = {}
    caches: dict[str, DocumentCache] = {}
    tables: dict[str, CrossReferenceTable] = {}
    properties: dict[str, PropertyComponent] = {}
