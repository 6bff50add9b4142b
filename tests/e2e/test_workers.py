"""The laws of several workers: one daemon to everybody outside, whichever of its processes dies."""

from __future__ import annotations

import os
import signal
from base64 import b64encode
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import trio

from runtime.cli.unix_http import UnixConnection
from runtime.web.merged.console import RULES
from tests.deploy.bundles import bundle, swap_in, write, zipped
from tests.e2e.daemon import BUNDLES, POLL, Daemon, installed
from tests.e2e.flow import Flow, ask, text_of, token_of
from tests.e2e.test_deploy import slow
from tests.e2e.workers import children, cli, process_of, started, status, tokens_of, wait_logged
from tests.flow.daemon import READY_WITHIN, Settings
from tests.flow.peers import Reply, call
from tests.flow.replay import Message
from tests.patience import PATIENCE

SHARING = Path(__file__).parent / "sharing"
SHARED = "/fs/Shared"
CALLERS = 8  # connections: enough for the kernel to give each worker some


@asynccontextmanager
async def two(
    folder: Path,
    flow: Flow,
    *,
    workers: int = 2,
    bundles: Path = BUNDLES,
    together: str = "30 s",
    environ: Mapping[str, str] | None = None,
) -> AsyncGenerator[Daemon]:
    """Run a daemon of several workers, all of which serve."""
    settings: Settings = {
        "callbacks": flow.settings,
        "server": {"workers": workers},
        "bundles": {"folder": str(bundles), "together": together},
        "executions": {"drain": "2 s", "suspend_after": "1 s"},
    }
    async with installed(folder, settings, environ) as daemon:
        await started(daemon)
        yield daemon


async def test_a_token_begins_once_wherever_it_is_repeated(tmp_path: Path) -> None:
    """A call that is repeated on any worker gets the answer of the one execution that it began."""
    flow = Flow()
    async with two(tmp_path, flow, bundles=SHARING) as daemon:
        for worker in (1, 2):
            message = flow.request("NamedLater", token=next(tokens_of(worker, 2)), Seconds=0.3, Text="x")
            replies: list[str | None] = []

            async def one(message: Message, replies: list[str | None]) -> None:
                replies.append(text_of((await call(daemon.port, SHARED, message)).json))

            async with trio.open_nursery() as nursery:
                for _ in range(CALLERS):
                    nursery.start_soon(one, message, replies)
            again = [text_of((await call(daemon.port, SHARED, message)).json) for _ in range(CALLERS)]
            assert len({*replies, *again}) == 1
            assert str(replies[0]).startswith("x by ")


async def test_what_only_one_can_keep_is_kept_by_one(tmp_path: Path) -> None:
    """Whichever worker is called, a token begins once, kept properties follow each other, and a gate holds for all."""
    flow = Flow()
    async with two(tmp_path, flow, bundles=SHARING) as daemon:

        async def text(action: str, token: str, **inputs: Any) -> str | None:  # noqa: ANN401 - JSON
            return text_of((await call(daemon.port, SHARED, flow.request(action, token=token, **inputs))).json)

        tokens = [next(tokens_of(worker, 2)) for worker in (1, 2)]
        for token in tokens:
            assert len({await text("Named", token, Text="x", Seconds=0) for _ in range(CALLERS)}) == 1
        said = [
            await text("Last", next(tokens_of(1 + number % 2, 2)), Text=str(number), Seconds=0)
            for number in range(CALLERS)
        ]
        assert said == ["none", *map(str, range(CALLERS - 1))]
        answers: list[int] = []

        async def one(token: str) -> None:
            message = flow.request("Alone", token=token, Text="x", Seconds=4)
            answers.append((await call(daemon.port, SHARED, message)).status)

        async with trio.open_nursery() as nursery:
            for token in tokens:
                nursery.start_soon(one, token)
        assert sorted(answers) == [200, 503]


