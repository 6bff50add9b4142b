"""A caller that keeps its connection and asks one bundle after the other, as fast as it may."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import msgspec
import trio
from msgspec import Struct

READ = 65_536  # bytes
ANSWER_WITHIN = 20.0  # seconds: far above any answer here


class Said(Struct, frozen=True):
    """What a bundle answered: the version in its process, and the one in its map. `status` is that of HTTP."""

    status: int
    text: str | None = None
    mark: str | None = None


class NoAnswerError(Exception):
    """Raised when a request was not answered."""


class Caller:
    """One connection to the daemon."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream

    @classmethod
    async def connect(cls, port: int) -> Self:
        """Open a connection."""
        return cls(await trio.open_tcp_stream("127.0.0.1", port))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await trio.aclose_forcefully(self._stream)

    async def say(self, service: str, action: str, seconds: float = 0.0) -> Said:
        """Call an action.

        Raises:
            NoAnswerError: the connection broke, or nothing came in time.
        """
        inputs = [{"developerName": "Seconds", "contentValue": str(seconds)}]
        body = msgspec.json.encode({"token": str(uuid4()), "inputs": inputs})
        status, answer = await self._ask("POST", f"/fs/{service}/actions/{action}", body)
        if status != 200:
            return Said(status)
        outputs = {output["developerName"]: output["contentValue"] for output in msgspec.json.decode(answer)["outputs"]}
        return Said(status, outputs.get("Text"), outputs.get("Mark"))

    async def status(self) -> dict[str, Any]:
        """Give the status of the daemon."""
        _, answer = await self._ask("GET", "/_admin/status", b"")
        found: dict[str, Any] = msgspec.json.decode(answer)
        return found

    async def _ask(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        head = f"{method} {path} HTTP/1.1\r\nhost: chaos\r\ncontent-type: application/json\r\n"
        try:
            with trio.fail_after(ANSWER_WITHIN):
                await self._stream.send_all(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
                return await self._reply()
        except (trio.BrokenResourceError, trio.TooSlowError, OSError) as error:
            raise NoAnswerError(f"{path}: {error!r}") from error

    async def _reply(self) -> tuple[int, bytes]:
        data = b""
        while b"\r\n\r\n" not in data:
            data += await self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        while len(body) < (int(length[1]) if length else 0):
            body += await self._more()
        return int(head.split(b" ", 2)[1]), body

    async def _more(self) -> bytes:
        data = await self._stream.receive_some(READ)
        if not data:
            raise trio.BrokenResourceError("the connection was closed")
        return bytes(data)
