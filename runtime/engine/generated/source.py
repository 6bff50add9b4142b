"""The source of a generated function: what the driver would do with one document, written out step by step.

Native steps are written out whole, so that a content is decoded and encoded where somebody asks for it, and at no other
place; the other ones are called.

The function is only for what goes well. Where a document fails, a content grows beyond what stays in memory, or a step
raises, it leaves, and the driver runs the process from its start: no step in it has an effect, nothing happens twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from runtime.engine.generated.attempts import Attempts
from runtime.engine.generated.known import Known
from runtime.engine.generated.settled import settled
from runtime.engine.generated.sight import Sight
from runtime.engine.mapping import written as maps
from runtime.engine.platform.messages import PlatformException
from runtime.engine.step import EachStep, ForkStep, Step, WholeStep
from runtime.engine.steps.decision import Decision
from runtime.engine.steps.divide import Divide
from runtime.engine.steps.ends import RaiseException, ReturnDocuments, Stop
from runtime.engine.steps.fork import Branch, TryCatch
from runtime.engine.steps.map import MapDocuments
from runtime.engine.steps.message import Message
from runtime.engine.steps.set_properties import SetProperties
from runtime.expressions import text_of
from runtime.expressions import written as expressions
from runtime.expressions.code import Code, NotWrittenError
from runtime.expressions.comparisons import compare
from runtime.expressions.json_values import read, write
from runtime.expressions.scope import meta_of
from runtime.model.document import Document

if TYPE_CHECKING:
    from runtime.engine.context import Context
    from runtime.engine.step import Compiled

MOST_STEPS = 200  # steps written out: paths that join are written once for each way to them, which could be many
MOST_LINES = 20_000  # of one function: more than the largest map has
DEEPEST = 90  # blocks within blocks: Python's own compiler takes a hundred

Passed = Callable[[Any], None]
Function = Callable[["Document", "Context", int, Callable[["Document"], None], Passed], None]
Marks = list[tuple[int, str]]  # numbers of steps, and the variables that hold when they had ended

NAMES: Mapping[str, object] = MappingProxyType(
    {
        **expressions.NAMES,
        **maps.NAMES,
        "Document": Document,
        "clock": time.perf_counter,
        "compare": compare,
        "decode": read,
        "encode": write,
        "meta_of": meta_of,
        "settled": settled,
        "text_of": text_of,
    }
)
"""What the lines of a function name, besides its own steps and values."""


class NotFlatError(Exception):
    """Raised for a process that cannot be one function; its text says why, for people."""


class Generated(Struct, frozen=True):
    """A generated function. `steps` are those that it names by number; no document takes more than `longest` steps.

    `sets`: it may set properties of the execution, which have to be put back where it leaves. `attempts` remembers how
    its last documents fared. `traced`: of each step it tells what entered it and what it did (see `Passage`).
    """

    source: str
    function: Function
    steps: tuple[Step, ...]
    longest: int
    sets: bool
    attempts: Attempts = field(default_factory=Attempts)
    traced: bool = False


def generate(name: str, process: Compiled, *, traced: bool = False) -> Generated:
    """Write the function of a process, and compile it; one that is `traced` calls its steps, and tells of each.

    Raises:
        NotFlatError: a step may wait, has an effect, or works on more than one document.
    """
    try:
        return _Writer(name, process, inlined=not traced, traced=traced).generated()
    except NotWrittenError:  # steps that take too many lines are called
        try:
            return _Writer(name, process, inlined=False, traced=traced).generated()
        except NotWrittenError:
            raise NotFlatError("it would take too many lines") from None


class _Writer:
    """Writes one function. `inlined`: native steps are written out, and not called."""

    def __init__(self, name: str, process: Compiled, *, inlined: bool, traced: bool) -> None:
        self._name = name
        self._process = process
        self._inlined = inlined
        self._traced = traced
        self._code = Code(most=MOST_LINES, deepest=DEEPEST)
        self._numbers: dict[str, int] = {}
        self._reads: dict[str, bool] = {}
        self._written = 0

    def generated(self) -> Generated:
        code = self._code
        if self._process.start is None:
            raise NotFlatError("the process has no step")
        self._path(self._process.start, Known(code, "d0"), (), [])
        source = "\n".join((*self._head(), code.text, ""))
        steps = tuple(self._process.steps[identity] for identity in self._numbers)
        names: dict[str, object] = {**NAMES, **code.names}
        names.update((f"s{number}", step) for number, step in enumerate(steps))
        exec(compile(source, f"<process {self._name}>", "exec"), names)  # noqa: S102 - our own text, of names and literals
        function: Function = names["run"]  # type: ignore[assignment]
        return Generated(
            source, function, steps, self._written, sets=any(step.sets for step in steps), traced=self._traced
        )

    def _head(self) -> Iterator[str]:
        yield f"# process {self._name!r}"
        for identity, number in self._numbers.items():
            step = self._process.steps[identity]
            yield f"# s{number}: {type(step).__name__} {step.name!r} ({identity!r})"
        yield ""
        yield "def run(d0, context, most, returned, passed):"

    def _path(self, identity: str | None, known: Known, above: tuple[str, ...], marks: Marks) -> None:
        """Write a path; `marks` are the steps before it, with the variables of their times, that were not told yet."""
        if identity is None:
            self._tell(marks)
            return
        if identity in above:
            raise NotFlatError(f"step '{self._process.steps[identity].name}' is part of a loop")
        step, number = self._step(identity)
        above = (*above, identity)
        match step:
            case Divide():
                self._division(step, number, known, above, marks)
            case EachStep():
                entered = known.copy()
                self._each(step, number, known)
                self._path(step.targets[0], known, above, self._marked(step, number, entered, marks, known))
            case ReturnDocuments():
                writes = known.content is None
                self._code.line(f"returned({known.document()})")
                self._tell(self._marked(step, number, known, marks, at_once=not writes))
            case Stop():
                self._tell(self._marked(step, number, known, marks, at_once=True))
                if step.ends:
                    self._code.line("return")
            case Branch() | TryCatch():
                self._fork(step, number, known, above, marks)
            case RaiseException() | PlatformException():
                self._code.line("raise Leave")
            case _:
                raise NotFlatError(f"step '{step.name}' cannot be written out")

    def _each(self, step: EachStep, number: int, known: Known) -> None:
        code, sight = self._code, Sight(self._code, known)
        match step if self._inlined else None:
            case SetProperties(assignments=assignments):
                for one, template in assignments:
                    text = sight.text(template)
                    if one.scope == "process":
                        code.line(f"context.set_property({one.name!r}, {text})")
                    else:
                        known.assign(one.name, text)
            case MapDocuments(map=compiled):
                sight.map(compiled, read=any(map(self._is_read, step.targets)))
            case Message(text=template):
                content = code.set(f"{sight.text(template)}.encode()")
                code.line(f"if len({content}) > most: raise Leave")
                known.told(content)
            case _:
                made = code.set(f"s{number}.each({known.document()}, context)")
                code.line(f"if {made}.size > most: raise Leave")
                known.become(made)

    def _division(self, step: Divide, number: int, known: Known, above: tuple[str, ...], marks: Marks) -> None:
        code, path = self._code, ""
        at_once = False
        if self._inlined and isinstance(step, Decision):
            at_once = known.value is not None or not step.reads
            met = Sight(code, known).test(step.condition)
            tests = [f"if {met}:", "else:"]
        else:
            path = code.set(f"s{number}.path({known.document()}, context)")
            tests = [f"{'elif' if one else 'if'} {path} == {one}:" for one, _ in enumerate(step.targets)]
        marks = self._marked(step, number, known, marks, path, at_once=at_once)
        for test, target in zip(tests, step.targets, strict=True):
            with code.block(test):
                self._path(target, known.copy(), above, marks)

    def _fork(self, step: Step, number: int, known: Known, above: tuple[str, ...], marks: Marks) -> None:
        self._tell(self._marked(step, number, known, marks, at_once=True))
        targets = step.targets[:1] if isinstance(step, TryCatch) else step.targets  # what goes well is not caught
        if sum(target is not None for target in targets) > 1:
            known.document()  # once, and not on each path
        for target in targets:
            self._path(target, known.copy(), above, [])

    def _marked(
        self,
        step: Step,
        number: int,
        entered: Known,
        marks: Marks,
        gave: Known | str = "None",
        *,
        at_once: bool = False,
    ) -> Marks:
        """Note when a step has ended: as the one before, if it takes no longer than to look at the clock."""
        if self._traced:
            made = gave.document() if isinstance(gave, Known) else gave
            changes = "context.take_changes()" if step.sets else "None"
            self._code.line(f"passed(({number}, clock(), {entered.document()}, {made}, {changes}))")
            return []
        time = marks[-1][1] if at_once and marks else self._code.set("clock()")
        return [*marks, (number, time)]

    def _tell(self, marks: Marks) -> None:
        if marks:
            self._code.line(f"passed(({', '.join(f'{number}, {time}' for number, time in marks)}))")
        else:
            self._code.line("pass")

    def _is_read(self, identity: str | None) -> bool:
        """Whether a step that is written out may read the decoded form of what enters it, here or further on."""
        if identity is None:
            return False
        known = self._reads.get(identity)
        if known is None:
            self._reads[identity] = False  # while it is asked: a loop leads to nothing new
            known = self._reads[identity] = self._reads_here(self._process.steps[identity])
        return known

    def _reads_here(self, step: Step) -> bool:
        match step:
            case MapDocuments(map=compiled):
                return compiled.reads_content
            case Message(text=template):
                return template.reads_document
            case SetProperties(reads=reads) | Decision(reads=reads) if reads:
                return True
            case _:
                return any(map(self._is_read, step.targets))

    def _step(self, identity: str) -> tuple[Step, int]:
        step = self._process.steps[identity]
        self._written += 1
        if self._written > MOST_STEPS:
            raise NotFlatError(f"it would have more than {MOST_STEPS} steps written out")
        if isinstance(step, EachStep | WholeStep | ForkStep) and not step.flat:
            raise NotFlatError(f"step '{step.name}' may wait, or does more than to make one document of one")
        if step.waits or step.effects or step.keeps or step.counters or step.fetches:
            raise NotFlatError(f"step '{step.name}' reads or changes what outlives the execution, or may wait")
        return step, self._numbers.setdefault(identity, len(self._numbers))
