"""One live execution: everything that belongs to it while it is in memory, and what its hold has written of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from msgspec.structs import replace

from runtime.engine.batch import EMPTY, Batch, Held
from runtime.engine.begun import Begun
from runtime.engine.calls import DEEPEST
from runtime.engine.contents import Contents
from runtime.engine.context import Context, Facts, tightened
from runtime.engine.deployment import Deployment
from runtime.engine.ending import UNREADABLE, Ending, callback_of, new_callback, progress_of
from runtime.engine.gates import Ticket
from runtime.engine.generated.flight import Flights, Unseen
from runtime.engine.hold import Hold, Writes
from runtime.engine.house import House
from runtime.engine.log import ExecutionLog
from runtime.engine.persisting import run_dates
from runtime.engine.places import Control, Slot
from runtime.engine.redaction import Secrets
from runtime.engine.result import Result
from runtime.engine.start import Start, encode_start, files_of, start_documents
from runtime.engine.tracking import found_by
from runtime.errors import Fenced, ProcessFault, StoreError
from runtime.flow.answers import progress
from runtime.flow.handover import State
from runtime.flow.outputs import OutputCodec
from runtime.model.journal import Accept, ExecutionRow, Finish, Operation, Release, Status
from runtime.model.record import Depth

Answering = Callable[[Result, Contents], Awaitable[Ending]]
"""Makes the answer of a call that cannot wait. It lives in memory: after a crash nobody is there to be answered."""


class Execution:
    """An execution in memory. `hold` binds the callers of a Flow call to it.

    `inline`: it runs in its caller's task. `behind`: it is durable, and its first commit accepts it.
    """

    def __init__(
        self,
        house: House,
        row: ExecutionRow,
        start: Start,
        deployment: Deployment,
        *,
        durable: bool,
        inline: bool,
        behind: bool = False,
        answering: Answering | None = None,
        ticket: Ticket | None = None,
        depth: Depth | None = None,
        driven: bool = False,
    ) -> None:
        self.row = row
        self.start = start
        self.deployment = deployment
        self.process = deployment.processes[row.process]
        self.answering = answering
        self.hold: Hold | None = None
        self._next_progress = 0.0
        self.control = Control(handed_over=durable and row.released)
        self._ticket = ticket
        self.inline = inline
        self.slot = Slot(None if inline else house.places, ticket)
        self._house = house
        journal, documents = house.store.journal, house.store.documents
        self.log = ExecutionLog(journal, documents, row.id, row.epoch, durable=durable, kept=behind or not inline)
        if behind:
            self.log.owe(self.accept)
        recorders = house.recorders
        self._recorder = None if recorders is None else recorders.recorder(row, deployment, depth)
        facts = Facts(
            id=row.id,
            bundle=row.bundle,
            version=row.version,
            process=row.process,
            started_at=row.started_at,
            runtime=house.owner.partition(":")[0],
        )
        self.context = Context(
            facts,
            self.log,
            documents,
            house.clock,
            connections=deployment.connections,
            limits=tightened(house.settings.engine, deployment.bundle.limits),
            control=self.control,
            slot=self.slot,
            kept=start.kept,
            secrets=Secrets(deployment.marks, deployment.known) if deployment.has_secrets else None,
            observer=self._recorder or (None if house.observe is None else house.observe(row)),
            trace=self._recorder,
            workers=deployment.workers,
            flights=None if driven else self._flights(),
            load=house.fibers,
            begun=Begun(self._child, house.wake_recovery),
            progress=None if start.call is None else self._tell_progress,
        )
        self.context.properties.update(start.properties)
        self._start_files = files_of(start)
        if self._start_files:
            self.context.note_files()
        house.live[row.id] = self
        deployment.hold(self)

    def _flights(self) -> Flights | None:
        """Give who is told of runs of generated functions, if what is noted and remembered allows them."""
        if self.log.durable or self.deployment.bundle.redaction or self._house.observe is not None:
            return None
        if self._recorder is None:
            return Unseen()
        return None if self._recorder.depth == "documents" else self._recorder

    @property
    def id(self) -> str:
        """The execution's id."""
        return self.row.id

    @property
    def can_wait(self) -> bool:
        """Whether its caller can be told WAIT, or asks for nothing."""
        call = self.start.call
        return self.answering is None and (call is None or call.may_wait)

    @property
    def outputs(self) -> OutputCodec | None:
        """How the documents of the action whose call it answers become outputs, in the version it runs on."""
        call = self.start.call
        return None if call is None else self.deployment.outputs(call.service, call.action, self.row.process)

    @property
    def accept(self) -> Accept:
        """The operation that takes it into the journal."""
        return Accept(self.row, encode_start(self.start))

    def _child(self, identity: str, process: str, properties: Mapping[str, str]) -> Accept:
        """Give the operation that takes in an execution which a step begins: nobody owns it until there is a place."""
        depth = self.start.depth + 1
        if depth > DEEPEST:
            message = f"executions begin each other more than {DEEPEST} levels deep"
            raise ProcessFault("engine.calls-limit", message)
        row = ExecutionRow(
            id=identity,
            bundle=self.row.bundle,
            version=self.row.version,
            digest=self.row.digest,
            process=process,
            mode=self.row.mode,
            status=Status.RUNNING,
            started_at=self._house.clock.now(),
            parent=self.id,
        )
        kept = {name: value.value for name, value in self.start.kept.get(process, {}).items()}
        start = Start(start_documents([b""]), {**kept, **properties}, kept=self.start.kept, depth=depth)
        return Accept(row, encode_start(start))

    @property
    def documents(self) -> Batch:
        """The batch it starts with."""
        return Held(self.start.documents) if self.start.documents else EMPTY

    def give_back(self) -> None:
        """Let the next execution of the process in."""
        if self._ticket is not None:
            self._ticket.give_back()

    def sleep(self) -> None:
        """Leave memory, and stay within the gate: the execution is not over."""
        self._ticket = None
        self._house.drop(self)

    def part(self) -> None:
        """Untie what refers to it from what it refers to, so that its memory is free at once.

        A cycle of fifty objects for each call would wait for the garbage collector: a tenth of the call's cost, and
        memory that is never warm.
        """
        self.context.part()
        if self.hold is not None:
            self.hold.part()

    def close_record(self) -> None:
        """Let what was noted for people be written."""
        recorder, self._recorder = self._recorder, None
        if recorder is not None and self._house.recorders is not None:
            self._house.recorders.close(recorder, None if self.hold is None else self.hold.ending)

    def open_hold(self, state: State | None = None) -> Hold:
        """Bind callers to the execution; `state` where its call was handed over before."""
        writes = Writes(
            self._hand_over, self._record, self._release, self.close, self.control.abandon, self.control.revive
        )
        self.hold = Hold(self.id, writes, self._house.nursery, state)
        if self.row.token is not None:
            self._house.tokens.begin(self.row.token, self.hold)
        return self.hold

    async def make_durable(self) -> None:
        """Take it into the journal, with all that it has done; raises as the journal does."""
        if self._start_files and not self.log.durable:
            await self._house.store.documents.sync(self.id, self._start_files)
        await self.log.make_durable(self.accept)

    async def _hand_over(self) -> bool:
        await self.make_durable()
        await self.log.flush()
        if self.log.ended:  # meanwhile, with nothing promised: its end is the answer, and nobody is owed a callback
            return False
        self.control.hand_over()
        return True

    async def _record(self, released: bool) -> None:  # noqa: FBT001 - as the command has it
        """Write the ending, and the callback that tells it, in one commit."""
        hold, call = self.hold, self.start.call
        if hold is None or hold.ending is None:
            raise StoreError("engine.no-ending", f"{self.id} has no ending to record")
        operations: list[Operation] = [Release(self.id)] if released else []
        request = None if call is None or self.log.answered else callback_of(hold.ending, call, self.start.uri, self.id)
        if request is not None:
            house = self._house
            operations.append(
                new_callback(request, self.id, self.row.epoch, house.clock.now(), house.settings.expire_after)
            )
        try:
            await self.log.finish(*operations, *self._run_dates(hold.ending), self.finish(hold.ending))
        except Fenced:
            self._house.drop(self)
            raise
        self._house.drop(self)
        if released:
            self._house.wake_outbox()

    async def _tell_progress(self, message: str, document: bytes | None) -> None:
        """Tell the caller how things stand: with its WAIT answer, or once that was decided by a callback.

        Callbacks keep the pause of the settings: Flow shows the last to a person.
        """
        call, hold = self.start.call, self.hold
        if call is None or hold is None:
            return
        hold.told = told = progress(message, self.outputs, document)
        now = self._house.clock.now()
        request = progress_of(call, told.message, told.outputs) if self.control.handed_over else None
        if request is None or now < self._next_progress:
            return
        self._next_progress = now + self._house.settings.progress_pause
        expire_after = self._house.settings.expire_after
        await self.log.flush(new_callback(request, self.id, self.row.epoch, now, expire_after))
        self._house.wake_outbox()

    async def _release(self) -> None:
        await self._house.store.journal.commit([Release(self.id)])
        self._house.wake_outbox()

    async def record_end(self, ending: Ending) -> None:
        """Write the end of durable work whose caller waits for it, before it is told."""
        await self.log.finish(*self._run_dates(ending), self.finish(ending))

    async def close(self) -> None:
        """End an execution that owes no callback."""
        ending = None if self.hold is None else self.hold.ending
        dates = self._run_dates(ending)
        if self.log.ended:
            pass
        elif self.log.durable and ending is not None:
            await self.log.finish(*dates, self.finish(ending))
        else:
            if dates:
                await self._house.store.journal.commit(dates)
            if self.context.has_files:
                await self._house.store.documents.erase(self.id)
        self._house.drop(self)

    def _run_dates(self, ending: Ending | None) -> list[Operation]:
        """Give the operations that note when the process has run, where it wants that."""
        if ending is None or ending.status is Status.CANCELLED or not self.process.captures_runs:
            return []
        return run_dates(self.row.bundle, self.row.process, self.id, self.row.started_at, ending.status)

    def finish(self, ending: Ending) -> Finish:
        """Give the operation that ends the execution."""
        return Finish(
            execution=self.id,
            epoch=self.row.epoch,
            status=ending.status,
            finished_at=self._house.clock.now(),
            message=ending.message,
            answer=ending.encode(),
            keep=self._kept(ending),
            tracked=found_by(self.process.process.options.track, self.context, self.deployment.marks),
        )

    def _kept(self, ending: Ending) -> bytes | None:
        """Give what the execution can be replayed from: without its call, whose credentials nobody needs again.

        An upload is not: a gigabyte would lie on the disk a second time for as long as work is kept.
        """
        secret = self.deployment.bundle.redaction or ending.status is Status.CANCELLED
        if secret or self._start_files or not self._house.settings.keep_work or ending.code == UNREADABLE:
            return None
        return encode_start(replace(self.start, call=None, uri=""))

    def told(self) -> dict[str, str]:
        """Give what a line of the log says of where it comes from."""
        row = self.row
        return {"execution": row.id, "bundle": row.bundle, "process": row.process, "step": self.context.step}

    def masked(self, text: str) -> str:
        """Give a text that people read without what its bundle declares secret."""
        return text if self.context.secrets is None else self.context.secrets.masked(text)
