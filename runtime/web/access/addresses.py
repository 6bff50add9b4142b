"""Where a request comes from: its peer, or whom a trusted proxy names (reference 4.4, forwarded headers)."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.web.access.users import within
from runtime.web.exchange import Request

MOST_HOPS = 32  # proxies in a row that are looked at


def caller(request: Request, trusted: Sequence[str]) -> str | None:
    """Give the address of the caller; None over a socket of this machine.

    What ``X-Forwarded-For`` says is believed only as far as those who added to it are trusted: from its end, the first
    address that is not a trusted proxy's.
    """
    address = request.client
    if address is None or not within(address, trusted):
        return address
    hops = [hop.strip() for name, value in request.headers if name == b"x-forwarded-for" for hop in _split(value)]
    for hop in reversed(hops[-MOST_HOPS:]):
        address = hop
        if not within(hop, trusted):
            break
    return address


def _split(value: bytes) -> list[str]:
    return value.decode("latin-1").split(",")
