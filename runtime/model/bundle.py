"""A bundle as read from a folder: everything that is deployed together, frozen, with names resolved."""

from __future__ import annotations

from msgspec import Struct

from runtime.errors import Place
from runtime.model.flow_service import FlowService
from runtime.model.maps import Map
from runtime.model.process import Process
from runtime.model.profile import Profile
from runtime.model.values import Template


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


class Bundle(Struct, frozen=True, kw_only=True):
    """A deployable version of a bundle. `digest` is over every file, in hexadecimal: equal digest, equal bundle.

    `needs` gives the version that each connector must have, `redaction` the paths of fields that are never in clear.
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
    scripts: dict[str, Script] = {}
    redaction: tuple[str, ...] = ()
