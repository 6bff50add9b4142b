"""Running a generated function in place of the driver, where nobody can tell the difference."""

from __future__ import annotations

import time
from collections.abc import Sequence

import structlog
from msgspec import Struct

from runtime.engine.batch import Batch, Held
from runtime.engine.context import Context
from runtime.engine.generated.flight import Flight, Passage
from runtime.engine.generated.source import Generated
from runtime.engine.result import Result
from runtime.errors import Fault
from runtime.expressions.written import LeaveError
from runtime.model.document import Document
from runtime.model.journal import Status

_log = structlog.get_logger("nuclide.engine")


class Flown(Struct, frozen=True, gc=False):
    """What a run of a generated function gave, and what is noted of it; `trail` is what a traced one tells."""

    returned: list[Document]
    flight: Flight
    trail: Sequence[Passage] = ()


def fly(generated: Generated, name: str, batch: Batch, context: Context) -> Result | None:
    """Run one document through a process; None where the driver has to do it, from the start.

    Documents and properties are then as they were.
    """
    flights = context.flights
    if flights is None or type(batch) is not Held or len(batch.documents) != 1:
        return None
    if context.control.abandoned or context.control.cancelled is not None or not generated.attempts.due():
        return None
    flown = flown_of(generated, name, batch.documents[0], context)
    if flown is None:
        generated.attempts.failed()
        return None
    generated.attempts.succeeded()
    flights.flown(flown.flight)
    return Result(status=Status.COMPLETE, returned=tuple([Held((each,)) for each in flown.returned]))


def flown_of(generated: Generated, name: str, document: Document, context: Context) -> Flown | None:
    """Run one document through a process, and tell nobody; None where the driver has to do it, from the start."""
    content, most = document.content, context.most_at_once
    if type(content) is not bytes or len(content) > most or generated.longest > context.most_steps:
        return None
    properties = dict(context.properties) if generated.sets else None
    returned: list[Document] = []
    marks: list[float] = []
    trail: list[Passage] = []
    context.documents = 1
    at, since = time.time(), time.perf_counter()
    try:
        generated.function(document, context, most, returned.append, trail.append if generated.traced else marks.extend)
    except (LeaveError, LookupError, TypeError, ValueError, ArithmeticError, Fault):  # the driver says what it is
        _put_back(context, properties)
        return None
    except Exception as error:  # noqa: BLE001 - the step wrapper's: the driver meets it again, and tells it of its step
        _log.debug("a generated function raised", process=name, exc_info=error)
        _put_back(context, properties)
        return None
    if generated.sets:
        context.take_changes()
    if generated.traced:
        marks = [each for passage in trail for each in passage[:2]]
    return Flown(returned, Flight(name, generated.steps, at, since, marks), trail)


def _put_back(context: Context, properties: dict[str, str] | None) -> None:
    if properties is not None:
        context.properties.clear()
        context.properties.update(properties)
    context.take_changes()
