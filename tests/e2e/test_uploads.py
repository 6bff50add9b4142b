"""Uploads at once, as callers have them: the daemon, sockets, the shipped example."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio

from tests.e2e.daemon import POLL, Daemon
from tests.e2e.test_data import house
from tests.patience import PATIENCE
from tests.web.caller import Caller, Reply, calling

HEAD = (
    b'--b0\r\nContent-Disposition: form-data; name="FileDataRequest"\r\n\r\n{"resourcePath": "invoices"}\r\n'
    b'--b0\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
)
END = b"\r\n--b0--\r\n"
CONTENT = b"x" * 100_000


async def begin(caller: Caller, more: bytes = b"") -> None:
    """Send the head of an upload, and as much of its body as is given; the rest is owed."""
    whole = len(HEAD) + len(CONTENT) + len(END)
    kind = "content-type: multipart/form-data; boundary=b0"
    await caller.request("POST", "/fs/invoices/file/content", more, headers=(kind,), length=whole)


async def upload(port: int) -> Reply:
    """Upload a file in one go."""
    async with calling(port) as caller:
        await begin(caller, HEAD + CONTENT + END)
        return await caller.reply()


async def uploads(daemon: Daemon, count: int) -> None:
    """Wait until so many uploads run."""
    with trio.fail_after(PATIENCE):
        while (await daemon.samples())["nuclide_uploads"] != count:  # noqa: ASYNC110 - another process: there is no event
            await trio.sleep(POLL)


@pytest.mark.one_worker("each worker has a limit of its own, and the kernel chooses whose a connection is")
async def test_uploads_beyond_the_limit_are_told_to_come_later(tmp_path: Path) -> None:
    """While as many uploads run as may, another is refused whole, and counted; then there is a place again."""
    async with house(tmp_path, "processes/invoices", uploads_at_once=1, upload_parts=2) as (daemon, _):
        async with calling(daemon.port) as slow:
            await begin(slow, HEAD)
            await uploads(daemon, 1)
            refused = await upload(daemon.port)
            assert (refused.status, int(refused.headers["retry-after"]) > 0) == (503, True)
            assert b"1 uploads run already" in refused.body
            await slow.say(CONTENT + END)
            assert (await slow.reply()).status == 200
        async with calling(daemon.port) as leaving:
            await begin(leaving, HEAD)
            await uploads(daemon, 1)
        await uploads(daemon, 0)
        assert (await upload(daemon.port)).status == 200
        assert await daemon.gauge("nuclide_limit_reached_total", "flow.uploads_at_once") == 1


async def test_the_parts_of_an_upload_are_counted(tmp_path: Path) -> None:
    """An upload of more parts than the setting allows is refused with the number."""
    async with house(tmp_path, "processes/invoices", upload_parts=1) as (daemon, _):
        refused = await upload(daemon.port)
        assert (refused.status, b"more than 1 parts" in refused.body) == (400, True)
