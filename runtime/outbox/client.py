"""The border to the HTTP client: callbacks go out over httpx2, its errors become Undelivered."""

from __future__ import annotations

from contextlib import asynccontextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING

import httpx2

from runtime.clock import SECONDS
from runtime.outbox.message import Response, Send, Undelivered

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from runtime.flow.callbacks import CallbackRequest

BODY_LIMIT = 64 * 1024  # bytes kept of an answer: one word is expected, a proxy's error page may come instead
IDLE_CONNECTIONS = 10  # kept open: the pool of the client looks at every one for each request
IDLE_FOR = 30 * SECONDS  # below the 60 s of common proxies, so that we close first

_HEADERS = {"User-Agent": "nuclide", "Accept": "application/json", "Accept-Encoding": "identity"}


@asynccontextmanager
async def open_client(at_once: int) -> AsyncIterator[Send]:
    """Give what sends a callback, with at most `at_once` connections open; at the end they are closed.

    It follows no redirect, keeps no cookie, verifies certificates against those of the system, and sets no deadline:
    the caller's cancel scope does.
    """
    limits = httpx2.Limits(
        max_connections=at_once, max_keepalive_connections=min(at_once, IDLE_CONNECTIONS), keepalive_expiry=IDLE_FOR
    )
    async with httpx2.AsyncClient(headers=_HEADERS, limits=limits, timeout=None, follow_redirects=False) as client:
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