async def test_a_worker_that_is_killed_is_replaced_and_its_work_finished(tmp_path: Path) -> None:
    """Killed while callers wait and callbacks are owed, a worker costs neither a result nor a second one."""
    flow = Flow()
    async with two(tmp_path, flow) as daemon, flow.up():
        messages = [
            flow.request("Slow", token=token, Seconds=3, Text=f"{worker} {number}")
            for worker in (1, 2)
            for number, token in zip(range(CALLERS), tokens_of(worker, 2), strict=False)
        ]
        for worker in (1, 2):
            waited: list[str] = []

            async def one(message: Message, waited: list[str]) -> None:
                reply = await ask(daemon.port, message)
                assert reply.status == 200
                assert reply.json["invokeType"] == "WAIT"
                waited.append(token_of(message))

            async with trio.open_nursery() as nursery:
                for message in messages[(worker - 1) * CALLERS : worker * CALLERS]:
                    nursery.start_soon(one, message, waited)
            os.kill(process_of(daemon, worker), signal.SIGKILL)
            await wait_logged(daemon, "a worker has died", worker)
            for token in waited:
                assert len(await flow.finished(token)) == 1
        told = await status(daemon)
        assert [each["worker"] for each in told["workers"]] == [1, 2]
        assert told["status"] == "running"
        assert daemon.is_running
    for message in messages:
        assert len({str(each.body["outputs"]) for each in flow.arrived(token_of(message))}) == 1


async def test_one_console_shows_and_orders_all(tmp_path: Path) -> None:
    """An execution of any worker is listed, found and cancelled by who asks the one socket."""
    flow = Flow()
    async with two(tmp_path, flow) as daemon, flow.up():
        found: set[str] = set()
        for worker in (1, 2):
            message = flow.request("Slow", token=next(tokens_of(worker, 2)), Seconds=60, Text="x")
            found.add((await ask(daemon.port, message)).headers["x-execution-id"])
        told = await cli(daemon, "ps")
        assert {each["id"] for each in told["executions"]} == found
        assert {each["worker"]: each["status"] for each in told["daemon"]["workers"]} == {1: "running", 2: "running"}
        for execution in found:
            assert (await cli(daemon, "cancel", execution))["execution"] == execution
        with trio.fail_after(READY_WITHIN):
            while (await cli(daemon, "ps"))["executions"]:  # noqa: ASYNC110 - another process: there is no event
                await trio.sleep(POLL)
        listed = (await cli(daemon, "executions"))["executions"]
        assert {each["id"] for each in listed if each["status"] == "cancelled"} == found
        described = await trio.to_thread.run_sync(_asked, daemon.state / "admin.sock", "/api/openapi.json")
        served = {("GET", "/api/openapi.json")} | {
            (verb.upper(), path) for path, verbs in described["paths"].items() for verb in verbs
        }
        assert served == set(RULES), "each endpoint says which workers it asks"
        metrics = (await daemon.get("/metrics")).body.decode()
        assert metrics.count("\n# HELP nuclide_worker_starts ") == 1
        assert 'nuclide_worker_starts{worker="1"} 1.0' in metrics
        assert 'nuclide_worker_starts{worker="2"} 1.0' in metrics


async def test_fewer_workers_finish_what_more_have_begun(tmp_path: Path) -> None:
    """After a start with fewer workers the journals of the others are finished, and their tokens known."""
    flow = Flow()
    async with two(tmp_path, flow, workers=3) as daemon, flow.up():
        messages = [flow.request("Slow", token=next(tokens_of(worker, 3)), Seconds=4, Text="x") for worker in (1, 2, 3)]
        begun: dict[str, str] = {}

        async def begin(message: Message) -> None:
            begun[token_of(message)] = (await ask(daemon.port, message)).headers["x-execution-id"]

        async with trio.open_nursery() as nursery:
            for message in messages:
                nursery.start_soon(begin, message)
        executions = [begun[token_of(message)] for message in messages]
        await daemon.kill()
        for workers in (2, 1):
            daemon.change("server", {"workers": workers})
            await daemon.start()
            for message, execution in zip(messages, executions, strict=True):
                await flow.finished(token_of(message))
                assert (await ask(daemon.port, message)).headers["x-execution-id"] == execution
                assert len(flow.arrived(token_of(message))) == 1
            assert {each["id"] for each in (await cli(daemon, "executions"))["executions"]} == set(executions)
            assert await daemon.stop() == 0


