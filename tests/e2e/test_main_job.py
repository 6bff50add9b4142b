"""The main job, as Flow and an operator meet it: the real daemon, real sockets, a real journal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio

from tests.e2e.daemon import Daemon, installed
from tests.e2e.flow import TENANT, USER, Flow, ask, text_of, token_of
from tests.flow.daemon import Settings
from tests.flow.peers import Callback, NoAnswerError, Reply
from tests.flow.replay import Message
from tests.patience import PATIENCE

ANSWERS = 40  # after which the daemon is killed, in the middle of others
SYNC_TIMEOUT = 1.0  # seconds, of the actions of the bundle `trial`; the patient ones have 30


def is_wait(reply: Reply) -> bool:
    """Whether an answer says that the result comes later."""
    return reply.status == 200 and reply.json["invokeType"] == "WAIT"


def result_of(callback: Callback) -> tuple[str, str | None]:
    """Give how a callback ends a call, and the text that it brings."""
    return callback.body["invokeType"], text_of(callback.body)


async def is_settled(daemon: Daemon) -> bool:
    """Stop the daemon; whether it has left nothing undone."""
    assert await daemon.stop() == 0
    counts = await daemon.counts()
    return not any(counts[name] for name in ("running", "waiting", "parked", "callbacks held", "callbacks due"))


async def test_in_time(tmp_path: Path) -> None:
    """A call that ends within its Sync Timeout is answered with its result, and never called back."""
    flow = Flow()
    async with installed(tmp_path, {"callbacks": flow.settings}) as daemon, flow.up():
        await daemon.start()
        for action in ("Quick", "PatientLight", "PatientSlow"):
            message = flow.request(action, Seconds=0.1, Text=f"from {action}")
            reply = await ask(daemon.port, message)
            assert (reply.status, text_of(reply.json)) == (200, f"from {action}")
            assert reply.json["invokeType"] == "FORWARD"
            assert reply.json["token"] == token_of(message)
            assert flow.arrived(token_of(message)) == []
        assert await is_settled(daemon)


async def test_too_slow(tmp_path: Path) -> None:
    """A slow call is answered WAIT at its Sync Timeout; its result follows once, with the caller's own headers."""
    flow = Flow()
    async with installed(tmp_path, {"callbacks": flow.settings}) as daemon, flow.up():
        await daemon.start()
        for action in ("Light", "Slow"):
            message = flow.request(action, Seconds=3, Text="Grüße")
            reply = await ask(daemon.port, message)
            assert is_wait(reply)
            assert SYNC_TIMEOUT <= reply.seconds < 3
            (callback,) = await flow.finished(token_of(message))
            assert callback.at >= reply.at
            assert result_of(callback) == ("FORWARD", "Grüße")
            assert callback.path == f"/api/run/1/response?of={action}"
            assert callback.headers["authorization"] == USER
            assert callback.headers["manywhotenant"] == callback.body["tenantId"] == TENANT
        message = flow.request("SlowFail", Seconds=2)
        assert is_wait(await ask(daemon.port, message))
        (callback,) = await flow.finished(token_of(message))
        assert "The disk is full" in callback.body["rootFaults"]["ProcessFault"]
        assert await is_settled(daemon)


async def test_killed_after_wait(tmp_path: Path) -> None:
    """After WAIT the result comes once, though the daemon is killed, and killed again while Flow is down."""
    flow = Flow()
    settings: Settings = {"callbacks": flow.settings, "executions": {"suspend_after": "1 s"}}
    async with installed(tmp_path, settings) as daemon:
        await daemon.start()
        messages = [flow.request(action, Seconds=2, Text=action) for action in ("Light", "Slow")]
        messages.append(flow.request("Light", Seconds=4, Text="left memory"))
        async with trio.open_nursery() as nursery:
            for message in messages:
                nursery.start_soon(_expect_wait, daemon, message)
        await daemon.restart()
        with trio.fail_after(PATIENCE):
            while len(_postponed(daemon)) < len(messages):  # noqa: ASYNC110 - another process: there is no event
                await trio.sleep(0.1)
        await daemon.restart()
        async with flow.up():
            for message, text in zip(messages, ("Light", "Slow", "left memory"), strict=True):
                (callback,) = await flow.finished(token_of(message))
                assert result_of(callback) == ("FORWARD", text)
                assert callback.headers["authorization"] == USER
                assert callback.headers["manywhotenant"] == TENANT
            assert await is_settled(daemon)
        assert all(len(flow.arrived(token_of(message))) == 1 for message in messages)


