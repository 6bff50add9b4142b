from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest
import trio

from runtime.errors import HostError
from runtime.web.unix_socket import unix_listener


def abandoned(path: Path) -> None:
    """Leave a socket behind, as a daemon does that is killed."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))


async def test_only_the_own_user_may_connect(tmp_path: Path) -> None:
    """Law: the socket is for its owner alone, and is gone with the daemon."""
    path = tmp_path / "admin.sock"
    with unix_listener(path) as listener:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        async with await trio.open_unix_socket(path):
            (await listener.accept()).socket.close()
    assert not path.exists()


async def test_the_socket_of_a_dead_daemon_is_replaced(tmp_path: Path) -> None:
    """Law: a socket on which nobody listens any more does not keep a daemon from starting."""
    path = tmp_path / "admin.sock"
    abandoned(path)
    with unix_listener(path) as listener:
        async with await trio.open_unix_socket(path):
            (await listener.accept()).socket.close()


def test_a_live_socket_is_left_alone(tmp_path: Path) -> None:
    """Law: where another program listens nothing is removed; the operator is told."""
    path = tmp_path / "admin.sock"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        with pytest.raises(HostError, match="another program listens here") as caught, unix_listener(path):
            pass
        assert caught.value.place is not None
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(path))


def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    """Law: a file that stands at the path is never removed."""
    path = tmp_path / "admin.sock"
    path.write_text("mine")
    with pytest.raises(HostError, match="this is no socket"), unix_listener(path):
        pass
    assert path.read_text() == "mine"


async def test_a_successors_socket_stays(tmp_path: Path) -> None:
    """Law: a daemon that stops removes its own socket, not the one that has taken its place."""
    path = tmp_path / "admin.sock"
    with unix_listener(path):
        path.rename(tmp_path / "moved")
        abandoned(path)
    assert path.exists()


@pytest.mark.parametrize(("name", "hint"), [("a" * 120, "a shorter path is needed"), ("no/such/folder", "names it")])
def test_a_path_that_cannot_be_used_is_told_with_its_setting(tmp_path: Path, name: str, hint: str) -> None:
    """Law: a path that is too long or leads nowhere is refused with the setting that names it."""
    with pytest.raises(HostError) as caught, unix_listener(tmp_path / name):
        pass
    assert "admin_socket" in str(caught.value)
    assert hint in str(caught.value)
