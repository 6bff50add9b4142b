"""Settings of connections while they are read: what a machine gives, and what is secret, becomes an extension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.components.overrides import extension_name
from runtime.model.bundle import Extension
from runtime.model.values import Expression, Template

if TYPE_CHECKING:
    from collections.abc import Collection

    from runtime.bundle.components.envelope import Component
    from runtime.bundle.components.fields import Fields

Parts = tuple[str | Expression, ...]


class SettingsReader:
    """The settings of one connection, and the extensions that they name.

    `given` are the fields that each machine gives for itself, by the names that the export has for them.
    """

    def __init__(self, component: Component, given: Collection[str]) -> None:
        self._component = component
        self._given = given
        self.settings: dict[str, Template] = {}
        self.extensions: list[Extension] = []

    def set(self, setting: str, *parts: str | Expression) -> None:
        """Set a setting to what is joined of parts; nothing where there are none."""
        if parts:
            self.settings[setting] = Template(parts)

    def text(self, setting: str, field: str, value: str, *, secret: bool = False) -> None:
        """Set a setting to the value of one field."""
        self.set(setting, *self.part(field, value, secret=secret))

    def part(self, field: str, value: str, *, secret: bool = False) -> Parts:
        """Give the value of a field: as it is, or as the extension that the machine gives. A secret always is one."""
        secret = secret or self.is_secret(field)
        if secret or field in self._given:
            return (self.extension(field, None if secret else value or None, secret=secret),)
        return (value,) if value else ()

    def is_given(self, field: str) -> bool:
        """Tell whether each machine gives that field for itself."""
        return field in self._given

    def is_secret(self, field: str) -> bool:
        """Tell whether the export has that value encrypted, so that it cannot be read outside of the platform."""
        return any(f"'{field}'" in path or path.endswith(f"@{field}") for path in self._component.secrets)

    def has_secret_of_type(self, kind: str) -> bool:
        """Tell whether the export has values of fields of that type encrypted."""
        return any(f"@type='{kind}'" in path for path in self._component.secrets)

    def extension(self, field: str, default: str | None, *, secret: bool = False, about: str = "") -> Expression:
        """Give what stands for an extension that is named after the connection and the field."""
        extension = Extension(
            name=extension_name(self._component.name, field),
            kind="secret" if secret else "string",
            description=about or f"{field} of the connection '{self._component.name}'",
            default=default,
            required=default is None,
            place=self._component.place,
        )
        if extension not in self.extensions:
            self.extensions.append(extension)
        return Expression(f"extension.{extension.name}", self._component.place)

    def milliseconds(self, setting: str, fields: Fields, attribute: str) -> None:
        """Set a time that is written as a number of milliseconds; what is not more than 0 sets none."""
        number = fields.whole(attribute, -1)
        if number > 0:
            self.set(setting, f"{number} ms")
