"""The README's tour, run as it is printed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import trio
from msgspec import Struct

from tests.e2e.daemon import installed
from tests.e2e.test_examples import backend
from tests.flow.daemon import COMMAND, ROOT, Settings

LONGEST = 60.0  # seconds for a block: one of them follows a slow call
_FENCE = re.compile(r"```(sh tour|text)\n(.*?)```", re.DOTALL)


class Block(Struct, frozen=True):
    """Commands of the tour, and what is printed below them: lines of … stand for any lines."""

    commands: str
    printed: str | None


def tour() -> list[Block]:
    """Give the blocks of the tour; a text that follows commands belongs to them."""
    found: list[Block] = []
    for kind, text in _FENCE.findall((ROOT / "README.md").read_text()):
        if kind == "text":
            found[-1] = Block(found[-1].commands, text)
        else:
            found.append(Block(text, None))
    return found


def test_the_tour_is_found() -> None:
    """The README has a tour, with commands and with what they print."""
    blocks = tour()
    assert len(blocks) >= 8
    assert sum(block.printed is not None for block in blocks) >= 5


async def test_the_tour_works_as_printed(tmp_path: Path) -> None:
    """Law: every command of the README's tour succeeds in a copy of the checkout, and prints what stands below it."""
    for part in ("processes", "conf"):
        shutil.copytree(ROOT / part, tmp_path / part)
    (tmp_path / "home").mkdir()
    _command(tmp_path / ".venv" / "bin")
    async with backend() as catalogue:
        connection = tmp_path / "processes" / "greeting" / "connections" / "catalogue.yaml"
        connection.write_text(connection.read_text().replace("9191", str(catalogue)))
        settings: Settings = {
            "bundles": {"folder": str(tmp_path / "processes")},
            "callbacks": {"allow": ["127.0.0.1:*"]},
        }
        async with installed(tmp_path / "home", settings) as daemon:
            await daemon.start()
            environ = {
                **os.environ,
                "NUCLIDE_URL": f"http://127.0.0.1:{daemon.port}",
                "NUCLIDE_SOCKET": str(daemon.state / "admin.sock"),
            }
            for block in tour():
                await _runs(block, tmp_path, environ, daemon.port)


def _command(folder: Path) -> None:
    """Put a `nuclide` and an `activate` where a virtual environment has them."""
    folder.mkdir(parents=True)
    command = folder / "nuclide"
    command.write_text(f"#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -c '{COMMAND}' \"$@\"\n")
    command.chmod(0o755)
    (folder / "activate").write_text(f"PATH={folder}:$PATH\n")


async def _runs(block: Block, folder: Path, environ: dict[str, str], port: int) -> None:
    script = f". .venv/bin/activate\nset -e\n{block.commands}"
    with trio.fail_after(LONGEST):
        done = await trio.run_process(
            ["bash", "-c", script],
            cwd=folder,
            env=environ,
            check=False,
            capture_stdout=True,
            stderr=subprocess.STDOUT,
        )
    printed = done.stdout.decode().replace(str(port), "9090")
    assert done.returncode == 0, f"{block.commands}\n{printed}"
    if block.printed is not None:
        assert _pattern(block.printed).fullmatch(printed), f"{block.commands}\nprinted:\n{printed}"


def _pattern(expected: str) -> re.Pattern[str]:
    lines = [r"(?:.*\n)*?" if line == "…" else re.escape(line) + r"\n" for line in expected.splitlines()]
    return re.compile("".join(lines))
