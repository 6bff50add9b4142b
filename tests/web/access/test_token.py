"""The laws of the token on the port of the admin API."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.errors import SettingsError
from runtime.web.access.token import TokenGate, read_token
from runtime.web.exchange import Request

TOKEN = "t" * 44


def request(*authorization: str) -> Request:
    """Give a request with these Authorization headers."""
    headers = tuple((b"authorization", value.encode()) for value in authorization)
    return Request(
        method="GET", path="/api/status", query=b"", headers=headers, body=b"", client="127.0.0.1", arrived=0.0
    )


@pytest.mark.parametrize("value", [f"Bearer {TOKEN}", f"bearer  {TOKEN}"])
async def test_the_right_token_passes(value: str) -> None:
    """The scheme is read in any case, the token as it is."""
    assert await TokenGate(TOKEN.encode)(request(value)) is None


@pytest.mark.parametrize(
    "values",
    [
        (),
        ("",),
        ("Bearer",),
        ("Bearer ",),
        (f"Bearer {TOKEN}x",),
        (f"Bearer {TOKEN[:-1]}",),
        (f"Basic {TOKEN}",),
        (TOKEN,),
        (f"Bearer {TOKEN}", f"Bearer {TOKEN}"),
        ("Bearer \xe4",),
    ],
)
async def test_everything_else_is_refused_with_what_is_wanted(values: tuple[str, ...]) -> None:
    """Without the token, or with it twice, a request is 401 and learns the scheme, and nothing of the token."""
    answer = await TokenGate(TOKEN.encode)(request(*values))
    assert answer is not None
    assert answer.status == 401
    assert dict(answer.headers)[b"www-authenticate"].startswith(b"Bearer ")
    assert TOKEN.encode() not in answer.body


async def test_a_new_token_holds_at_once() -> None:
    """The gate asks for the token of the moment, so that a rotation needs no restart."""
    tokens = [b"new" * 12]
    gate = TokenGate(lambda: tokens[0])
    assert await gate(request(f"Bearer {'new' * 12}")) is None
    tokens[0] = b"newer" * 12
    assert await gate(request(f"Bearer {'new' * 12}")) is not None


@pytest.mark.parametrize(
    ("content", "mode", "code"),
    [
        (None, 0o600, "access.token"),
        ("short", 0o600, "access.token"),
        ("", 0o600, "access.token"),
        (f"{TOKEN} {TOKEN}", 0o600, "access.token"),
        (TOKEN, 0o640, "access.token-open"),
    ],
)
def test_a_file_that_is_no_token_is_refused(tmp_path: Path, content: str | None, mode: int, code: str) -> None:
    """A token that is missing, too short, or open to others stops the start, and the cure is told."""
    path = tmp_path / "token"
    if content is not None:
        path.write_text(content)
        path.chmod(mode)
    with pytest.raises(SettingsError) as caught:
        read_token(path)
    assert caught.value.code == code
    assert caught.value.hint


def test_the_line_end_is_not_the_token(tmp_path: Path) -> None:
    """What a shell writes behind the token does not belong to it."""
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    path.chmod(0o600)
    assert read_token(path) == TOKEN.encode()
