"""The driver: one execution of a compiled process, from its start documents to its result.

It holds the place in the process as a stack of frames and a cursor (step, batch, scope), and follows the rules of the
engine model: the whole batch through a step, paths depth first, an empty batch ends its path. Whether a step runs or is
remembered makes no difference to what follows; that is all there is to resuming. A process that never waits may have a
generated function besides, any other one for runs of its steps, which do the same where nobody can tell the difference.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import aclosing
from functools import partial

import msgspec
import structlog

from runtime.engine.batch import CHUNK, EMPTY, Batch, Held, fits, in_memory
from runtime.engine.calls import DEEPEST, Called, call, too_deep
from runtime.engine.context import Context
from runtime.engine.each import over_each
from runtime.engine.fibers import MOST, side_by_side
from runtime.engine.frames import Caught, Closed, DivideFrame, ExitsFrame, Frame, Go, Path, Retry
from runtime.engine.generated.remembered import Remembered, Ways
from runtime.engine.generated.run import fly
from runtime.engine.interruption import Interruption
from runtime.engine.meter import Meter
from runtime.engine.outcome import Ended, Failure, Failures, Outcome, failure
from runtime.engine.positions import Position, Scope, root_scope
from runtime.engine.result import Result
from runtime.engine.step import CallStep, Compiled, EachStep, ForkStep, ParallelStep, Step, WholeStep
from runtime.errors import Changed, DocumentFault, Fault, ProcessFault, StoreError
from runtime.model.journal import Accept, Status
from runtime.model.persisted import Persist

_log = structlog.get_logger("nuclide.engine")


Cursor = tuple[str | None, Batch, Scope]


async def run(process: Compiled, name: str, batch: Batch, context: Context) -> Result:
    """Run `batch` through the process called `name`.

    Raises:
        Interruption: the execution does not end now; it is suspended, parked or abandoned.
        StoreError: what it did cannot be made durable.
    """
    if process.generated is not None:
        limits = context.limits
        landed = await fly(
            process.generated, name, batch, context, whole=True, steps=limits.steps, documents=limits.documents
        )
        if landed is not None:
            return Result(status=Status.COMPLETE, returned=tuple([out for _, out in landed.out]))
    return await _Run(process, name, context, Meter(context.limits), context.facts.id).drive(batch, root_scope(name))


class _Run:
    """The state of one run of one process: where it stands, what it has returned, what has failed.

    `record` is the record that it counts on; `own` says that the record is its own. `level` counts the forks around it
    that follow failures, `depth` the calls; it is one of `width` fibers at most.
    """

    def __init__(
        self,
        process: Compiled,
        name: str,
        context: Context,
        meter: Meter,
        record: str,
        *,
        own: bool = True,
        level: int = 0,
        depth: int = 0,
        width: int = 1,
    ) -> None:
        self.returned: list[tuple[str, Batch]] = []
        self.lost: list[Failure] = []
        self.ended: Ended | None = None
        self.stopped = False
        self._process = process
        self._name = name
        self._context = context
        self._meter = meter
        self._record = record
        self._own = own
        self._stack: list[Frame] = []
        self._level = self._outer = level
        self._depth = depth
        self._width = width
        self._failed = 0
        self._first: Ended | None = None

    async def drive(self, batch: Batch, scope: Scope) -> Result:
        """Run `batch` through the process to its end."""
        observer = self._context.observer if self._own else None
        if observer is not None:
            observer.began(self._record, self._name, len(batch))
        result = await self._drive(self._process.start, batch, scope)
        if observer is not None:
            observer.ended(self._record, self._name, result)
        return result

    async def fiber(self, frame: Frame, scope: Scope, context: Context) -> None:
        """Run what a frame opens, to its end, in the context of a fiber."""
        self._context = context
        self._push(frame)
        await self._drive(None, EMPTY, scope)

    async def _drive(self, step: str | None, batch: Batch, scope: Scope) -> Result:
        while True:
            if step is not None and len(batch) and await self._fly(step, batch, scope):
                step, batch = None, EMPTY
            if step is not None and self._context.observer is not None:
                self._context.observer.entered(self._record, self._name, self._process.steps[step], len(batch))
            if step is not None and self._context.trace is not None:
                await self._context.trace.reached(self._record, self._name, self._process.steps[step], batch)
            if step is not None and len(batch):
                cursor = await self._enter(self._process.steps[step], batch, scope)
            else:
                cursor = await self._next()
                if cursor is None:
                    return self._result()
            if cursor is None:
                step = None
            else:
                step, batch, scope = cursor

    async def _fly(self, start: str, batch: Batch, scope: Scope) -> bool:
        """Take documents through a run of steps at once, and open the frame of where they go on.

        Not where it would be remembered, written down or learnt from step by step.
        """
        context, generated = self._context, self._process.runs.get(start)
        if generated is None or context.flights is None or context.log.durable or context.log.remembers:
            return False
        if context.secrets is not None and context.secrets.is_needed:
            return False
        held = await in_memory(batch) if len(batch) <= CHUNK else batch
        if context.log.keeps and not (isinstance(held, Held) and fits(held.documents, context.limits.batch)):
            return False
        before = dict(context.properties) if generated.alone and context.log.keeps else {}
        steps, documents = self._meter.left()
        landed = await fly(generated, self._name, held, context, whole=False, steps=steps, documents=documents)
        if landed is None:
            return False
        self._meter.count(landed.steps, landed.documents)
        context.apply(context.take_changes(), ())
        exits = [generated.exits[number] for number, _ in landed.out]
        ways = Ways(scope, self._process.steps, exits)
        if context.log.keeps and isinstance(held, Held):
            remembered = Remembered(self._process.steps, start, held.documents, context.apart(before))
            context.log.ran(lambda: remembered.done(ways))
        left = zip(exits, landed.out, ways.scopes, strict=True)
        self._push(ExitsFrame([(one.target, out, inside) for one, (_, out), inside in left]))
        return True

    def _result(self) -> Result:
        ended = self._first
        returned = tuple(batch for _, batch in self.returned)
        if ended is None:
            return Result(status=Status.COMPLETE, returned=returned)
        return Result(
            status=Status.ERROR,
            returned=returned,
            code=ended.code,
            message=ended.message,
            failed=self._failed,
        )

    async def _enter(self, step: Step, batch: Batch, scope: Scope) -> Cursor | None:
        """Take `batch` through `step`; give where it goes on, or None where the path ends."""
        self._context.check()
        await self._context.pace()
        at = scope.enter(step.id)
        if self._context.secrets is not None and self._context.secrets.is_needed:
            await self._context.secrets.learn(batch, self._context.contents)
        limited = self._meter.limited(len(batch))
        if isinstance(step, ForkStep) and limited is None:
            self._push(step.frame(at, scope, self._level, batch))
            return None
        if isinstance(step, ParallelStep) and limited is None:
            await self._side_by_side(step, step.frames(at, scope, batch), at, scope)
            return None
        if isinstance(step, CallStep) and limited is None:
            return self._apply(step, at, scope, batch, await self._call(step, at, scope, batch))
        begun = time.perf_counter()
        outcome = self._context.log.finished(at, batch)
        if outcome is None:
            outcome = await self._perform(step, at, scope, batch, limited)
        if self._context.observer is not None:
            self._context.observer.left(self._record, self._name, step, len(batch), outcome)
        if self._context.trace is not None:
            await self._context.trace.passed(self._record, self._name, step, outcome, time.perf_counter() - begun)
        return self._apply(step, at, scope, batch, outcome)

    async def _perform(self, step: Step, at: Position, scope: Scope, batch: Batch, limited: Outcome | None) -> Outcome:
        context = self._context
        context.enter(at, scope, step.name)
        context.record = self._record
        context.documents = len(batch)
        outcome = limited or await attempt(step, batch, context)
        changes = context.take_changes()
        kept: tuple[Persist | Accept, ...] = (*context.keeping.take(), *context.begun.take())
        if changes:
            outcome = msgspec.structs.replace(outcome, changes=changes)
        try:
            await context.log.step(at, batch, outcome, barrier=step.effects, keeping=kept)
        except Changed as error:
            outcome = Outcome(ended=Ended(error.code, error.message))
            await context.log.step(at, batch, outcome, barrier=step.effects)
        else:
            context.begun.tell()
        return outcome

    async def _call(self, step: CallStep, at: Position, scope: Scope, batch: Batch) -> Outcome:
        if self._depth == DEEPEST:
            return too_deep(step)

        def begin(record: str | None, level: int) -> _Run:
            process = self._process.others[step.process]
            self._context.begin_process(step.process)
            own, counted = record is not None, record or self._record
            depth = self._depth + 1
            return _Run(process, step.process, self._context, self._meter, counted, own=own, level=level, depth=depth)

        return await call(step, batch, Called(at, scope, self._record, self._level, begin), self._context)

    async def _side_by_side(self, step: ParallelStep, frames: Sequence[Frame], at: Position, scope: Scope) -> None:
        """Run what each frame opens in a fiber, and take over what they did, in their order."""
        if len(frames) <= 1:
            for frame in frames:
                self._push(frame)
            return
        width = self._width * len(frames)
        if width > MOST:
            message = f"{step.name}: parts that run side by side divide again, into more than {MOST}"
            self._end(Ended("engine.parts-limit", message))
            return
        self._context.enter(at, scope, step.name)
        runs = [self._part(width) for _ in frames]
        fibers = [partial(run.fiber, frame, scope) for run, frame in zip(runs, frames, strict=True)]
        for context in await side_by_side(self._context, fibers):
            self._context.take_over(context)
        for run in runs:
            self.returned += run.returned
            for failed in run.lost:
                self._fail(failed)
        self._end_as(runs)

    def _part(self, width: int) -> _Run:
        """Give a run of the same process for a fiber."""
        return _Run(
            self._process,
            self._name,
            self._context,
            self._meter,
            self._record,
            own=False,
            level=self._level,
            depth=self._depth,
            width=width,
        )

    def _end_as(self, runs: Sequence[_Run]) -> None:
        """End as the first of its fibers that an error or a Stop has ended, if there is one."""
        for run in runs:
            if run.ended is not None:
                self._end(run.ended)
                return
            if run.stopped:
                self._stop()
                return

    def _stop(self) -> None:
        self._stack.clear()
        self._level = self._outer
        self.stopped = True

    def _apply(self, step: Step, at: Position, scope: Scope, batch: Batch, outcome: Outcome) -> Cursor | None:
        """Take over what a step did with a batch; the only place where the state of the run changes by it."""
        self._context.apply(outcome.changes, outcome.cached, outcome.tracked)
        for failed in outcome.failures:
            self._fail(failed)
        if outcome.returned is not None:
            self.returned.append((step.id, outcome.returned))
        if outcome.ended is not None:
            one_by_one = isinstance(step, CallStep) and not step.passthrough
            self._end(outcome.ended, 0 if outcome.failures else 1 if one_by_one else len(batch))
            return None
        if outcome.stop:
            self._stop()
            return None
        if len(step.targets) == 1:
            return (step.targets[0], outcome.outputs[0], scope)
        if step.targets:
            paths = [Path(target, output) for target, output in zip(step.targets, outcome.outputs, strict=True)]
            self._push(DivideFrame(at, scope, paths))
        return None

    def _fail(self, failed: Failure) -> None:
        """Tell the enclosing forks, from the nearest outwards, until one holds the failure."""
        for frame in reversed(self._stack):
            if frame.mark(failed):
                return
        self._failed += failed.count
        if (
            self._depth or self._width > 1
        ):  # its caller asks which; nobody asks of the whole execution, where they may be many
            self.lost.append(failed)
        self._first = self._first or Ended(failed.code, failed.message)

    def _end(self, ended: Ended, documents: int = 0) -> None:
        """Leave frames, from the nearest outwards, until one holds the error; else the run ends by it.

        The documents that the step had which ended it count as failed, as those that fail for themselves do.
        """
        while self._stack:
            if self._stack[-1].end(ended):
                return
            self._pop()
        self._first = self.ended = ended
        self._failed += documents

    async def _next(self) -> Cursor | None:
        """Give what comes next when a path has ended, or None when everything has."""
        while self._stack:
            match self._stack[-1].advance():
                case Closed():
                    self._pop()
                case Go(target, batch, scope, closes):
                    if closes:
                        self._pop()
                    return target, batch, scope
                case Retry(at, seconds):
                    await self._context.wait(at, seconds)
                case Caught() as caught:
                    self._pop()
                    return caught.target, await self._caught(caught), caught.scope
        return None

    async def _caught(self, caught: Caught) -> Batch:
        """Give the documents as they entered the Try/Catch, with the message of what befell them."""
        messages = iter(caught.messages)
        async with self._context.writer() as writer, aclosing(caught.batch.chunks()) as chunks:
            async for chunk in chunks:
                for document in chunk:
                    meta = {**document.meta, "catcherrorsmessage": next(messages)}
                    if writer.add(msgspec.structs.replace(document, meta=meta)):
                        await writer.flush()
        return writer.batch

    def _push(self, frame: Frame) -> None:
        self._stack.append(frame)
        self._level += frame.follows

    def _pop(self) -> None:
        self._level -= self._stack.pop().follows


async def attempt(step: Step, batch: Batch, context: Context) -> Outcome:
    """Run a step and give its outcome, whatever happens in it: the wrapper that turns errors into outcomes."""
    try:
        if step.counters:
            wanted = {counter: uses * len(batch) for counter, uses in step.counters.items()}
            await context.log.reserve(context.numbers, wanted)
        if isinstance(step, EachStep):
            return await over_each(step, batch, context)
        if isinstance(step, WholeStep):
            return await step.run(batch, context)
        fault: Fault = ProcessFault("engine.unknown-step", f"the driver cannot run a {type(step).__name__}")
    except (Interruption, StoreError):
        raise
    except Fault as error:
        fault = error
    except Exception as error:  # noqa: BLE001 - the step wrapper: one step's mistake is not the daemon's end
        _log.warning("step failed unexpectedly", step=step.name, exc_info=error)
        fault = step.explain(error)
    if isinstance(fault, DocumentFault):
        return Outcome(outputs=(EMPTY,) * len(step.targets), failures=await _all_failed(batch, fault))
    return Outcome(ended=Ended(fault.code, fault.message))


async def _all_failed(batch: Batch, fault: DocumentFault) -> tuple[Failure, ...]:
    async with aclosing(batch.chunks()) as chunks:
        failures = Failures()
        async for chunk in chunks:
            for document in chunk:
                failures.append(failure(document, fault))
        return tuple(failures)
