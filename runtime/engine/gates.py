"""Gates: how many executions of a process, or of one key of it, run at once, and what becomes of others.

A gate is passed when an execution is admitted, before anything of it is durable, and given back when it has ended or is
parked; one that sleeps in the journal stays within. An execution that goes on after a restart waits like any other, and
is never refused: it was accepted.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import trio
from msgspec import Struct

from runtime.errors import Unavailable

if TYPE_CHECKING:
    from runtime.model.process import Options

BUSY = "executions.process-busy"
QUEUE_FULL = "executions.process-queue-full"
RETRY_AFTER = 1.0  # seconds: what a caller that was refused may take for its next try

GateName = tuple[str, str, str]  # bundle, process and key; "" for the process as a whole


class GateStatistics(Struct, frozen=True):
    """How many executions of one process run, and how many wait for it."""

    bundle: str
    process: str
    running: int
    waiting: int


class _Gate:
    """One gate: the executions that run, and those that wait in the order in which they came."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.running: set[str] = set()
        self.waiting: OrderedDict[str, trio.Event] = OrderedDict()

    def let_in(self) -> None:
        while self.waiting and len(self.running) < self.limit:
            execution, event = self.waiting.popitem(last=False)
            self.running.add(execution)
            event.set()


class Ticket:
    """The place of one execution at the gates of its process; one that it does not need costs nothing."""

    def __init__(self, gates: Gates, execution: str, names: tuple[GateName, ...]) -> None:
        self._gates = gates
        self._execution = execution
        self._names = names

    async def passed(self) -> None:
        """Return when the execution may run."""
        for name in self._names:
            await self._gates.wait(name, self._execution)

    def give_back(self) -> None:
        """Let the next one in; to give back twice is to give back once."""
        for name in self._names:
            self._gates.leave(name, self._execution)


class Gates:
    """All gates of a daemon. A gate that nobody stands at is forgotten, so keys may be of any number."""

    def __init__(self) -> None:
        self._gates: dict[GateName, _Gate] = {}

    def enter(
        self, execution: str, bundle: str, process: str, options: Options, key: str | None, *, accepted: bool = False
    ) -> Ticket:
        """Take a place for an execution. `key` is the value of the process' key; `accepted`: it cannot be refused.

        Raises:
            Unavailable: as many as may run do, and the process refuses others (``executions.process-busy``), or as many
                as may wait do (``executions.process-queue-full``).
        """
        names = ((bundle, process, key or ""),) if options.gated else ()
        for name in names:
            gate = self._gates.get(name)
            if gate is not None and not accepted:
                _refuse(gate, process, options)
        for name in names:
            gate = self._gates.setdefault(name, _Gate(options.limit))
            gate.limit = options.limit  # of the version that came last
            if execution in gate.running:
                continue  # it slept in the journal, and stayed within
            gate.waiting[execution] = trio.Event()
            gate.let_in()
        return Ticket(self, execution, names)

    def next_in_line(self, bundle: str, process: str, key: str | None) -> str | None:
        """Give the execution that waits longest at a gate, which a coalesced one joins; None when none waits."""
        gate = self._gates.get((bundle, process, key or ""))
        return None if gate is None else next(iter(gate.waiting), None)

    async def wait(self, name: GateName, execution: str) -> None:
        """Return when an execution stands within the gate."""
        gate = self._gates.get(name)
        event = None if gate is None else gate.waiting.get(execution)
        if event is not None:
            await event.wait()

    def leave(self, name: GateName, execution: str) -> None:
        """Take an execution away from a gate, wherever it stands."""
        gate = self._gates.get(name)
        if gate is None:
            return
        gate.running.discard(execution)
        gate.waiting.pop(execution, None)
        gate.let_in()
        if not gate.running and not gate.waiting:
            del self._gates[name]

    def forget(self, execution: str) -> None:
        """Take an execution that was not in memory away from its gate, if it stands within one."""
        for name in [name for name, gate in self._gates.items() if execution in gate.running]:
            self.leave(name, execution)

    def statistics(self) -> tuple[GateStatistics, ...]:
        """Give how many executions run and wait, by process; keys are values of documents and are not told."""
        found: dict[tuple[str, str], list[int]] = {}
        for (bundle, process, _), gate in self._gates.items():
            counts = found.setdefault((bundle, process), [0, 0])
            counts[0] += len(gate.running)
            counts[1] += len(gate.waiting)
        return tuple(GateStatistics(*name, *counts) for name, counts in sorted(found.items()))


def _refuse(gate: _Gate, process: str, options: Options) -> None:
    if len(gate.running) < options.limit and not gate.waiting:
        return
    if options.simultaneous == "reject":
        running = next(iter(gate.running), "")
        message = f"Process is already running, executionId {running}"  # the platform's own words (behaviour 109)
        hint = "'simultaneous: queue' among the process' options lets calls wait"
        raise Unavailable(BUSY, message, hint=hint, retry_after=RETRY_AFTER)
    if len(gate.waiting) >= options.queued:
        message = f"{options.queued} executions wait for the process '{process}' already"
        raise Unavailable(QUEUE_FULL, message, hint="option 'queued' of the process", retry_after=RETRY_AFTER)
