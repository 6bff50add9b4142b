"""What the parts of a bundle may refer to: the names that exist, whether or not what they name is sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from runtime.bundle.scripts import Functions
from runtime.model.bundle import Connection, Extension, LookupTable
from runtime.model.document_cache import DocumentCache
from runtime.model.platform_profiles import PlatformProfile
from runtime.model.profile import Profile
from runtime.sdk.connector import Catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Scalar

Thing = TypeVar("Thing")


# Where each kind of part stands in a bundle.
_FILES = {
    "connection": "connections/{}.yaml",
    "map": "maps/{}.yaml",
    "profile": "profiles/{}.json",
    "format": "profiles/{}.yaml",
    "script": "scripts/{}",
    "stylesheet": "scripts/{}",
    "table": "tables/{}.csv",
}


class Known(Struct, frozen=True, kw_only=True):
    """Names with what they name; None for what has a mistake of its own, so that it is told once.

    `profiles` are those of JSON Schema, `formats` all others; `by_profile` are maps that run by them, `programs` the
    maps of JSONata. `exported` are the ids of the components that steps of `format: boomi` may name, and the names of
    connections and processes, by what they are. `scripts` gives the functions of each file, by its name in
    ``scripts/``, `stylesheets` the text of each. `deadline` bounds every execution, in seconds.
    """

    catalogue: Catalogue
    profiles: dict[str, Profile | None] = {}
    formats: dict[str, PlatformProfile | None] = {}
    maps: frozenset[str] = frozenset()
    by_profile: frozenset[str] = frozenset()
    programs: dict[str, str | None] = {}
    connections: dict[str, Connection | None] = {}
    scripts: dict[str, Functions | None] = {}
    extensions: dict[str, Extension | None] = {}
    tables: dict[str, LookupTable | None] = {}
    caches: dict[str, DocumentCache | None] = {}
    stylesheets: dict[str, str] = {}
    exported: dict[str, frozenset[str]] = {}
    deadline: float | None = None


def find(name: Scalar | None, what: str, things: Mapping[str, Thing], findings: Findings) -> Thing | None:
    """Give what `name` names; a name that nothing bears is among the findings."""
    if name is None:
        return None
    if name.text not in things:
        otherwise = f"add {_FILES[what].format(name.text)}" if what in _FILES else None
        findings.unknown("unknown-reference", what, name.text, things, name.place, otherwise=otherwise)
        return None
    return things[name.text]
