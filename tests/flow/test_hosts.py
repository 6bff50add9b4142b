from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.flow.hosts import host_allowed

ALLOW = ("flow.manywho.com", "*.boomi.com", "engine.test:8443", "127.0.0.1:9000", "[::1]:9000", "*.lab.test:8080")


@pytest.mark.parametrize(
    "url",
    [
        "https://flow.manywho.com/api/run/1/response",
        "http://flow.manywho.com/x",
        "https://flow.manywho.com:443/x",
        "https://FLOW.ManyWho.com/x",
        "https://flow.manywho.com./x",
        "https://eu.flow-prod.boomi.com/x",
        "https://flow.boomi.com",
        "https://engine.test:8443/x",
        "http://127.0.0.1:9000/x",
        "http://[::1]:9000/x",
        "http://a.lab.test:8080/x",
    ],
)
def test_allowed(url: str) -> None:
    """A listed host may be called at its port, or at the scheme's own where none is listed."""
    assert host_allowed(url, ALLOW)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "flow.manywho.com",
        "//flow.manywho.com/x",
        "ftp://flow.manywho.com/x",
        "file:///etc/passwd",
        "https://flow.manywho.com:8443/x",
        "http://flow.manywho.com:443/x",
        "https://boomi.com/x",
        "https://evilboomi.com/x",
        "https://boomi.com.evil.test/x",
        "https://flow.manywho.com.evil.test/x",
        "https://flow.manywho.com@evil.test/x",
        "https://evil.test@flow.manywho.com/x",
        "https://evil.test#@flow.manywho.com/x",
        "https://evil.test\\@flow.manywho.com/x",
        "https://flow.manywho.com%2eevil.test/x",
        "https://flow.manywho.com\t.evil.test/x",
        "https://flow.manywho.com /x",
        " https://flow.manywho.com/x",
        "https://flow.manywho.com:/x\n",
        "https://flow.manywho.com:99999/x",
        "https://flow.manywho.com:abc/x",
        "https://[flow.manywho.com/x",
        "https://flow。manywho。com/x",
        "http://127.0.0.1/x",
        "http://127.0.0.1:9001/x",
        "http://127.1:9000/x",
        "http://2130706433:9000/x",
        "http://0x7f.1:9000/x",
        "http://[::ffff:127.0.0.1]:9000/x",
        "http://localhost:9000/x",
        "https://./x",
        "https://*.boomi.com/x",
    ],
)
def test_refused(url: str) -> None:
    """Anything else is refused, however it is dressed up."""
    assert not host_allowed(url, ALLOW)


@pytest.mark.parametrize("host", ["10.0.0.1", "1.2.3.0x7f", "[::1]", "a.localhost", "db.internal", "169.254.169.254"])
def test_wildcards_stop_at_the_public(host: str) -> None:
    """No wildcard reaches an address in digits or a name of the inner network; such a host must be listed itself."""
    assert not host_allowed(f"http://{host}/x", ("*.1", "*.0x7f", "*.localhost", "*.internal", "*.254", "*.]"))
    assert host_allowed(f"http://{host}/x", (host,))


def test_an_empty_list_allows_nothing() -> None:
    """Without a list no callback leaves."""
    assert not host_allowed("https://flow.manywho.com/x", ())


@given(st.text(max_size=60))
def test_any_text_is_judged(url: str) -> None:
    """Whatever a request holds as its address, judging it neither raises nor lets a host through that is not listed."""
    assert not host_allowed(url, ("only.example.test",)) or "only.example.test" in url.lower()


def test_any_port() -> None:
    """``host:*`` stands for every port of that host, and of no other."""
    for port in (1, 80, 65535):
        assert host_allowed(f"http://127.0.0.1:{port}/x", ("127.0.0.1:*",))
    assert not host_allowed("http://127.0.0.2:80/x", ("127.0.0.1:*",))
    assert not host_allowed("http://flow.test:*/x", ("flow.test:*",))
