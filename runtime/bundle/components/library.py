"""What the components of a bundle may refer to: everything that was read before the processes, by component id."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from runtime.bundle.components.envelope import Component
from runtime.bundle.components.made import Operation
from runtime.model.components import CrossReferenceTable, PropertyComponent
from runtime.model.document_cache import DocumentCache
from runtime.model.platform_maps import PlatformMap, UserFunction
from runtime.model.platform_profiles import JsonProfile, PlatformProfile, XmlProfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.components.fields import Fields

Thing = TypeVar("Thing")


class ScriptComponent(Struct, frozen=True):
    """A script component: its language and its text."""

    language: str
    source: str


class RouteTarget(Struct, frozen=True):
    """An entry of a Process Route component: key, name of the process, and the route path of each return shape."""

    key: str
    process: str
    returns: tuple[tuple[str, str], ...]


class RouteComponent(Struct, frozen=True):
    """A Process Route component: its return paths, in their order, and its entries."""

    name: str
    paths: tuple[str, ...]
    targets: tuple[RouteTarget, ...]


class Library(Struct, frozen=True, kw_only=True):
    """Components by id; None for one that has a mistake of its own, so that it is told once.

    `processes` gives the name in the bundle of each process component, `connections` that of each connection;
    `operations` are those of connectors that are called.
    """

    components: dict[str, Component]
    profiles: dict[str, PlatformProfile | None] = {}
    caches: dict[str, DocumentCache | None] = {}
    tables: dict[str, CrossReferenceTable | None] = {}
    properties: dict[str, PropertyComponent | None] = {}
    scripts: dict[str, ScriptComponent | None] = {}
    functions: dict[str, UserFunction | None] = {}
    maps: dict[str, PlatformMap | None] = {}
    routes: dict[str, RouteComponent | None] = {}
    processes: dict[str, str] = {}
    connections: dict[str, str | None] = {}
    operations: dict[str, Operation | None] = {}

    def profile(self, identity: str, at: Fields) -> PlatformProfile | None:
        """Give the profile with that id; that there is none is told."""
        return find(identity, "profile", self.profiles, self.components, at)

    def cache(self, identity: str, at: Fields) -> DocumentCache | None:
        """Give the document cache with that id; that there is none is told."""
        return find(identity, "document cache", self.caches, self.components, at)

    def check_element(self, profile: str, key: int, at: Fields) -> None:
        """Tell when a profile has no element with that key."""
        found = self.profile(profile, at)
        if isinstance(found, JsonProfile | XmlProfile) and found.path(key) is None:
            at.notes.wrong(at.element, f"the profile '{found.name}' has no element with the key {key}")


def find(
    identity: str,
    kind: str,
    things: Mapping[str, Thing],
    components: Mapping[str, Component],
    at: Fields,
) -> Thing | None:
    """Give what has that id; that nothing has it, or something of another kind, is told."""
    if identity in things:
        return things[identity]
    other = components.get(identity)
    if other is not None:
        at.notes.wrong(at.element, f"'{other.name}' is a {other.type} component, where a {kind} is wanted")
    else:
        at.notes.missing(at.element, kind, identity)
    return None
