"""Which headers of a request reach a process, and under which names (reference 4.4, the page on API requests).

A header that may pass becomes a dynamic document property: ``inheader_Content-Type``. Over HTTP names know no upper and
lower case, so the property has the spelling of the list; one of a pattern is spelt as people write headers.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

Spellings = Mapping[bytes, str]
"""By the name of a header in lower case, the property that it becomes."""

NOTHING: Spellings = MappingProxyType({})
PREFIX = "inheader_"

# What the platform passes, and its own prefix for headers of one's own.
PASSED = (
    "Accept",
    "Accept-Charset",
    "Accept-Encoding",
    "Accept-Language",
    "Content-Encoding",
    "Content-Language",
    "Content-MD5",
    "Content-Type",
    "X-WSS-*",
)

# Credentials, and what the platform protects: the connection's own, and what proxies say.
_NEVER = frozenset(
    {
        "authorization",
        "connection",
        "cookie",
        "host",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "set-cookie",
        "upgrade",
        "via",
        "www-authenticate",
        "x-api-key",
        "x-boomi-flow-api-key",
    }
)
_NEVER_BEFORE = ("x-forwarded-",)
_UPPER = frozenset({"WSS", "MD5"})  # words of a name that are written large


class PassedHeaders(Struct, frozen=True):
    """The headers that reach a process: by their name in lower case the property of each, and beginnings of others."""

    names: dict[bytes, str]
    beginnings: tuple[bytes, ...] = ()

    def of(
        self, headers: tuple[tuple[bytes, bytes], ...], also: Spellings = NOTHING, spellings: Spellings = NOTHING
    ) -> dict[str, str]:
        """Give the properties of a request's headers; one that comes twice is a list, as HTTP has it.

        `also` reach the process, too; `spellings` are those of headers that only a pattern names.
        """
        found: dict[str, str] = {}
        for name, value in headers:
            known = self.names.get(name) or also.get(name)
            if known is None and name.startswith(self.beginnings) and not is_secret(name.decode("latin-1")):
                known = spellings.get(name) or PREFIX + spelt(name.decode("latin-1"))
            if known is not None:
                text = value.decode("latin-1")
                found[known] = f"{found[known]}, {text}" if known in found else text
        return found


def passed_headers(*patterns: str) -> PassedHeaders:
    """Give the headers that these patterns name: a name, or a beginning and ``*``; secret ones never."""
    names = {one.lower().encode("latin-1"): PREFIX + one for one in patterns if "*" not in one and not is_secret(one)}
    beginnings = tuple(one[:-1].lower().encode("latin-1") for one in patterns if one.endswith("*"))
    return PassedHeaders(names, beginnings)


def is_secret(name: str) -> bool:
    """Tell whether a header never reaches a process: credentials, and what says how a connection is led."""
    lower = name.lower()
    return lower in _NEVER or lower.startswith(_NEVER_BEFORE)


def spelt(name: str) -> str:
    """Spell a name as people write headers: ``x-wss-some-info`` is ``X-WSS-Some-Info``."""
    words = name.split("-")
    return "-".join(word.upper() if word.upper() in _UPPER else word.capitalize() for word in words)
