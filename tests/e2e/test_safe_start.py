"""A safe start, as an operator needs it whose bundle brings the daemon down."""

from __future__ import annotations

from pathlib import Path

from tests.deploy.bundles import bundle, write
from tests.e2e.daemon import installed
from tests.e2e.flow import Flow
from tests.e2e.test_cli import Shell
from tests.e2e.test_deploy import said, say, settings, until


async def test_a_safe_start_deploys_nothing_until_it_is_told_to(tmp_path: Path) -> None:
    """With --safe the daemon answers its operator and no caller; `nuclide reload` deploys what is there."""
    folder, flow = tmp_path / "bundles", Flow()
    write(folder / "hello", bundle(text="one"))
    async with installed(tmp_path, settings(folder, flow)) as daemon:
        await daemon.start()
        assert await said(daemon, flow) == "one"
        assert await daemon.stop() == 0
        await daemon.start("--safe", told=b"safe start\n")
        shell = Shell(daemon)
        assert (await daemon.get("/readyz")).status == 503
        assert (await say(daemon, flow)).status == 404
        assert (await shell.nuclide("deployments", "--json")).json == {"deployed": [], "refused": []}
        assert (await shell.nuclide("reload")).out == "reloaded\n"
        assert (await daemon.get("/readyz")).status == 200
        assert await said(daemon, flow) == "one"
        write(folder / "hello", bundle(text="two"))

        async def is_new() -> bool:
            return await said(daemon, flow) == "two"

        await until(is_new)
        assert await daemon.stop() == 0
