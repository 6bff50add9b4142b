"""JSON Schemas of the files of a bundle, so that editors complete and check them.

They say the form; what only the whole bundle knows (names, profiles, loops) is the reader's affair. What the reader
accepts they accept. https://json-schema.org/draft/2020-12
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from runtime.bundle.schema.files import (
    bundle_schema,
    connection_schema,
    process_schema,
    schedules_schema,
    service_schema,
)
from runtime.bundle.schema.maps import map_definitions, map_schema
from runtime.bundle.schema.profiles import profile_definitions, profile_schema
from runtime.bundle.schema.steps import step_definitions
from runtime.bundle.schema.web import api_schema
from runtime.bundle.schema.words import DEFINITIONS

if TYPE_CHECKING:
    from runtime.bundle.schema.words import Schema
    from runtime.sdk.connector import Catalogue

Kind = Literal["bundle", "process", "map", "profile", "connection", "flow service", "api service", "schedules"]

# Which files each schema is for, as a glob in the folder of a bundle.
FILES: dict[Kind, str] = {
    "bundle": "bundle.yaml",
    "process": "processes/*.yaml",
    "map": "maps/*.yaml",
    "profile": "profiles/*.yaml",
    "connection": "connections/*.yaml",
    "flow service": "flow-services/*.yaml",
    "api service": "api-services/*.yaml",
    "schedules": "schedules.yaml",
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(kind: Kind, catalogue: Catalogue) -> Schema:
    """Give the JSON Schema of one kind of file, with the connectors of `catalogue` in it."""
    body = _body(kind, catalogue)
    definitions = {**DEFINITIONS, **_definitions(kind, catalogue)}
    return {"$schema": _DIALECT, **body, "$defs": definitions}


def _body(kind: Kind, catalogue: Catalogue) -> Schema:
    match kind:
        case "bundle":
            return bundle_schema(catalogue)
        case "process":
            return process_schema()
        case "map":
            return map_schema()
        case "profile":
            return profile_schema()
        case "connection":
            return connection_schema(catalogue)
        case "flow service":
            return service_schema()
        case "api service":
            return api_schema()
        case "schedules":
            return schedules_schema()


def _definitions(kind: Kind, catalogue: Catalogue) -> dict[str, Schema]:
    match kind:
        case "process":
            return step_definitions(catalogue)
        case "map":
            return map_definitions()
        case "profile":
            return profile_definitions()
        case _:
            return {}
