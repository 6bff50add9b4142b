"""The hold: what binds the callers of one token to its execution. The shell around the hand-over's state machine.

Events may come from any task. An event is applied at once, without awaiting; what takes time (a commit) is done by a
task of the executions' nursery, so that neither a caller that leaves nor a listener that closes can tear it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
import trio
from msgspec import Struct

from runtime.engine.ending import Ending
from runtime.errors import Fenced, StoreError
from runtime.flow.answers import NOTHING_TOLD
from runtime.flow.handover import (
    Abandoned,
    Answered,
    AnswerFault,
    AnswerResult,
    AnswerWait,
    CallerGone,
    CancelExecution,
    Committing,
    Durable,
    DurableFailed,
    Event,
    Held,
    MakeDurable,
    RecordResult,
    ReleaseCallback,
    State,
    Waiting,
    step,
)

_log = structlog.get_logger("nuclide.engine")

PAUSE = 1.0  # seconds between two tries to write when the disk refuses: it is for a person to mend, so no hurry

Decision = AnswerResult | AnswerWait | AnswerFault


class Writes(Struct, frozen=True):
    """How a hold has things written: each returns when it is durable, and raises StoreError when it is not.

    `hand_over` tells whether there was anything to hand over: not where the end was on the disk before.
    """

    hand_over: Callable[[], Awaitable[bool]]
    record: Callable[[bool], Awaitable[None]]
    release: Callable[[], Awaitable[None]]
    close: Callable[[], Awaitable[None]]
    cancel: Callable[[], None]
    revive: Callable[[], None]


class Hold:
    """One token's callers. They can be answered when there is a `decision`, by that."""

    def __init__(self, execution: str, writes: Writes, nursery: trio.Nursery, state: State | None = None) -> None:
        self.execution = execution
        self.ending: Ending | None = None
        self.decision: Decision | None = None
        self.told = NOTHING_TOLD  # what a WAIT answer says
        self._state: State = Held() if state is None else state
        self._writes = writes
        self._nursery = nursery
        self._callers = 0
        self._decided: trio.Event | None = None  # events are made for who waits: most calls are answered at once
        self._settled: trio.Event | None = None
        self._let_go: trio.Event | None = None
        if isinstance(self._state, Waiting):  # handed over by an earlier owner: whoever calls again is told so at once
            self.decision = AnswerWait()

    @classmethod
    def with_decision(cls, execution: str, decision: Decision, ending: Ending | None, nursery: trio.Nursery) -> Hold:
        """Give a hold of which nothing is left to decide."""
        hold = cls(execution, _NO_WRITES, nursery, Answered())
        hold.ending = ending
        hold.decision = decision
        return hold

    @property
    def decided(self) -> trio.Event:
        """Set when there is a decision."""
        if self._decided is None:
            self._decided = trio.Event()
            if self.decision is not None:
                self._decided.set()
        return self._decided

    @property
    def is_decided(self) -> bool:
        """Whether there is a decision."""
        return self.decision is not None

    @property
    def is_held(self) -> bool:
        """Whether a caller waits for the result itself, and nothing has been promised."""
        return isinstance(self._state, Held)

    @property
    def is_closed(self) -> bool:
        """Whether no callback is owed: the result was the answer itself, or nobody asks for it."""
        return isinstance(self._state, Answered | Abandoned)

    async def settled(self) -> None:
        """Return when it is known whether the call was handed over."""
        if self._settled is None:
            self._settled = trio.Event()
            self._announce()
        await self._settled.wait()

    async def let_go(self) -> None:
        """Return when nobody waits for an answer, or for its last byte, so that callbacks cannot overtake it."""
        if self._let_go is None:
            self._let_go = trio.Event()
            self._announce()
        await self._let_go.wait()

    def part(self) -> None:
        """Forget how things are written, where nothing is left to write."""
        if self.is_closed and self.ending is not None:
            self._writes = _NO_WRITES

    def join(self) -> None:
        """One more caller waits; work that was to stop for want of callers goes on for this one."""
        self._callers += 1
        if isinstance(self._state, Abandoned) and self.ending is None:
            self._state, self._settled, self._let_go = Held(), None, None
            self._writes.revive()

    def leave(self) -> None:
        """A caller has gone; when it was the last, the machine is told."""
        self._callers -= 1
        if self._callers == 0:
            self.post(CallerGone())

    def post(self, event: Event) -> None:
        """Apply an event."""
        self._state, commands = step(self._state, event)
        self._announce()
        for command in commands:
            match command:
                case AnswerResult() | AnswerWait() | AnswerFault():
                    self.decision = command
                    if self._decided is not None:
                        self._decided.set()
                case CancelExecution():
                    self._writes.cancel()
                case MakeDurable():
                    self._start(self._make_durable, "hand over")
                case RecordResult(released=released):
                    self._nursery.start_soon(self._record, released, name=f"record the result of {self.execution}")
                case ReleaseCallback():
                    self._start(self._release, "release the callback of")
                case _:
                    _log.error("the hand-over asked for something unknown", command=type(command).__name__)

    def _announce(self) -> None:
        if isinstance(self._state, Held | Committing):
            return
        if self._settled is not None:
            self._settled.set()
        if self._let_go is not None and (not isinstance(self._state, Waiting) or self._state.released):
            self._let_go.set()

    def _start(self, work: Callable[[], Awaitable[None]], what: str) -> None:
        self._nursery.start_soon(work, name=f"{what} {self.execution}")

    async def _make_durable(self) -> None:
        try:
            handed_over = await self._writes.hand_over()
        except Exception as error:  # noqa: BLE001 - the execution supervisor's: what cannot be written is told
            _log.warning("a call could not be handed over", execution=self.execution, exc_info=error)
            handed_over = False
        self.post(Durable() if handed_over else DurableFailed())
        if self.is_closed and self.ending is not None:
            await self._insist(self._writes.close, "an ending could not be written")

    async def _record(self, released: bool) -> None:  # noqa: FBT001 - the command's own field
        try:
            await self._writes.record(released)
        except Fenced:
            _log.info("another owner finishes this execution", execution=self.execution)
        except StoreError as error:
            _log.warning("a result could not be written; trying again", execution=self.execution, error=str(error))
            await trio.sleep(PAUSE)
            self.post(DurableFailed())
        else:
            self.post(Durable())

    async def _release(self) -> None:
        await self._insist(self._writes.release, "a callback could not be released")

    async def _insist(self, write: Callable[[], Awaitable[None]], complaint: str) -> None:
        """Write until the disk takes it, or another owner has to."""
        while True:
            try:
                await write()
            except Fenced:
                return
            except StoreError as error:
                _log.warning(complaint, execution=self.execution, error=str(error))
                await trio.sleep(PAUSE)
            else:
                return


async def _nothing(*_: object) -> bool:
    """Write nothing: there is nothing left to write."""
    return False


async def _no_more(*_: object) -> None:
    """Write nothing: there is nothing left to write."""


_NO_WRITES = Writes(_nothing, _no_more, _no_more, _no_more, lambda: None, lambda: None)


def released() -> State:
    """Give the state of a call that another process has left behind: nobody is there to be answered."""
    return Waiting(released=True)
