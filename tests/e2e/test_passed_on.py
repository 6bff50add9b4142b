"""The laws of what one worker does for all: uploads, pages and kept values, whichever worker a caller has reached."""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path

import trio

from tests.bundle.house import write
from tests.e2e.daemon import BUNDLES, POLL
from tests.e2e.flow import Flow, ask, text_of, token_of
from tests.e2e.test_workers import CALLERS, SHARED, SHARING, two
from tests.e2e.workers import children, logged, process_of, status, tokens_of
from tests.flow.daemon import READY_WITHIN, ROOT
from tests.flow.peers import call
from tests.web.caller import calling

PAGES = {
    "bundle.yaml": "name: pages\nversion: 1.0\n",
    "processes/pages.yaml": """
name: Pages
start: { listen: web, operation: query, object: rows, input: none, output: multiple json, maximum documents: 1 }
options: { mode: low latency }
steps:
  - branch:
    - [ { message: '"${execution.id}"' }, return documents ]
    - [ { message: '"${execution.id}"' }, return documents ]
    - [ { message: '"${execution.id}"' }, return documents ]
""",
}
KIND = "content-type: multipart/form-data; boundary=b0"
PART = (
    b'--b0\r\nContent-Disposition: form-data; name="FileDataRequest"\r\n\r\n{"resourcePath": "invoices"}\r\n'
    b'--b0\r\nContent-Disposition: form-data; name="file"; filename="%d.txt"\r\n\r\n'
)
END = b"\r\n--b0--\r\n"
LARGE = b"0123456789" * 30_000


async def test_an_upload_is_passed_on_as_it_arrives(tmp_path: Path) -> None:
    """A file whose process one worker alone may run is kept whole by that one, wherever it was sent to."""
    folder, data = tmp_path / "bundles", tmp_path / "data"
    (data / "invoices").mkdir(parents=True)
    shutil.copytree(ROOT / "processes" / "invoices", folder / "invoices")
    keep = folder / "invoices" / "processes" / "keep-invoice.yaml"
    keep.write_text(keep.read_text().replace("mode: general,", "mode: general, simultaneous: queue,"))
    environ = {"NUCLIDE_EXT_INVOICES_DATA_FOLDER": str(data)}
    async with two(tmp_path, Flow(), bundles=folder, environ=environ) as daemon:

        async def one(number: int) -> None:
            async with calling(daemon.port) as caller:
                body = PART % number + LARGE + END
                middle = len(body) // 2
                await caller.request(
                    "POST", "/fs/invoices/file/content", body[:middle], headers=(KIND,), length=len(body)
                )
                await caller.say(body[middle:])
                assert (await caller.reply()).status == 200

        async with trio.open_nursery() as nursery:
            for number in range(CALLERS):
                nursery.start_soon(one, number)
        kept = [path.read_bytes() for path in (data / "invoices").rglob("*.txt")]
        assert kept == [LARGE] * CALLERS
        metrics = (await daemon.get("/metrics")).body.decode()
        lines = [
            line for line in metrics.splitlines() if "executions_finished_total" in line and "Keep invoice" in line
        ]
        assert [('worker="1"' in line, line.rpartition(" ")[2]) for line in lines] == [(True, f"{CALLERS}.0")], metrics


async def test_pages_are_found_wherever_they_are_asked_for(tmp_path: Path) -> None:
    """The pages of one answer are asked of any worker, and are all of the one execution that made them."""
    folder = tmp_path / "bundles"
    write(folder / "pages", PAGES)
    async with two(tmp_path, Flow(), bundles=folder) as daemon:
        path, made = "/ws/simple/queryRows", set[bytes]()
        for _ in range(CALLERS):
            pages: list[bytes] = []
            following: str | None = path
            while following is not None:
                async with calling(daemon.port) as caller:  # another connection, perhaps another worker
                    await caller.request("GET", following)
                    reply = await caller.reply()
                assert reply.status == 200, reply.body
                pages.append(reply.body)
                link = re.match("<(.*)>", reply.headers.get("link", ""))
                following = None if link is None else link[1]
            assert Counter(pages) == {pages[0]: 3}
            made.add(pages[0])
        assert len(made) == CALLERS


async def test_what_one_worker_keeps_is_taken_over_with_its_journal(tmp_path: Path) -> None:
    """Worker 1 killed for good: its work is finished, kept values go on, and console and tokens are there."""
    flow, folder = Flow(), tmp_path / "bundles"
    for bundles in (SHARING, BUNDLES):
        shutil.copytree(bundles, folder, dirs_exist_ok=True)
    async with two(tmp_path, flow, bundles=folder) as daemon, flow.up():

        async def last(text: str) -> str | None:
            message = flow.request("Last", token=next(tokens_of(2, 2)), Text=text, Seconds=0)
            return text_of((await call(daemon.port, SHARED, message)).json)

        assert await last("before") == "none"
        later = flow.request("Slow", token=next(tokens_of(1, 2)), Text="x", Seconds=3)
        assert (await ask(daemon.port, later)).json["invokeType"] == "WAIT"
        other = process_of(daemon, 2)
        with trio.fail_after(READY_WITHIN):
            while not logged(daemon, "a journal was taken over"):
                for process in children(daemon.pid):
                    if process != other:
                        with suppress(ProcessLookupError):
                            os.kill(process, signal.SIGKILL)
                await trio.sleep(POLL / 5)
        assert len(await flow.finished(token_of(later))) == 1
        assert await last("after") == "before"
        assert await last("again") == "after"
        assert [each["worker"] for each in (await status(daemon))["workers"]] == [1, 2]
        assert text_of((await ask(daemon.port, later)).json) == "x"
        assert await daemon.stop() == 0
        await daemon.start()
        assert await last("anew") == "again"
