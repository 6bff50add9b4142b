"""Connection components, in the words of the connectors that are here (component XML, section 7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.components.data_components import body_of
from runtime.bundle.components.database import DATABASE, read_database_connection
from runtime.bundle.components.database_v2 import DATABASE_V2, read_database_v2_connection
from runtime.bundle.components.disk import DISK, DISK_V2, read_disk_connection, read_disk_v2_connection
from runtime.bundle.components.fields import Fields
from runtime.bundle.components.http_client import HTTP, read_http_connection
from runtime.bundle.components.operations import CONNECTORS, refuse_connector
from runtime.bundle.components.rest import REST, read_rest_connection
from runtime.bundle.components.settings import SettingsReader
from runtime.model.bundle import Connection, Extension

if TYPE_CHECKING:
    from collections.abc import Collection

    from runtime.bundle.components.envelope import Component
    from runtime.bundle.findings import Findings
    from runtime.sdk.connector import Catalogue

_Read = Callable[[Fields, SettingsReader], None]

# By subtype: the element that holds the settings, and how they are read.
_KINDS: Mapping[str, tuple[str, _Read]] = MappingProxyType(
    {
        REST: ("GenericConnectionConfig", read_rest_connection),
        HTTP: ("HttpSettings", read_http_connection),
        DISK_V2: ("GenericConnectionConfig", read_disk_v2_connection),
        DISK: ("DiskSettings", read_disk_connection),
        DATABASE: ("DatabaseConnectionSettings", read_database_connection),
        DATABASE_V2: ("GenericConnectionConfig", read_database_v2_connection),
    }
)


class ReadConnection(Struct, frozen=True):
    """A connection with the extensions that its settings name."""

    connection: Connection
    extensions: tuple[Extension, ...]


def read_connection(
    component: Component, name: str, given: Collection[str], catalogue: Catalogue, findings: Findings
) -> ReadConnection | None:
    """Read a connection; `given` are the fields that each machine gives for itself."""
    connector = CONNECTORS.get(component.sub_type)
    if connector is None:
        refuse_connector(component, findings)
        return None
    if catalogue.get(connector) is None:
        message = f"the connector '{connector}' is not installed"
        component.notes(findings).refused(component.body, message)
        return None
    before = len(findings)
    tag, read = _KINDS[component.sub_type]
    fields = body_of(component, tag, findings)
    if fields is None:
        return None
    reader = SettingsReader(component, given)
    read(fields, reader)
    fields.done()
    if len(findings) > before:
        return None
    connection = Connection(name=name, connector=connector, settings=reader.settings, place=component.place)
    return ReadConnection(connection, tuple(reader.extensions))
