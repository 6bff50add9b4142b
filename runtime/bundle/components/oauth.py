"""OAuth 2.0 of the platform's HTTP and REST clients, in the words of the http connector (component XML, section 7).

The platform keeps its tokens itself, so an export holds none: client secret, password and refresh token become
extensions. What the authorization in a browser needs is not read; whoever did it gives the refresh token.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from runtime.bundle.components.fields import Fields, content_of, fields_in

if TYPE_CHECKING:
    from runtime.bundle.components.settings import SettingsReader
    from runtime.bundle.components.xml import Element

_GRANTS = {"client_credentials": "client credentials", "password": "password", "code": "refresh token"}
_AUTHENTICATIONS = {"req_body_params_auth": "body", "basic_auth": "basic"}
_OWNER = ("username", "password")


def read_oauth(fields: Fields, reader: SettingsReader, owner: tuple[str, str] = ("", "")) -> None:
    """Read an ``OAuth2Settings`` or an ``OAuth2Config`` that is in use.

    Args:
        fields: the element.
        reader: takes the settings.
        owner: user and password that the connection has besides, for the grant that sends them.
    """
    fields.required("grantType")
    grant = fields.word("grantType", _GRANTS, "client credentials")
    reader.set("authentication", "oauth2")
    reader.set("grant", grant)
    reader.set("client_authentication", fields.word("refreshAuthScheme", _AUTHENTICATIONS, "body"))
    _client(fields, reader, grant)
    _endpoint(fields_in(fields, "accessTokenEndpoint"), fields, reader)
    parameters = _parameters(fields)
    if grant == "password":
        user, password = (parameters.pop(name, "") or given for name, given in zip(_OWNER, owner, strict=True))
        reader.set("username", *(reader.part("user", user) or (reader.extension("user", None),)))
        reader.text("password", "password", password, secret=True)
    if parameters:
        reader.set("oauth_parameters", json.dumps(parameters))
    reader.text("scope", "scope", content_of(fields, "scope").strip())
    if content_of(fields, "credentialsAssertionType") not in {"", "client_secret"}:
        fields.notes.refused(fields.element, "a client is known by its secret here, not by an assertion")
    for tag in ("authorizationTokenEndpoint", "authorizationParameters", "jwtParameters", "accessToken"):
        fields.children(tag)
    fields.done()


def _client(fields: Fields, reader: SettingsReader, grant: str) -> None:
    holder = fields_in(fields, "credentials")
    if holder is None:
        fields.notes.wrong(fields.element, f"'{fields.element.tag}' has no 'credentials'")
        return
    holder.shown("accessToken", "accessTokenKey")  # the platform's own copy, which nobody else can read
    identity = holder.text("clientId")
    if identity or reader.is_given("clientId"):
        reader.text("client_id", "clientId", identity)
    else:
        holder.required("clientId")
    secret = holder.text("clientSecret")
    if grant == "client credentials" or secret or reader.is_secret("clientSecret") or reader.is_given("clientSecret"):
        reader.text("client_secret", "clientSecret", secret, secret=True)
    if grant == "refresh token":
        about = "the refresh token that the authorization of this connection gave; the server must not replace it"
        reader.set("refresh_token", reader.extension("refreshToken", None, secret=True, about=about))
    holder.done()


def _endpoint(holder: Fields | None, fields: Fields, reader: SettingsReader) -> None:
    if holder is None:
        fields.notes.wrong(fields.element, f"'{fields.element.tag}' has no 'accessTokenEndpoint'")
        return
    reader.text("oauth_url", "accessTokenURL", holder.required("url"))
    secured = fields_in(holder, "sslOptions")
    if secured is not None:
        read_secured(secured)
    holder.done()


def read_secured(secured: Fields) -> None:
    """Read how a server is trusted: by the system's store, whatever is said; a certificate of ours is not sent."""
    secured.only("clientauth", "false", why="a certificate of the client is not sent")
    if secured.flag("trustServerCert"):
        secured.notes.differs(secured.element, "the server's certificate is verified against the system's store")
    secured.shown("clientsslalias", "trustedcertalias")
    secured.done()


def _parameters(fields: Fields) -> dict[str, str]:
    """Read what is sent with the request for a token besides."""
    holder = fields_in(fields, "accessTokenParameters")
    if holder is None:
        return {}
    found = dict(_parameter(element, holder) for element in holder.children("parameter"))
    holder.done()
    return found


def _parameter(element: Element, holder: Fields) -> tuple[str, str]:
    fields = Fields(element, holder.notes)
    pair = (fields.required("name"), fields.text("value"))
    fields.done()
    return pair
