"""Running a generated function in place of the driver, where nobody can tell the difference."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing
from typing import cast

import structlog
from msgspec import DecodeError, Struct

from runtime.engine.batch import Batch, BatchWriter, Held
from runtime.engine.context import TURN, Context
from runtime.engine.generated.flight import Flight, Passage, Tally
from runtime.engine.generated.source import Generated
from runtime.errors import Fault
from runtime.expressions.written import LeaveError
from runtime.model.document import Document

_log = structlog.get_logger("nuclide.engine")


class Flown(Struct, frozen=True, gc=False):
    """What a run of a generated function gave for one document, and what is noted of it.

    `out` holds numbers of exits, each followed by the document that left there. `trail` is what a traced one tells.
    """

    out: Sequence[object]
    flight: Flight
    trail: Sequence[Passage] = ()

    @property
    def returned(self) -> Sequence[Document]:
        """The documents, in order."""
        return cast("Sequence[Document]", self.out[1::2])


class Landed(Struct, frozen=True):
    """What left a function: the numbers of its exits in their order, each with the documents that left there.

    `steps` and `documents` are how many were counted.
    """

    out: Sequence[tuple[int, Batch]]
    steps: int
    documents: int


async def fly(
    generated: Generated, name: str, batch: Batch, context: Context, *, whole: bool, steps: int, documents: int
) -> Landed | None:
    """Run a batch through a function; None where the driver has to do it, from where the function begins.

    No more than so many steps may be run, and as many documents be given to them. Documents and properties are then as
    they were.

    Raises:
        Abandoned: nobody waits for it any more.
        Cancelled: a person has stopped it.
    """
    flights, count = context.flights, len(batch)
    if flights is None or (generated.alone and count > 1):
        return None
    if generated.longest > steps or generated.longest * count > documents or not generated.attempts.due():
        return None
    context.check()
    if count == 1 and type(batch) is Held:
        flown = flown_of(generated, name, batch.documents[0], context, whole=whole)
        if flown is not None:
            generated.attempts.succeeded()
            flights.flown(flown.flight)
            numbers = cast("Sequence[int]", flown.out[::2])
            out = [(number, Held((document,))) for number, document in zip(numbers, flown.returned, strict=True)]
            passed = len(flown.flight.marks) // 2
            return Landed(out, passed, passed)
    else:
        many = await _Many(generated, name, context, whole=whole).flown(batch)
        if many is not None:
            generated.attempts.succeeded()
            flights.flown(many[1])
            return many[0]
    generated.attempts.failed()
    return None


def flown_of(
    generated: Generated, name: str, document: Document, context: Context, *, whole: bool = True
) -> Flown | None:
    """Run one document through a function, and tell nobody; None where the driver has to do it."""
    content, most = document.content, context.most_at_once
    if type(content) is not bytes or len(content) > most or generated.longest > context.most_steps:
        return None
    properties = dict(context.properties) if generated.sets else None
    out: list[object] = []
    marks: list[float] = []
    trail: Sequence[Passage] = ()
    context.documents = 1
    at, since = time.time(), time.perf_counter()
    try:
        if generated.traced:
            trail = _traced(generated, document, context, out, marks)
        elif generated.typed is None or not _typed(generated, document, context, out, marks):
            if properties is not None:
                _put_back(context, properties)
            generated.function(document, context, most, out.extend, marks.extend)
    except Exception as error:  # noqa: BLE001 - the step wrapper's: the driver meets it again, and tells it of its step
        _note(name, error)
        _put_back(context, properties)
        return None
    if properties is not None and whole:
        context.take_changes()
    return Flown(out, Flight(name, generated.steps, at, since, marks, 1, None, whole), trail)


def _traced(
    generated: Generated, document: Document, context: Context, out: list[object], marks: list[float]
) -> Sequence[Passage]:
    """Run a document through a function that tells of each step."""
    trail: list[Passage] = []
    generated.function(document, context, context.most_at_once, out.extend, trail.append)
    marks.extend(each for passage in trail for each in passage[:2])
    return trail


def _typed(generated: Generated, document: Document, context: Context, out: list[object], marks: list[float]) -> bool:
    """Run a document through the function that reads Structs; False where there is none, or it is not for that."""
    if generated.typed is None or not generated.typed_attempts.due():
        return False
    outs, passed = len(out), len(marks)
    try:
        generated.typed(document, context, context.most_at_once, out.extend, marks.extend)
    except DecodeError:
        del out[outs:], marks[passed:]
        generated.typed_attempts.failed()
        return False
    generated.typed_attempts.succeeded()
    return True


def _note(name: str, error: Exception) -> None:
    """Log what nobody foresaw; what is not there or of another kind, the driver says."""
    if not isinstance(error, LeaveError | LookupError | TypeError | ValueError | ArithmeticError | Fault):
        _log.debug("a generated function raised", process=name, exc_info=error)


def _put_back(context: Context, properties: dict[str, str] | None) -> None:
    if properties is not None:
        context.properties.clear()
        context.properties.update(properties)
    context.take_changes()


class _Many:
    """A run of many documents, one after the other: none of them can tell what another has met."""

    def __init__(self, generated: Generated, name: str, context: Context, *, whole: bool) -> None:
        self._generated = generated
        self._name = name
        self._context = context
        self._whole = whole
        self._writers: dict[int, BatchWriter] = {}

    async def flown(self, batch: Batch) -> tuple[Landed, Flight] | None:
        """Run them all; None where one of them leaves."""
        generated, context = self._generated, self._context
        context.documents = len(batch)
        at, since = time.time(), time.perf_counter()
        tally = Tally(since)
        try:
            async with AsyncExitStack() as stack, aclosing(batch.chunks()) as chunks:
                async for chunk in chunks:
                    for start in range(0, len(chunk), TURN):
                        await self._some(chunk[start : start + TURN], tally, stack)
                        await context.pace()
                        context.check()
        except LeaveError:
            context.take_changes()
            return None
        out = [(number, self._writers[number].batch) for number in sorted(self._writers)]
        marks, counts = tally.marks()
        flight = Flight(self._name, generated.steps, at, since, marks, len(batch), counts, self._whole)
        return Landed(out, tally.steps, tally.documents), flight

    async def _some(self, documents: Sequence[Document], tally: Tally, stack: AsyncExitStack) -> None:
        generated, context, most = self._generated, self._context, self._context.most_at_once
        out: list[object] = []
        marks: list[float] = []
        try:
            for document in documents:
                content = document.content
                if type(content) is not bytes or len(content) > most:
                    raise LeaveError
                if not _typed(generated, document, context, out, marks):
                    generated.function(document, context, most, out.extend, marks.extend)
        except Exception as error:  # the step wrapper's, as in `flown_of`: the driver meets it again
            _note(self._name, error)
            raise LeaveError from error
        tally.add(marks)
        for number, made in zip(cast("list[int]", out[::2]), cast("list[Document]", out[1::2]), strict=True):
            writer = self._writers.get(number)
            if writer is None:
                writer = self._writers[number] = await stack.enter_async_context(context.writer())
            if writer.add(made):
                await writer.flush()
