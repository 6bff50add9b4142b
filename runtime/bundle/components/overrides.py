"""Process overrides: what the platform lets each environment change becomes extensions (component XML, section 1.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.components.fields import Fields, fields_in
from runtime.bundle.components.notes import Notes

if TYPE_CHECKING:
    from runtime.bundle.components.envelope import Component
    from runtime.bundle.findings import Findings

_PLAIN = re.compile(r"[^A-Za-z0-9_]+")
_BOUND = re.compile(r"field\[@id='(?P<field>[^']+)'\]/@value$|/@(?P<attribute>\w+)$")
_SPARE = (
    "CrossReferenceOverrides",
    "Extensions",
    "Operations",
    "PGPOverrides",
    "PartnerOverrides",
)


class Overrides(Struct, frozen=True, kw_only=True):
    """What a process lets a machine give: fields of connections by id, and properties.

    `defined` are values of process property components, by component and key, with what people call them.
    """

    connections: dict[str, frozenset[str]] = {}
    properties: tuple[str, ...] = ()
    defined: dict[tuple[str, str], str] = {}


def extension_name(*words: str) -> str:
    """Give a name for an extension, from names that people gave: letters, digits, ``_`` and ``-``."""
    name = "-".join(_PLAIN.sub("-", word).strip("-").lower() for word in words)
    return name if name[:1].isalpha() else f"x-{name}"


def read_overrides(component: Component, findings: Findings) -> Overrides:
    """Read what a process component lets a machine change. What cannot be changed here keeps its exported value."""
    if component.overrides is None:
        return Overrides()
    notes = component.notes(findings).within("process overrides")
    holder = Fields(component.overrides, notes)
    fields = fields_in(holder, "Overrides")
    holder.done()
    if fields is None:
        return Overrides()
    for spare in fields.children(*_SPARE):
        _tell_spare(Fields(spare, notes), notes)
    overrides = Overrides(
        connections=_connections(fields),
        properties=_properties(fields),
        defined=_defined(fields),
    )
    fields.done()
    return overrides


def _tell_spare(fields: Fields, notes: Notes) -> None:
    """Tell of overrides that are declared and cannot be given; the exported values hold."""
    declared = [element for element in fields.element.walk() if element.attributes.get("overrideable") == "true"]
    if declared:
        message = f"what '{fields.element.tag}' lets an environment change keeps its exported value"
        notes.differs(fields.element, message)


def _properties(fields: Fields) -> tuple[str, ...]:
    holder = fields_in(fields, "Properties")
    if holder is None:
        return ()
    names = []
    for element in holder.children("PropertyOverride"):
        inner = Fields(element, fields.notes)
        names.append(inner.required("name"))
        inner.text("value")
        inner.done()
    holder.done()
    return tuple(name for name in names if name)


def _defined(fields: Fields) -> dict[tuple[str, str], str]:
    """Read the values of process property components that a machine gives."""
    holder = fields_in(fields, "DefinedProcessPropertyOverrides")
    found: dict[tuple[str, str], str] = {}
    if holder is None:
        return found
    for element in holder.children("OverrideableDefinedProcessPropertyComponent"):
        one = Fields(element, fields.notes)
        component = one.required("componentId")
        for item in one.children("OverrideableDefinedProcessPropertyValue"):
            value = Fields(item, fields.notes)
            key, name = value.required("key"), value.text("name")
            if value.flag("overrideable"):
                found[component, key] = name or key
            value.done()
        one.done()
    holder.done()
    return found


def _connections(fields: Fields) -> dict[str, frozenset[str]]:
    """Read the fields of connections that a machine gives, by component id."""
    holder = fields_in(fields, "Connections")
    found: dict[str, frozenset[str]] = {}
    if holder is None:
        return found
    for element in holder.children("ConnectionOverride"):
        one = Fields(element, fields.notes)
        identity = one.required("id")
        names = frozenset(name for item in one.children("field") if (name := _given(Fields(item, fields.notes))))
        one.done()
        found[identity] = found.get(identity, frozenset()) | names
    holder.done()
    return found


def _given(fields: Fields) -> str:
    """Give the name of a field that a machine gives; nothing for one that it does not. The path says which it is."""
    name, given, path = fields.text("id"), fields.flag("overrideable"), fields.text("xpath")
    fields.done()
    bound = _BOUND.search(path)
    if not given or not path:
        return ""
    return name if bound is None else bound["field"] or bound["attribute"]
