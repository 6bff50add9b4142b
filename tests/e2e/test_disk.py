"""A disk that refuses: new work is told to come again, running work goes on when the disk is back, nobody restarts."""

from __future__ import annotations

import sys
from pathlib import Path

import trio

from tests.e2e.daemon import Daemon, installed
from tests.e2e.flow import Flow, ask, token_of
from tests.patience import PATIENCE

MOODS = {"full": "full", "read-only": "read-only", "fail": "fail", "no-sync": "no-sync"}


async def _wait_ready(daemon: Daemon, status: int) -> str:
    with trio.fail_after(PATIENCE):
        while (reply := await daemon.get("/readyz")).status != status:  # noqa: ASYNC110 - another process
            await trio.sleep(0.1)
    return reply.body.decode()


async def test_disk_in_trouble(tmp_path: Path) -> None:
    """Full, read-only, or failing: 503 with Retry-After, readiness says why, and all goes on by itself afterwards."""
    flow, control = Flow(), tmp_path / "control"
    control.mkdir()
    async with installed(tmp_path, {"callbacks": flow.settings}) as daemon, flow.up():
        daemon.program = [sys.executable, "-m", "tests.chaos.under_faults", str(control)]
        await daemon.start()
        for mood in MOODS:
            running = flow.request("Slow", Seconds=2.5, Text=mood)
            assert (await ask(daemon.port, running)).json["invokeType"] == "WAIT"
            (control / "mood").write_text(mood)
            await trio.sleep(0.1)  # for which the shim believes its last look
            refused = flow.request("Slow", Seconds=0.1, Text="later")
            reply = await ask(daemon.port, refused)
            assert reply.status == 503
            again = await ask(daemon.port, refused)
            assert (again.status, again.headers["retry-after"]) == (503, "1")
            assert "disk is in trouble" in await _wait_ready(daemon, 503)
            assert (await daemon.get("/livez")).status == 200
            await trio.sleep(2.0)  # the running one meets it, too
            (control / "mood").write_text("well")
            await _wait_ready(daemon, 200)
            assert (await ask(daemon.port, refused)).status == 200
            (finished,) = await flow.finished(token_of(running))
            assert finished.body["outputs"][0]["contentValue"] == mood
        assert await daemon.stop() == 0
