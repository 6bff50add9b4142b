"""The command line and the daemon, as an operator and a builder have them: processes that speak over sockets."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import trio
from msgspec import Struct

from runtime.web import admin_answers as answers
from tests.e2e.daemon import Daemon, installed
from tests.flow.daemon import COMMAND, ROOT, Settings
from tests.patience import PATIENCE
from tests.ports import free_port


class Done(Struct, frozen=True):
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """What it printed, as JSON."""
        return msgspec.json.decode(self.out)


class Shell:
    """Runs commands beside one daemon."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self._environ = {
            **os.environ,
            "NUCLIDE_URL": f"http://127.0.0.1:{daemon.port}",
            "NUCLIDE_SOCKET": str(daemon.state / "admin.sock"),
        }

    async def nuclide(self, *arguments: str, stdin: bytes = b"") -> Done:
        """Run the command to its end."""
        with trio.fail_after(PATIENCE):
            done = await trio.run_process(
                [sys.executable, "-c", COMMAND, *arguments],
                stdin=stdin,
                capture_stdout=True,
                capture_stderr=True,
                check=False,
                env=self._environ,
                cwd=ROOT,
            )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    async def open(self, *arguments: str) -> trio.Process:
        """Start the command; what it prints can be read while it runs."""
        return await trio.lowlevel.open_process(
            [sys.executable, "-u", "-c", COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environ,
            cwd=ROOT,
        )


@asynccontextmanager
async def running(folder: Path) -> AsyncGenerator[Shell]:
    """Run a daemon with two sound bundles and a broken one."""
    bundles = folder / "bundles"
    shutil.copytree(ROOT / "processes" / "greeting", bundles / "greeting")
    shutil.copytree(ROOT / "tests" / "flow" / "bundles" / "conformance", bundles / "conformance")
    (bundles / "broken").mkdir()
    (bundles / "broken" / "bundle.yaml").write_text("nme: broken\nversion: 1.0\n")
    settings: Settings = {
        "bundles": {"folder": str(bundles)},
        "callbacks": {"allow": ["127.0.0.1:*"], "first_retry": "50 ms"},
    }
    async with installed(folder, settings) as daemon:
        await daemon.start()
        yield Shell(daemon)


async def test_a_builder_plays_flow_and_an_operator_looks_on(tmp_path: Path) -> None:
    """Law: describe, FORWARD, WAIT with its callback, a fault and a wrong name each end as documented.

    Meanwhile `ps`, `executions` and `deployments` tell of the same daemon. One test, as a daemon takes a second to
    start.
    """
    async with running(tmp_path) as shell:
        await _plays(shell)
        await _looks_on(shell)
        assert await shell.daemon.stop() == 0
        gone = await shell.nuclide("ps")
        assert (gone.status, "no daemon runs here" in gone.err) == (3, True)
        away = await shell.nuclide("flow", "call", "greeting", "Greet")
        assert (away.status, "nobody answers at" in away.err) == (3, True)


async def _plays(shell: Shell) -> None:
    described = (await shell.nuclide("flow", "describe", "greeting", "--json")).json
    assert (described["verdict"], described["findings"]) == ("accepts", [])

    greeted = await shell.nuclide("flow", "call", "greeting", "Greet", "--input", "Name=Ada")
    assert (greeted.status, greeted.json, greeted.err) == (0, {"Message": "Hello Ada"}, "")

    slow = ("flow", "call", "Conformance", "--config", "region=EU", "--inputs", "-")
    waited = await shell.nuclide(*slow, "Slow", "--json", stdin=b'{"Seconds": 2.5}')
    assert (waited.status, waited.json["invokeType"], waited.json["outputs"]) == (0, "FORWARD", {"Done": True})
    assert waited.err.startswith("WAIT")

    failed = await shell.nuclide(*slow, "SlowFail", stdin=b'{"Seconds": 2.5}')
    assert (failed.status, failed.out) == (1, "")
    assert "Disk full" in failed.err

    wrong = await shell.nuclide("flow", "call", "greeting", "Greet", "--input", "Nmae=Ada")
    assert (wrong.status, "did you mean 'Name'?" in wrong.err) == (2, True)
    unknown = await shell.nuclide("flow", "call", "greting", "Greet")
    assert (unknown.status, "There is no Flow service 'greting' here" in unknown.err) == (1, True)


async def _looks_on(shell: Shell) -> None:
    daemon = msgspec.convert((await shell.nuclide("ps", "--json")).json["daemon"], answers.DaemonStatus)
    assert (daemon.status, daemon.pid) == ("running", shell.daemon.pid)
    assert daemon.addresses == (f"http://127.0.0.1:{shell.daemon.port}",)

    listed = msgspec.convert((await shell.nuclide("executions", "--json")).json, answers.Executions)
    assert [(each.process, each.status) for each in listed.executions] == [("SlowFail", "error"), ("Slow", "complete")]
    shown = await shell.nuclide("executions", listed.executions[0].id)
    assert (shown.status, "Disk full" in shown.out) == (0, True)

    deployments = msgspec.convert((await shell.nuclide("deployments", "--json")).json, answers.Deployments)
    assert [each.bundle for each in deployments.deployed] == ["conformance", "greeting"]
    (refused,) = deployments.refused
    assert refused.folder == "broken"
    assert any(problem.place.line == 1 for problem in refused.problems)


async def test_callbacks_can_be_watched_by_another_terminal(tmp_path: Path) -> None:
    """Law: what `call --no-wait` leaves behind arrives at `listen`; refused once, it comes again."""
    port = free_port()
    async with running(tmp_path) as shell:
        listener = await shell.open("flow", "listen", "--port", str(port), "--fail", "1", "--count", "2", "--json")
        try:
            assert listener.stderr is not None
            with trio.fail_after(PATIENCE):
                assert b"callbacks are taken at" in await listener.stderr.receive_some()
            called = await shell.nuclide(
                *("flow", "call", "Conformance", "Slow", "--config", "region=EU", "--input", "Seconds=2"),
                *("--no-wait", "--json"),
                *("--callback", f"http://127.0.0.1:{port}/api/run/1/response"),
            )
            assert (called.status, called.json["invokeType"]) == (0, "WAIT")
            lines = [msgspec.json.decode(line) for line in (await _all(listener)).splitlines()]
        finally:
            listener.kill()
            with trio.move_on_after(PATIENCE, shield=True):
                await listener.wait()
    assert [line["token"] for line in lines] == [called.json["token"]] * 2
    assert [line["answered"]["status"] for line in lines] == [503, 200]
    assert lines[1]["outputs"] == {"Done": True}


async def _all(process: trio.Process) -> bytes:
    assert process.stdout is not None
    with trio.fail_after(PATIENCE):
        return b"".join([chunk async for chunk in process.stdout])
