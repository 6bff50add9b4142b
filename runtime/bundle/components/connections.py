"""Connection components, in the words of the connectors that are here (component XML, section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.components.data_components import body_of
from runtime.bundle.components.operations import CONNECTORS, refuse_connector
from runtime.bundle.components.overrides import extension_name
from runtime.bundle.components.rest import named_fields
from runtime.model.bundle import Connection, Extension
from runtime.model.values import Expression, Template

if TYPE_CHECKING:
    from collections.abc import Collection

    from runtime.bundle.components.envelope import Component
    from runtime.bundle.components.fields import Fields
    from runtime.bundle.findings import Findings
    from runtime.sdk.connector import Catalogue

# Of a REST connection: the setting that each field is, and whether it is a number of milliseconds.
_SETTINGS = {
    "url": ("url", False),
    "username": ("username", False),
    "password": ("password", False),
    "connectTimeout": ("connect_timeout", True),
    "readTimeout": ("read_timeout", True),
}
# What changes nothing here, and why: credentials are sent at once, which a server that would have asked takes too.
_HARMLESS = frozenset({"preemptive", "enableConnectionPooling"})
_AUTH = frozenset({"", "NONE", "BASIC"})


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
    fields = body_of(component, "GenericConnectionConfig", findings)
    if fields is None:
        return None
    reader = _RestConnection(component, fields, given)
    reader.read()
    if len(findings) > before:
        return None
    connection = Connection(name=name, connector=connector, settings=reader.settings, place=component.place)
    return ReadConnection(connection, tuple(reader.extensions))


class _RestConnection:
    def __init__(self, component: Component, fields: Fields, given: Collection[str]) -> None:
        self._component = component
        self._fields = fields
        self._given = given
        self.settings: dict[str, Template] = {}
        self.extensions: list[Extension] = []

    def read(self) -> None:
        """Read the settings, and the extensions that they name."""
        values = named_fields(self._fields)
        auth = values["auth"].text("value") if "auth" in values else ""
        for name, value in values.items():
            self._field(name, value, auth)
            value.done()
        self._fields.done()
        if "url" not in self.settings:
            self._fields.notes.wrong(self._fields.element, "the connection has no url")

    def _field(self, name: str, value: Fields, auth: str) -> None:
        text = value.text("value")
        if name == "auth":
            if text not in _AUTH:
                value.notes.refused(value.element, f"the authentication '{text}' is not made here")
        elif name == "cookieScope":
            if text not in {"", "IGNORED"}:
                value.notes.differs(value.element, "cookies are not kept from one call to the next")
        elif name in {"username", "password"} and auth != "BASIC":
            return
        elif name in _SETTINGS:
            self._setting(name, text, value)
        elif name not in _HARMLESS and (text or value.element.children):
            value.notes.unknown(value.element, f"the field '{name}' is not understood")

    def _setting(self, name: str, text: str, value: Fields) -> None:
        setting, is_time = _SETTINGS[name]
        secret = name == "password" or any(f"'{name}'" in path for path in self._component.secrets)
        if is_time:
            number = value.whole("value", -1)
            if number > 0:
                self.settings[setting] = Template((f"{number} ms",))
        elif name in self._given or secret:
            self.settings[setting] = self._extension(name, None if secret else text or None, secret=secret)
        elif text:
            self.settings[setting] = Template((text,))

    def _extension(self, name: str, default: str | None, *, secret: bool) -> Template:
        extension = Extension(
            name=extension_name(self._component.name, name),
            kind="secret" if secret else "string",
            description=f"{name} of the connection '{self._component.name}'",
            default=default,
            required=default is None,
            place=self._component.place,
        )
        self.extensions.append(extension)
        return Template((Expression(f"extension.{extension.name}", self._component.place),))
