"""Operation components: the shell that all have, and what each kind of connector says in it (section 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import structs

from runtime.bundle.components.data_components import body_of
from runtime.bundle.components.database import DATABASE, read_database
from runtime.bundle.components.database_v2 import DATABASE_V2, read_database_v2
from runtime.bundle.components.disk import DISK, DISK_V2, read_disk, read_disk_v2
from runtime.bundle.components.fields import Fields, fields_in
from runtime.bundle.components.http_client import HTTP, read_http
from runtime.bundle.components.made import Made, Operation
from runtime.bundle.components.rest import REST, read_rest

if TYPE_CHECKING:
    from runtime.bundle.components.envelope import Component
    from runtime.bundle.components.library import Library
    from runtime.bundle.findings import Findings

LISTENERS = frozenset({"fss", "wss"})

_Read = Callable[[Fields, "Library"], Made | None]

# By subtype: the connector here, and how the action is read.
_KINDS: Mapping[str, tuple[str, _Read]] = MappingProxyType(
    {
        REST: ("http", read_rest),
        HTTP: ("http", read_http),
        DISK_V2: ("disk", read_disk_v2),
        DISK: ("disk", read_disk),
        DATABASE: ("database", read_database),
        DATABASE_V2: ("database", read_database_v2),
    }
)
CONNECTORS: Mapping[str, str] = MappingProxyType({sub_type: kind[0] for sub_type, kind in _KINDS.items()})


def refuse_connector(component: Component, findings: Findings) -> None:
    """Tell that nothing here stands for a kind of connector."""
    message = f"the connector '{component.sub_type}' is not available here"
    hint = f"connectors that are: {', '.join(sorted({*CONNECTORS, *LISTENERS}))}"
    component.notes(findings).refused(component.body, message, hint)


def read_operation(component: Component, library: Library, findings: Findings) -> Operation | None:
    """Read an operation of a connector that calls; None when it has a mistake or cannot be run."""
    if component.sub_type not in _KINDS:
        refuse_connector(component, findings)
        return None
    before = len(findings)
    fields, configuration = shell(component, findings)
    if fields is None or configuration is None:
        return None
    connector, read = _KINDS[component.sub_type]
    made = read(configuration, library)
    configuration.done()
    continues = fields.flag("returnApplicationErrors")
    fields.done()
    if made is None or len(findings) > before:
        return None
    if made.continues is None:
        made = structs.replace(made, continues=continues)
    return Operation(connector=connector, **structs.asdict(made))


def shell(component: Component, findings: Findings) -> tuple[Fields | None, Fields | None]:
    """Give the operation and its configuration; what would be done beside the call is refused."""
    fields = body_of(component, "Operation", findings)
    if fields is None:
        return None, None
    archiving, caching = fields_in(fields, "Archiving"), fields_in(fields, "Caching")
    if archiving is not None:
        archiving.only("enabled", "false", why="documents are not archived")
        archiving.done()
    if caching is not None:
        if caching.children(*(child.tag for child in caching.element.children)):
            message = "returned documents are not added to a cache by an operation"
            fields.notes.refused(caching.element, message, "add them in a step of their own")
        caching.done()
    configuration = fields_in(fields, "Configuration")
    if configuration is None:
        fields.notes.wrong(fields.element, "the operation has no configuration")
    return fields, configuration
