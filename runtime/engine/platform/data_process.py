"""Data Process (reference 1.10): sub-steps in order, each on what the one before gave."""

from __future__ import annotations

import trio

from runtime.engine.batch import Batch
from runtime.engine.context import Context
from runtime.engine.each import over_each
from runtime.engine.outcome import Failure, Failures, Outcome
from runtime.engine.platform.contents_changed import ChangeContent
from runtime.engine.platform.groovy_script import PlatformScript
from runtime.engine.platform.json_documents import CombineBytes, JoinJson, split_json
from runtime.engine.platform.lines import DivideGroups, DivideLines, JoinLines
from runtime.engine.platform.stylesheets import Transforming
from runtime.engine.platform.unzipped import Unzipped
from runtime.engine.platform.values import Around
from runtime.engine.platform.xml_documents import combine_xml, split_xml
from runtime.engine.step import EachStep, WholeStep
from runtime.model.data_process import (
    CombineDocuments,
    CombineLines,
    CombineXml,
    DataStep,
    RunScript,
    SplitDocuments,
    SplitGroups,
    SplitLines,
    SplitXml,
    Transform,
    Unzip,
)
from runtime.model.platform_shapes import DataProcessStep

SCRIPT_THREADS = 8  # scripts at once in one step: they hold the interpreter lock, so more would only wait


class DataProcess(WholeStep):
    """Runs sub-steps; a document that fails in one is not in the next. An error of a script fails all of them."""

    def __init__(self, shape: DataProcessStep, around: Around) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        limiter = trio.CapacityLimiter(SCRIPT_THREADS)
        self._steps = [
            _sub_step(step, f"{shape.id}.{number}", around, limiter) for number, step in enumerate(shape.steps, 1)
        ]
        self.waits = any(step.waits for step in self._steps)

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give what the last sub-step gave."""
        failures: list[Failure] = Failures()
        for step in self._steps:
            if not len(batch):
                break
            if isinstance(step, EachStep):
                outcome = await over_each(step, batch, context)
            else:
                outcome = await step.run(batch, context)
            failures += outcome.failures
            batch = outcome.outputs[0]
        return Outcome(outputs=(batch,), failures=tuple(failures))


def _sub_step(step: DataStep, identity: str, around: Around, limiter: trio.CapacityLimiter) -> EachStep | WholeStep:
    match step:
        case RunScript():
            return PlatformScript(step, identity, limiter)
        case Transform():
            return Transforming(step, identity, limiter)
        case SplitDocuments() | SplitXml() | SplitLines() | SplitGroups() | Unzip():
            return _dividing(step, identity, around)
        case CombineDocuments() | CombineXml() | CombineLines():
            return _joining(step, identity, around)
        case _:
            return ChangeContent(step, identity)


def _dividing(
    step: SplitDocuments | SplitXml | SplitLines | SplitGroups | Unzip, identity: str, around: Around
) -> WholeStep:
    match step:
        case SplitDocuments(format="json"):
            return split_json(step, identity, around)
        case SplitDocuments() | SplitXml():
            return split_xml(step, identity, around)
        case SplitLines():
            return DivideLines(step, identity)
        case SplitGroups():
            return DivideGroups(step, identity)
        case Unzip():
            return Unzipped(step, identity)


def _joining(step: CombineDocuments | CombineXml | CombineLines, identity: str, around: Around) -> WholeStep:
    match step:
        case CombineDocuments(format="json"):
            return JoinJson(step, identity, around)
        case CombineDocuments(format="bytes"):
            return CombineBytes(step, identity)
        case CombineDocuments() | CombineXml():
            return combine_xml(step, identity, around)
        case CombineLines():
            return JoinLines(step, identity)
