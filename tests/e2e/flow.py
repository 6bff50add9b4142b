"""Flow as the daemon meets it: calls with a user and a callback address, and an engine that can be down."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any
from uuid import uuid4

import h11
import msgspec
import trio

from tests.flow.peers import Callback, Engine, Reply, call
from tests.flow.replay import Message
from tests.patience import PATIENCE
from tests.ports import free_port

BASE = "/fs/Trial"
TENANT = "0c7b7f1e-5b7b-4b7e-8a39-3a6b1f1f7d10"
USER = (
    "ManyWhoUserId%3D52df%26ManyWhoToken%3DNONE%26Email%3Dada%2540example.com%26UserId%3DADA"
    "%26FirstName%3DAda%2520B.%26Token%3Dcanary-of-the-user"
)


class Flow(Engine):
    """An engine on a port of its own, which begins and ends to listen whenever a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.port = free_port()

    @property
    def settings(self) -> dict[str, object]:
        """What the daemon must be told of it; tries follow each other quickly."""
        return {"allow": [f"127.0.0.1:{self.port}"], "first_retry": "200 ms", "longest_retry": "400 ms"}

    @asynccontextmanager
    async def up(self) -> AsyncGenerator[None]:
        """Take callbacks while the block runs; outside it, connections are refused."""
        async with trio.open_nursery() as nursery:
            await nursery.start(partial(trio.serve_tcp, self._serve, self.port, host="127.0.0.1"), name="flow")
            yield
            nursery.cancel_scope.cancel()

    async def _serve(self, stream: trio.SocketStream) -> None:
        with suppress(trio.BrokenResourceError, h11.LocalProtocolError):  # the daemon is killed at any moment
            await self.serve(stream)

    async def finished(self, token: str, count: int = 1) -> list[Callback]:
        """Wait for so many callbacks of a token.

        Raises:
            trio.TooSlowError: they did not come.
        """
        with trio.fail_after(PATIENCE):
            await self.wait_arrived(token, count)
        return self.arrived(token)

    def request(self, action: str, *, token: str | None = None, callback: bool = True, **inputs: Any) -> Message:  # noqa: ANN401 - JSON
        """Make a call of an action; `inputs` by the name that the action describes."""
        body: dict[str, Any] = {
            "token": str(uuid4()) if token is None else token,
            "tenantId": TENANT,
            "configurationValues": [
                {"developerName": "apiKey", "contentType": "ContentPassword", "contentValue": "canary-of-the-password"}
            ],
            "inputs": [{"developerName": name, "contentValue": str(value)} for name, value in inputs.items()],
        }
        if callback:
            body["callbackUri"] = f"http://127.0.0.1:{self.port}/api/run/1/response?of={action}"
        return Message(
            method="POST", path=f"/actions/{action}", headers={"Authorization": USER}, body=msgspec.json.encode(body)
        )


async def ask(port: int, message: Message) -> Reply:
    """Make a call; gives the answer.

    Raises:
        NoAnswerError: there was none.
    """
    return await call(port, BASE, message)


def token_of(message: Message) -> str:
    """Give the token of a call."""
    token: str = msgspec.json.decode(message.body)["token"]
    return token


def text_of(body: Any) -> str | None:  # noqa: ANN401 - JSON
    """Give the output `Text` of a finished call, in an answer or a callback."""
    for output in body["outputs"]:
        if output["developerName"] == "Text":
            text: str | None = output["contentValue"]
            return text
    return None