async def test_a_worker_that_cannot_start_leaves_its_work_to_another(tmp_path: Path) -> None:
    """Where a worker dies at every start, another takes its journal over, and the daemon goes on."""
    flow = Flow()
    async with two(tmp_path, flow) as daemon, flow.up():
        message = flow.request("Slow", token=next(tokens_of(2, 2)), Seconds=3, Text="x")
        assert (await ask(daemon.port, message)).json["invokeType"] == "WAIT"
        home = process_of(daemon, 1)
        with trio.fail_after(READY_WITHIN):
            while '"a journal was taken over"' not in daemon.logged():
                for process in children(daemon.pid):
                    if process != home:
                        with suppress(ProcessLookupError):
                            os.kill(process, signal.SIGKILL)
                await trio.sleep(POLL / 5)
        assert len(await flow.finished(token_of(message))) == 1
        again = await ask(daemon.port, message)
        assert text_of(again.json) == "x"
        assert len((await status(daemon))["workers"]) == 2
        assert await daemon.stop() == 0


async def test_a_new_version_is_served_by_all_at_once(tmp_path: Path) -> None:
    """No call gets the old version after another has got the new one, whichever worker answers; each is told once."""
    flow, folder = Flow(), tmp_path / "bundles"
    write(folder / "hello", bundle(text="0"))
    async with two(tmp_path, flow, bundles=folder) as daemon, trio.open_nursery() as nursery:
        served: list[int] = []

        async def asks() -> None:
            while True:
                newest = max(served, default=0)
                reply = await call(daemon.port, "/fs/hello", flow.request("Say", Seconds=0))
                version = int(text_of(reply.json) or "")
                assert version >= newest, "a version that was replaced before the call began"
                served.append(version)

        for _ in range(CALLERS):
            nursery.start_soon(asks)
        for version in range(1, 6):
            swap_in(folder / "hello", bundle(text=str(version)))
            with trio.fail_after(PATIENCE):
                while served[-1:] != [version]:  # noqa: ASYNC110 - another process: there is no event
                    await trio.sleep(POLL)
        nursery.cancel_scope.cancel()
        metrics = (await daemon.get("/metrics")).body.decode()
        for worker in (1, 2):
            assert f'nuclide_deployments_together_total{{outcome="together",worker="{worker}"}} 5.0' in metrics


async def test_a_token_is_known_whatever_becomes_of_its_process(tmp_path: Path) -> None:
    """A call that waited is not made again by a version that never waits: neither after a kill, nor after a restart."""
    flow, folder = Flow(), tmp_path / "bundles"
    for mode in ("general", "low latency"):
        files = slow("old")
        process = files["processes/say.yaml"].replace("mode: general", f"mode: {mode}")
        name = mode.replace(" ", "-")
        service = f"external name: {name}\nactions:\n  Say: Say\n"
        changed = {"bundle.yaml": f"name: {name}\nversion: old\n", "flow-services/say.yaml": service}
        write(folder / name, {**files, **changed, "processes/say.yaml": process})
    async with two(tmp_path, flow, bundles=folder) as daemon:
        messages = {
            (mode, worker, number): flow.request("Say", token=token, Seconds=0)
            for mode in ("general", "low-latency")
            for worker in (1, 2)
            for number, token in zip(range(CALLERS), tokens_of(worker, 2), strict=False)
        }

        async def said(mode: str, worker: int, number: int) -> str | None:
            return text_of((await call(daemon.port, f"/fs/{mode}", messages[mode, worker, number])).json)

        for which in messages:
            assert await said(*which) == "old"
        for mode in ("general", "low-latency"):
            swap_in(folder / mode, bundle(mode, text="new"))
        await wait_logged(daemon, "bundle deployed", 8)
        os.kill(process_of(daemon, 1), signal.SIGKILL)
        await wait_logged(daemon, "ready", 3)
        for mode, worker, number in messages:
            # What worker 1 had only in memory has died with it, and nothing of it was promised.
            kept = (mode, worker) != ("low-latency", 1)
            assert await said(mode, worker, number) == ("old" if kept else "new")
        assert await daemon.stop() == 0
        await daemon.start()
        assert {await said(*which) for which in messages if which[0] == "general"} == {"old"}