def _postponed(daemon: Daemon) -> set[str]:
    """Give the executions whose results are there, and could not be delivered."""
    events = [msgspec.json.decode(line) for line in daemon.logged().splitlines()]
    return {event["execution"] for event in events if event["event"] == "callback postponed"}


async def _expect_wait(daemon: Daemon, message: Message) -> None:
    assert is_wait(await ask(daemon.port, message))


@pytest.mark.parametrize("action", ["PatientLight", "PatientSlow"])
async def test_killed_before_the_answer(tmp_path: Path, action: str) -> None:
    """Who lost the connection before an answer may call again, and gets one result in one of two ways."""
    flow = Flow()
    async with installed(tmp_path, {"callbacks": flow.settings}) as daemon, flow.up():
        await daemon.start()
        message = flow.request(action, Seconds=3, Text="again")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_ask_in_vain, daemon, message)
            await trio.sleep(0.4)  # the call is under way
            await daemon.kill()
        await daemon.start()
        reply = await ask(daemon.port, message)
        if is_wait(reply):
            (callback,) = await flow.finished(token_of(message))
            assert result_of(callback) == ("FORWARD", "again")
        else:
            assert text_of(reply.json) == "again"
        assert await is_settled(daemon)


async def _ask_in_vain(daemon: Daemon, message: Message) -> None:
    with pytest.raises(Exception, match="no answer"):
        await ask(daemon.port, message)


async def test_killed_between_answers(tmp_path: Path) -> None:
    """What durable work without a wait has answered, it answers again after a kill: it was on the disk before."""
    flow = Flow()
    async with installed(tmp_path, {"callbacks": flow.settings}) as daemon, flow.up():
        await daemon.start()
        told: dict[str, tuple[Message, str | None]] = {}
        enough = trio.Event()
        async with trio.open_nursery() as nursery:
            for _ in range(8):
                nursery.start_soon(_ask_until_killed, daemon, flow, told, enough)
            with trio.fail_after(PATIENCE):
                await enough.wait()
            await daemon.kill()
        await daemon.start()
        for message, text in told.values():
            assert text_of((await ask(daemon.port, message)).json) == text, "by the same execution"
        assert await is_settled(daemon)


async def _ask_until_killed(
    daemon: Daemon, flow: Flow, told: dict[str, tuple[Message, str | None]], enough: trio.Event
) -> None:
    while True:
        message = flow.request("AtOnce", Seconds=0, Text="once")
        try:
            reply = await ask(daemon.port, message)
        except NoAnswerError:
            return
        told[token_of(message)] = message, text_of(reply.json)
        if len(told) >= ANSWERS:
            enough.set()


async def test_answers_to_callbacks(tmp_path: Path) -> None:
    """BUSY, an error or a cut connection bring the callback again; SUCCESS, WAIT or TOKEN_COMPLETED end it."""
    again: list[dict[str, Any]] = [{"body": '"BUSY"'}, {"status": 500, "body": "oops"}, {"closeConnection": True}]
    ends: list[dict[str, Any]] = [{"body": f'"{word}"'} for word in ("SUCCESS", "WAIT", "TOKEN_COMPLETED")]
    refusal: dict[str, Any] = {"status": 404, "body": "unknown state"}
    scripts = [[*again, end] for end in ends] + [[refusal]]
    flow = Flow()
    async with installed(tmp_path, {"callbacks": flow.settings}) as daemon, flow.up():
        await daemon.start()
        messages = [flow.request("Light", Seconds=2, Text="x") for _ in scripts]
        async with trio.open_nursery() as nursery:
            for message, script in zip(messages, scripts, strict=True):
                flow.prepare(token_of(message), script)
                nursery.start_soon(_expect_wait, daemon, message)
        for message, script in zip(messages, scripts, strict=True):
            callbacks = await flow.finished(token_of(message), len(script))
            assert {result_of(callback) for callback in callbacks} == {("FORWARD", "x")}
        assert await is_settled(daemon)
        assert [len(flow.arrived(token_of(message))) for message in messages] == [len(script) for script in scripts]
        assert (await daemon.counts())["callbacks dead"] == 1  # a person sees what was refused for good


