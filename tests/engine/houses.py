"""Daemons under test: a memory store, a house of executions and callers, all under a virtual clock."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import msgspec
import trio

from runtime.engine.batch import BatchLimits
from runtime.engine.context import EngineLimits
from runtime.engine.deployment import Deployment, deployed
from runtime.engine.ending import Ending
from runtime.engine.executions import begin_call, open_executions
from runtime.engine.hold import Hold
from runtime.engine.house import ExecutionSettings, House
from runtime.engine.recovery import Find, keep_claims, recover
from runtime.errors import StoreError
from runtime.flow.callbacks import CallbackRequest
from runtime.flow.handover import AnswerSent, AnswerWait, SyncTimeout
from runtime.flow.requests import ActionCall
from runtime.model.bundle import Bundle
from runtime.model.flow_service import FlowService, MessageAction
from runtime.model.journal import ExecutionRow, Operation
from runtime.model.process import Options
from runtime.model.profile import Entry, Profile
from runtime.model.shapes import AnyShape
from runtime.store.memory import MemoryStore
from tests.engine.runs import bundle_of
from tests.engine.worlds import TrioClock, World

MESSAGE = Profile(name="message", entries=(Entry(name="Message", kind="character"),))
LIMITS = EngineLimits(batch=BatchLimits(in_memory=3, in_memory_bytes=1_000), content_in_memory=200)
SETTINGS = ExecutionSettings(engine=LIMITS, at_once=4, queued=4)
SYNC_TIMEOUT = 20.0  # seconds, as tests take it


def bundle(shapes: Sequence[AnyShape], first: str | None, options: Options | None = None, **parts: object) -> Bundle:
    """Give a bundle whose process ``p`` answers the action ``Do`` of the service ``S``."""
    action = MessageAction(name="Do", path="Do", process="p", response_profile=MESSAGE, sync_timeout=SYNC_TIMEOUT)
    service = FlowService(external_name="S", actions=(action,))
    made = bundle_of(shapes, first)
    process = msgspec.structs.replace(made.processes["p"], options=options or Options(mode="low latency"))
    return msgspec.structs.replace(made, processes={"p": process}, services=(service,), **parts)


def call(message: object = "hi", *, named: str = "t", callback: str | None = "https://flow/api") -> ActionCall:
    """Give a call of the action."""
    document = msgspec.json.encode({"Message": message})
    return ActionCall(service="S", action="Do", token=named, tenant_id="T", callback_uri=callback, document=document)


class Daemon:
    """One life of a daemon over a store that outlives it."""

    def __init__(self, house: House, store: MemoryStore, deployment: Deployment, nursery: trio.Nursery) -> None:
        self.house = house
        self.store = store
        self.deployment = deployment
        self.nursery = nursery

    async def begin(self, made: ActionCall) -> Hold:
        """Begin a call, or join the one that has its token."""
        action = self.deployment.services["S"].actions["Do"]
        return await begin_call(self.house, self.deployment, action, made, "/fs/S/Do")

    async def ask(self, made: ActionCall | None = None, sync_timeout: float = SYNC_TIMEOUT) -> str:
        """Call as a patient caller does; give ``WAIT``, the message of the answer, or the fault."""
        hold = await self.begin(made or call())
        hold.join()
        with trio.move_on_after(sync_timeout):
            await hold.decided.wait()
        if not hold.decided.is_set():
            hold.post(SyncTimeout())
            await hold.decided.wait()
        told = answer(hold)
        if told == "WAIT":
            hold.post(AnswerSent())
        return told

    async def ask_and_leave(self, seconds: float, made: ActionCall | None = None) -> Hold:
        """Call, and go away after some time without an answer."""
        hold = await self.begin(made or call())
        hold.join()
        await trio.sleep(seconds)
        hold.leave()
        return hold

    async def find(self, row: ExecutionRow) -> Deployment | None:
        """Give the version that an execution began on."""
        return self.deployment

    def upkeep(self, find: Find | None = None) -> None:
        """Start the loops that take over what nobody works on, and that keep the daemon's claims."""
        self.nursery.start_soon(partial(recover, self.house, find or self.find))
        self.nursery.start_soon(keep_claims, self.house)

    async def row(self) -> ExecutionRow:
        """Give the only execution that the store knows, but for those that it has begun."""
        (row,) = [row for row in await self.store.journal.executions() if row.parent is None]
        return row

    async def told(self) -> list[tuple[str, str]]:
        """Give the callbacks in the outbox: the state of each, and what it tells."""
        return await told_by(self.store)


async def told_by(store: MemoryStore) -> list[tuple[str, str]]:
    """Give the callbacks of a store: the state of each, and what it tells."""
    rows = await store.journal.callbacks()
    return [(row.state.value, _telling(msgspec.msgpack.decode(row.request, type=CallbackRequest))) for row in rows]


def answer(hold: Hold) -> str:
    """Give what a decided call is answered."""
    if isinstance(hold.decision, AnswerWait):
        return "WAIT"
    ending = hold.ending
    if ending is None:
        return str(getattr(hold.decision, "status", "nothing"))
    return message_of(ending)


def message_of(ending: Ending) -> str:
    """Give the message that an ending carries, or its fault."""
    if ending.body is None:
        return f"{ending.code}: {ending.message}"
    return _output(ending.body)


def _output(body: bytes) -> str:
    return str(msgspec.json.decode(body)["outputs"][0]["contentValue"])


def _telling(request: CallbackRequest) -> str:
    told = msgspec.json.decode(request.body)
    if told["invokeType"] == "WAIT":
        return f"WAIT: {told['waitMessage']}"
    if told["rootFaults"]:
        return str(msgspec.json.decode(told["rootFaults"]["ProcessFault"])["message"])
    return _output(request.body)


@asynccontextmanager
async def daemon(
    made: Bundle,
    world: World,
    store: MemoryStore | None = None,
    settings: ExecutionSettings = SETTINGS,
    *,
    owner: str = "one",
) -> AsyncGenerator[Daemon]:
    """Run a daemon over a bundle; at the end of the block it stops as a drained one does, giving claims back."""
    store = store or MemoryStore()
    async with (
        deployed(made, world.catalogue()) as deployment,
        open_executions(store, TrioClock(), settings, owner=owner, wake_outbox=lambda: None) as house,
        trio.open_nursery() as nursery,
    ):
        yield Daemon(house, store, deployment, nursery)
        nursery.cancel_scope.cancel()


def failing(*kinds: type) -> Callable[[Sequence[Operation]], None]:
    """Give a hook for the journal: a commit that holds an operation of one of these kinds is refused by the disk."""

    def before(operations: Sequence[Operation]) -> None:
        if any(isinstance(operation, kinds) for operation in operations):
            raise StoreError("store.disk", "no space left on device")

    return before
