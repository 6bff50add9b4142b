"""The rules of the engine model (runtime reference 0), as slowly and as obviously as they can be written.

It shares the shapes with the engine and nothing else: documents are in lists, paths are calls of Python, an error of
the process is an exception, and where a document comes from is a set. It knows no journal, no spilling, no positions.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

from runtime.model.platform_shapes import FlowControlStep
from runtime.model.shapes import (
    AnyShape,
    BranchStep,
    CombineStep,
    ConnectorStep,
    DecisionStep,
    ExceptionStep,
    ReturnDocumentsStep,
    ScriptStep,
    SetPropertiesStep,
    SplitStep,
    StopStep,
    TryCatchStep,
    WaitStep,
)
from runtime.model.values import Expression, Template
from runtime.sdk.connector import Call
from runtime.sdk.faults import ApplicationFault

MOST_STEPS = 1_200

Origin = tuple[int, int]  # which fork of the run, and which of the documents that entered it
Line = tuple[object, ...]  # of the step log


@dataclass(frozen=True)
class Doc:
    """A document. `origins`: every document that it descends from, of every fork that it is in."""

    value: object
    properties: dict[str, str] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)
    origins: frozenset[Origin] = frozenset()

    def seen(self) -> Line:
        """Give all that a process can tell of the document."""
        return (json.dumps(self.value), sorted(self.properties.items()), sorted(self.meta.items()))


class ProcessEnds(Exception):
    """An error of the process (0.5)."""


class TooLong(Exception):
    """A generated process that runs more steps than a test has time for."""


class ProcessStops(Exception):
    """A Stop that ends the process as a success (1.19)."""


@dataclass
class Around:
    """What is around a path: the failures of its documents go here, and outwards unless they are held (Try/Catch)."""

    outer: Around | None = None
    holds: bool = False
    lost: dict[Origin, str] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)

    def lose(self, document: Doc, message: str) -> None:
        """Take a document that has failed."""
        self.messages.append(message)
        for origin in document.origins:
            self.lost[origin] = message
        if self.outer is not None and not self.holds:
            self.outer.lose(document, message)


Script = Callable[[list[Doc]], list[Doc]]
World = Callable[[str, Call, int], bytes]


class Reference:
    """One run of a process. `log` is its step log, `returned` what reached Return Documents.

    `is_parallel`: parts of it run side by side, so that lines of theirs may stand in the log in another order.
    """

    def __init__(self, shapes: Sequence[AnyShape], world: World, scripts: dict[str, Script]) -> None:
        self.log: list[Line] = []
        self.returned: list[Doc] = []
        self.properties: dict[str, str] = {"p": ""}
        self.message: str | None = None
        self.is_parallel = False
        self._written: dict[str, str] = {}
        self._shapes = {shape.id: shape for shape in shapes}
        self._world = world
        self._scripts = scripts
        self._forks = 0

    def run(self, first: str | None, documents: list[Doc]) -> None:
        """Run the documents through the process, to its end."""
        outermost = Around()
        try:
            self._path(first, documents, outermost)
        except ProcessEnds as error:
            self.message = str(error)
        except ProcessStops:
            self.message = next(iter(outermost.messages), None)
        else:
            self.message = next(iter(outermost.messages), None)

    def _path(self, step: str | None, documents: list[Doc], around: Around) -> None:
        """Run a path to its very end before anything else is computed (0.3); nothing ends it (0.4)."""
        if step is None:
            return
        shape = self._shapes[step]
        if len(self.log) >= MOST_STEPS:
            raise TooLong
        if not documents:
            self.log.append((step, "skipped"))
            return
        self.log.append((step, "entered", [document.seen() for document in documents]))
        for target, given in self._execute(shape, documents, around):
            self._path(target, given, around)

    def _execute(self, shape: AnyShape, documents: list[Doc], around: Around) -> Iterator[tuple[str | None, list[Doc]]]:
        """Give each path of a step with the documents that go down it; one is computed when the last has ended."""
        match shape:
            case BranchStep():
                self._branch(shape, documents, around)
            case TryCatchStep():
                self._try(shape, documents, around)
            case DecisionStep():
                condition = cast("Expression", shape.condition).source
                met = [self._value(condition, document) for document in documents]
                yes = [document for document, is_met in zip(documents, met, strict=True) if is_met]
                no = [document for document, is_met in zip(documents, met, strict=True) if not is_met]
                for target, given in ((shape.yes, yes), (shape.no, no)):
                    if given:
                        yield target, given
            case FlowControlStep():
                parts = _slices(documents, shape.fibers, shape.batch)
                if len(parts) > 1:
                    self._side_by_side([(shape.to, runs) for runs in parts], around)
                    return
                for given in parts[0]:
                    yield shape.to, given
            case ExceptionStep() | StopStep() | ReturnDocumentsStep():
                self._end(shape, documents, around)
            case _:
                yield shape.to, self._whole(shape, documents, around)  # type: ignore[union-attr]

    def _branch(self, shape: BranchStep, documents: list[Doc], around: Around) -> None:
        """1.12: each path gets what entered, less what has failed below an earlier one (0.5)."""
        if shape.parallel:
            self._side_by_side([(target, [documents]) for target in shape.paths], around)
            return
        inside, tagged = Around(around), self._tagged(documents)
        for target in shape.paths:
            left = [document for document in tagged if self._own(document) not in inside.lost]
            if left:
                self._path(target, left, inside)

    def _side_by_side(self, parts: list[tuple[str | None, list[list[Doc]]]], around: Around) -> None:
        """1.22: no part sees what another sets; all run to their end, what they did counts in their order."""
        self.is_parallel = True
        before, written, ends = self.properties, self._written, None
        for target, runs in parts:
            self.properties, self._written = dict(before), {}
            try:
                for given in runs:
                    self._path(target, given, around)
            except (ProcessEnds, ProcessStops) as error:
                ends = ends or error
            written = written | self._written
        self.properties, self._written = before | written, written
        if ends is not None:
            raise ends

    def _try(self, shape: TryCatchStep, documents: list[Doc], around: Around) -> None:
        """1.17: try, and try again what has failed, as it entered; what fails still goes down the Catch path."""
        active = list(zip(documents, self._tagged(documents), strict=True))
        failed: list[tuple[Doc, str]] = []
        for _ in range(1 + shape.retries):
            inside = Around(around, holds=True)
            try:
                self._path(shape.attempt, [tagged for _, tagged in active], inside)
            except ProcessEnds as error:
                if shape.trigger != "all errors":
                    raise
                for _, tagged in active:
                    inside.lose(tagged, str(error))
            still = [(entered, tagged) for entered, tagged in active if self._own(tagged) in inside.lost]
            failed = [(entered, inside.lost[self._own(tagged)]) for entered, tagged in still]
            active = still
            if not still:
                return
        caught = [replace(entered, meta={**entered.meta, "catcherrorsmessage": message}) for entered, message in failed]
        self._path(shape.caught, caught, around)

    def _tagged(self, documents: list[Doc]) -> list[Doc]:
        self._forks += 1
        return [
            replace(document, origins=document.origins | {(self._forks, number)})
            for number, document in enumerate(documents)
        ]

    def _own(self, tagged: Doc) -> Origin:
        return max(tagged.origins)  # forks count up, so the newest is the one that has just tagged it

    def _end(self, shape: ExceptionStep | StopStep | ReturnDocumentsStep, documents: list[Doc], around: Around) -> None:
        if isinstance(shape, ReturnDocumentsStep):
            self.returned += documents
        elif isinstance(shape, StopStep):
            if not shape.continue_:
                raise ProcessStops
        elif shape.stop == "process":
            raise ProcessEnds(self._text(shape.message, documents[0]))
        else:
            for document in documents:
                around.lose(document, self._text(shape.message, document))

    def _whole(self, shape: AnyShape, documents: list[Doc], around: Around) -> list[Doc]:
        """Run a step with one path: it finishes every document before any goes on (0.2)."""
        match shape:
            case ConnectorStep():
                return self._calls(shape, documents, around)
            case SetPropertiesStep():
                return [self._set(shape, document) for document in documents]
            case ScriptStep():
                return self._scripts[shape.file](documents)
            case SplitStep():
                return [replace(document, value=part) for document in documents for part in _parts(document.value)]
            case CombineStep():
                united = frozenset[Origin]().union(*(document.origins for document in documents))
                return [replace(documents[0], value=[document.value for document in documents], origins=united)]
            case WaitStep():
                return documents
            case _:
                raise NotImplementedError(type(shape).__name__)

    def _calls(self, shape: ConnectorStep, documents: list[Doc], around: Around) -> list[Doc]:
        """0.7: answers replace their documents, in the order of these; a document that is refused has failed."""
        answered: list[Doc] = []
        for document in documents:
            fields = SimpleNamespace(note=self._text(shape.fields["note"], document))
            call = SimpleNamespace(content=json.dumps(document.value).encode(), fields=fields)
            try:
                reply = self._world(shape.operation, cast("Call", call), 0)
            except ApplicationFault as fault:
                around.lose(document, fault.message)
            else:
                answered.append(replace(document, value=json.loads(reply), meta={**document.meta, "status": "200"}))
        return answered

    def _set(self, shape: SetPropertiesStep, document: Doc) -> Doc:
        for assignment in shape.assignments:
            text = self._text(assignment.value, document)
            if assignment.scope == "process":
                self.properties[assignment.name] = self._written[assignment.name] = text
            else:
                document = replace(document, properties={**document.properties, assignment.name: text})
        return document

    def _text(self, template: Template, document: Doc) -> str:
        parts = (part if isinstance(part, str) else self._value(part.source, document) for part in template.parts)
        return "".join(map(str, parts))

    def _value(self, expression: str, document: Doc) -> Any:  # noqa: ANN401 - an expression may give anything
        """Compute an expression of the generated processes: they read the same in Python."""
        names = {
            "size": len,
            "true": True,
            "false": False,
            "properties": SimpleNamespace(**document.properties),
            "process": SimpleNamespace(**self.properties),
        }
        return eval(expression, {"__builtins__": {}}, names)  # noqa: S307 - written in tests.engine.graphs


def _parts(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _slices(documents: list[Doc], fibers: int, batch: int) -> list[list[list[Doc]]]:
    """1.22: contiguous blocks of ceil(n / fibers), each in runs of `batch`; 0 for one block, or no runs."""
    block = math.ceil(len(documents) / (fibers or 1))
    blocks = [documents[start : start + block] for start in range(0, len(documents), block)]
    return [[each[at : at + (batch or block)] for at in range(0, len(each), batch or block)] for each in blocks]
