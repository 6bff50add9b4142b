"""What a machine gives reaches the connections and executions of its bundles."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.bundle.machine import Machine
from runtime.clock import SystemClock
from runtime.deploy.live import line_of, open_live
from tests.deploy.bundles import Systems, bundle, write

HEAD = "name: hello\nversion: 1\nneeds: { system: 1 }\nextensions: { system: string, greeting: { default: hi } }\n"
PROCESS = "name: Quiet\nstart: no data\nproperties: { greeting: 'say ${extension.greeting}' }\nsteps: [ stop ]\n"


def extended(folder: Path) -> Path:
    """Write a bundle whose connection and process are completed by the machine; give the watched folder."""
    files = {**bundle(system="${extension.system}"), "bundle.yaml": HEAD, "processes/quiet.yaml": PROCESS}
    write(folder / "bundles" / "hello", files)
    return folder / "bundles"


async def test_the_file_of_extensions_completes_a_bundle(tmp_path: Path) -> None:
    """Its connection opens with the value of the machine, and its executions start with their properties."""
    folder, file = extended(tmp_path), tmp_path / "extensions.toml"
    file.write_text('[hello]\nsystem = "north"\n', encoding="utf-8")
    async with open_live(Systems().catalogue(), tmp_path / "state", SystemClock(), machine=Machine(file, {})) as live:
        await live.begin(folder)
        prepared = live.table.deployments["hello"].prepared
        assert "north" in repr(prepared.settings["system"])
        assert prepared.properties == {"Quiet": {"greeting": "say hi"}}


async def test_a_bundle_that_the_machine_does_not_complete_is_refused(tmp_path: Path) -> None:
    """What is missing is told when it is deployed, and not at the first call."""
    folder, machine = extended(tmp_path), Machine(None, {})
    async with open_live(Systems().catalogue(), tmp_path / "state", SystemClock(), machine=machine) as live:
        await live.begin(folder)
        assert live.table.deployments == {}
        (problem,) = live.refused["hello"].problems
        assert line_of(problem) == (
            "bundle.yaml:4:15: this machine gives no 'system' [bundle.extension-missing] (set NUCLIDE_EXT_HELLO_SYSTEM)"
        )


async def test_doubts_are_logged_when_a_bundle_is_deployed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A warning refuses nothing, and whoever reads the log sees it."""
    folder = tmp_path / "bundles"
    write(folder / "hello", {**bundle(), "maps/unused.yaml": "fields: { a: b }\n"})
    async with open_live(Systems().catalogue(), tmp_path / "state", SystemClock()) as live:
        await live.begin(folder)
        assert set(live.table.deployments) == {"hello"}
    assert "nothing uses the map 'unused'" in capsys.readouterr().out