async def test_a_worker_that_hangs_holds_up_no_deployment(tmp_path: Path) -> None:
    """One that is not ready in time is not waited for; who sends the bundle is told that it does not serve it."""
    flow, folder = Flow(), tmp_path / "bundles"
    write(folder / "hello", bundle(text="old"))
    async with two(tmp_path, flow, bundles=folder, together="1 s") as daemon:
        hanging = process_of(daemon, 2)
        os.kill(hanging, signal.SIGSTOP)
        try:
            swap_in(folder / "hello", bundle(text="new"))
            (told,) = await wait_logged(daemon, "not every worker serves this yet")
            assert told["worker"] == 1
        finally:
            os.kill(hanging, signal.SIGCONT)
        await wait_logged(daemon, "bundle deployed", 4)


async def test_wrong_guesses_count_wherever_they_are_made(tmp_path: Path) -> None:
    """An address has as many guesses as the settings say, however many workers it guesses at."""
    access = {"authentication": "basic", "failures_at_once": 3, "failures_per_minute": 1}
    async with installed(tmp_path, {"server": {"workers": 2}, "access": access}) as daemon:
        await started(daemon)
        headers = {"Authorization": "Basic " + b64encode(b"ada:wrong").decode()}
        guess = Message(method="POST", path="/fs/trial/metadata", headers=headers, body=b"")
        told = [(await call(daemon.port, "", guess)).status for _ in range(3 + 2 * CALLERS)]
    assert told == [401] * 3 + [429] * 2 * CALLERS


async def test_what_is_sent_is_served_by_all_when_that_is_told(tmp_path: Path) -> None:
    """`nuclide deploy --url` and `undeploy` return once every worker has taken the change over."""
    flow, folder = Flow(), tmp_path / "bundles"
    folder.mkdir()
    async with two(tmp_path, flow, bundles=folder) as daemon:

        async def replies() -> list[Reply]:
            message = flow.request("Say", Seconds=0)
            return [await call(daemon.port, "/fs/hello", message) for _ in range(CALLERS)]

        socket = daemon.state / "admin.sock"
        for text in ("one", "two"):
            body = zipped(bundle(text=text))
            assert await trio.to_thread.run_sync(_sent, socket, "PUT", "/api/bundles/hello?who=ada", body) == 200
            assert {text_of(each.json) for each in await replies()} == {text}
        order = msgspec.json.encode({"bundle": "hello", "who": "ada"})
        assert await trio.to_thread.run_sync(_sent, socket, "POST", "/api/undeploy", order) == 200
        assert {each.status for each in await replies()} == {404}


def _sent(socket: Path, method: str, path: str, body: bytes) -> int:
    connection = UnixConnection(socket, PATIENCE)
    try:
        connection.request(method, path, body)
        return connection.getresponse().status
    finally:
        connection.close()


def _asked(socket: Path, path: str) -> Any:  # noqa: ANN401 - JSON
    connection = UnixConnection(socket, PATIENCE)
    try:
        connection.request("GET", path)
        return msgspec.json.decode(connection.getresponse().read())
    finally:
        connection.close()
