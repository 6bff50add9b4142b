"""Records of executions that were one run of a traced function: made briefly, and told at length when they are read.

Hardly any is ever read, so a busy daemon writes down what it cannot do without: steps, times, and each document once,
masked. What the recorder would have noted is made of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from runtime.engine.generated.flight import Flight
from runtime.engine.recorder import Recorder, RecordLimits, shown
from runtime.engine.redaction import Marks, Masking, Words
from runtime.engine.step import Step
from runtime.model.document import Document, Stored
from runtime.model.journal import ExecutionRow, Status
from runtime.model.record import BriefRecord, ExecutionRecord, PassedStep, Seen, SeenDocument

if TYPE_CHECKING:
    from runtime.engine.generated.run import Flown
    from runtime.model.record import Line
    from runtime.store.protocols import Files


def brief_record(
    row: ExecutionRow, flown: Flown, status: str, message: str | None, *, masking: Masking, limits: RecordLimits | None
) -> BriefRecord:
    """Give the record of a run; without `limits` its documents are not shown."""
    flight, offset = flown.flight, flown.flight.at - flown.flight.since
    documents: list[SeenDocument] = []
    passed: list[PassedStep] = []
    before: Document | None = None
    size = 0
    for count, (number, ended, entered, _, _) in enumerate(flown.trail):
        step, place = flight.steps[number], None
        if limits is not None and count < limits.steps and size < limits.bytes:
            if entered is not before:
                before = entered
                documents.append(_shown(entered, masking, limits))
            place = len(documents) - 1
            size += documents[place].weight
        passed.append(PassedStep(step.id, step.name, step.forks, bool(step.targets), ended + offset, place))
    return BriefRecord(
        row.id,
        row.bundle,
        row.version,
        row.process,
        row.mode,
        row.started_at,
        status,
        None if message is None else masking.text(message),
        flight.at,
        tuple(passed),
        tuple(documents),
        0 if limits is None else sum(step.document is None for step in passed),
    )


def _shown(document: Document, masking: Masking, limits: RecordLimits) -> SeenDocument:
    content = None if isinstance(document.content, Stored) else masking.content(document.content)
    return shown(document, content, masking, limits.document_bytes)


def at_length(record: BriefRecord, limits: RecordLimits, files: Files) -> ExecutionRecord:
    """Give a record as the recorder would have made it."""
    row = ExecutionRow(
        id=record.id,
        bundle=record.bundle,
        version=record.version,
        digest="",
        process=record.process,
        mode=record.mode,
        status=Status.COMPLETE,
        started_at=record.started_at,
    )
    recorder = Recorder(
        row, "log", masking=Masking(Marks(()), Words()), files=files, limits=limits, told=_untold, told_flight=_untold
    )
    marks = [each for number, passed in enumerate(record.passed) for each in (number, passed.ended)]
    steps = tuple(map(_step, record.passed))
    flight = Flight(record.process, steps, record.at, record.at, marks)
    recorder.flown(flight)
    for passing, passed in zip(flight.passings(), record.passed, strict=True):
        if passed.document is not None:
            seen = Seen(
                at=passing.began,
                process=record.process,
                step=passed.step,
                name=passed.name,
                count=1,
                documents=(record.documents[passed.document],),
            )
            recorder.keep_seen(seen)
    made = recorder.record(record.status, record.message)
    return replace(made, seen_left_out=record.seen_left_out) if record.seen_left_out else made


def _step(passed: PassedStep) -> Step:
    step = Step(passed.step, passed.name, (None,) if passed.goes_on else ())
    step.forks = passed.forks
    return step


def _untold(_execution: str, _what: Line | Flight) -> None:
    """Tell nobody: it was told when it happened."""
