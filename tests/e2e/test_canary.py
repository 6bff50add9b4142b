"""Promise 6, end to end: what a caller sends in confidence stands in clear in no file and in no log."""

from __future__ import annotations

import base64
import os
import shutil
from pathlib import Path

import trio

from tests.e2e.daemon import BUNDLES, POLL, Daemon, installed
from tests.e2e.flow import USER, Flow, ask, token_of
from tests.e2e.test_main_job import is_wait
from tests.flow.daemon import Settings
from tests.flow.peers import NoAnswerError, Reply
from tests.flow.replay import Message
from tests.patience import PATIENCE

DOCUMENT = "canary-of-the-document"
PASSWORD = "canary-of-the-password"  # the value of the configuration that Flow sends
CANARIES = [DOCUMENT, PASSWORD, "canary-of-the-user", USER]


async def _ask_or_not(daemon: Daemon, message: Message, answers: list[Reply]) -> None:
    try:
        answers.append(await ask(daemon.port, message))
    except NoAnswerError:
        return  # it was killed meanwhile


async def _handed_over(answers: list[Reply], count: int) -> None:
    with trio.fail_after(PATIENCE):
        while sum(is_wait(answer) for answer in answers) < count:  # noqa: ASYNC110 - tasks that tell nobody
            await trio.sleep(POLL)


def _encodings(text: str) -> list[bytes]:
    """Give a text as it would look in clear, in hexadecimal digits, and in base 64 at each of its three offsets."""
    data = text.encode()
    shifted = [base64.b64encode(b"\0" * offset + data)[4 * (offset > 0) : -4] for offset in range(3)]
    return [data, data.hex().encode(), *shifted, text.encode("utf-16-le")]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""  # it lived as long as its execution


def _found(daemon: Daemon) -> list[str]:
    # `os.walk` passes over folders that go meanwhile, `rglob` raises.
    paths = [Path(folder, name) for folder, _, names in os.walk(daemon.state) for name in names]
    paths = [path for path in (*paths, daemon.log) if path.is_file()]
    files = [(path.name, _content(path)) for path in paths]
    assert any(len(content) > 4096 for name, content in files if "journal" in name), "nothing was written at all"
    return [
        f"{canary} in {name}"
        for name, content in files
        for canary in CANARIES
        if any(code in content for code in _encodings(canary))
    ]


async def test_nothing_in_clear(tmp_path: Path) -> None:
    """A daemon that was busy, was killed and has recovered leaves no password, user or document behind in clear."""
    flow = Flow()
    text = DOCUMENT + "x" * 3_000
    settings: Settings = {
        "callbacks": flow.settings,
        "log": {"level": "debug"},
        "documents": {"payload_in_memory": "1 KiB", "in_memory_bytes": "2 KiB"},  # so that they go to files
    }
    async with installed(tmp_path, settings) as daemon:
        await daemon.start()
        for round_ in range(2):  # Flow is down all the time: nothing may leave the journal
            messages = [
                flow.request(action, Seconds=seconds, Text=text)
                for action in ("Quick", "Light", "Slow", "SlowFail")
                for seconds in (0.1, 1.2, 6)
            ]
            answers: list[Reply] = []
            async with trio.open_nursery() as nursery:
                for message in messages:
                    nursery.start_soon(_ask_or_not, daemon, message, answers)
                await trio.sleep(0.5)  # in the middle of it
                if round_:
                    await _handed_over(answers, 3)
                assert _found(daemon) == []
                await daemon.kill()
            assert _found(daemon) == []
            await daemon.start()
        with trio.fail_after(PATIENCE):
            while await daemon.gauge("nuclide_callbacks", "due") < 3:  # noqa: ASYNC110 - another process
                await trio.sleep(0.1)
        assert _found(daemon) == []
        assert await daemon.stop() == 0
        assert _found(daemon) == []


async def test_declared_fields(tmp_path: Path) -> None:
    """A field that a bundle declares secret is in no message: no fault, no history, no log, no metric."""
    flow, bundles = Flow(), tmp_path / "bundles"
    shutil.copytree(BUNDLES / "trial", bundles / "trial")
    manifest, process = bundles / "trial/bundle.yaml", bundles / "trial/processes/slow-fail.yaml"
    manifest.write_text(manifest.read_text() + "redaction: [ Text ]\n")
    process.write_text(process.read_text().replace("The disk is full", "'${document.Text} cannot be kept'"))
    settings: Settings = {
        "callbacks": flow.settings,
        "log": {"level": "debug"},
        "bundles": {"folder": str(bundles)},
    }
    async with installed(tmp_path, settings) as daemon, flow.up():
        await daemon.start()
        messages = [flow.request("SlowFail", Seconds=seconds, Text=DOCUMENT) for seconds in (0.1, 2)]
        async with trio.open_nursery() as nursery:
            for message in messages:
                nursery.start_soon(_ask_or_not, daemon, message, [])
        await daemon.restart()
        (callback,) = await flow.finished(token_of(messages[1]))
        fault = callback.body["rootFaults"]["ProcessFault"]
        assert "*** cannot be kept" in fault
        assert DOCUMENT not in fault
        assert _found(daemon) == []
        for path in ("/metrics", "/_admin/status"):
            assert DOCUMENT.encode() not in (await daemon.get(path)).body
        assert await daemon.stop() == 0
        assert "cannot be kept" in daemon.logged()
        assert _found(daemon) == []
