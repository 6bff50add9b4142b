"""Redirections on one server: to another one nothing is sent, as credentials and documents are for this one."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from connectors.http.border import Exchanger, Request, Response
from connectors.http.operations import Follows
from runtime.sdk.faults import NotSent

MOST_REDIRECTS = 20  # as many as Java's client follows

_ENCODED = re.compile(r"[!-~]*")  # printable ASCII without blanks; a server judges the rest
_CLIMBS = re.compile(r"(?:^|/)\.\.?(?:/|$)")
_MOVED = {301, 302, 303, 307, 308}
_SAFE = {"GET", "HEAD"}


async def followed(
    client: Exchanger, base: str, request: Request, deadline: float, follows: Follows
) -> tuple[Request, Response]:
    """Send a request and go where the server sends it; gives the last request and its answer.

    Args:
        client: of the server.
        base: the connection's URL.
        request: the first request.
        deadline: on trio's clock.
        follows: whether nothing is followed, what only reads, or everything.

    Raises:
        ApplicationFault, NotSent, OutcomeUnknown: as `Client.exchange`.
    """
    response = await client.exchange(request, deadline)
    for _ in range(MOST_REDIRECTS):
        if follows == "none" or (follows == "safe" and request.method not in _SAFE):
            break
        following = _following(base, request, response)
        if following is None:
            break
        request, response = following, await client.exchange(following, deadline)
    return request, response


def check_target(target: str) -> None:
    """Make sure that a path and query, encoded by somebody else, can be sent.

    Raises:
        NotSent: ``http.unsafe-path`` for a path that climbs, ``http.invalid-field`` for what no request line can hold.
    """
    if not _ENCODED.fullmatch(target):
        raise NotSent("http.invalid-field", "the path holds what must be percent-encoded before the call")
    if _CLIMBS.search(target.partition("?")[0]):
        raise NotSent("http.unsafe-path", "a path may not climb: '.' and '..' are no segments")


def _following(base: str, request: Request, response: Response) -> Request | None:
    """Give the request that a redirection asks for; None where it leads to another server, or nowhere."""
    location = response.headers.get("location", "")
    if response.status not in _MOVED or not location:
        return None
    own = urlsplit(base)
    found = urlsplit(urljoin(f"{own.scheme}://{own.netloc}{request.target}", location))
    if (found.scheme, found.netloc) != (own.scheme, own.netloc):
        return None
    target = (found.path or "/") + (f"?{found.query}" if found.query else "")
    check_target(target)
    if response.status in {307, 308} or request.method in _SAFE:
        return Request(method=request.method, target=target, headers=request.headers, content=request.content)
    headers = {name: value for name, value in request.headers.items() if name != "content-type"}
    return Request(method="GET", target=target, headers=headers, content=None)
