"""What an operator does about work that does not end by itself, from a terminal, while the daemon runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec
import trio

from tests.e2e.daemon import Daemon, installed
from tests.e2e.flow import Flow, ask, token_of
from tests.e2e.test_parked import backend_and_bundle
from tests.flow.daemon import COMMAND, ROOT, Settings
from tests.flow.peers import call
from tests.patience import PATIENCE


async def nuclide(daemon: Daemon, *arguments: str, exit_code: int = 0) -> Any:  # noqa: ANN401 - JSON
    """Run a command that asks the daemon; gives what it prints as JSON."""
    command = [sys.executable, "-c", COMMAND, *arguments, "--socket", str(daemon.state / "admin.sock")]
    ran = await trio.run_process(command, capture_stdout=True, capture_stderr=True, check=False, cwd=ROOT)
    assert ran.returncode == exit_code, ran.stderr.decode()
    return msgspec.json.decode(ran.stdout) if ran.stdout.startswith((b"{", b"[")) else ran.stdout.decode()


async def test_decide_and_replay(tmp_path: Path) -> None:
    """Parked work is seen, decided, ends with one result, is found again and replayed; the journal is whole."""
    flow, bundles = Flow(), tmp_path / "bundles"
    settings: Settings = {"callbacks": flow.settings, "bundles": {"folder": str(bundles)}}
    async with backend_and_bundle(bundles) as backend, installed(tmp_path, settings) as daemon, flow.up():
        await daemon.start()
        message = flow.request("Order", Text="two of them")
        assert (await call(daemon.port, "/fs/Parking", message)).json["invokeType"] == "WAIT"
        await flow.finished(token_of(message))
        ((parked,)) = (await nuclide(daemon, "parked", "--json"))["parked"]
        identity = parked["execution"]["id"]
        assert len(parked["steps"]) == 1
        assert identity in await nuclide(daemon, "parked")
        decided = await nuclide(daemon, "decide", identity, "happened", "--json")
        assert decided["steps"] == parked["steps"]
        _, result = await flow.finished(token_of(message), 2)
        assert result.body["outputs"][0]["contentValue"] == "ordered"
        assert backend.requests == 1
        await nuclide(daemon, "decide", identity, "again", exit_code=1)
        found = await nuclide(daemon, "executions", "--json", "--process", "Order", "--status", "complete")
        assert [row["id"] for row in found["executions"]] == [identity]
        found = await nuclide(daemon, "executions", "--json", "--tracked", "order=two of them")
        assert [row["id"] for row in found["executions"]] == [identity]
        assert "two of them" in await nuclide(daemon, "executions", identity)
        again = (await nuclide(daemon, "replay", identity, "--json"))["execution"]
        with trio.fail_after(PATIENCE):
            while not (await nuclide(daemon, "parked", "--json"))["parked"]:  # noqa: ASYNC110 - another process
                await trio.sleep(0.1)
        assert (await nuclide(daemon, "executions", identity, "--json"))["replays"] == [again]
        assert backend.requests == 2
        told = [entry["what"] for entry in (await nuclide(daemon, "journal", "audit", "--json"))["entries"]]
        assert told == ["replayed", "decided happened"]
        assert (await nuclide(daemon, "journal", "check", "--json"))["damage"] == []
        found = await daemon.samples()
        assert found["nuclide_callbacks_sent_total accepted"] == 2
        assert found["nuclide_journal_commit_seconds_count"] > 0
        assert await daemon.stop() == 0
    assert (await nuclide(daemon, "journal", "check", "--json", "--state", str(daemon.state)))["damage"] == []


async def test_dead_letters(tmp_path: Path) -> None:
    """A callback that is refused for good is listed, sent again on demand, and erased when it is given up."""
    flow = Flow()
    async with installed(tmp_path, {"callbacks": flow.settings}) as daemon, flow.up():
        await daemon.start()
        messages = [flow.request("Slow", Seconds=2, Text=str(number)) for number in range(2)]
        for message in messages:
            flow.prepare(token_of(message), [{"status": 404, "body": "no such state"}])
        async with trio.open_nursery() as nursery:
            for message in messages:
                nursery.start_soon(ask, daemon.port, message)
        for message in messages:
            await flow.finished(token_of(message))
        with trio.fail_after(PATIENCE):
            while len(dead := (await nuclide(daemon, "dead", "--json"))["callbacks"]) < 2:  # noqa: ASYNC110
                await trio.sleep(0.1)
        assert "404" in await nuclide(daemon, "dead")
        assert "2 dead" in await nuclide(daemon, "ps")
        first, second = (str(letter["id"]) for letter in dead)
        await nuclide(daemon, "dead", "redeliver", exit_code=1)
        await nuclide(daemon, "dead", "redeliver", "999", exit_code=1)
        await nuclide(daemon, "dead", "redeliver", first)
        with trio.fail_after(PATIENCE):
            while sum(len(flow.arrived(token_of(message))) for message in messages) < 3:  # noqa: ASYNC110
                await trio.sleep(0.1)
        await nuclide(daemon, "dead", "dismiss", second)
        assert (await nuclide(daemon, "dead", "--json"))["callbacks"] == []
        assert [each["what"] for each in (await nuclide(daemon, "journal", "audit", "--json"))["entries"]] == [
            "dismissed",
            "redelivered",
        ]
        assert await daemon.stop() == 0
