"""A listener for files as its operator has it: over the real program, which is killed while it takes files."""

from __future__ import annotations

from pathlib import Path

import trio

from tests.e2e.daemon import POLL, installed
from tests.e2e.test_operator import nuclide
from tests.patience import PATIENCE

FILES = 20
PROCESS = """
name: Take
start: { listen: disk, connection: inbox, files: "*.txt", every: 1 s, then: move, move to: done, at once: 8 }
steps: [ { message: taken }, stop ]
"""


async def moved(inbox: Path, least: int) -> None:
    """Wait until so many files have been put away."""
    with trio.fail_after(PATIENCE):
        while len([*(inbox / "done").glob("*")]) < least:  # noqa: ASYNC110 - another process: there is no event
            await trio.sleep(POLL)


async def test_each_file_begins_one_execution_through_a_kill(tmp_path: Path) -> None:
    """The daemon dies while files are taken; a paused listener takes none until it goes on."""
    inbox, bundle = tmp_path / "inbox", tmp_path / "bundles" / "intake"
    inbox.mkdir()
    for folder in ("processes", "connections"):
        (bundle / folder).mkdir(parents=True)
    (bundle / "bundle.yaml").write_text("name: intake\nversion: 1\n", encoding="utf-8")
    (bundle / "connections" / "inbox.yaml").write_text(f"connector: disk\nfolder: {inbox}\n", encoding="utf-8")
    (bundle / "processes" / "take.yaml").write_text(PROCESS, encoding="utf-8")
    for number in range(FILES):
        (inbox / f"{number:02}.txt").write_text(str(number), encoding="utf-8")
    async with installed(tmp_path, {"bundles": {"folder": str(bundle.parent)}}) as daemon:
        await daemon.start()
        await moved(inbox, 1)
        await daemon.restart()
        await moved(inbox, FILES)
        await nuclide(daemon, "listeners", "pause", "intake/Take")
        (inbox / "late.txt").write_text("late", encoding="utf-8")
        (row,) = (await nuclide(daemon, "listeners", "--json"))["listeners"]
        assert (row["kind"], row["state"]) == ("disk", "paused")
        await nuclide(daemon, "listeners", "resume", "intake/Take")
        await moved(inbox, FILES + 1)
        assert await daemon.stop() == 0
        counts = await daemon.counts()
        assert {state: count for state, count in counts.items() if count} == {"complete": FILES + 1}
    assert len([*(inbox / "done").iterdir()]) == FILES + 1
