"""An open HTTP connection: admission, the request, the answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import trio

from connectors.http.border import ERRORS_FROM, Exchanger, Limits, Request, Response, open_client
from connectors.http.composed import Composer
from connectors.http.operations import Composing, Deleting, Follows, Reading, Replacing, Requesting, Writing, method_of
from connectors.http.redirects import followed
from connectors.http.settings import Settings
from connectors.http.target import check_headers, headers_of, headers_of_call, is_authorized, request_target
from connectors.http.tokens import Authorized, open_tokens
from runtime.sdk.connector import Call, Reply
from runtime.sdk.faults import ApplicationFault, NotSent
from runtime.sdk.units import parse_duration, parse_size


@asynccontextmanager
async def open_connection(settings: Settings) -> AsyncGenerator[HttpConnection]:
    """Open a connection; nothing is sent before the first call.

    Raises:
        NotSent: ``http.invalid-field``: the settings' headers are none.
    """
    limits = Limits(
        connect=parse_duration(settings.connect_timeout),
        read=parse_duration(settings.read_timeout),
        connections=settings.connections,
        response=parse_size(settings.response_limit),
    )
    sent = settings.username and settings.authentication in {"basic", "digest"}
    credentials = (settings.username, settings.password) if sent else None
    digest = settings.authentication == "digest"
    async with open_client(settings.url, headers_of(settings.headers), credentials, limits, digest=digest) as client:
        if settings.authentication != "oauth2":
            yield HttpConnection(client, settings)
            return
        async with open_tokens(settings, limits) as tokens:
            yield HttpConnection(Authorized(client, tokens), settings)


class HttpConnection:
    """Makes calls. At most `connections` are under way, at most `queue` wait; more are refused at once.

    The admission stands in front of the client's own pool, whose cost grows with the square of what waits in it.
    """

    def __init__(self, client: Exchanger, settings: Settings) -> None:
        self._client = client
        self._url = settings.url
        self._timeout = parse_duration(settings.timeout)
        self._queue = settings.queue
        self._composer = Composer(settings)
        self._authorized = is_authorized(settings)
        self._slots = trio.CapacityLimiter(settings.connections)

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Send one request and give its answer.

        Raises:
            ApplicationFault: the server answered with a status of 400 or more, or with too much.
            NotSent: nothing was sent: no slot, no connection, or fields that make no request.
            OutcomeUnknown: the connection failed, or the deadline passed, after sending had begun.
        """
        deadline = min(call.deadline, trio.current_time() + self._timeout)
        if isinstance(call.fields, Composing):
            async with self._slot(deadline):
                return (await self._composer.exchange(self._client, call.fields, call.content, deadline),)
        request = self._request(operation, call)
        follows: Follows = call.fields.follow_redirects if isinstance(call.fields, Requesting) else "none"
        async with self._slot(deadline):
            _, response = await followed(self._client, self._url, request, deadline, follows)
        return (_reply(response),)

    def _request(self, operation: str, call: Call) -> Request:
        fields: Reading = call.fields
        headers = {"accept": fields.accept, **headers_of_call(fields.headers, authorized=self._authorized)}
        content = None
        if isinstance(fields, Replacing | Deleting) and fields.send_document and call.content:
            content = call.content
            headers.setdefault("content-type", fields.content_type)
        if isinstance(fields, Writing) and fields.idempotency_header:
            headers[fields.idempotency_header.lower()] = call.key
        check_headers(headers)
        return Request(
            method=method_of(operation, fields),
            target=request_target(self._url, fields.path, fields.query),
            headers=headers,
            content=content,
        )

    @asynccontextmanager
    async def _slot(self, deadline: float) -> AsyncGenerator[None]:
        if self._slots.statistics().tasks_waiting >= self._queue and self._slots.available_tokens < 1:
            raise NotSent("http.queue-full", f"{self._queue} calls are waiting for a connection already")
        borrower = object()
        with trio.CancelScope(deadline=deadline) as scope:
            await self._slots.acquire_on_behalf_of(borrower)
        if scope.cancelled_caught:
            raise NotSent("http.not-sent", "the request was not sent: the deadline passed before a slot was free")
        try:
            yield
        finally:
            self._slots.release_on_behalf_of(borrower)


def _reply(response: Response) -> Reply:
    meta = response.meta
    if response.status >= ERRORS_FROM:
        message = f"[{response.status}] {response.reason}".rstrip()
        raise ApplicationFault(message, status=str(response.status), body=response.content, meta=meta)
    return Reply(response.content, meta)
