"""Versions, as an operator handles them from a terminal against a real daemon."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import trio

from tests.e2e.daemon import installed
from tests.flow.daemon import COMMAND

EXAMPLE = Path(__file__).parents[2] / "processes" / "greeting"


async def nuclide(config: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command."""
    command = [sys.executable, "-c", COMMAND, *arguments, "--config", str(config)]
    return await trio.run_process(command, capture_stdout=True, capture_stderr=True, check=False)


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """Give a bundle that an engineer works on."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "work" / "greeting"))


async def test_a_bundle_is_deployed_compared_rolled_back_and_removed(tmp_path: Path, draft: Path) -> None:
    """Each verb waits until it has taken effect, tells what it did, and the history has all of it."""
    folder = tmp_path / "bundles"
    folder.mkdir()
    config = tmp_path / "nuclide.toml"
    async with installed(tmp_path, {"bundles": {"folder": str(folder), "quiet": "50 ms"}}) as daemon:
        await daemon.start()
        first = await nuclide(config, "deploy", str(draft))
        assert first.returncode == 0, first.stderr
        for file in (draft / "maps" / "greeting.yaml", draft / "tests" / "greet.yaml"):
            file.write_text(file.read_text().replace("Hello", "Hei"))
        second = await nuclide(config, "deploy", str(draft))
        assert second.returncode == 0, second.stderr
        assert b"+  Message" in (await nuclide(config, "diff", "greeting")).stdout
        (draft / "bundle.yaml").write_text("name: greeting\n")
        refused = await nuclide(config, "deploy", str(draft))
        assert refused.returncode == 1
        assert b"needs 'version'" in refused.stderr
        back = await nuclide(config, "rollback", "greeting")
        assert back.stdout.split()[-1] == first.stdout.split()[-1]
        assert (await nuclide(config, "undeploy", "greeting")).returncode == 0
        told = await nuclide(config, "history", "greeting", "--json")
    events = msgspec.json.decode(told.stdout)["events"]
    assert [event["what"] for event in events] == ["removed", "rolled back", "deployed", "deployed"]
    assert list(folder.iterdir()) == []
