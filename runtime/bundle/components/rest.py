"""The platform's REST client, in the words of the http connector: operations and connections (sections 6 and 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.components.fields import fields_in
from runtime.bundle.components.made import Made
from runtime.bundle.components.oauth import read_oauth
from runtime.bundle.components.sdk_fields import entries_of, named_fields
from runtime.model.parameters import Static

if TYPE_CHECKING:
    from runtime.bundle.components.fields import Fields
    from runtime.bundle.components.library import Library
    from runtime.bundle.components.settings import SettingsReader

REST = "officialboomi-X3979C-rest-prod"

_DYNAMIC = {"path": "path", "queryParameters": "query", "requestHeaders": "headers"}
_METHODS = {name: name for name in ("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "TRACE")}
_FOLLOWS = {"NONE": "", "STRICT": "safe", "LAX": "all"}
_OWN = frozenset({"path", "queryParameters", "requestHeaders", "followRedirects"})

# Of a connection, what changes nothing here: credentials are sent at once, which a server that would have asked takes,
# and a pool has limits of its own.
_HARMLESS = frozenset({"preemptive", "enableConnectionPooling", "maxTotal", "idleTimeout"})
_AUTH = frozenset({"", "NONE", "BASIC", "OAUTH2"})
_TIMES = {"connectTimeout": "connect_timeout", "readTimeout": "read_timeout"}


def read_rest(configuration: Fields, _: Library) -> Made | None:
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
    redirects = values.get("followRedirects")
    word = redirects.word("value", _FOLLOWS, "") if redirects is not None else ""
    follows = {"follow_redirects": Static(word)} if word else {}
    options = fields_in(fields, "Options")
    if options is not None:
        options.done()
    path = values["path"].text("value") if "path" in values else ""
    tables = {_DYNAMIC[name]: entries_of(values.get(name)) for name in ("queryParameters", "requestHeaders")}
    for value in values.values():
        value.done()
    fields.done()
    return Made(
        operation="request",
        texts={"method": Static(method), "path": Static(path), "send_document": Static("true"), **follows},
        tables=tables,
        dynamic=_DYNAMIC,
    )


def read_rest_connection(fields: Fields, reader: SettingsReader) -> None:
    """Read the settings of a REST connection."""
    values = named_fields(fields)
    auth = values["auth"].text("value") if "auth" in values else ""
    _oauth(values.pop("oauthContext", None), auth, fields, reader)
    for name, value in values.items():
        _setting(name, value, auth, reader)
        value.done()
    if "url" not in reader.settings:
        fields.notes.wrong(fields.element, "the connection has no url")


def _oauth(value: Fields | None, auth: str, fields: Fields, reader: SettingsReader) -> None:
    """Read the field that every connection has, and that means something with one authentication alone."""
    if auth != "OAUTH2":
        return
    config = fields_in(value, "OAuth2Config") if value is not None else None
    if value is None or config is None:
        fields.notes.wrong(fields.element, "the authentication 'OAUTH2' has no 'OAuth2Config'")
        return
    read_oauth(config, reader)
    value.text("value")
    value.shown("type")
    value.done()


def _setting(name: str, value: Fields, auth: str, reader: SettingsReader) -> None:
    text = value.text("value")
    if name == "auth":
        if text not in _AUTH:
            value.notes.refused(value.element, f"the authentication '{text}' is not made here")
    elif name == "cookieScope":
        if text not in {"", "IGNORED"}:
            value.notes.differs(value.element, "cookies are not kept from one call to the next")
    elif name in _TIMES:
        reader.milliseconds(_TIMES[name], value, "value")
    elif name in {"username", "password"}:
        if auth == "BASIC":
            reader.text(name, name, text, secret=name == "password")
    elif name == "url":
        reader.text(name, name, text)
    elif name not in _HARMLESS and (text or value.element.children):
        value.notes.unknown(value.element, f"the field '{name}' is not understood")
