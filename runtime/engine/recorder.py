"""The recorder of one execution: its process log, the timings of its steps, and documents at its steps, all bounded.

It notes what happens as it happens, cheaply, since most of what it notes is never read; lines become texts when they
are asked for. A remembered step is noted like one that has run, so the record is whole after a crash.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing

from msgspec import Struct

from runtime.engine.batch import Batch, sole_chunk
from runtime.engine.generated.flight import Flight
from runtime.engine.observer import Level
from runtime.engine.outcome import Outcome
from runtime.engine.redaction import Masking
from runtime.engine.result import Result
from runtime.engine.step import Step
from runtime.errors import StoreError
from runtime.model.document import Document
from runtime.model.journal import ExecutionRow, Status
from runtime.model.record import Depth, ExecutionRecord, Line, LineLevel, Seen, SeenDocument, Timing
from runtime.store.protocols import Files

FAILURES_TOLD = 10  # failed documents of one run of a step that have a line of their own
RECORD = 1_000  # bytes of memory that what waits to be written of an execution takes without its documents, about
LINE = 300  # bytes of memory that a line takes, about
LONGEST_LINE = 10_000  # characters: what the platform keeps of a text (reference 1.6)


class RecordLimits(Struct, frozen=True, kw_only=True):
    """How much is kept of one execution; `document_bytes` of each shown document, `bytes` of all of them."""

    lines: int = 2_000
    steps: int = 1_000
    documents: int = 10
    document_bytes: int = 2_048
    bytes: int = 1024 * 1024


ENDED_WELL = "Process executed successfully."


def began_text(process: str, documents: int) -> str:
    """Give the line of a process that begins."""
    return f"Executing Process {process} with {documents} document(s)."


def entered_text(documents: int) -> str:
    """Give the line of a step that documents have reached."""
    return f"Executing Shape with {documents} document(s)."


def passed_text(seconds: float) -> str:
    """Give the line of a step that has finished."""
    return f"Shape executed successfully in {round(seconds * 1000)} ms."


def lines_of(flight: Flight) -> Iterator[Line]:
    """Give the lines of a run of a generated function, as if they had been noted one by one."""
    process, end = flight.process, flight.at
    if flight.whole:
        yield Line(flight.at, "info", process, "", began_text(process, flight.documents))
    for passing in flight.passings():
        name, end = passing.step.name, passing.ended
        yield Line(passing.began, "info", process, name, entered_text(passing.documents))
        if not passing.divides:
            yield Line(end, "info", process, name, passed_text(passing.seconds))
    if flight.whole:
        yield Line(end, "info", process, "", ENDED_WELL)


def lines_in(flight: Flight) -> int:
    """Give how many lines that makes."""
    steps, lines = flight.steps, 2 if flight.whole else 0
    for number in flight.marks[::2]:  # not by `passed`: this is for every call, and reading the lines is for few
        lines += 1 if steps[int(number)].forks else 2
    return lines


class _Tally:
    """What one step has done so far."""

    __slots__ = ("came", "failed", "name", "runs", "seconds", "went")

    def __init__(self, name: str) -> None:
        self.name = name
        self.runs = self.came = self.went = self.failed = 0
        self.seconds = 0.0


class Recorder:
    """Observes and traces one execution. `told` gets each line as it is noted, `told_flight` what has lines to come."""

    def __init__(
        self,
        row: ExecutionRow,
        depth: Depth,
        *,
        masking: Masking,
        files: Files,
        limits: RecordLimits,
        told: Callable[[str, Line], None],
        told_flight: Callable[[str, Flight], None],
    ) -> None:
        self.row = row
        self.depth = depth
        self._masking = masking
        self._files = files
        self._limits = limits
        self._told = told
        self._told_flight = told_flight
        half = limits.lines // 2
        self._first: list[Line] = []
        self._last: deque[Line] = deque(maxlen=limits.lines - half)
        self._half = half
        self._lines = 0
        self._tallies: dict[tuple[str, str], _Tally] = {}
        self._seen: list[Seen] = []
        self._seen_left_out = 0
        self._bytes = 0

    # --- as an observer -------------------------------------------------------------------------------------------

    def began(self, record: str, process: str, documents: int) -> None:
        """Note that a process has begun on a record of its own."""
        self._note("info", process, "", began_text(process, documents))

    def ended(self, record: str, process: str, result: Result) -> None:
        """Note that it has ended."""
        if result.status is Status.ERROR:
            self._note(
                "severe", process, "", f"Process ended with an error: {self._masking.text(result.message or '')}"
            )
        else:
            self._note("info", process, "", ENDED_WELL)

    def line(self, record: str, level: Level, text: str) -> None:
        """Note what the process tells."""
        self._note(level, self.row.process, "", self._masking.text(text))

    def entered(self, record: str, process: str, step: Step, documents: int) -> None:
        """Note that documents have reached a step."""
        if not documents:
            text = f"No documents found. Skipping execution for the {step.name} step."
            self._note("info", process, step.name, text)
            return
        tally = self._tally(process, step)
        tally.runs += 1
        tally.came += documents
        self._note("info", process, step.name, entered_text(documents))

    def left(self, record: str, process: str, step: Step, documents: int, outcome: Outcome) -> None:
        """Note what has failed in a step."""
        tally = self._tally(process, step)
        tally.went += sum(map(len, outcome.outputs))
        tally.failed += outcome.failed
        for failed in outcome.failures[:FAILURES_TOLD]:
            what = "A document" if failed.count == 1 else f"{failed.count} documents"
            text = f"{what} failed: {failed.code}: {self._masking.text(failed.message)}"
            self._note("warning", process, step.name, text)
        more = sum(failed.count for failed in outcome.failures[FAILURES_TOLD:])
        if more > 0:
            self._note("warning", process, step.name, f"{more} more documents failed.")
        if outcome.ended is not None:
            text = f"{outcome.ended.code}: {self._masking.text(outcome.ended.message)}"
            self._note("severe", process, step.name, text)

    # --- as a trace -----------------------------------------------------------------------------------------------

    async def reached(self, record: str, process: str, step: Step, batch: Batch) -> None:
        """Note the documents that have reached a step."""
        if self.depth == "documents" and len(batch):
            await self._see(process, step, batch)

    async def passed(self, record: str, process: str, step: Step, outcome: Outcome, seconds: float) -> None:
        """Note how long a step took."""
        self._tally(process, step).seconds += seconds
        if outcome.ended is None:
            self._note("info", process, step.name, passed_text(seconds))

    # --- as one who is told of flights ------------------------------------------------------------------------------

    def flown(self, flight: Flight) -> None:
        """Note a run of a generated function; unless it will be read, nothing more is done than to tell of it."""
        if self.depth == "none":
            self._told_flight(self.row.id, flight)
            return
        for passing in flight.passings():
            tally = self._tally(flight.process, passing.step)
            tally.runs += 1
            tally.came += passing.documents
            if not passing.divides:
                tally.went += passing.documents if passing.step.targets else 0
                tally.seconds += passing.seconds
        for line in lines_of(flight):
            self._keep(line)

    @property
    def weight(self) -> int:
        """About how many bytes of memory its record takes."""
        return RECORD + self._bytes + LINE * (len(self._first) + len(self._last) + len(self._seen) + len(self._tallies))

    def keep_seen(self, seen: Seen) -> None:
        """Note what was seen before, masked already."""
        self._seen.append(seen)

    # --- what is read ---------------------------------------------------------------------------------------------

    def record(self, status: str, message: str | None) -> ExecutionRecord:
        """Give what was noted so far."""
        row = self.row
        return ExecutionRecord(
            id=row.id,
            bundle=row.bundle,
            version=row.version,
            process=row.process,
            mode=row.mode,
            started_at=row.started_at,
            status=status,
            message=None if message is None else self._masking.text(message),
            lines=(*self._first, *self._last),
            lines_left_out=max(0, self._lines - len(self._first) - len(self._last)),
            timings=tuple(_timing(*name, tally) for name, tally in self._tallies.items()),
            seen=tuple(self._seen),
            seen_left_out=self._seen_left_out,
        )

    def _note(self, level: LineLevel, process: str, step: str, text: str) -> None:
        self._keep(Line(time.time(), level, process, step, text[:LONGEST_LINE]))

    def _keep(self, line: Line) -> None:
        self._lines += 1
        if len(self._first) < self._half:
            self._first.append(line)
        else:
            self._last.append(line)
        self._told(self.row.id, line)

    def _tally(self, process: str, step: Step) -> _Tally:
        tally = self._tallies.get((process, step.id))
        if tally is None:
            tally = self._tallies[process, step.id] = _Tally(step.name)
        return tally

    async def _see(self, process: str, step: Step, batch: Batch) -> None:
        limits = self._limits
        if len(self._seen) >= limits.steps or self._bytes >= limits.bytes:
            self._seen_left_out += 1
            return
        documents = tuple(
            [
                shown(document, await self._content(document), self._masking, limits.document_bytes)
                for document in (await _first(batch))[: limits.documents]
            ]
        )
        self._bytes += sum(document.weight for document in documents)
        self._seen.append(
            Seen(at=time.time(), process=process, step=step.id, name=step.name, count=len(batch), documents=documents)
        )

    async def _content(self, document: Document) -> bytes | None:
        """Give the beginning of a content, masked where anything is marked; None where that cannot be done."""
        content = document.content
        if isinstance(content, bytes):
            return self._masking.content(content)
        if self._masking.is_needed:
            return None
        try:
            async with aclosing(self._files.read(self.row.id, content.name)) as pieces:
                return await anext(pieces, b"")
        except StoreError:
            return None


def shown(document: Document, content: bytes | None, masking: Masking, most: int) -> SeenDocument:
    """Give a document as people may see it: its first bytes, where its masked content is given."""
    return SeenDocument(
        id=document.id.hex(),
        size=document.size,
        content=None if content is None else masking.shown(content, most),
        properties=masking.properties(document.properties),
        meta=masking.meta(document.meta),
        cut=content is not None and document.size > most,
    )


def _timing(process: str, step: str, tally: _Tally) -> Timing:
    return Timing(
        process=process,
        step=step,
        name=tally.name,
        runs=tally.runs,
        documents_in=tally.came,
        documents_out=tally.went,
        failed=tally.failed,
        seconds=round(tally.seconds, 6),
    )


async def _first(batch: Batch) -> Sequence[Document]:
    sole = sole_chunk(batch)
    if sole is not None:
        return sole
    async with aclosing(batch.chunks()) as chunks:
        return await anext(chunks, ())
