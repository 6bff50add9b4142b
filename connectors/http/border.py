"""The border to httpx2: the only module that knows it. One exchange, with what is certain about it when it fails."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Protocol

import httpx2
import trio
from msgspec import Struct

from runtime.sdk.faults import ApplicationFault, NotSent, OutcomeUnknown

ERRORS_FROM = 400  # statuses from here on are errors (RFC 9110, 15)


class Limits(Struct, frozen=True, kw_only=True):
    """Bounds of a client: times in seconds, the size of a response in bytes."""

    connect: float
    read: float
    connections: int
    response: int


class Request(Struct, frozen=True, kw_only=True):
    """A request. `target` is its path and query, encoded."""

    method: str
    target: str
    headers: Mapping[str, str]
    content: bytes | None


class Response(Struct, frozen=True, kw_only=True):
    """An answer, read to its end. Names of headers are in lower case."""

    status: int
    reason: str
    headers: dict[str, str]
    content: bytes

    @property
    def meta(self) -> dict[str, str]:
        """Give what is told about the answer: status, reason phrase, headers."""
        headers = {f"header.{name}": value for name, value in self.headers.items()}
        return {"status": str(self.status), "message": self.reason, **headers}


class Exchanger(Protocol):
    """Makes exchanges with one server."""

    async def exchange(self, request: Request, deadline: float) -> Response:
        """Send and read, as `Client.exchange`."""
        ...


class Client:
    """Makes exchanges with one server."""

    def __init__(self, client: httpx2.AsyncClient, url: str, limits: Limits) -> None:
        self._client = client
        self._base = httpx2.URL(url)
        self._limits = limits

    async def exchange(self, request: Request, deadline: float) -> Response:
        """Send and read, until `deadline` on trio's clock at the latest.

        Raises:
            NotSent: nothing of the request can have reached the server.
            OutcomeUnknown: something may have.
            ApplicationFault: ``http.response-too-large``: the server did answer.
        """
        sending = False

        async def trace(event: str, _info: object) -> None:
            nonlocal sending
            sending = sending or event.endswith("send_request_headers.started")

        with trio.CancelScope(deadline=deadline) as scope:
            try:
                return await self._exchange(request, trace)
            except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError) as error:
                raise _failed(sending, _described(error)) from error
        assert scope.cancelled_caught  # noqa: S101 - the only way here
        raise _failed(sending, "the deadline has passed")

    async def _exchange(self, request: Request, trace: object) -> Response:
        url = self._base.copy_with(raw_path=request.target.encode("ascii"))
        made = self._client.build_request(
            request.method,
            url,
            headers=[(name.encode("ascii"), value.encode()) for name, value in request.headers.items()],
            content=request.content,
            extensions={"trace": trace},
        )
        response = await self._client.send(made, stream=True)
        try:
            return Response(
                status=response.status_code,
                reason=response.reason_phrase or _phrase(response.status_code),
                headers=dict(response.headers),
                content=await self._read(response),
            )
        finally:
            with trio.CancelScope(shield=True):
                await response.aclose()

    async def _read(self, response: httpx2.Response) -> bytes:
        content = bytearray()
        too_large = False
        try:
            async for piece in response.aiter_bytes():
                if too_large:
                    continue
                content += piece
                if len(content) > self._limits.response:
                    too_large = True
                    # Closed here, and iterated on to the error that follows, the library's generators end in order.
                    with trio.CancelScope(shield=True):
                        await response.aclose()
        except (httpx2.HTTPError, httpx2.StreamError):
            if not too_large:
                raise
        if too_large:
            message = f"the answer has more than {self._limits.response} bytes"
            raise ApplicationFault(message, status=str(response.status_code), code="http.response-too-large")
        return bytes(content)


@asynccontextmanager
async def open_client(
    url: str, headers: Mapping[str, str], credentials: tuple[str, str] | None, limits: Limits, *, digest: bool = False
) -> AsyncGenerator[Client]:
    """Open a client. The machine's proxy settings and password files are not read: what is not written is not done."""
    timeout = httpx2.Timeout(connect=limits.connect, read=limits.read, write=limits.read, pool=None)
    pool = httpx2.Limits(max_connections=limits.connections, max_keepalive_connections=limits.connections)
    async with httpx2.AsyncClient(
        auth=_auth(credentials, digest=digest),
        headers={"accept-encoding": "identity", "user-agent": "nuclide", **headers},
        timeout=timeout,
        limits=pool,
        follow_redirects=False,
        trust_env=False,
    ) as client:
        yield Client(client, url, limits)


def _auth(credentials: tuple[str, str] | None, *, digest: bool) -> httpx2.Auth | None:
    if credentials is None:
        return None
    return httpx2.DigestAuth(*credentials) if digest else httpx2.BasicAuth(*credentials)


def _failed(sending: bool, reason: str) -> NotSent | OutcomeUnknown:  # noqa: FBT001 - the one fact it turns on
    if sending:
        return OutcomeUnknown("http.outcome-unknown", f"the request may have been processed: {reason}")
    return NotSent("http.not-sent", f"the request was not sent: {reason}")


def _described(error: Exception) -> str:
    return str(error) or type(error).__name__


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
