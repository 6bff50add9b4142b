"""What an operator's monitoring reads of a daemon that works: each thing that has to be watched has a number."""

from __future__ import annotations

from pathlib import Path

import trio

from tests.e2e.daemon import installed
from tests.e2e.flow import Flow, ask, token_of
from tests.e2e.test_parked import backend_and_bundle
from tests.flow.daemon import Settings
from tests.flow.peers import call
from tests.patience import PATIENCE


async def test_everything_that_is_to_be_watched_has_a_number(tmp_path: Path) -> None:
    """Rate, errors and times by process and connection, queues, outbox age, journal, loop, listeners and versions."""
    flow, bundles = Flow(), tmp_path / "bundles"
    settings: Settings = {"callbacks": flow.settings, "bundles": {"folder": str(bundles)}}
    async with backend_and_bundle(bundles), installed(tmp_path, settings) as daemon:  # Flow is away
        await daemon.start()
        message = flow.request("Order", Text="two of them")
        assert (await call(daemon.port, "/fs/Parking", message)).status == 200
        await daemon.wait_logged("callback postponed")
        found: dict[str, float] = {}
        with trio.fail_after(PATIENCE):
            while not (found.get("nuclide_oldest_callback_seconds") and found.get("nuclide_executions parked")):
                await trio.sleep(0.1)
                found = await daemon.samples()
    assert found["nuclide_requests_total fs 200"] == 1
    assert found["nuclide_request_seconds_count fs"] == 1
    assert found["nuclide_calls_total parking backend failed"] == 1
    assert found["nuclide_call_seconds_count parking backend"] == 1
    assert found["nuclide_callbacks due"] >= 1
    assert {"nuclide_callbacks_sending", "nuclide_callback_hosts_left_alone"} <= found.keys()
    assert {name for name in found if name.startswith("nuclide_queue_depth")} >= {
        "nuclide_queue_depth executions",
        "nuclide_queue_depth processes",
        "nuclide_queue_depth journal",
        "nuclide_queue_depth callbacks",
    }
    assert found["nuclide_journal_commit_seconds_count"] > 0
    assert found["nuclide_journal_records_total"] > 0
    assert found["nuclide_loop_lag_seconds_count"] > 0
    assert found["nuclide_listeners listening"] == daemon.workers
    assert found["nuclide_listener_called_timestamp_seconds parking Order"] > 0
    assert found["nuclide_event_streams"] == 0
    (version,) = (name for name in found if name.startswith("nuclide_bundle_info "))
    assert version.startswith("nuclide_bundle_info parking ")
    assert any(name.startswith("nuclide_build_info ") for name in found)


async def test_executions_are_counted_by_process(tmp_path: Path) -> None:
    """How many ended, how, and how long they took, for each process."""
    flow = Flow()
    async with installed(tmp_path, {"callbacks": flow.settings}) as daemon, flow.up():
        await daemon.start()
        for number in range(3):
            assert (await ask(daemon.port, flow.request("Quick", Seconds=0, Text=str(number)))).status == 200
        failing = flow.request("SlowFail", Seconds=2, Text="x")
        assert (await ask(daemon.port, failing)).status == 200
        await flow.finished(token_of(failing))
        found = await daemon.samples()
    assert found["nuclide_executions_finished_total trial complete Quick"] == 3
    assert found["nuclide_executions_finished_total trial error SlowFail"] == 1
    assert found["nuclide_execution_seconds_count trial Quick"] == 3
