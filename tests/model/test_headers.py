"""Which headers reach a process, and how they are called there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.model.headers import PASSED, is_secret, passed_headers, spelt

SECRET = ("Authorization", "Cookie", "Proxy-Authorization", "Set-Cookie", "X-Forwarded-For", "Via", "Host")


def test_what_the_platform_passes_is_passed_under_its_names() -> None:
    """Standard headers have their own spelling whatever was sent, those of the prefix that of people."""
    sent = ((b"content-type", b"text/csv"), (b"x-wss-some-info", b"7"), (b"accept", b"a"), (b"accept", b"b"))
    assert passed_headers(*PASSED).of(sent) == {
        "inheader_Content-Type": "text/csv",
        "inheader_X-WSS-Some-Info": "7",
        "inheader_Accept": "a, b",
    }


def test_a_process_finds_a_header_as_it_spells_it() -> None:
    """A name of the pattern that somebody writes in another way is found in that way."""
    passed = passed_headers(*PASSED)
    told = passed.of(((b"x-wss-requestid", b"7"),), {}, {b"x-wss-requestid": "inheader_X-WSS-requestID"})
    assert told == {"inheader_X-WSS-requestID": "7"}
    assert passed.of(((b"x-trace", b"1"),), {b"x-trace": "inheader_X-Trace"}) == {"inheader_X-Trace": "1"}


@pytest.mark.parametrize("pattern", ["*", *SECRET])
def test_credentials_never_pass(pattern: str) -> None:
    """Whatever the setting says: neither by name nor by a pattern that fits everything."""
    sent = tuple((name.lower().encode(), b"secret") for name in SECRET)
    assert passed_headers(pattern).of(sent) == {}
    assert all(map(is_secret, SECRET))


@given(st.text(st.sampled_from("abcXYZ-1"), max_size=20))
def test_a_spelling_is_the_same_name(name: str) -> None:
    """It differs in upper and lower case alone, and is the same however the name was sent."""
    assert spelt(name).lower() == name.lower()
    assert spelt(name) == spelt(name.lower())
