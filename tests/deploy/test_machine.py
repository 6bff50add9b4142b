"""What a machine gives reaches the connections and executions of its bundles."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio

from runtime.bundle.machine import Machine
from runtime.clock import SystemClock
from runtime.deploy.life import open_live
from runtime.deploy.telling import line_of
from runtime.deploy.values import follow_values
from runtime.deploy.watch import Bell, watch
from runtime.settings import Bundles
from runtime.store.memory import MemoryStore
from tests.deploy.bundles import POLL, Systems, bundle, until, write
from tests.patience import PATIENCE

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


async def test_new_values_take_effect_without_a_deployment(tmp_path: Path) -> None:
    """The connection opens anew with the new value, beside the old one while somebody uses that."""
    folder, file = extended(tmp_path), tmp_path / "extensions.toml"
    file.write_text('[hello]\nsystem = "north"\n', encoding="utf-8")
    systems = Systems()
    async with open_live(systems.catalogue(), tmp_path / "state", SystemClock(), machine=Machine(file, {})) as live:
        await live.begin(folder)
        before = live.table.deployments["hello"]
        before.hold("an execution")
        assert await live.refresh() is False
        assert live.table.deployments["hello"] is before
        file.write_text('[hello]\nsystem = "south"\ngreeting = "hei"\n', encoding="utf-8")
        assert await live.refresh() is True
        after = live.table.deployments["hello"]
        assert after is not before
        assert "south" in repr(after.prepared.settings["system"])
        assert after.prepared.properties == {"Quiet": {"greeting": "say hei"}}
        assert sorted(systems.open) == ["north", "south"]
        before.let_go("an execution")
        await until(lambda: systems.open == ["south"])


@pytest.mark.parametrize("text", ["[hello]\n", "[hello]\nsystem = 'broken'\n", "nonsense"])
async def test_values_that_cannot_be_change_nothing(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is missing, does not open or cannot be read is logged, and what serves goes on."""
    folder, file = extended(tmp_path), tmp_path / "extensions.toml"
    file.write_text('[hello]\nsystem = "north"\n', encoding="utf-8")
    systems = Systems()
    systems.refusing.add("broken")
    async with open_live(systems.catalogue(), tmp_path / "state", SystemClock(), machine=Machine(file, {})) as live:
        await live.begin(folder)
        before = live.table.deployments["hello"]
        file.write_text(text, encoding="utf-8")
        assert await live.refresh() is False
        assert live.table.deployments["hello"] is before
    assert "new values are refused" in capsys.readouterr().out


async def test_a_refused_bundle_is_tried_again_when_a_value_comes(tmp_path: Path) -> None:
    """Nobody has to touch the bundle: what it lacked is in the file of extensions, and the next look reads it anew."""
    file = tmp_path / "extensions.toml"
    extended(tmp_path)
    machine, bell, store = Machine(file, {}), Bell(), MemoryStore()
    settings = Bundles(folder=tmp_path / "bundles", quiet=0.05, rescan=3600.0)
    opened = open_live(Systems().catalogue(), tmp_path / "state", SystemClock(), machine=machine)
    async with opened as live, trio.open_nursery() as nursery:
        await live.begin(settings.folder)
        assert set(live.refused) == {"hello"}
        nursery.start_soon(watch, live, settings, store.journal, bell)
        nursery.start_soon(follow_values, live, machine, 3600.0, bell)
        text = '[hello]\nsystem = "north"\n'
        with trio.fail_after(PATIENCE):
            while "hello" not in live.table.deployments:  # a change may come before the first look at the file
                file.write_text(text := f"{text}#", encoding="utf-8")
                await trio.sleep(POLL)
        assert live.refused == {}
        nursery.cancel_scope.cancel()
