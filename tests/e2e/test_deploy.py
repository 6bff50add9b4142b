"""Deployments as an engineer and Flow meet them: files change on a disk, and the next answer is another."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import trio

from tests.deploy.bundles import bundle, swap_in, write, zipped
from tests.e2e.daemon import Daemon, installed
from tests.e2e.flow import Flow, text_of, token_of
from tests.flow.daemon import Settings
from tests.flow.peers import Reply, call
from tests.patience import PATIENCE

BASE = "/fs/hello"
POLL = 0.02  # seconds between two questions

SLOW = """\
name: Say
start: { listen: flow, request profile: work, response profile: text, sync timeout: 50 s }
options: { mode: general }
steps:
  - wait: ${document.Seconds} s
  - message: '{"Text": "VERSION"}'
  - return documents
"""
WORK = '{"type": "object", "properties": {"Seconds": {"type": "number"}}}'


def slow(text: str) -> dict[str, str]:
    """Give a bundle whose action takes as long as its caller wants, and then answers `text`."""
    return {**bundle(text=text), "processes/say.yaml": SLOW.replace("VERSION", text), "profiles/work.json": WORK}


def settings(folder: Path, flow: Flow) -> Settings:
    """Watch `folder`."""
    return {"bundles": {"folder": str(folder)}, "callbacks": flow.settings, "log": {"format": "json"}}


async def say(daemon: Daemon, flow: Flow, seconds: float = 0) -> Reply:
    """Call the action."""
    return await call(daemon.port, BASE, flow.request("Say", Seconds=seconds))


async def said(daemon: Daemon, flow: Flow, seconds: float = 0) -> str | None:
    """Call the action; give its text."""
    reply = await say(daemon, flow, seconds)
    assert reply.status == 200, reply.body
    return text_of(reply.json)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a condition holds."""
    with trio.fail_after(PATIENCE):
        while not await condition():  # noqa: ASYNC110 - another process: there is no event
            await trio.sleep(POLL)


async def test_an_engineer_edits_breaks_mends_and_removes_a_bundle(tmp_path: Path) -> None:
    """A save is live without a restart; a mistake leaves the old answer and tells its line; a removal is a 404."""
    folder, flow = tmp_path / "bundles", Flow()
    file = write(folder / "hello", bundle(text="one")) / "processes" / "say.yaml"
    async with installed(tmp_path, settings(folder, flow)) as daemon:
        await daemon.start()
        assert await said(daemon, flow) == "one"

        async def says(text: str) -> bool:
            return await said(daemon, flow) == text

        async def refuses(*sources: str) -> bool:
            status = (await daemon.get("/_admin/status")).json
            return [refused["folder"] for refused in status["refused"]] == list(sources)

        sound = file.read_text()
        file.write_text(sound.replace("one", "two"))
        await until(partial(says, "two"))
        file.write_text(sound.replace("- message", "- mesage"))

        async def is_told() -> bool:
            return daemon.logged().count('"event":"bundle refused"') == daemon.workers

        await until(is_told)
        assert await refuses("hello")
        (refused,) = (await daemon.get("/_admin/status")).json["refused"]
        assert refused["problems"][0].startswith("processes/say.yaml:5:5: ")
        assert await said(daemon, flow) == "two"
        assert await is_told(), "once"
        file.write_text(sound.replace("one", "three"))
        await until(partial(says, "three"))
        assert await refuses()
        (folder / "hello.zip").write_bytes(zipped(bundle(text="four")))
        shutil.rmtree(folder / "hello")
        await until(partial(says, "four"))
        (folder / "hello.zip").unlink()

        async def is_gone() -> bool:
            return (await say(daemon, flow)).status == 404

        await until(is_gone)
        assert b"There is no Flow service 'hello' here." in (await say(daemon, flow)).body
        assert await daemon.stop() == 0
        assert daemon.logged().count('"event":"bundle removed"') == daemon.workers


async def test_running_executions_end_on_the_version_they_began_on(tmp_path: Path) -> None:
    """A call that runs while its bundle is replaced, or removed, ends on its version; new calls get the new one."""
    folder, flow = tmp_path / "bundles", Flow()
    write(folder / "hello", slow("old"))
    async with installed(tmp_path, settings(folder, flow)) as daemon, trio.open_nursery() as nursery:
        await daemon.start()
        answers: dict[str, str | None] = {}

        async def keep(name: str) -> None:
            answers[name] = await said(daemon, flow, seconds=2)

        async def begun() -> bool:
            live: int = (await daemon.get("/_admin/status")).json["executions"]["live"]
            return live + len(answers) == len(names)

        names = ["before the swap"]
        nursery.start_soon(keep, "before the swap")
        await until(begun)
        swap_in(folder / "hello", slow("new"))

        async def is_new() -> bool:
            return await said(daemon, flow) == "new"

        await until(is_new)
        names.append("before the removal")
        nursery.start_soon(keep, "before the removal")
        await until(begun)
        shutil.rmtree(folder / "hello")
        with trio.fail_after(PATIENCE):
            while len(answers) < 2:  # noqa: ASYNC110 - two tasks, and no more than this one to tell
                await trio.sleep(POLL)
        assert answers == {"before the swap": "old", "before the removal": "new"}

        async def is_gone() -> bool:
            return (await say(daemon, flow)).status == 404

        await until(is_gone)


async def test_a_version_outlives_its_bundle_and_the_daemon(tmp_path: Path) -> None:
    """After WAIT the result comes from the version that began, though bundle and daemon have gone in between."""
    folder, flow = tmp_path / "bundles", Flow()
    slowly = {path: text.replace("sync timeout: 50 s", "sync timeout: 200 ms") for path, text in slow("old").items()}
    write(folder / "hello", slowly)
    async with installed(tmp_path, settings(folder, flow)) as daemon, flow.up():
        await daemon.start()
        message = flow.request("Say", Seconds=3)
        assert (await call(daemon.port, BASE, message)).json["invokeType"] == "WAIT"
        swap_in(folder / "hello", slow("new"))

        async def is_new() -> bool:
            return await said(daemon, flow) == "new"

        await until(is_new)
        await daemon.kill()
        shutil.rmtree(folder / "hello")
        await daemon.start()
        callback, *_ = await flow.finished(token_of(message))
        assert text_of(callback.body) == "old"
