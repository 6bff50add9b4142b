"""How much is logged of a process, changed from a terminal while it runs."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tests.e2e.daemon import Daemon, installed
from tests.e2e.flow import Flow, ask
from tests.e2e.test_operator import nuclide


def told(daemon: Daemon, process: str) -> list[str]:
    """Give the lines of the process logs of a process that the daemon has logged."""
    events = [msgspec.json.decode(line) for line in daemon.logged().splitlines() if line.startswith("{")]
    return [each["line"] for each in events if each["event"] == "process log" and each["process"] == process]


async def test_a_process_is_followed_while_the_daemon_runs(tmp_path: Path) -> None:
    """At debug level the lines of a process' logs are logged, of that process alone, until it is taken back."""
    flow = Flow()
    async with installed(tmp_path, {"callbacks": flow.settings}) as daemon:
        await daemon.start()

        async def call(*actions: str) -> None:
            for action in actions:
                assert (await ask(daemon.port, flow.request(action, Seconds=0, Text="x"))).status == 200

        await call("Quick", "Light")
        assert "trial/Quick" in await nuclide(daemon, "levels", "set", "debug", "trial/Quick", "--for", "10 min")
        await call("Quick", "Light")
        listed = await nuclide(daemon, "levels", "--json")
        assert (listed["level"], [row["process"] for row in listed["processes"]]) == ("info", ["trial/Quick"])
        assert listed["processes"][0]["seconds"] <= 600
        await nuclide(daemon, "levels", "set", "debug", "trial/Quik", exit_code=1)
        await nuclide(daemon, "levels", "set", "debug", "--for", "soon", exit_code=2)
        await nuclide(daemon, "levels", "reset")
        once = told(daemon, "Quick")
        await call("Quick", "Light")
        assert await daemon.stop() == 0
    assert once[0] == "Executing Process Quick with 1 document(s)."
    assert told(daemon, "Quick") == once
    assert told(daemon, "Light") == []
