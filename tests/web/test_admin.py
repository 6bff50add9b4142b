from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import msgspec
import pytest
import trio

from runtime.web.admin import admin_app
from runtime.web.front import Front, Route
from tests.patience import PATIENCE
from tests.web.caller import calling
from tests.web.house import echo, running

if TYPE_CHECKING:
    from collections.abc import Mapping


class Status:
    """A daemon that is whatever the test says it is."""

    def __init__(self) -> None:
        self.answer = (True, "")

    def ready(self) -> tuple[bool, str]:
        """Give what the test says."""
        return self.answer

    def summary(self) -> Mapping[str, object]:
        """Give one fact."""
        return {"version": "1.2.3"}


@pytest.mark.parametrize("reason", ["", "starting", "stopping"])
async def test_readiness_and_status_follow_the_daemon_and_liveness_does_not(reason: str) -> None:
    """Law: not ready is said by 503 and with its reason; a daemon that answers at all is alive."""
    status = Status()
    status.answer = (not reason, reason)
    async with running(Front({}, admin_app(status))) as house, calling(house.port) as caller:
        for path in ("/readyz", "/_admin/readiness"):
            await caller.request("GET", path)
            reply = await caller.reply()
            assert (reply.status, reply.body.decode()) == ((503, f"{reason}\n") if reason else (200, "ready\n"))
        await caller.request("GET", "/_admin/status")
        reply = await caller.reply()
        assert reply.status == (503 if reason else 200)
        assert msgspec.json.decode(reply.body) == {"status": reason or "running", "version": "1.2.3"}
        for path in ("/livez", "/_admin/liveness"):
            await caller.request("GET", path)
            assert (await caller.reply()).status == 200


async def test_metrics_are_rendered_in_a_thread() -> None:
    """Law: rendering metrics does not hold the event loop."""
    threads: list[threading.Thread] = []

    def render() -> bytes:
        threads.append(threading.current_thread())
        return b"up 1\n"

    async with running(Front({}, admin_app(Status(), render))) as house, calling(house.port) as caller:
        await caller.request("GET", "/metrics")
        reply = await caller.reply()
        assert reply.body == b"up 1\n"
        assert reply.headers["content-type"].startswith("text/plain; version=")
    assert threads != [threading.current_thread()]


async def test_what_is_not_there_is_a_problem() -> None:
    """Law: the admin application refuses in problem documents, and repeats nothing that it was sent."""
    async with running(Front({}, admin_app(Status()))) as house, calling(house.port) as caller:
        await caller.request("GET", "/nowhere", headers=("authorization: Basic c2VjcmV0",))
        reply = await caller.reply()
        assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json")
        assert b"c2VjcmV0" not in reply.body
        await caller.request("POST", "/livez")
        assert (await caller.reply()).status == 405


async def test_an_upload_to_the_admin_application_does_not_wedge_its_connection() -> None:
    """Law: chunks that Quart refuses end their connection."""
    app = admin_app(Status(), body_limit=100)

    @app.post("/upload")
    async def upload() -> str:
        from quart import request

        return str(len(await request.get_data()))

    async with running(Front({"/fs": Route(handler=echo)}, app)) as house:
        async with calling(house.port) as caller:
            await caller.say(b"POST /upload HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
            await caller.say(b"c8\r\n" + bytes(200) + b"\r\n0\r\n\r\n")
            reply = await caller.reply()
            assert (reply.status, reply.headers["connection"]) == (413, "close")
            assert await caller.rest() == b""
        await house.assert_serving()


async def test_a_stop_ends_the_idle_connections_of_quart_at_once() -> None:
    """Law: an answer by Quart leaves hypercorn whole: the connection counts as idle, so that a stop ends it.

    Many connections, because it is the scheduler that decides which of two tasks goes first.
    """
    async with running(Front({}, admin_app(Status())), drain=60) as house, AsyncExitStack() as stack:
        callers = [await stack.enter_async_context(calling(house.port)) for _ in range(20)]
        for caller in callers:
            await caller.request("GET", "/livez")
            assert (await caller.reply()).status == 200
        house.stopping.set()
        with trio.fail_after(PATIENCE):
            await house.over.wait()


def test_quart_is_imported_only_when_the_application_is_built() -> None:
    """Law: the hot listener can be open before Quart, half of all imports, is read."""
    code = "import sys, runtime.web.admin, runtime.web.connection, runtime.web.front; sys.exit('quart' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
