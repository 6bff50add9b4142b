"""What the driver would have written down of an execution that was one generated function, for a replay from a step.

The function's record says what each step gave, and no more: positions and origins cost a call more than its steps do,
and hardly any execution is ever replayed. So the driver runs through the process once more, and remembers each step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from runtime.engine.batch import Batch, Held, Selected, tag
from runtime.engine.context import Context, EngineLimits, Facts
from runtime.engine.log import ExecutionLog
from runtime.engine.outcome import Outcome
from runtime.engine.places import Control, Slot
from runtime.engine.records import StepRecord, step_record
from runtime.engine.run import run
from runtime.engine.step import EachStep
from runtime.engine.steps.divide import Divide
from runtime.engine.steps.ends import ReturnDocuments, Stop
from runtime.errors import StoreError
from runtime.model.document import Document

if TYPE_CHECKING:
    from runtime.engine.compile import CompiledProcess
    from runtime.engine.house import House
    from runtime.engine.positions import Position
    from runtime.engine.start import Passed, Start


async def unfolded(house: House, process: CompiledProcess, start: Start) -> list[StepRecord]:
    """Give the records of the steps that a run has passed, which is written down with its start.

    Raises:
        StoreError: the process is not the one that has run.
    """
    name = process.process.name
    log = _Rehearsed(house, process, start.passed or ())
    context = Context(
        Facts(id="", bundle="", version="", process=name, started_at=0.0),
        log,
        house.store.documents,
        house.clock,
        connections={},
        limits=EngineLimits(),
        control=Control(),
        slot=Slot(),
    )
    await run(process, name, Held(start.documents), context)
    return log.records


class _Rehearsed(ExecutionLog):
    """Remembers of each step what a run of the function wrote down."""

    def __init__(self, house: House, process: CompiledProcess, passed: tuple[Passed, ...]) -> None:
        super().__init__(house.store.journal, house.store.documents, "", 0, durable=False, kept=False)
        self.records: list[StepRecord] = []
        self._process = process
        self._passed: Iterator[Passed] = iter(passed)

    def finished(self, at: Position, batch: Batch) -> Outcome:
        """Give what the step did."""
        step, gave, changes = next(self._passed, ("", None, None))
        if step != at.step:
            raise StoreError("engine.unreadable", f"the record of a run does not fit its process at step '{at.step}'")
        outcome = self._outcome(at, batch, gave, changes or {})
        self.records.append(step_record(at, batch, outcome))
        return outcome

    def _outcome(self, at: Position, batch: Batch, gave: object, changes: dict[str, str]) -> Outcome:
        match self._process.steps[at.step], gave:
            case EachStep(), Document() as made:
                return Outcome(outputs=(Held((replace(made, origins=_sole(batch).origins),)),), changes=changes)
            case Divide() as step, int(path):
                paths = range(len(step.targets))
                return Outcome(outputs=tuple(batch if path == one else Selected(batch, ()) for one in paths))
            case ReturnDocuments(), None:
                return Outcome(returned=batch)
            case Stop() as step, None:
                return Outcome(stop=step.ends)
            case _:
                raise StoreError("engine.unreadable", f"the record of a run does not fit its step '{at.step}'")


def _sole(batch: Batch) -> Document:
    """Give the only document of a batch."""
    match batch:
        case Held(documents=(document,)):
            return document
        case Selected(batch=inner, tagged=True):
            (document,) = tag((_sole(inner),), 0)
            return document
        case Selected(batch=inner):
            return _sole(inner)
        case _:
            raise TypeError("a generated function is for one document in memory")
