"""What is seen of a run: records, documents into steps, and the lines that the platform's log would have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct

from runtime.engine.observer import Level
from runtime.engine.outcome import Outcome
from runtime.engine.result import Result
from runtime.engine.step import Step
from runtime.model import platform_shapes, shapes
from runtime.model.process import Process
from tests.oracle.counterparty import Heard

# What the platform's log calls the kinds of steps (behaviour 10).
KINDS: Mapping[type, str] = {
    shapes.BranchStep: "Branch",
    shapes.TryCatchStep: "Try/Catch",
    shapes.StopStep: "Stop",
    shapes.ReturnDocumentsStep: "Return Documents",
    platform_shapes.PlatformConnectorStep: "Connector",
    platform_shapes.PlatformMapStep: "Map",
    platform_shapes.PlatformSetPropertiesStep: "Document Properties",
    platform_shapes.PlatformMessageStep: "Message",
    platform_shapes.NotifyStep: "Notify",
    platform_shapes.PlatformDecisionStep: "Decision",
    platform_shapes.RouteStep: "Route",
    platform_shapes.PlatformExceptionStep: "Exception",
    platform_shapes.ProcessCallStep: "Process Call",
    platform_shapes.FlowControlStep: "Flow Control",
    platform_shapes.AddToCacheStep: "Document Cache Load",
    platform_shapes.RetrieveFromCacheStep: "Document Cache Retrieve",
    platform_shapes.RemoveFromCacheStep: "Remove from Cache",
    platform_shapes.DataProcessStep: "Data Process",
    platform_shapes.BusinessRulesStep: "Business Rules",
}


class SeenRecord(Struct):
    """An execution record; `outbound` counts what passed its connector steps (behaviour 8)."""

    process: str
    inbound: int
    outbound: int = 0
    status: str = "INPROCESS"
    failed: int = 0
    message: str | None = None


class Seen(Struct, frozen=True):
    """What a case can be compared with. `entered` has documents by process and shape, 0 for a skipped one."""

    root: SeenRecord
    children: tuple[SeenRecord, ...]
    entered: dict[tuple[str, str], int]
    lines: tuple[str, ...]
    heard: tuple[Heard, ...]
    properties: dict[str, str]


class Recorder:
    """An observer of the engine that keeps what it sees."""

    def __init__(self, processes: Mapping[str, Process]) -> None:
        self.records: dict[str, SeenRecord] = {}
        self.entries: Counter[tuple[str, str]] = Counter()
        self.lines: list[str] = []
        self._processes = processes
        self._unwaited: Counter[str] = Counter()

    def began(self, record: str, process: str, documents: int) -> None:
        """Open a record."""
        self.records[record] = SeenRecord(process, documents)
        if self._processes[process].start.mode == "no data":
            self.lines.append(f"Start\tNoData\t{documents} document(s) found for processing.")

    def ended(self, record: str, process: str, result: Result) -> None:
        """Close a record."""
        seen = self.records[record]
        seen.status, seen.failed, seen.message = result.status.value.upper(), result.failed, result.message
        if self._unwaited[record]:
            self.lines.append(f"Waited for {self._unwaited[record]} child process(es)")

    def entered(self, record: str, process: str, step: Step, documents: int) -> None:
        """Count documents into a step."""
        self.entries[process, step.id] += documents
        shape = self._processes[process].shape(step.id)
        kind = KINDS.get(type(shape), type(shape).__name__)
        if not documents:
            self.lines.append(f"No documents found. Skipping execution for the {shape.label or kind} step.")
            return
        self.lines.append(f"{kind}\t{self._detail(shape)}\tExecuting {kind} Shape with {documents} document(s).")
        if isinstance(shape, platform_shapes.ProcessCallStep) and not shape.wait:
            self._unwaited[record] += 1

    def left(self, record: str, process: str, step: Step, documents: int, outcome: Outcome) -> None:
        """Count what passed a connector step."""
        shape = self._processes[process].shape(step.id)
        if isinstance(shape, platform_shapes.PlatformConnectorStep) and outcome.ended is None:
            self.records[record].outbound += documents - outcome.failed
        if isinstance(shape, platform_shapes.RemoveFromCacheStep) and not outcome.failures:
            self.lines.append("Successfully Removed Documents from Cache")

    def line(self, record: str, level: Level, text: str) -> None:
        """Keep a line that the process told."""
        self.lines.append(text)

    def _detail(self, shape: shapes.AnyShape) -> str:
        if isinstance(shape, platform_shapes.ProcessCallStep):
            called = self._processes.get(shape.process)
            if called is not None and called.start.mode == "no data":
                return "standalone start data, no return data"
        return shape.label or ""

    def seen(self, root: str, heard: tuple[Heard, ...], properties: Mapping[str, str]) -> Seen:
        """Give what was seen; `root` is the record of the execution itself."""
        children = tuple(record for name, record in self.records.items() if name != root)
        entered = dict(self.entries)
        return Seen(self.records[root], children, entered, tuple(self.lines), heard, dict(properties))
