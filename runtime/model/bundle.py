"""A bundle as read from a folder: everything that is deployed together, frozen, with names resolved."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from runtime.errors import Place, Problem
from runtime.model.components import Components
from runtime.model.flow_service import FlowService
from runtime.model.maps import Map
from runtime.model.process import Process
from runtime.model.profile import Profile
from runtime.model.schedule import Schedule
from runtime.model.values import Template
from runtime.model.web_service import ApiService


class Connection(Struct, frozen=True, kw_only=True):
    """A connection: the kind of connector and its settings, computed once when the connection is opened."""

    name: str
    connector: str
    settings: dict[str, Template] = {}
    place: Place = Place()


class Script(Struct, frozen=True, kw_only=True):
    """A Python file of the bundle. `file` is its path in the bundle, with ``/`` between folders."""

    file: str
    source: str


ExtensionKind = Literal["string", "number", "boolean", "secret"]


class Extension(Struct, frozen=True, kw_only=True):
    """A value that each machine gives for itself (reference 2.6). Without a value a `required` one refuses the bundle.

    `default` is a text that reads as the kind; a secret has none.
    """

    name: str
    kind: ExtensionKind = "string"
    description: str | None = None
    default: str | None = None
    required: bool = True
    place: Place = Place()


class LookupTable(Struct, frozen=True, kw_only=True):
    """A table of reference data; every row has a cell for each column."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Limits(Struct, frozen=True, kw_only=True):
    """Bounds of every execution of a bundle, where they are tighter than the daemon's; `deadline` is in seconds."""

    documents: int | None = None
    steps: int | None = None
    deadline: float | None = None


class Bundle(Struct, frozen=True, kw_only=True):
    """A deployable version of a bundle. `digest` is over every file, in hexadecimal: equal digest, equal bundle.

    `needs` gives the version that each connector must have, `redaction` the paths of fields that are never in clear.
    `warnings` are what was found when it was read and refuses nothing.
    """

    name: str
    version: str
    digest: str
    description: str | None = None
    needs: dict[str, str] = {}
    processes: dict[str, Process] = {}
    profiles: dict[str, Profile] = {}
    maps: dict[str, Map] = {}
    connections: dict[str, Connection] = {}
    services: tuple[FlowService, ...] = ()
    apis: tuple[ApiService, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    scripts: dict[str, Script] = {}
    redaction: tuple[str, ...] = ()
    extensions: dict[str, Extension] = {}
    tables: dict[str, LookupTable] = {}
    limits: Limits = Limits()
    components: Components = Components()
    warnings: tuple[Problem, ...] = ()
