"""The platform's HTTP Client, in the words of the http connector: operations and connections (sections 6 and 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.components.fields import Fields, fields_in
from runtime.bundle.components.made import Made
from runtime.bundle.components.oauth import read_oauth, read_secured
from runtime.model.parameters import DocumentProperty, PropertyName, Static

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runtime.bundle.components.library import Library
    from runtime.bundle.components.made import Table
    from runtime.bundle.components.settings import SettingsReader
    from runtime.model.parameters import Parameter

HTTP = "http"

_METHODS = {name: name for name in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE")}
_AUTHENTICATIONS = {"NONE": "", "BASIC": "basic", "PASSWORD_DIGEST": "digest", "CUSTOM": "custom", "OAUTH2": "oauth2"}
_ELSEWHERE = {"OAUTH", "AWSV4", "NETWORK_AUTHENTICATION"}
_CREDENTIALS = ("username", "password")  # what a variable of that name stands for with custom authentication
_UNUSED = ("OAuthSettings", "OAuth2Settings", "AwsSettings")  # hold values only for their own authentication


def read_http(configuration: Fields, _: Library) -> Made | None:
    """Read a Get, which sends no body, or a Send, whose body is the document (behaviour 100)."""
    get, send = fields_in(configuration, "HttpGetAction"), fields_in(configuration, "HttpSendAction")
    fields = send or get
    if fields is None or (send is not None and get is not None):
        message = "an HTTP operation has either an 'HttpGetAction' or an 'HttpSendAction'"
        configuration.notes.wrong(configuration.element, message)
        return None
    fields.only("returnMimeResponse", "false", why="answers are not taken apart into their MIME parts")
    fields.shown("requestProfileType", "responseProfileType", "requestProfile")
    segments, headers = _parts(fields, "pathElements", "element"), _parts(fields, "requestHeaders", "header")
    reflected = fields_in(fields, "reflectHeaders")
    if reflected is not None:
        if reflected.element.children:
            reflected.children(*(child.tag for child in reflected.element.children))
            fields.notes.refused(reflected.element, "headers of an answer are not sent again with the next request")
        reflected.done()
    returns = send is None or fields.flag("returnResponses")
    if send is None:
        fields.shown("returnResponses")
    made = Made(
        operation="platform request",
        texts={
            "method": Static(fields.word("methodType", _METHODS, "GET")),
            "content_type": Static(fields.text("dataContentType")),
            "send_document": Static("true" if send is not None else "false"),
            "returns": Static("response" if returns else "document"),
            "follow_redirects": Static("true" if fields.flag("followRedirects") else "false"),
        },
        tables={
            "segments": tuple((one.place, one.value) for one in segments),
            "headers": tuple((one.place, one.value) for one in headers),
            "properties": _mapped(fields),
            "credentials": tuple((one.place, Static(one.variable)) for one in (*segments, *headers) if one.is_secret),
        },
        inputs=_inputs(segments, headers),
        # What the step's parameters fill in has no body beside it (component XML, section 2.3).
        with_inputs={"send_document": Static("false")},
        continues=fields.flag("returnErrors"),
        response=fields.maybe("responseProfile"),
    )
    fields.done()
    return made


def _inputs(segments: Iterable[_Part], headers: Iterable[_Part]) -> dict[str, tuple[str, str | None]]:
    places: dict[str, tuple[str, str | None]] = {one.key: ("segments", one.place) for one in segments}
    places.update({one.key: ("headers", one.place) for one in headers})
    return places


class _Part:
    """A part of the path, or a header. `place` is what it is called in the fields of the call."""

    def __init__(self, fields: Fields, *, is_header: bool) -> None:
        self.key = fields.text("key")
        written = fields.text("headerValue") if is_header else fields.text("name")
        self.place = fields.required("headerName") if is_header else self.key
        self.variable = (written or self.place) if fields.flag("isVariable") else ""
        self.value: Parameter = (
            DocumentProperty(PropertyName("dynamicdocument", self.variable), "") if self.variable else Static(written)
        )
        self.is_secret = self.variable in _CREDENTIALS
        fields.done()


def _parts(fields: Fields, holder_tag: str, tag: str) -> tuple[_Part, ...]:
    holder = fields_in(fields, holder_tag)
    if holder is None:
        return ()
    is_header = tag == "header"
    parts = tuple(_Part(Fields(element, fields.notes), is_header=is_header) for element in holder.children(tag))
    holder.done()
    places = [part.place for part in parts]
    twice = next((place for place in places if place and places.count(place) > 1), None)
    if twice is not None:
        fields.notes.wrong(holder.element, f"'{twice}' stands here twice")
    return parts


def _mapped(fields: Fields) -> Table:
    """Read which headers of the answer become properties of the document."""
    holder = fields_in(fields, "responseHeaderMapping")
    if holder is None:
        return ()
    found = []
    for element in holder.children("header"):
        inner = Fields(element, fields.notes)
        inner.shown("key")
        found.append((inner.required("headerFieldName"), Static(inner.required("targetPropertyName"))))
        inner.done()
    holder.done()
    return tuple(found)


def read_http_connection(fields: Fields, reader: SettingsReader) -> None:
    """Read the settings of an HTTP connection."""
    kind = fields.text("authenticationType") or "NONE"
    if kind in _ELSEWHERE:
        fields.notes.refused(fields.element, f"the authentication '{kind}' is not made here")
    elif kind not in _AUTHENTICATIONS:
        fields.notes.unknown(fields.element, f"there is no authentication '{kind}'")
    authentication = _AUTHENTICATIONS.get(kind, "")
    if not fields.text("url") and not reader.is_given("url"):
        fields.required("url")
    reader.text("url", "url", fields.text("url").removesuffix("/"))
    reader.milliseconds("connect_timeout", fields, "connectTimeout")
    reader.milliseconds("read_timeout", fields, "readTimeout")
    if fields.text("cookieScope") not in {"", "IGNORED"}:
        fields.notes.differs(fields.element, "cookies are not kept from one call to the next")
    owner = _credentials(fields, authentication, reader)
    oauth = fields_in(fields, "OAuth2Settings") if authentication == "oauth2" else None
    if oauth is not None:
        read_oauth(oauth, reader, owner)
    elif authentication == "oauth2":
        fields.notes.wrong(fields.element, "the authentication 'OAUTH2' has no 'OAuth2Settings'")
    for tag in _UNUSED:
        fields.children(tag)
    secured = fields_in(fields, "SSLOptions")
    if secured is not None:
        read_secured(secured)


def _credentials(fields: Fields, authentication: str, reader: SettingsReader) -> tuple[str, str]:
    """Read user and password, which OAuth sends to its own server, if at all."""
    holder = fields_in(fields, "AuthSettings")
    if holder is None:
        return "", ""
    user, password = holder.text("user"), holder.text("password")
    holder.done()
    if authentication and authentication != "oauth2":
        reader.text("username", "user", user)
        if password or reader.is_secret("password") or reader.is_given("password"):
            reader.text("password", "password", password, secret=True)
        if authentication != "basic":
            reader.set("authentication", authentication)
    return user, password
