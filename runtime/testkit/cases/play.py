"""Playing a case: the real engine over a store in memory, with the mocks of the case and a virtual clock."""

from __future__ import annotations

from contextlib import aclosing

import msgspec
import structlog
import trio
import trio.testing
from msgspec.structs import replace

from runtime.bundle.machine import Machine, variable_of
from runtime.engine.batch import BatchLimits
from runtime.engine.compile import CompiledProcess
from runtime.engine.context import EngineLimits
from runtime.engine.deployment import Action, DeployedService, Deployment, Prepared, prepare
from runtime.engine.executions import begin_process, open_executions
from runtime.engine.house import ExecutionSettings, House
from runtime.engine.recovery import take_over
from runtime.engine.scripts.workers import Workers
from runtime.engine.steps.connector import CallConnector
from runtime.errors import NuclideError
from runtime.flow.callbacks import CallbackRequest
from runtime.model.bundle import Bundle
from runtime.model.journal import ExecutionRow, Status
from runtime.sdk.connector import Catalogue, Connection
from runtime.store.memory import MemoryStore
from runtime.testkit.cases.caller import ask, told
from runtime.testkit.cases.clock import Stuck, VirtualClock, pass_time
from runtime.testkit.cases.mocks import Mock
from runtime.testkit.cases.model import Case, Suite
from runtime.testkit.cases.seen import Message, Seen
from runtime.testkit.cases.steps import addresses
from runtime.testkit.cases.watching import Watcher

MANY = 2**31  # documents and bytes: what a case handles stays in memory
FOREVER = 10 * 365 * 86_400.0  # seconds of virtual time: no wait leaves memory
PLACES = 64  # executions of one case at once


def prepared_for(bundle: Bundle, catalogue: Catalogue, suite: Suite) -> Prepared:
    """Prepare a bundle with the values that a suite gives to its extensions.

    Raises:
        BundleError: a value is missing or does not fit.
    """
    environ = {variable_of(bundle.name, name): value for name, value in suite.extensions.items()}
    return prepare(bundle, catalogue, Machine(environ=environ))


def play(case: Case, prepared: Prepared, workers: Workers | None = None) -> Seen:
    """Run a case to its end, in a loop and a time of its own; to be called in a thread where a loop runs already."""
    clock = trio.testing.MockClock()
    with structlog.contextvars.bound_contextvars(test=case.name):
        return trio.run(_Play(case, prepared, clock, workers).run, clock=clock)


class _Play:
    def __init__(self, case: Case, prepared: Prepared, clock: trio.testing.MockClock, workers: Workers | None) -> None:
        self._workers = workers
        self._case = case
        self._clock = clock
        self._addresses = addresses(prepared.bundle.processes)
        self._mocks: dict[str, Mock] = {}
        self._asleep = 0
        self._watchers: list[Watcher] = []
        self._prepared = prepared
        self._store = MemoryStore()

    async def run(self) -> Seen:
        """Give what was seen."""
        deployment = self._mocked()
        settings = ExecutionSettings(engine=_LIMITS, at_once=PLACES)
        opened = open_executions(
            self._store, VirtualClock(), settings, owner="test", wake_outbox=lambda: None, observe=self._observe
        )
        async with opened as house:
            try:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(pass_time, self._clock, lambda: self._waits(house), name="time")
                    seen = await self._play(house, deployment)
                    nursery.cancel_scope.cancel()
            except* Stuck:
                seen = Seen(status="running", troubles=("the execution waits for something that will never come",))
            except* NuclideError as group:
                seen = Seen(status="error", troubles=tuple(str(error) for error in group.exceptions))
        return seen

    def _waits(self, house: House) -> bool:
        return self._asleep > 0 or house.running == 0

    def _observe(self, row: ExecutionRow) -> Watcher:
        watcher = Watcher(row.id, self._addresses)
        self._watchers.append(watcher)
        return watcher

    async def _play(self, house: House, deployment: Deployment) -> Seen:
        case = self._case
        if case.request is not None:
            asked = await ask(house, deployment, case)
            await house.drained()
            await self._run_begun(house, deployment)
            seen = Seen(status=asked.status, message=asked.message, answer=asked.answer)
            identity = asked.execution
        else:
            identity = await begin_process(house, deployment, case.process, case.documents, case.properties)
            await house.drained()
            await self._run_begun(house, deployment)
            seen = Seen(status=Status.RUNNING)
        row = await self._store.journal.execution(identity)
        if row is not None:
            seen = replace(seen, status=row.status.value, message=row.message or seen.message)
        return replace(seen, callbacks=await self._callbacks(identity), **await self._details())

    async def _run_begun(self, house: House, deployment: Deployment) -> None:
        """Run the executions that steps have begun and did not wait for."""

        async def find(_: ExecutionRow) -> Deployment:
            return deployment

        while await take_over(house, find):
            await house.drained()

    async def _callbacks(self, execution: str) -> tuple[Message, ...]:
        rows = await self._store.journal.callbacks(execution=execution)
        requests = [msgspec.msgpack.decode(row.request, type=CallbackRequest) for row in rows]
        return tuple(told(request.body) for request in requests)

    async def _details(self) -> dict[str, object]:
        first = self._watchers[0] if self._watchers else Watcher("", {})
        documents: list[bytes] = []
        for batch in first.returned:
            async with aclosing(batch.chunks()) as chunks:
                async for chunk in chunks:
                    documents += [each.content for each in chunk if isinstance(each.content, bytes)]
        return {
            "documents": tuple(documents),
            "properties": self._case.properties | first.changed,
            "steps": tuple(step for watcher in self._watchers for step in watcher.reached),
            "lines": tuple(line for watcher in self._watchers for line in watcher.lines),
            "requests": {step: tuple(mock.asked) for step, mock in self._mocks.items()},
            "troubles": tuple(trouble for mock in self._mocks.values() for trouble in mock.unanswered),
        }

    def _mocked(self) -> Deployment:
        """Give the bundle with each connector step making its calls through a mock of its own."""
        processes: dict[str, CompiledProcess] = {}
        connections: dict[str, Connection] = {}
        for name, compiled in self._prepared.processes.items():
            steps = dict(compiled.steps)
            for identity, step in compiled.steps.items():
                if isinstance(step, CallConnector):
                    address = self._addresses[name, identity]
                    connections[address] = self._mocks[address] = self._mock(address)
                    steps[identity] = step.through(address)
            processes[name] = CompiledProcess(compiled.process, steps, processes)
        services = {name: _served(service, processes) for name, service in self._prepared.services.items()}
        return Deployment(replace(self._prepared, processes=processes, services=services), connections, self._workers)

    def _mock(self, address: str) -> Mock:
        return Mock(address, self._case.mocks.get(address, ()), self._sleeps)

    def _sleeps(self, change: int) -> None:
        self._asleep += change


def _served(service: DeployedService, processes: dict[str, CompiledProcess]) -> DeployedService:
    actions: dict[str, Action] = {
        name: replace(action, process=processes[action.process.process.name])
        for name, action in service.actions.items()
    }
    return replace(service, actions=actions)


_LIMITS = EngineLimits(
    batch=BatchLimits(in_memory=MANY, in_memory_bytes=MANY), content_in_memory=MANY, suspend_after=FOREVER
)
