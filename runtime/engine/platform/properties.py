"""Where properties of the platform are kept: those of a document, its meta data, and those of the execution.

User-defined properties are the document's properties. What steps and connectors tell is its meta data: ``meta.base.X``
is the key ``X``; a header of a connector's answer (``connector.….response_X``) is ``header.x``, as the HTTP connector
names it; other properties of connectors are ``connector.X``, and MIME headers ``mime.X``, with the case as written
(platform behaviour 43). What a step sets of a connector's properties is for the next call, and kept under
``outbound.<connector>.X`` as well: what an inbound connector told of a document is no order to an outbound one. Values
of property components live among the dynamic process properties, under a name that no Set Properties step can write:
``definedprocess.<component>@<key>``.
"""

from __future__ import annotations

from runtime.model.components import Components, DefinedValue
from runtime.model.document import Document
from runtime.model.parameters import PropertyName

_RESPONSE = "response_"
_BASE = "base."


def meta_key(name: PropertyName) -> str:
    """Give the key in a document's meta data of a property of scope meta, mime or connector."""
    match name.scope:
        case "meta":
            return name.name.removeprefix(_BASE)
        case "outbound":
            return f"outbound.{name.component or ''}.{name.name}"
        case "connector" if name.name.startswith(_RESPONSE):
            return f"header.{name.name.removeprefix(_RESPONSE).lower()}"
        case _:
            return f"{name.scope}.{name.name}"


def meta_set(name: PropertyName, text: str) -> dict[str, str]:
    """Give the meta data that a property of scope meta, mime or connector is, once a step has set it."""
    made = {meta_key(name): text}
    if name.scope == "connector":
        made[meta_key(PropertyName("outbound", name.name, name.component))] = text
    return made


def defined_key(component: str, key: str) -> str:
    """Give the name among the process properties of a value of a property component."""
    return f"definedprocess.{component}@{key}"


def defined_value(components: Components, component: str, key: str) -> DefinedValue | None:
    """Give a value of a property component as it is declared; None where there is no such value."""
    found = components.properties.get(component)
    if found is None:
        return None
    return next((value for value in found.values if value.key == key), None)


def with_property(document: Document, name: PropertyName, text: str) -> Document:
    """Give the document with one of its properties set."""
    if name.scope == "dynamicdocument":
        properties = {**document.properties, name.name: text}
        return Document(document.id, document.content, properties, document.meta, document.origins)
    meta = {**document.meta, **meta_set(name, text)}
    return Document(document.id, document.content, document.properties, meta, document.origins)
