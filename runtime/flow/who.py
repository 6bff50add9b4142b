"""The Authorization header: who runs the flow, or the credentials of the connector (wire protocol B.1, B.2)."""

from __future__ import annotations

import re
from base64 import b64decode
from urllib.parse import unquote_to_bytes

from msgspec import Struct

_USUAL = (("%26", "&"), ("%3D", "="), ("%40", "@"), ("%20", " "), ("%2B", "+"))

PUBLIC_USER_ID = "PUBLIC_USER"

# The keys of the header, lower case, and where each is kept. Engines match keys in any case.
WHO_KEYS: dict[str, str] = {
    "manywhotenantid": "tenant_id",
    "manywhouserid": "many_who_user_id",
    "manywhotoken": "many_who_token",
    "directoryid": "directory_id",
    "directoryname": "directory_name",
    "roleid": "role_id",
    "rolename": "role_name",
    "primarygroupid": "primary_group_id",
    "primarygroupname": "primary_group_name",
    "email": "email",
    "identityprovider": "identity_provider",
    "tenantname": "tenant_name",
    "token": "token",
    "username": "username",
    "userid": "user_id",
    "firstname": "first_name",
    "lastname": "last_name",
}

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9-]* +", re.ASCII)  # the user's text has no blank before it is decoded
_BASIC = re.compile(r"basic +", re.ASCII | re.IGNORECASE)


class AuthenticatedWho(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The running user. `token` is the directory's own token and `many_who_token` the tenant's: both are secrets."""

    tenant_id: str | None = None
    many_who_user_id: str | None = None
    many_who_token: str | None = None
    directory_id: str | None = None
    directory_name: str | None = None
    role_id: str | None = None
    role_name: str | None = None
    primary_group_id: str | None = None
    primary_group_name: str | None = None
    email: str | None = None
    identity_provider: str | None = None
    tenant_name: str | None = None
    token: str | None = None
    username: str | None = None
    user_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None

    @property
    def is_public(self) -> bool:
        """Whether nobody has signed in."""
        return self.user_id == PUBLIC_USER_ID

    def __repr__(self) -> str:
        """Name the user and nothing that could be used in its place."""
        return f"AuthenticatedWho(user_id={self.user_id!r})"


UNKNOWN_USER = AuthenticatedWho()  # the connector's credentials say nothing about the person (wire protocol B.2)
PUBLIC_USER = AuthenticatedWho(
    many_who_user_id="52df1a90-3826-4508-b7c2-cde8aa5b72cf",
    many_who_token="NONE",  # noqa: S106 - the word that the engine writes for no token
    directory_id="UNAUTHENTICATED",
    directory_name="UNKNOWN",
    role_id="UNAUTHENTICATED",
    role_name="UNKNOWN",
    primary_group_id="UNAUTHENTICATED",
    primary_group_name="UNKNOWN",
    email="admin@manywho.com",
    identity_provider="NONE",
    tenant_name="UNKNOWN",
    token="NONE",  # noqa: S106 - as above
    user_id=PUBLIC_USER_ID,
)


class BasicCredentials(Struct, frozen=True):
    """User name and password of the connector; whoever checks them answers 401 when they are wrong."""

    username: str
    password: str

    def __repr__(self) -> str:
        """Name the user only."""
        return f"BasicCredentials(username={self.username!r})"


class Authorization(Struct, frozen=True, kw_only=True):
    """What the header says. `replay` is its text as received, to be sent back in callbacks; never credentials."""

    who: AuthenticatedWho = PUBLIC_USER
    basic: BasicCredentials | None = None
    replay: str | None = None

    def __repr__(self) -> str:
        """Say who it is and how; the text itself is a secret."""
        return f"Authorization(who={self.who!r}, basic={self.basic!r})"


ANONYMOUS = Authorization()


def parse_authorization(*headers: str) -> Authorization:
    """Read every Authorization header of a request, decoded as Latin-1; without one, the public user calls.

    The connector's credentials and the user may come in two headers or joined by a comma, in either order. Unreadable
    credentials are no credentials, an unreadable user is an unknown one: nothing here raises.
    """
    if len(headers) == 1 and headers[0] and " " not in headers[0]:  # no scheme word: the user, as every call has it
        return Authorization(who=parse_who(headers[0]), replay=headers[0])
    basic: BasicCredentials | None = None
    replay: str | None = None
    schemed = False
    for part in _parts(headers):
        if _BASIC.match(part):
            basic = basic or _basic(part)
            schemed = True
        elif _SCHEME.match(part):
            schemed = True
        elif part and replay is None:
            replay = part
    if replay is not None:
        return Authorization(who=parse_who(replay), basic=basic, replay=replay)
    return Authorization(who=UNKNOWN_USER if schemed else PUBLIC_USER, basic=basic)


def parse_who(text: str) -> AuthenticatedWho:
    """Read the encoded user. It is decoded exactly once: the engine protects inner values by encoding them twice.

    A part without ``=`` belongs to the value before it, which had an ``&`` in it; the first ``=`` ends the key.
    """
    found: dict[str, str] = {}
    key = ""
    for part in _decoded(text).split("&"):
        name, equals, value = part.partition("=")
        if not equals:
            if key:
                found[key] += f"&{part}"
            continue
        key = WHO_KEYS.get(name.lower(), "")
        if key in found:
            key = ""
        elif key:
            found[key] = value
    return AuthenticatedWho(**{name: value for name, value in found.items() if value not in {"", "null"}})


def _decoded(text: str) -> str:
    # Engines write a blank as %20 (.NET) or as + (Java), and a plus sign as %2B. The escapes that every call has are
    # replaced by themselves, the percent sign last, as nothing may be decoded twice: four times as fast as the rest.
    if text.isascii():
        usual = text.replace("+", " ")
        for escape, character in _USUAL:
            usual = usual.replace(escape, character)
        if usual.count("%") == usual.count("%25"):
            return usual.replace("%25", "%")
    return unquote_to_bytes(text.replace("+", " ").encode("latin-1", "replace")).decode("utf-8", "replace")


def _parts(headers: tuple[str, ...]) -> list[str]:
    parts: list[str] = []
    for header in headers:
        if "," not in header:
            parts.append(header.strip())
            continue
        pieces = [piece.strip() for piece in header.split(",")]
        # An encoded user has no comma, so a comma only counts where a scheme word stands beside it.
        parts += pieces if any(_SCHEME.match(piece) for piece in pieces) else [header]
    return parts


def _basic(part: str) -> BasicCredentials | None:
    try:
        text = b64decode(_BASIC.sub("", part, count=1).encode("ascii"), validate=True).decode()
    except ValueError:
        return None
    username, colon, password = text.partition(":")
    return BasicCredentials(username, password) if colon else None
