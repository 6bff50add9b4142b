"""The laws of `nuclide user`."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from runtime.web.access.files import read_users
from runtime.web.access.passwords import is_password
from tests.cli.daemon import nuclide


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Give the variables that put the state into a folder of the test."""
    return {"NUCLIDE_STATE_FOLDER": str(tmp_path / "state")}


def test_a_user_lives_by_its_verbs(environ: dict[str, str], tmp_path: Path) -> None:
    """It is added with a password that the file does not hold, listed without it, given another, and removed."""
    file = tmp_path / "state" / "users.json"
    added = nuclide("user", "add", "ada", "--password-stdin", "--address", "10.0.0.0/8", stdin="first\n", **environ)
    assert added.exit_code == 0, added.output
    assert b"first" not in file.read_bytes()
    assert is_password(read_users(file)["ada"].password, "first")
    rows = msgspec.json.decode(nuclide("user", "list", "--json", **environ).stdout)
    assert rows == [{"name": "ada", "addresses": ["10.0.0.0/8"], "services": None}]
    assert nuclide("user", "passwd", "ada", "--password-stdin", stdin="second\n", **environ).exit_code == 0
    user = read_users(file)["ada"]
    assert (is_password(user.password, "second"), user.addresses) == (True, ("10.0.0.0/8",))
    assert nuclide("user", "remove", "ada", **environ).exit_code == 0
    assert read_users(file) == {}


REFUSED: dict[str, tuple[tuple[str, ...], str, str]] = {
    "a name with a colon": (("add", "a:b"), "x\n", "no name of a user"),
    "no network": (("add", "bob", "--address", "nowhere"), "x\n", "no network"),
    "an empty password": (("add", "bob"), "\n", "between 1"),
    "a second of that name": (("add", "ada"), "x\n", "already"),
    "nobody": (("passwd", "adda"), "x\n", "did you mean 'ada'?"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_told(environ: dict[str, str], tmp_path: Path, case: str) -> None:
    """The message says what is wrong, the status is not 0, and the file stays as it was."""
    assert nuclide("user", "add", "ada", "--password-stdin", stdin="x\n", **environ).exit_code == 0
    before = (tmp_path / "state" / "users.json").read_bytes()
    (verb, *arguments), stdin, message = REFUSED[case]
    result = nuclide("user", verb, *arguments, "--password-stdin", stdin=stdin, **environ)
    assert result.exit_code != 0
    assert message in result.output
    assert (tmp_path / "state" / "users.json").read_bytes() == before
