"""Runs of processes under test, over the memory store, that can be killed at any record and gone on with."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

import msgspec
from msgspec import Struct

from runtime.engine.batch import EMPTY, Batch, BatchLimits, Held
from runtime.engine.compile import CompiledProcess, compile_bundle
from runtime.engine.context import Context, EngineLimits, Facts
from runtime.engine.interruption import Parked
from runtime.engine.log import ExecutionLog
from runtime.engine.observer import Observer
from runtime.engine.persisting import Kept
from runtime.engine.places import Control, Slot
from runtime.engine.result import Result
from runtime.engine.run import run
from runtime.engine.trace import Trace
from runtime.model.bundle import Bundle, Connection
from runtime.model.document import Document
from runtime.model.journal import Accept, ExecutionRow, Operation, Status
from runtime.model.process import Process
from runtime.model.shapes import AnyShape, Start
from runtime.store.memory import MemoryStore
from tests.engine.worlds import TrioClock, World

SMALL = EngineLimits(
    batch=BatchLimits(in_memory=3, in_memory_bytes=1_000),
    content_in_memory=200,
    suspend_after=1e9,
    steps=2_000,  # a generated process may run a million: a test has no time for it
)


class Killed(BaseException):
    """The process was killed: nothing after this point happens, and nothing in the process can prevent it."""


class Ended(Struct, frozen=True):
    """How a run ended: what it returned, what properties it left, and by which fields it is found."""

    status: Status
    message: str | None
    returned: tuple[bytes, ...]
    properties: dict[str, str]
    tracked: tuple[tuple[str, str], ...] = ()


def bundle_of(shapes: Sequence[AnyShape], first: str | None) -> Bundle:
    """Give a bundle with one process, ``p``, that starts at the shape `first`."""
    start = Start(id="start", mode="passthrough", to=first)
    process = Process(name="p", start=start, shapes=(start, *shapes))
    connection = Connection(name="world", connector="world")
    return Bundle(name="b", version="1", digest="d", processes={"p": process}, connections={"world": connection})


def compiled(shapes: Sequence[AnyShape], first: str | None, world: World, **parts: object) -> CompiledProcess:
    """Compile the process of these shapes; `parts` are what else its bundle holds."""
    bundle = msgspec.structs.replace(bundle_of(shapes, first), **parts)
    return compile_bundle(bundle, world.catalogue()).processes["p"]


class Run:
    """One execution of a process over a store that outlives it."""

    def __init__(self, process: CompiledProcess, world: World, start: Sequence[Document]) -> None:
        self.store = MemoryStore()
        self.process = process
        self.world = world
        self.start = tuple(start)
        self.commits = 0
        self.observer: Observer | None = None
        self.trace: Trace | None = None
        self.kept: Kept = {}
        self.id = "ex"
        self._accepted = False

    async def go(self, kill_at: int | None = None, limits: EngineLimits = SMALL) -> Ended:
        """Run to the end, or until the `kill_at`-th commit from now, which then does not happen.

        Raises:
            Killed: the commit was reached.
            Parked: an effect that must not happen twice is in doubt.
        """
        journal = self.store.journal
        if not self._accepted:
            row = ExecutionRow(
                id=self.id, bundle="b", version="1", digest="d", process="p", mode="general",
                status=Status.RUNNING, started_at=0.0, owner="t", epoch=1,
            )  # fmt: skip
            await journal.commit([Accept(row, b"")])
            self._accepted = True
        self.commits = 0

        def before(operations: Sequence[Operation]) -> None:
            if kill_at is not None and self.commits == kill_at:
                raise Killed
            self.commits += 1

        journal.before_commit = before
        log = ExecutionLog(journal, self.store.documents, self.id, 1, durable=True, write_behind=0.0)
        log.remember(await journal.records(self.id))
        context = Context(
            Facts(id=self.id, bundle="b", version="1", process="p", started_at=0.0),
            log,
            self.store.documents,
            TrioClock(),
            connections={"world": self.world},
            limits=limits,
            control=Control(handed_over=True),
            slot=Slot(),
            observer=self.observer,
            trace=self.trace,
            kept=self.kept,
        )
        context.properties["p"] = ""
        context.begin_process("p")
        result = await run(self.process, "p", Held(self.start) if self.start else EMPTY, context)
        returned = await contents(result, context)
        return Ended(result.status, result.message, returned, dict(context.properties), tuple(context.tracked))

    async def go_on(self, kill_at: int) -> Ended | str:
        """Run, be killed at a commit, go on as another process would; a text says why the execution is parked."""
        try:
            try:
                return await self.go(kill_at)
            except Killed:
                pass
            except BaseExceptionGroup as group:
                if group.split(Killed)[1] is not None:
                    raise
            return await self.go()
        except Parked as turn:
            return turn.reason


async def contents(result: Result, context: Context) -> tuple[bytes, ...]:
    """Give the contents of everything that a run returned, in order."""
    found: list[bytes] = []
    for batch in result.returned:
        found += [await context.contents.read(document) for document in await listed(batch)]
    return tuple(found)


async def listed(batch: Batch) -> list[Document]:
    """Give the documents of a batch as a list."""
    async with aclosing(batch.chunks()) as chunks:
        return [document async for chunk in chunks for document in chunk]
