"""Listeners from a terminal, while the daemon runs and when it comes back."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.daemon import installed
from tests.e2e.flow import Flow, ask
from tests.e2e.test_operator import nuclide

QUICK = "trial/Quick"


async def test_pause_restart_and_resume(tmp_path: Path) -> None:
    """A paused listener answers 503 with a time to come again, through a restart of the daemon, until it is resumed."""
    flow = Flow()

    async with installed(tmp_path, {"callbacks": flow.settings}) as daemon:
        await daemon.start()
        assert (await ask(daemon.port, flow.request("Quick", Seconds=0, Text="x"))).status == 200
        told = await nuclide(daemon, "listeners", "pause", QUICK, "--reason", "the CRM moves")
        assert "paused" in told
        assert "the CRM moves" in told
        refused = await ask(daemon.port, flow.request("Quick", Seconds=0, Text="x"))
        assert (refused.status, refused.headers["retry-after"]) == (503, "30")
        assert "paused by its operator" in refused.json["message"]
        await daemon.restart()
        assert (await ask(daemon.port, flow.request("Quick", Seconds=0, Text="x"))).status == 503
        await nuclide(daemon, "listeners", "restart", QUICK)
        listed = {row["listener"]: row for row in (await nuclide(daemon, "listeners", "--json"))["listeners"]}
        assert (listed[QUICK]["state"], listed[QUICK]["calls"], listed[QUICK]["refused"]) == ("paused", 1, 1)
        assert listed["trial/Light"]["state"] == "listening"
        await nuclide(daemon, "listeners", "resume", "trial/Quik", exit_code=1)
        await nuclide(daemon, "listeners", "resume", exit_code=2)
        await nuclide(daemon, "listeners", "resume", "--all")
        assert (await ask(daemon.port, flow.request("Quick", Seconds=0, Text="x"))).status == 200
        assert await daemon.stop() == 0
