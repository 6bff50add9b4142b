"""The ways to a daemon: what the command refuses to do with a token, and what it says when nobody answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.cli.doors import UrlDoor, read_token
from runtime.errors import SettingsError
from tests.cli.daemon import nuclide
from tests.ports import free_port

EXAMPLE = Path(__file__).parents[2] / "processes" / "greeting"


@pytest.mark.parametrize(
    "url",
    ["http://admin.example:9091", "http://10.0.0.1", "ftp://localhost", "localhost:9091", "https://", "https://a:b/",
     "https://ada:secret@admin.example", "https://admin.example/?a=b"],
)  # fmt: skip
def test_an_address_that_would_leak_the_token_or_leads_nowhere_is_refused(url: str) -> None:
    """The token goes over TLS or stays on this machine; an address with more in it than a server is refused."""
    with pytest.raises(SettingsError) as refused:
        UrlDoor(url, "t" * 32)
    assert refused.value.code == "cli.url"
    assert nuclide("ps", "--url", url, NUCLIDE_TOKEN="t" * 32).exit_code == 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:9091", "http://[::1]:9091", "http://localhost:9091/nuclide/"])
def test_this_machine_is_asked_in_clear(url: str) -> None:
    """Loopback needs no TLS; a path before the API's own is kept."""
    door = UrlDoor(url, "t" * 32)
    assert door.headers == {"Authorization": f"Bearer {'t' * 32}"}
    assert door.base == ("/nuclide" if "nuclide" in url else "")


@pytest.mark.parametrize("content", [b"", b" \n", b"two words", b"\xff\xfe", b"line\nline"])
def test_a_token_is_one_word(tmp_path: Path, content: bytes) -> None:
    """What cannot be a token is told before it becomes a header."""
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(SettingsError):
        read_token(file, "t" * 32)
    with pytest.raises(SettingsError):
        read_token(None, None)


def test_nobody_at_the_address_is_told_with_a_cure(tmp_path: Path) -> None:
    """A port where nobody listens ends with status 3, and the token is in no message."""
    url, token = f"http://127.0.0.1:{free_port()}", "canary-" + "t" * 32
    result = nuclide("ps", "--url", url, NUCLIDE_TOKEN=token)
    assert result.exit_code == 3
    assert url in result.stderr
    assert token not in result.output
    sent = nuclide("deploy", str(EXAMPLE), "--url", url, NUCLIDE_TOKEN=token)
    assert sent.exit_code == 3
    assert url in sent.stderr
    both = nuclide("ps", "--url", url, "--socket", str(tmp_path / "s"), NUCLIDE_TOKEN=token)
    assert both.exit_code == 2
    assert "two daemons" in both.stderr
