"""The border to httpx2: what an address means, whom TLS trusts, and the way through the proxies of the machine."""

from __future__ import annotations

import ssl
from contextlib import asynccontextmanager
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, NamedTuple
from urllib.request import getproxies

import httpx2

from runtime.outbox.answers import BODY_LIMIT
from runtime.outbox.message import Response, Send, Undelivered

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from runtime.flow.callbacks import CallbackRequest

HEADERS = {"User-Agent": "nuclide", "Accept": "application/json", "Accept-Encoding": "identity"}

_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Where connections lead to; `host` as names are resolved and certificates made out."""

    tls: bool
    host: str
    port: int


class Address(NamedTuple):
    """Where a request goes. `name` is what its Host header says, `target` its path and query, encoded."""

    origin: Origin
    name: bytes
    target: bytes


@lru_cache(maxsize=512)  # an engine names the same address in call after call
def address_of(url: str) -> Address:
    """Take an address apart.

    Raises:
        Undelivered: it is none that anybody could call.
    """
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise Undelivered(f"cannot be sent: {error}", hopeless=True) from error
    if parsed.scheme not in _PORTS or not parsed.host:
        raise Undelivered("cannot be sent: it goes neither to http:// nor to https://", hopeless=True)
    host = parsed.raw_host.decode("ascii")
    origin = Origin(parsed.scheme == "https", host, parsed.port or _PORTS[parsed.scheme])
    return Address(origin, parsed.netloc, parsed.raw_path)


def tls_context() -> ssl.SSLContext:
    """Give a context that verifies certificates against those of the system."""
    context = httpx2.create_ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def proxies_are_named() -> bool:
    """Whether the machine names proxies for what goes out (``HTTPS_PROXY`` and its like)."""
    named = getproxies()
    return any(named.get(scheme) for scheme in ("http", "https", "all"))


@asynccontextmanager
async def open_proxied(at_once: int) -> AsyncIterator[Send]:
    """Give what sends a callback through proxies, except to hosts that ``NO_PROXY`` names."""
    limits = httpx2.Limits(max_connections=at_once, max_keepalive_connections=min(at_once, 10), keepalive_expiry=30)
    async with httpx2.AsyncClient(headers=HEADERS, limits=limits, timeout=None, follow_redirects=False) as client:
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # one tenant's are not another's

        async def send(request: CallbackRequest) -> Response:
            return await _send(client, request)

        yield send


async def _send(client: httpx2.AsyncClient, request: CallbackRequest) -> Response:
    try:
        # Latin-1 both ways: the caller's identity goes back byte for byte.
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
        async with client.stream("POST", request.url, headers=headers, content=request.body) as response:
            return Response(response.status_code, await _beginning(response))
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, UnicodeEncodeError) as error:
        raise Undelivered(f"cannot be sent: {type(error).__name__}", hopeless=True) from error
    except httpx2.HTTPError as error:
        raise Undelivered(f"no answer: {str(error) or type(error).__name__}") from error


async def _beginning(response: httpx2.Response) -> bytes:
    """Read a body and keep its first part.

    The rest is read, too: the client's generators must not be left unfinished, and the caller's deadline bounds them.
    """
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk[: BODY_LIMIT - len(body)]
    return bytes(body)
