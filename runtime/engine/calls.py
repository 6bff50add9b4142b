"""Calls: one process runs another, within the same execution (platform behaviours 58-69).

What a call does follows from what the steps of the called process do, and those are written down; so nothing is written
down for the call itself, and it goes on after a crash by being made again.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Protocol

from msgspec import Struct

from runtime.engine.batch import EMPTY, Batch, Held
from runtime.engine.context import Context
from runtime.engine.outcome import Ended, Failure, Failures, Outcome
from runtime.engine.positions import Position, Scope
from runtime.engine.result import Result
from runtime.engine.step import CallStep
from runtime.model.document import Document, Origins, derived_identity
from runtime.model.journal import Status

DEEPEST = 40  # calls within calls: far beyond any process that people can read, well within the interpreter's stack
CALL_FAILED = "process.call-failed"
_CAUSED = "; Caused by: "

_OriginsOf = Callable[[Document], "tuple[Origins, ...]"]


class Child(Protocol):
    """A run of the called process.

    `lost` are the failures that nothing in it held, `ended` the error that ended it, `returned` batches by shape.
    """

    lost: list[Failure]
    ended: Ended | None
    returned: list[tuple[str, Batch]]

    async def drive(self, batch: Batch, scope: Scope) -> Result:
        """Run it to its end."""
        ...


class Called(Struct, frozen=True):
    """What a call needs of its caller: place, record, how many forks it is in, and how a run of the process begins.

    `begin` takes the name of the record that the run counts on, None for the caller's, and how many forks it is in.
    """

    at: Position
    scope: Scope
    record: str
    level: int
    begin: Callable[[str | None, int], Child]


async def call(step: CallStep, batch: Batch, called: Called, context: Context) -> Outcome:
    """Run the process that the step calls, and give what comes back.

    Raises:
        Interruption: the execution leaves memory within the called process.
    """
    making = _Call(step, called, context)
    await (making.as_group(batch) if step.passthrough else making.one_by_one(batch))
    if making.ended is not None:
        return Outcome(ended=making.ended)
    return Outcome(outputs=await making.outputs(), failures=tuple(making.failures))


class _Call:
    """A call that is being made, and what has come back so far."""

    def __init__(self, step: CallStep, called: Called, context: Context) -> None:
        self.ended: Ended | None = None
        self.failures: list[Failure] = Failures()
        self._step = step
        self._called = called
        self._context = context
        self._returned: list[tuple[str, Batch, _OriginsOf]] = []

    async def one_by_one(self, batch: Batch) -> None:
        """Run the process once for each document, until one ends the run."""
        number = 0
        async with aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for document in chunk:
                    await self._for_one(document, number)
                    number += 1
                    if self.ended is not None:
                        return

    async def _for_one(self, document: Document, number: int) -> None:
        """Run the process once; it starts with one empty document, whatever called it (behaviour 59)."""
        step, scope = self._step, self._called.scope.call(self._called.at, number)
        record = f"{self._context.facts.id}.{scope.digest.hex()[:12]}"
        child = self._called.begin(record, 0)
        start = Document(derived_identity(document.id, scope.stable, 0))
        result = await child.drive(Held((start,)), scope)
        if not step.wait:
            return
        if result.status is not Status.ERROR:
            self._take(child, lambda _made: document.origins)
        elif step.abort:
            self.ended = Ended(CALL_FAILED, _told(step, record, result))
        else:
            self.failures.append(Failure(document.origins, CALL_FAILED, _told(step, record, result)))

    async def as_group(self, batch: Batch) -> None:
        """Run the process once for all; documents keep where they come from, up to the forks around the call."""
        step, level = self._step, self._called.level
        child = self._called.begin(None, level)
        result = await child.drive(batch, self._called.scope.call(self._called.at, 0))
        if not step.wait:
            return
        if result.status is Status.ERROR and step.abort:
            self.ended = Ended(CALL_FAILED, _told(step, self._called.record, result))
        elif child.ended is not None:  # the process as a whole: nothing of the group goes on
            message = _told(step, self._called.record, result)
            async with aclosing(batch.chunks()) as chunks:
                async for chunk in chunks:
                    for document in chunk:
                        self.failures.append(Failure(document.origins, CALL_FAILED, message))
        else:
            self.failures += [Failure(lost.origins[:level], lost.code, lost.message, lost.count) for lost in child.lost]
            self._take(child, lambda made: made.origins[:level])

    def _take(self, child: Child, origins_of: _OriginsOf) -> None:
        self._returned += [(shape, batch, origins_of) for shape, batch in child.returned]

    async def outputs(self) -> tuple[Batch, ...]:
        """Give the documents of each return path; those of a shape that no path names are gone (behaviour 64)."""
        made: list[Batch] = []
        for number, shape in enumerate(self._step.returns):
            async with self._context.writer() as writer, aclosing(self._documents(shape, number)) as documents:
                async for document in documents:
                    if writer.add(document):
                        await writer.flush()
            made.append(writer.batch)
        return tuple(made)

    async def _documents(self, shape: str | None, path: int) -> AsyncGenerator[Document]:
        """Give them with identities of their own: one document may be returned by several branches."""
        ordinal = 0
        name = self._called.scope.stable_name(self._called.at) + path.to_bytes(4, "big")
        for returned, batch, origins_of in self._returned:
            if returned != shape and (shape is not None or returned in self._step.returns):
                continue
            async with aclosing(batch.chunks()) as chunks:
                async for chunk in chunks:
                    for made in chunk:
                        identity = derived_identity(made.id, name, ordinal)
                        ordinal += 1
                        yield Document(identity, made.content, made.properties, made.meta, origins_of(made))


def too_deep(step: CallStep) -> Outcome:
    """Give the outcome of a call that would nest too deeply."""
    message = f"{step.name}: processes call each other more than {DEEPEST} levels deep"
    return Outcome(outputs=(EMPTY,) * len(step.targets), ended=Ended("engine.calls-limit", message))


def _told(step: CallStep, record: str, result: Result) -> str:
    """Give the platform's own words (behaviour 66); of a chain of calls, the first cause stands at the end."""
    message = result.message or ""
    cause = message.rpartition(_CAUSED)[2]
    return (
        f"Child Synchronous Process Call: {step.process} [{record}({step.id})] call ended in error: "
        f"com.boomi.process.ProcessException: {message}{_CAUSED}{cause}"
    )