async def test_stop_drains(tmp_path: Path) -> None:
    """A stop answers the requests in flight, accepts no others, and what waits goes on at the next start."""
    flow = Flow()
    settings: Settings = {"callbacks": flow.settings, "executions": {"drain": "3 s", "suspend_after": "1 min"}}
    async with installed(tmp_path, settings) as daemon, flow.up():
        await daemon.start()
        waiting = [flow.request(action, Seconds=7, Text="later") for action in ("Light", "Slow")]
        async with trio.open_nursery() as nursery:
            for message in waiting:
                nursery.start_soon(_expect_wait, daemon, message)
        replies: dict[str, Reply] = {}

        async def in_flight(action: str, seconds: float) -> None:
            replies[action] = await ask(daemon.port, flow.request(action, Seconds=seconds, Text="just in time"))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(in_flight, "PatientLight", 1.0)
            nursery.start_soon(in_flight, "PatientSlow", 1.0)
            await trio.sleep(0.3)  # both are under way
            daemon.terminate()
        assert [text_of(reply.json) for reply in replies.values()] == ["just in time"] * 2
        assert await daemon.ended() == 0
        assert (await daemon.counts())["running"] == len(waiting)
        await daemon.start()
        for message in waiting:
            (callback,) = await flow.finished(token_of(message))
            assert result_of(callback) == ("FORWARD", "later")
        assert await is_settled(daemon)


async def test_one_daemon_a_state_folder(tmp_path: Path) -> None:
    """A second daemon on the same state folder ends at once, and names the first."""
    async with installed(tmp_path) as first:
        await first.start()
        async with installed(tmp_path) as second:
            code, said = await second.refused()
            assert code != 0
            assert f"daemon {first.pid}" in said
            assert "already uses this state folder" in said
            assert "Traceback" not in said
        assert (await first.get("/readyz")).status == 200


async def test_port_in_use(tmp_path: Path) -> None:
    """A port that is taken is told with its number, and how to choose another."""
    async with installed(tmp_path) as first:
        await first.start()
        other = tmp_path / "other"
        other.mkdir()
        async with installed(other, {"server": {"port": first.port}}) as second:
            code, said = await second.refused()
            assert code != 0
            assert str(first.port) in said
            assert "another `port` under [server]" in said
            assert "Traceback" not in said


@pytest.mark.parametrize("action", ["Light", "Slow"])
async def test_repeated_token(tmp_path: Path, action: str) -> None:
    """A call that is repeated, at the same time or at any time later, has one execution and one answer."""
    flow = Flow()
    async with installed(tmp_path, {"callbacks": flow.settings}) as daemon, flow.up():
        await daemon.start()
        quick = flow.request(f"Patient{action}", Seconds=0.3, Text="once")
        slow = flow.request(action, Seconds=6, Text="once")
        in_time, together = await _several_times(daemon, quick), await _several_times(daemon, slow)
        for replies in (in_time, together):
            assert len({reply.headers["x-execution-id"] for reply in replies}) == 1
            assert len({reply.body for reply in replies}) == 1
        assert (await ask(daemon.port, quick)).body == in_time[0].body
        assert is_wait(await ask(daemon.port, slow))
        await daemon.restart()
        meanwhile = await ask(daemon.port, slow)
        assert is_wait(meanwhile) or text_of(meanwhile.json) == "once"  # a restart may take longer than it does
        (callback,) = await flow.finished(token_of(slow))
        assert result_of(callback) == ("FORWARD", "once")
        await daemon.wait_logged("callback accepted")  # written down: it is not sent again
        ended = [await ask(daemon.port, slow)]
        await daemon.restart()
        ended.append(await ask(daemon.port, slow))
        assert [text_of(reply.json) for reply in ended] == ["once", "once"]
        assert {reply.headers["x-execution-id"] for reply in (*together, *ended)} == {
            together[0].headers["x-execution-id"]
        }
        assert await is_settled(daemon)
        assert len(flow.arrived(token_of(slow))) == 1


async def _several_times(daemon: Daemon, message: Message) -> list[Reply]:
    replies: list[Reply] = []

    async def one() -> None:
        replies.append(await ask(daemon.port, message))

    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(one)
    return replies
