"""An open connection to a Flow tenant: carries out what `launch` asks for."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from typing import TypeVar

import msgspec
import trio

from connectors.flow_client.launch import Ask, Launched, Order, Pause, Told, User, launch, listing, start
from connectors.flow_client.operations import Execute, ListFlows, Start
from connectors.flow_client.settings import Settings
from connectors.flow_client.wire import inputs_of, outputs_of
from connectors.http.border import Client, Limits, Request, open_client
from runtime.sdk.connector import Call, Reply
from runtime.sdk.faults import ApplicationFault, NotSent, OutcomeUnknown
from runtime.sdk.units import parse_duration

LARGEST_ANSWER = 16 * 1024 * 1024  # bytes: a state with its outputs; larger ones are for a data base

Ended = TypeVar("Ended")


@asynccontextmanager
async def open_connection(settings: Settings) -> AsyncGenerator[FlowClient]:
    """Open a connection; nothing is sent before the first call."""
    limits = Limits(
        connect=parse_duration(settings.connect_timeout),
        read=parse_duration(settings.read_timeout),
        connections=settings.connections,
        response=LARGEST_ANSWER,
    )
    headers = {"manywhotenant": settings.tenant}
    if settings.api_key:
        headers["x-boomi-flow-api-key"] = settings.api_key
    async with open_client(settings.url, headers, None, limits) as client:
        yield FlowClient(client, settings)


class FlowClient:
    """Makes calls; at most `connections` requests are under way."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._timeout = parse_duration(settings.timeout)
        self._slots = trio.CapacityLimiter(settings.connections)

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Launch a flow, or list flows.

        Raises:
            ApplicationFault: the engine refused, or the flow was launched and did not end in time.
            NotSent: the flow was certainly not launched.
            OutcomeUnknown: it may have been.
        """
        match call.fields:
            case ListFlows(name=name):
                body = await self._within(listing(name, newer=self._newer), call.deadline)
                return tuple(Reply(bytes(flow)) for flow in _flows(body))
            case Start() as fields:
                order = self._order(fields.flow, fields.version, inputs_of(call.content, fields.types))
                return (_reply(await self._within(start(order), call.deadline)),)
            case Execute() as fields:
                return (await self._execute(fields, call),)
            case _:
                raise TypeError(operation)

    @property
    def _newer(self) -> bool:
        return bool(self._settings.api_key)

    async def _execute(self, fields: Execute, call: Call) -> Reply:
        order = self._order(fields.flow, fields.version, inputs_of(call.content, fields.types))
        poll = max(0.1, parse_duration(fields.poll))
        order = msgspec.structs.replace(order, player=fields.player, wait=fields.wait, poll=poll)
        limit = parse_duration(fields.wait_limit) if fields.wait else 0.0
        launched = await self._within(launch(order), call.deadline, more=limit)
        return _reply(launched, outputs=fields.answer == "outputs")

    def _order(self, flow: str, version: str, inputs: list[dict[str, object]] | None) -> Order:
        settings = self._settings
        return Order(
            flow=flow,
            version=version,
            players=f"{settings.url}/{settings.tenant}/play",
            player="default",
            inputs=inputs,
            user=User(settings.username, settings.password) if settings.username else None,
            newer_listing=self._newer,
        )

    async def _within(
        self, steps: Generator[Ask | Pause, Told | None, Ended], deadline: float, *, more: float = 0.0
    ) -> Ended:
        """Carry out steps until the deadline, or the connection's own limit and `more` seconds, whichever is sooner."""
        end = min(deadline, trio.current_time() + self._timeout + more)
        launched = False
        told: Told | None = None
        while True:
            try:
                step = steps.send(told)
            except StopIteration as ended:
                result: Ended = ended.value
                return result
            if isinstance(step, Pause):
                told = None
                await self._pause(step, end, launched=launched)
            else:
                told = await self._ask(step, end, launched=launched)
                launched = launched or (step.runs and told.status < 300)  # noqa: PLR2004 - success

    async def _pause(self, pause: Pause, end: float, *, launched: bool) -> None:
        seconds = pause.seconds * (1 + random.random() if pause.jitter else 1)
        if trio.current_time() + seconds > end:
            raise _too_late(launched=launched)
        await trio.sleep(seconds)

    async def _ask(self, ask: Ask, end: float, *, launched: bool) -> Told:
        headers = {"accept": "application/json"}
        if ask.body is not None:
            headers["content-type"] = "application/json"
        if ask.authorization is not None:
            headers["authorization"] = ask.authorization
        content = None if ask.body is None else msgspec.json.encode(ask.body)
        request = Request(method=ask.method, target=ask.target, headers=headers, content=content)
        try:
            async with self._slots:
                response = await self._client.exchange(request, end)
        except OutcomeUnknown as fault:
            if launched:
                raise _too_late(launched=True) from fault
            if ask.runs:
                raise
            raise NotSent("flow-client.not-launched", f"the flow was not launched: {fault.message}") from fault
        except NotSent as fault:
            if launched:
                raise _too_late(launched=True) from fault
            raise
        return Told(response.status, response.content)


def _too_late(*, launched: bool) -> ApplicationFault | NotSent:
    if launched:
        message = "the flow was launched; how it ended is not known"
        return ApplicationFault(message, status="WAIT", code="flow-client.still-waiting")
    return NotSent("flow-client.not-launched", "the flow was not launched: the time for it has passed")


def _reply(launched: Launched, *, outputs: bool = False) -> Reply:
    standing = launched.standing
    meta = {
        "status": standing.invoke_type,
        "message": standing.wait_message or "",
        "state": standing.state_id or "",
        "join": standing.join_flow_uri or "",
    }
    return Reply(outputs_of(standing) if outputs else launched.body, meta)


def _flows(body: bytes) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(body, type=list[msgspec.Raw])
    except msgspec.MsgspecError:
        return [msgspec.Raw(body)]  # a single flow, as the listing by name of newer engines gives it
