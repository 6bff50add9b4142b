"""Lives of a daemon that end at a point of the store: a commit, or a write of a document, and nothing after it.

A point is counted before it happens and after it. The life that is killed there reaches neither store nor world any
more; whoever waited for its answer has a broken connection. The next life finds what a power cut would have left.
"""

from __future__ import annotations

from collections.abc import Sequence

import trio
from msgspec import Struct
from msgspec.structs import replace

from runtime.flow.requests import ActionCall
from runtime.model.bundle import Bundle
from runtime.model.journal import Disown, ExecutionRow, Forget, Operation, Renew, Status
from runtime.outbox.left import release_left
from runtime.sdk.connector import Call, Reply
from runtime.store.memory import MemoryStore
from tests.engine.houses import SETTINGS, call, daemon, told_by
from tests.engine.worlds import World

LONG = 300.0  # virtual seconds: beyond every wait of the processes here, and every lease
UPKEEP = (Disown, Forget, Renew)  # what happens all the time and concerns no execution that runs
RARE = replace(SETTINGS, recovery_interval=5.0, park_answer_after=30.0)  # looks seldom: a life here is long


class Killed(BaseException):
    """The process was killed."""


class Points:
    """Counts the points of a store, and kills at one of them."""

    def __init__(self, store: MemoryStore, kill_at: int | None = None) -> None:
        self.passed = 0
        self.dead = False
        self._kill_at = kill_at
        store.journal.before_commit = self._commit
        store.journal.after_commit = self._commit
        store.documents.before_write = self._write

    def _commit(self, operations: Sequence[Operation]) -> None:
        if self.dead or not all(isinstance(operation, UPKEEP) for operation in operations):
            self._pass()

    def _write(self, what: str) -> None:
        if self.dead or what != "erase":
            self._pass()

    def _pass(self) -> None:
        if self.dead or self.passed == self._kill_at:
            self.dead = True
            raise Killed
        self.passed += 1


class SlowWorld(World):
    """A world that takes some seconds for a call and is felt at the end of them; the dead reach it no more."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.points: Points | None = None
        self.once: list[str] = []
        self._seconds = seconds

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Answer after a while."""
        await trio.sleep(self._seconds)
        if self.points is not None and self.points.dead:
            raise Killed
        replies = await super().execute(operation, call)
        if operation == "once":
            self.once.append(call.key)
        return replies

    def forget(self) -> None:
        """Begin to count anew."""
        self.calls.clear()
        self.effects.clear()
        self.once.clear()


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one call over all lives: what its caller was told, and what the store and the world know."""

    told: tuple[str, ...]
    points: tuple[int, ...]
    row: ExecutionRow | None
    callbacks: tuple[tuple[str, str], ...]
    world: SlowWorld

    @property
    def was_accepted(self) -> bool:
        """Whether its caller was told WAIT."""
        return "WAIT" in self.told

    @property
    def is_parked(self) -> bool:
        """Whether a person has to decide."""
        return self.row is not None and self.row.status is Status.PARKED


async def lives(
    made: Bundle, kills: Sequence[int], *, seconds: float = 8.0, call_: ActionCall | None = None
) -> Outcome:
    """Call once, let each life but the last end at its point; in each life, who got no answer calls again."""
    store, world = MemoryStore(), SlowWorld(seconds)
    (mode,) = {process.options.mode for process in made.processes.values()}
    told: list[str] = []
    points: list[int] = []
    for kill_at in (*kills, None):
        world.points = Points(store, kill_at)
        try:
            async with daemon(made, world, store, RARE, owner=f"life {len(points)}") as one:
                await store.journal.commit([Disown()])
                await release_left(store.journal)
                one.upkeep()
                if "WAIT" not in told and not any(_is_result(each) for each in told):
                    answer = await one.ask(call_ or call())
                    if not world.points.dead:  # or nobody has heard it
                        told.append(answer)
                await trio.sleep(LONG)
        except* Killed:
            store.journal.before_commit = store.journal.after_commit = store.documents.before_write = None
        points.append(world.points.passed)
        store.documents.power_cut()
        if not await store.journal.executions():  # nothing was promised, so what was done is its caller's to repeat
            assert not world.calls or mode == "low latency", "a durable process did something before it was accepted"
            world.forget()
    return Outcome(
        told=tuple(told),
        points=tuple(points),
        row=next(iter(await store.journal.executions()), None),
        callbacks=tuple(await told_by(store)),
        world=world,
    )


def _is_result(told: str) -> bool:
    return not told.isdigit()  # a number is the status of a refusal that promises nothing
