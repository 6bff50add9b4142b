"""Where a request comes from: its peer, or whom a trusted proxy names (reference 4.4, forwarded headers)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network

from runtime.web.access.users import within
from runtime.web.exchange import Request

MOST_HOPS = 32  # proxies in a row that are looked at
SITE = 64  # bits of an IPv6 address that its owner cannot choose: whoever has one address there has all

# Proxies write an address with its port, and one of IPv6 in brackets.
_WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d+)?|([^:]*):\d+", re.ASCII)


def caller(request: Request, trusted: Sequence[str]) -> str | None:
    """Give the address of the caller; None over a socket of this machine.

    What ``X-Forwarded-For`` says is believed only as far as those who added to it are trusted: from its end, the first
    address that is not a trusted proxy's.
    """
    address = request.client
    if address is None or not within(address, trusted):
        return address
    hops = [
        _bare(hop.strip()) for name, value in request.headers if name == b"x-forwarded-for" for hop in _split(value)
    ]
    for hop in reversed(hops[-MOST_HOPS:]):
        address = hop
        if not within(hop, trusted):
            break
    return address


def source(address: str) -> str:
    """Give what failures are counted by: an address, or the network of a site for IPv6; other texts as they are."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, SITE), strict=False))


def _bare(hop: str) -> str:
    found = _WITH_PORT.fullmatch(hop)
    return hop if found is None else found[1] or found[2] or ""


def _split(value: bytes) -> list[str]:
    return value.decode("latin-1").split(",")
