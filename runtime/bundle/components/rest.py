"""The platform's REST client, in the words of the http connector: operations and connections (sections 6 and 7)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from runtime.bundle.components.fields import Fields, fields_in
from runtime.model.parameters import Parameter, Static

if TYPE_CHECKING:
    from runtime.bundle.components.xml import Element

REST = "officialboomi-X3979C-rest-prod"
REST_DYNAMIC: Mapping[str, str] = MappingProxyType(
    {"path": "path", "queryParameters": "query", "requestHeaders": "headers"}
)

_Entries = tuple[tuple[str, Parameter], ...]
_METHODS = {name: name for name in ("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "TRACE")}
_OWN = frozenset({"path", "queryParameters", "requestHeaders", "followRedirects"})


def read_rest(configuration: Fields) -> tuple[dict[str, Parameter], dict[str, _Entries]] | None:
    """Read what a REST operation sends. The document is always its body; an empty one is none (behaviour 95)."""
    fields = fields_in(configuration, "GenericOperationConfig")
    if fields is None:
        configuration.notes.wrong(configuration.element, "a REST operation has a 'GenericOperationConfig'")
        return None
    method = fields.word("customOperationType", _METHODS, "")
    if not method:
        fields.required("customOperationType")
    values = named_fields(fields)
    for name in values.keys() - _OWN:
        fields.notes.unknown(values[name].element, f"the field '{name}' is not understood")
    for name in _OWN & values.keys():
        if name == "followRedirects":
            values[name].only("value", "NONE", why="redirects are not followed")
    options = fields_in(fields, "Options")
    if options is not None:
        options.done()
    path = values["path"].text("value") if "path" in values else ""
    tables = {REST_DYNAMIC[name]: _entries(values.get(name)) for name in ("queryParameters", "requestHeaders")}
    for value in values.values():
        value.done()
    fields.done()
    texts: dict[str, Parameter] = {
        "method": Static(method),
        "path": Static(path),
        "send_document": Static("true"),
    }
    return texts, tables


def named_fields(fields: Fields) -> dict[str, Fields]:
    """Give the ``field`` elements by their id."""
    found: dict[str, Fields] = {}
    for element in fields.children("field"):
        inner = Fields(element, fields.notes)
        name = inner.required("id")
        if name in found:
            fields.notes.wrong(element, f"the field '{name}' stands here twice")
        found[name] = inner
    return found


def _entries(field: Fields | None) -> _Entries:
    """Read a table of names and values; encrypted ones cannot be read."""
    holder = fields_in(field, "customProperties") if field is not None else None
    if field is not None:
        field.text("value")
    if holder is None:
        return ()
    entries = tuple(_entry(element, holder) for element in holder.children("properties"))
    holder.done()
    return entries


def _entry(element: Element, holder: Fields) -> tuple[str, Parameter]:
    fields = Fields(element, holder.notes)
    fields.only("encrypted", "false", why="encrypted values cannot be read outside of the platform")
    entry = (fields.required("key"), Static(fields.text("value")))
    fields.done()
    return entry
