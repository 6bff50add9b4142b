"""Records of executions that were one run of a traced function: made briefly, and told at length when they are read.

Hardly any is ever read, so a busy daemon writes down what it cannot do without: times, and each document once, masked.
What is the same in all runs is made once. What the recorder would have noted is made of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from runtime.engine.generated.flight import Flight
from runtime.engine.recorder import RECORD, Recorder, RecordLimits
from runtime.engine.redaction import Marks, Masking, Words
from runtime.engine.step import Step
from runtime.model.document import NO_PROPERTIES
from runtime.model.journal import ExecutionRow, Status
from runtime.model.record import (
    BriefRecord,
    ExecutionRecord,
    KindStep,
    Run,
    RunKind,
    Seen,
    SeenDocument,
    ShownDocument,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.engine.generated.run import Flown
    from runtime.model.document import Document, Properties
    from runtime.model.record import Line
    from runtime.store.protocols import Files


def kind_of(bundle: str, version: str, process: str, mode: str, steps: Sequence[Step]) -> RunKind:
    """Give what the records of all runs of a function have in common."""
    told = tuple(KindStep(step.id, step.name, step.forks, bool(step.targets)) for step in steps)
    return RunKind(bundle, version, process, mode, told)


def weight_of(flown: Flown) -> int:
    """Give about how many bytes of memory a run takes until its record is written."""
    weight, before = RECORD, None
    for passage in flown.trail:
        document = passage[2]
        if document is not before:
            before = document
            content = document.content
            weight += len(content) if type(content) is bytes else 0
    return weight


class Briefs:
    """Makes the records of all runs of one function, in any thread; without `limits` they show no documents."""

    def __init__(self, kind: RunKind, masking: Masking, limits: RecordLimits | None) -> None:
        self._kind = kind
        self._masking = masking
        self._limits = limits
        self._masked: tuple[Properties, dict[str, str], int] = (NO_PROPERTIES, {}, 0)

    def record(self, identity: str, started_at: float, flown: Flown, status: str, message: str | None) -> BriefRecord:
        """Give the record of a run."""
        flight, limits = flown.flight, self._limits
        entered: list[int] = []
        documents: list[ShownDocument] = []
        left_out = 0
        if limits is not None:
            before: Document | None = None
            size = weight = 0
            for passage in flown.trail:
                if size >= limits.bytes or len(entered) >= limits.steps:
                    break
                if passage[2] is not before:
                    before = passage[2]
                    document, weight = self._shown(before, limits.document_bytes)
                    documents.append(document)
                entered.append(len(documents) - 1)
                size += weight
            left_out = len(flown.trail) - len(entered)
        told = None if message is None else self._masking.text(message)
        return BriefRecord(
            self._kind,
            Run(
                identity, started_at, status, told, flight.at, flight.since, flight.marks, entered, documents, left_out
            ),
        )

    def _shown(self, document: Document, most: int) -> tuple[ShownDocument, int]:
        """Give a document as people may see it (see `shown`), and the characters that are kept of it."""
        content, masking, text, cut = document.content, self._masking, None, False
        if isinstance(content, bytes):
            masked = masking.content(content)
            if masked is not None:
                text, cut = masking.shown(masked, most), len(content) > most
        properties, meta, weight = document.properties, NO_PROPERTIES, 0 if text is None else len(text)
        if properties:
            known = self._masked
            if properties is not known[0]:  # the headers of a caller are nearly always those of the call before
                properties = masking.properties(properties)
                known = self._masked = (document.properties, properties, _length(properties))
            properties = known[1]
            weight += known[2]
        if document.meta:
            meta = masking.meta(document.meta)
            weight += _length(meta)
        return ShownDocument(document.id.hex(), document.size, text, properties, meta, cut), weight


def _length(told: dict[str, str]) -> int:
    return sum([len(name) + len(value) for name, value in told.items()])


def at_length(record: BriefRecord, limits: RecordLimits, files: Files) -> ExecutionRecord:
    """Give a record as the recorder would have made it."""
    kind, run = record.kind, record.run
    row = ExecutionRow(
        id=run.id,
        bundle=kind.bundle,
        version=kind.version,
        digest="",
        process=kind.process,
        mode=kind.mode,
        status=Status.COMPLETE,
        started_at=run.started_at,
    )
    recorder = Recorder(
        row, "log", masking=Masking(Marks(()), Words()), files=files, limits=limits, told=_untold, told_flight=_untold
    )
    flight = Flight(kind.process, tuple(map(_step, kind.steps)), run.at, run.since, run.marks)
    recorder.flown(flight)
    for passing, place in zip(flight.passings(), run.entered, strict=False):  # of the first ones
        seen = Seen(
            at=passing.began,
            process=kind.process,
            step=passing.step.id,
            name=passing.step.name,
            count=1,
            documents=(_seen(run.documents[place]),),
        )
        recorder.keep_seen(seen)
    made = recorder.record(run.status, run.message)
    return replace(made, seen_left_out=run.seen_left_out) if run.seen_left_out else made


def _seen(shown: ShownDocument) -> SeenDocument:
    return SeenDocument(
        id=shown.id,
        size=shown.size,
        content=shown.content,
        properties=shown.properties,
        meta=shown.meta,
        cut=shown.cut,
    )


def _step(told: KindStep) -> Step:
    step = Step(told.step, told.name, (None,) if told.goes_on else ())
    step.forks = told.forks
    return step


def _untold(_execution: str, _what: Line | Flight) -> None:
    """Tell nobody: it was told when it happened."""
