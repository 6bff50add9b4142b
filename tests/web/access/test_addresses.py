"""The laws of where a request comes from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.web.access.addresses import MOST_HOPS, caller, source
from runtime.web.exchange import Request

PROXIES = ("192.0.2.0/24", "2001:db8:ffff::/48")


def request(client: str | None, *forwarded: str) -> Request:
    """Give a request from `client` with these X-Forwarded-For headers."""
    headers = tuple((b"x-forwarded-for", value.encode("latin-1")) for value in forwarded)
    return Request(method="POST", path="/fs/x", query=b"", headers=headers, body=b"", client=client, arrived=0.0)


CASES: dict[str, tuple[Request, str | None]] = {
    "a stranger's word counts for nothing": (request("203.0.113.1", "10.0.0.1"), "203.0.113.1"),
    "no proxy, no word": (request("203.0.113.1"), "203.0.113.1"),
    "a socket of this machine": (request(None, "10.0.0.1"), None),
    "the last that is no proxy": (request("192.0.2.1", "10.9.9.9, 203.0.113.7, 192.0.2.9"), "203.0.113.7"),
    "headers in their order": (request("192.0.2.1", "10.9.9.9", "203.0.113.7"), "203.0.113.7"),
    "with a port": (request("192.0.2.1", "203.0.113.7:52110"), "203.0.113.7"),
    "a proxy with a port": (request("192.0.2.1", "203.0.113.7, 192.0.2.9:443"), "203.0.113.7"),
    "IPv6": (request("2001:db8:ffff::1", "2001:db8::7"), "2001:db8::7"),
    "IPv6 in brackets": (request("192.0.2.1", "[2001:db8::7]"), "2001:db8::7"),
    "IPv6 with a port": (request("192.0.2.1", "[2001:db8::7]:443"), "2001:db8::7"),
    "a proxy that speaks IPv4 in IPv6": (request("::ffff:192.0.2.1", "203.0.113.7"), "203.0.113.7"),
    "nothing said": (request("192.0.2.1", ""), ""),
    "a word that is no address": (request("192.0.2.1", "10.0.0.1, unknown"), "unknown"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_caller(case: str) -> None:
    """What is forwarded is believed from its end, as far as trusted proxies have written it, port or not."""
    asked, wanted = CASES[case]
    assert caller(asked, PROXIES) == wanted


@given(st.lists(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n")), max_size=2 * MOST_HOPS))
def test_no_word_makes_a_trusted_address_out_of_a_stranger(said: list[str]) -> None:
    """Whatever a caller says, the address that the proxy has put behind it counts."""
    assert caller(request("192.0.2.1", *said, "203.0.113.7"), PROXIES) == "203.0.113.7"
    assert caller(request("203.0.113.7", *said), PROXIES) == "203.0.113.7"


SOURCES = {
    "203.0.113.7": "203.0.113.7",
    "::ffff:203.0.113.7": "203.0.113.7",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
    "2001:db8:1:2::9": "2001:db8:1:2::/64",
    "fe80::1%eth0": "fe80::/64",
    "this machine": "this machine",
}


@pytest.mark.parametrize("address", SOURCES)
def test_failures_are_counted_by_what_a_caller_cannot_choose(address: str) -> None:
    """A site of IPv6 has more addresses than anybody can count: all of one site count together."""
    assert source(address) == SOURCES[address]
