"""The laws of the file of users."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.errors import SettingsError
from runtime.store.note import Note
from runtime.web.access.failures import MOST_ADDRESSES, Failures
from runtime.web.access.files import Watched, read_users
from runtime.web.access.users import User, Users, check_name

USERS: Users = {"ada": User(password="$argon2id$x", addresses=("10.0.0.0/8",))}


def test_users_are_read_as_they_were_written(tmp_path: Path) -> None:
    """No file is no user; a file gives what was written."""
    path = tmp_path / "users.json"
    assert read_users(path) == {}
    Note(path, Users).write(USERS)
    assert read_users(path) == USERS


BROKEN = {
    '{"ada": {"pasword": "x"}}': "pasword",
    "[]": "object",
    '{"a:b": {"password": "x"}}': "a:b",
    '{"ada": {"password": "x", "addresses": ["10.0.0.0/99"]}}': "10.0.0.0/99",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_file_that_cannot_be_is_refused(tmp_path: Path, text: str) -> None:
    """A misspelt member, another form, a name or a network that cannot be: told, and nobody is let in by accident."""
    path = tmp_path / "users.json"
    path.touch(mode=0o600)
    path.write_text(text)
    with pytest.raises(SettingsError, match=BROKEN[text]):
        read_users(path)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Hashes can be guessed at: the message says how to close the file."""
    path = tmp_path / "users.json"
    Note(path, Users).write(USERS)
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        read_users(path)


async def test_a_change_is_taken_over_and_a_mistake_is_not(tmp_path: Path) -> None:
    """A look finds what has changed; a file with a mistake leaves what was read before."""
    path = tmp_path / "users.json"
    watched = Watched("users", (path,), lambda: read_users(path))
    await watched.look()
    assert watched.now == {}
    Note(path, Users).write(USERS)
    await watched.look()
    assert watched.now == USERS
    path.write_text("{")
    await watched.look()
    assert watched.now == USERS


@pytest.mark.parametrize("name", ["", "a:b", "a\nb", "x" * 300])
def test_names_that_no_header_carries(name: str) -> None:
    """They are refused."""
    with pytest.raises(SettingsError):
        check_name(name)


def test_failures_are_remembered_within_bounds() -> None:
    """However many addresses fail, so many are remembered, those that failed most among them."""
    failures = Failures(per_minute=1, burst=2)
    for _ in range(3):
        failures.note("guesser", 0)
    for number in range(MOST_ADDRESSES + 10):
        failures.note(f"10.{number}", 1)
    assert failures.wait("guesser", 1) > 0
    assert len(failures._buckets) <= MOST_ADDRESSES
