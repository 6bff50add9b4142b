"""The admin API over a port, as a machine that looks after others has it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import trio

from tests.deploy.bundles import bundle, write
from tests.e2e.daemon import BUNDLES, Daemon, installed
from tests.flow.daemon import COMMAND, ROOT, Settings
from tests.flow.peers import Reply, call
from tests.flow.replay import Message
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.web.access.certificates import Authority

OLD, NEW = "o" * 40, "n" * 40
POLL = 0.05  # seconds between two questions


def write_token(folder: Path, token: str) -> None:
    """Put a token into its file, as an administrator does."""
    folder.mkdir(exist_ok=True)
    draft = folder / "draft"
    draft.touch(mode=0o600)
    draft.write_text(f"{token}\n")
    draft.replace(folder / "admin-token")


async def ask(port: int, path: str, token: str | None = None) -> Reply:
    """Ask the port."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return await call(port, "", Message(method="GET", path=path, headers=headers, body=b""))


async def test_the_port_answers_whoever_has_the_token_of_the_moment(tmp_path: Path) -> None:
    """What the socket tells, the port tells to a bearer of the token; a new token holds without a restart."""
    port = free_port()
    write_token(tmp_path / "state", OLD)
    async with installed(tmp_path, {"admin": {"port": port}}) as daemon:
        await daemon.start()
        assert (await ask(port, "/api/status")).status == 401
        assert (await ask(port, "/livez")).status == 200
        status = await ask(port, "/api/status", OLD)
        assert status.status == 200
        assert status.json["pid"] == daemon.pid
        described = (await ask(port, "/api/openapi.json", OLD)).json
        assert {"/api/rollback", "/api/execute", "/api/decide"} <= set(described["paths"])
        write_token(tmp_path / "state", NEW)
        with trio.fail_after(PATIENCE):
            while (await ask(port, "/api/status", NEW)).status != 200:  # noqa: ASYNC110 - another process
                await trio.sleep(POLL)
        assert (await ask(port, "/api/status", OLD)).status == 401
        assert await daemon.stop() == 0
        assert OLD not in daemon.logged()


async def test_the_command_asks_over_tls(tmp_path: Path) -> None:
    """With the address, the token and the authority, verbs of every kind work from elsewhere; without one, none."""
    port, authority = free_port(), Authority(tmp_path)
    certificate, key = authority.sign("localhost")
    write_token(tmp_path / "state", OLD)
    settings: Settings = {
        "admin": {"port": port},
        "tls": {"certificate": str(certificate), "key": str(key)},
        "bundles": {"folder": str(shutil.copytree(BUNDLES, tmp_path / "bundles"))},
    }
    before = set((tmp_path / "bundles").iterdir())
    async with installed(tmp_path, settings) as daemon:
        await daemon.start_unasked()
        environ = {**os.environ, "NUCLIDE_ADMIN": f"https://localhost:{port}", "NUCLIDE_CA": str(authority.file)}

        async def nuclide(*arguments: str, token: str = OLD, **more: str) -> tuple[int, str]:
            command = [sys.executable, "-c", COMMAND, *arguments]
            variables = {**environ, "NUCLIDE_TOKEN": token, **more}
            ran = await trio.run_process(
                command, capture_stdout=True, capture_stderr=True, check=False, cwd=ROOT, env=variables
            )
            return ran.returncode, (ran.stdout + ran.stderr).decode()

        assert (await nuclide("ps"))[1].startswith("nuclide ")
        assert "trial/Quick" in (await nuclide("listeners", "pause", "trial/Quick"))[1]
        assert "paused" in (await nuclide("listeners"))[1]
        write(tmp_path / "hello", bundle())
        status, said = await nuclide("deploy", str(tmp_path / "hello"))
        assert (status, said.split()[0]) == (0, "hello")
        assert (tmp_path / "bundles" / "hello.zip").is_file()
        assert "hello" in (await nuclide("deployments"))[1]
        assert (await nuclide("undeploy", "hello"))[0] == 0
        assert set((tmp_path / "bundles").iterdir()) == before
        status, said = await nuclide("ps", token=NEW)
        assert (status, NEW in said) == (1, False)
        assert "wants its token" in said
        status, said = await nuclide("ps", NUCLIDE_CA=str(certificate))
        assert status == 3
        assert "--ca" in said
        assert await daemon.stop() == 0
        assert OLD not in daemon.logged()


async def test_a_token_is_never_sent_in_clear_over_a_network(tmp_path: Path) -> None:
    """Beyond loopback the port wants TLS, and without a token it does not start: both are told with their cures."""
    settings: Settings = {"admin": {"port": free_port(), "host": "0.0.0.0"}}  # noqa: S104 - it is refused
    assert await refusal(tmp_path, settings) == "settings.contradiction"
    assert await refusal(tmp_path, {"admin": {"port": free_port()}}) == "access.token"


async def refusal(folder: Path, settings: Settings) -> str:
    """Give the code by which a start is refused."""
    async with installed(folder, settings) as daemon:
        status, said = await daemon.refused()
        assert status == 2
        return code_of(daemon, said)


def code_of(daemon: Daemon, said: str) -> str:
    """Give the code in the last line that a daemon has said to people; another of its processes may still log."""
    last = [line for line in said.strip().splitlines() if not line.startswith("{")][-1]
    return last[last.index("[") + 1 : last.index("]")]
