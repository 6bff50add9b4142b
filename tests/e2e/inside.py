"""The Flow door and the executions behind it, without sockets, disk or real time: crashes at a chosen moment."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import msgspec
import trio

from runtime.bundle.read import read_bundle
from runtime.engine.deployment import Deployment, deployed
from runtime.engine.executions import open_executions
from runtime.engine.house import ExecutionSettings, House
from runtime.engine.recovery import keep_claims, recover
from runtime.engine.table import table_of
from runtime.errors import StoreError
from runtime.model.journal import CallbackRow, Disown, ExecutionRow, Operation
from runtime.observe.metrics import Metrics
from runtime.outbox.left import release_left
from runtime.sdk.connector import Call, Catalogue, ConnectorSpec, OperationSpec, Reply
from runtime.sdk.effect import Effect
from runtime.sdk.faults import OutcomeUnknown
from runtime.store.memory import MemoryStore
from runtime.web.exchange import Answer, CallerGone, Headers, Request
from runtime.web.flow_door import DoorSettings, FlowDoor
from tests.e2e.daemon import BUNDLES
from tests.engine.worlds import TrioClock
from tests.flow.replay import Message

CALLBACK_HOST = "127.0.0.1:*"


class Backend:
    """A system whose connection is cut after it has read a request; `seconds` pass before."""

    def __init__(self, seconds: float = 0.1) -> None:
        self.calls = 0
        self._seconds = seconds

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Read the request and cut the connection."""
        self.calls += 1
        await trio.sleep(self._seconds)
        raise OutcomeUnknown("http.outcome-unknown", "the connection was cut")

    def catalogue(self) -> Catalogue:
        """Give a catalogue in which the connector `http` leads here."""

        @asynccontextmanager
        async def opened(settings: object) -> AsyncGenerator[Backend]:
            yield self

        post = OperationSpec(name="post", summary="sends", fields=_Fields, effect=lambda fields: Effect.ONCE)
        spec = ConnectorSpec(name="http", summary="a backend", settings=_Target, operations=(post,), open=opened)
        return Catalogue({"http": spec})


class _Fields(msgspec.Struct, frozen=True):
    path: str = ""


class _Target(msgspec.Struct, frozen=True):
    url: str


class Caller:
    """One request of Flow and what came of it. `leave` breaks its connection; `deaf` breaks it when it is answered."""

    def __init__(self, message: Message, base: str, *, deaf: bool = False) -> None:
        headers = tuple((name.lower().encode(), value.encode()) for name, value in message.headers.items())
        self.request = Request(
            method=message.method,
            path=base + message.path,
            query=b"",
            headers=headers,
            body=message.body,
            client=None,
            arrived=trio.current_time(),
        )
        self.reply: Answer | None = None
        self.seconds = 0.0
        self._deaf = deaf
        self._gone = trio.Event()
        self._done = trio.Event()

    @property
    def answered(self) -> bool:
        """Whether an answer has been begun."""
        return self.reply is not None

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Give the body."""
        yield self.request.body

    async def answer(self, answer: Answer) -> None:
        """Take the answer."""
        await trio.lowlevel.checkpoint()
        if self._deaf:
            raise trio.BrokenResourceError
        if self._gone.is_set():
            raise CallerGone
        self.reply = answer
        self.seconds = trio.current_time() - self.request.arrived
        self._done.set()

    async def stream(self, headers: Headers, pieces: AsyncIterator[bytes]) -> None:
        """Take the whole of it as the answer."""
        await self.answer(Answer(status=200, body=b"".join([piece async for piece in pieces]), headers=headers))

    async def wait_gone(self) -> None:
        """Return when the caller leaves."""
        await self._gone.wait()

    def leave(self) -> None:
        """Break the connection."""
        self._gone.set()

    async def wait_reply(self) -> Answer:
        """Wait for the answer.

        Raises:
            trio.TooSlowError: there was none, long after Flow has given up.
        """
        with trio.fail_after(120):
            await self._done.wait()
        assert self.reply is not None
        return self.reply

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        """The answer's body."""
        assert self.reply is not None
        return msgspec.json.decode(self.reply.body)

    @property
    def execution(self) -> str:
        """The execution that the answer names."""
        assert self.reply is not None
        return {name.lower(): value for name, value in self.reply.headers}[b"x-execution-id"].decode()


class Life:
    """One life of a daemon over a store that outlives it."""

    def __init__(self, house: House, door: FlowDoor, nursery: trio.Nursery) -> None:
        self.house = house
        self._door = door
        self._nursery = nursery

    def call(self, message: Message, base: str = "/fs/Trial", *, deaf: bool = False) -> Caller:
        """Let Flow call."""
        caller = Caller(message, base, deaf=deaf)
        self._nursery.start_soon(self._serve, caller)
        return caller

    async def _serve(self, caller: Caller) -> None:
        try:
            await self._door(caller)
        except* (CallerGone, trio.BrokenResourceError):
            pass


@asynccontextmanager
async def living(
    store: MemoryStore, *, settings: ExecutionSettings | None = None, backend: Backend | None = None
) -> AsyncGenerator[Life]:
    """Begin a life; at the end of the block it is killed: nothing more of it reaches the store."""
    catalogue = (backend or Backend()).catalogue()
    async with (
        deployed(read_bundle(BUNDLES / "trial", catalogue), catalogue) as trial,
        deployed(read_bundle(BUNDLES / "parking", catalogue), catalogue) as parking,
    ):
        live = [trial, parking]
        table = table_of(live)
        await store.journal.commit([Disown()])
        await release_left(store.journal)
        bounds = settings or ExecutionSettings()
        async with (
            trio.open_nursery() as helpers,
            open_executions(store, TrioClock(), bounds, owner="o", wake_outbox=lambda: None) as house,
        ):
            door = FlowDoor(house, lambda: table, DoorSettings(callback_hosts=(CALLBACK_HOST,)), Metrics("0"))
            helpers.start_soon(recover, house, partial(_find, live))
            helpers.start_soon(keep_claims, house)
            yield Life(house, door, helpers)
            helpers.cancel_scope.cancel()
            refuse(store)
    store.journal.before_commit = None


async def _find(live: Sequence[Deployment], row: ExecutionRow) -> Deployment | None:
    return next((each for each in live if each.bundle.digest == row.digest), None)


def refuse(store: MemoryStore, unless: Callable[[Operation], bool] = lambda operation: False) -> None:
    """Let the disk refuse every commit, or those with an operation that `unless` does not hold for."""

    def before(operations: Sequence[Operation]) -> None:
        if not all(unless(operation) for operation in operations):
            raise StoreError("store.disk", "the disk is full")

    store.journal.before_commit = before


async def callbacks(store: MemoryStore, execution: str) -> list[CallbackRow]:
    """Give the callbacks of an execution, whatever their state."""
    return await store.journal.callbacks(execution=execution)
