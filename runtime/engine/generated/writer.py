"""Writing generated functions: what the driver would do with one document, written out step by step.

Native steps are written out whole, so that a content is decoded and encoded where somebody asks for it, and at no other
place; the other ones are called.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from runtime.engine.generated.known import Known
from runtime.engine.generated.settled import settled
from runtime.engine.generated.sight import Sight
from runtime.engine.generated.source import Exit, Function, Generated, NotFlatError
from runtime.engine.generated.typed import Path, Typed, Whole
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
    from runtime.engine.step import Compiled

MOST_STEPS = 200  # steps written out: paths that join are written once for each way to them, which could be many
MOST_TRIES = 8  # to find out which parts of a document are used as a whole
MOST_LINES = 20_000  # of one function: more than the largest map has
DEEPEST = 90  # blocks within blocks: Python's own compiler takes a hundred

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


def generate(name: str, process: Compiled, *, traced: bool = False) -> Generated:
    """Write the function of a process, and compile it; one that is `traced` calls its steps, and tells of each.

    Raises:
        NotFlatError: a step may wait, has an effect, or works on more than one document.
    """
    if process.start is None:
        raise NotFlatError("the process has no step")
    start = process.start
    try:
        return _generated(partial(_Writer, name, process, start, inlined=not traced, traced=traced))
    except NotWrittenError:  # steps that take too many lines are called
        try:
            return _Writer(name, process, start, None, inlined=False, traced=traced).generated()
        except NotWrittenError:
            raise NotFlatError("it would take too many lines") from None


def _generated(writing: Callable[[Whole | None], _Writer]) -> Generated:
    """Write a function; and once more with Structs, where documents follow a profile and are read field by field."""
    plain, whole = writing(None).generated(), frozenset[tuple[str, Path]]()
    for _ in range(MOST_TRIES):
        writer = writing(whole)
        if not writer.typed.parts:
            break
        needed = writer.typed.whole()
        if needed <= whole:
            typed = writer.generated()
            source = f"# for documents that follow their profile\n{typed.source}\n\n# for any other\n{plain.source}"
            return replace(plain, source=source, typed=typed.function)
        whole |= needed
    return plain


def generate_runs(name: str, process: Compiled) -> Mapping[str, Generated]:
    """Write the functions of the steps between those that are the driver's, by the step that each begins with.

    Their steps are native ones that give the same whenever they are run: what they did is remembered by what they were
    given.
    """
    behind = [target for step in process.steps.values() if not _is_native(step) for target in step.targets]
    found: dict[str, Generated] = {}
    for start in dict.fromkeys((process.start, *behind)):
        if start is not None and _is_native(process.steps[start]):
            try:
                found[start] = _generated(partial(_Run, name, process, start, inlined=True))
            except (NotFlatError, NotWrittenError):
                continue
    return found


def _is_native(step: Step) -> bool:
    """Whether a step is written out, and gives the same whenever it is run."""
    if isinstance(step, MapDocuments):
        return not step.map.reads_clock
    return isinstance(step, SetProperties | Message | Decision)


class _At:
    """A place in the function: the document there, the steps above with the paths that were gone, and untold times."""

    def __init__(self, known: Known, way: tuple[tuple[str, int], ...] = (), marks: tuple[str, ...] = ()) -> None:
        self.known = known
        self.way = way
        self.marks = marks

    def on(self, step: str, path: int, marks: tuple[str, ...] | None = None) -> _At:
        """Give the place behind a step, on one of its paths."""
        return _At(self.known.copy(), (*self.way, (step, path)), self.marks if marks is None else marks)


class _Writer:
    """Writes one function. `inlined`: native steps are written out, and not called."""

    def __init__(
        self, name: str, process: Compiled, start: str, whole: Whole | None, *, inlined: bool, traced: bool = False
    ) -> None:
        self._name = name
        self._process = process
        self._inlined = inlined
        self._traced = traced
        self._code = Code(most=MOST_LINES, deepest=DEEPEST)
        self._numbers: dict[str, int] = {}
        self._reads: dict[str, bool] = {}
        self._passed: list[Step] = []
        self._exits: list[Exit] = []
        self._alone = self._sets = False
        self.typed = Typed(self._code, whole if inlined else None)
        request = process.request if start == process.start else None
        self._path(start, _At(Known(self._code, "d0", self.typed, request)))

    def generated(self) -> Generated:
        """Compile it."""
        code = self._code
        source = "\n".join((*self._head(), code.text, ""))
        names: dict[str, object] = {**NAMES, **code.names}
        names.update((f"s{number}", self._process.steps[identity]) for identity, number in self._numbers.items())
        exec(compile(source, f"<process {self._name}>", "exec"), names)  # noqa: S102 - our own text, of names and literals
        return Generated(
            source=source,
            function=cast("Function", names["run"]),
            steps=tuple(self._passed),
            longest=len(self._passed),
            exits=tuple(self._exits),
            sets=self._sets,
            alone=self._alone,
            traced=self._traced,
        )

    def _head(self) -> Iterator[str]:
        yield f"# process {self._name!r}"
        for number, step in enumerate(self._passed):
            yield f"# {number}: {type(step).__name__} {step.name!r} ({step.id!r}), s{self._numbers[step.id]}"
        for number, one in enumerate(self._exits):
            yield f"# exit {number}: {one.target!r}"
        for name, value in self._code.names.items():
            if isinstance(value, str | int | Decimal | frozenset | None):
                yield f"# {name}: {value!r}"
        yield ""
        yield "def run(d0, context, most, out, passed):"

    def _path(self, identity: str | None, at: _At) -> None:
        """Write a path."""
        if identity is None:
            self._tell(at.marks)
            return
        step = self._process.steps[identity]
        if any(above == identity for above, _ in at.way):
            self._loop(step, at)
        elif (reason := self._reason(step)) is not None:
            self._refuse(step, at, reason)
        else:
            self._step(step, at)

    def _loop(self, step: Step, at: _At) -> None:
        raise NotFlatError(f"step '{step.name}' is part of a loop")

    def _refuse(self, step: Step, at: _At, reason: str) -> None:
        raise NotFlatError(f"step '{step.name}' {reason}")

    def _reason(self, step: Step) -> str | None:
        """Say why a step cannot be part of the function; None where it can."""
        if isinstance(step, EachStep | WholeStep | ForkStep) and not step.flat:
            return "may wait, or does more than to make one document of one"
        if step.waits or step.effects or step.keeps or step.counters or step.fetches:
            return "reads or changes what outlives the execution, or may wait"
        written = Divide | EachStep | ReturnDocuments | Stop | Branch | TryCatch | RaiseException | PlatformException
        return None if isinstance(step, written) else "cannot be written out"

    def _step(self, step: Step, at: _At) -> None:
        number = self._number(step)
        match step:
            case Divide():
                self._division(step, number, at)
            case EachStep():
                entered = at.known.copy()
                self._each(step, at.known)
                marks = self._marked(number, at, entered, at.known.document if self._traced else None)
                self._path(step.targets[0], at.on(step.id, 0, marks))
            case ReturnDocuments():
                writes = at.known.content is None
                self._exit(step.id, at)
                self._tell(self._marked(number, at, at_once=not writes))
            case Stop():
                self._tell(self._marked(number, at, at_once=True))
                if step.ends:
                    self._alone = True
                    self._code.line("return")
            case Branch() | TryCatch():
                self._fork(step, number, at)
            case _:
                self._code.line("raise Leave")

    def _number(self, step: Step) -> int:
        """Give the number of a step at this place: where paths join, it is written for each of them."""
        self._passed.append(step)
        if len(self._passed) > MOST_STEPS:
            raise NotFlatError(f"it would have more than {MOST_STEPS} steps written out")
        self._numbers.setdefault(step.id, len(self._numbers))
        return len(self._passed) - 1

    def _exit(self, target: str, at: _At) -> None:
        self._code.line(f"out(({len(self._exits)}, {at.known.document()}))")
        self._exits.append(Exit(target, at.way))

    def _each(self, step: EachStep, known: Known) -> None:
        code, sight = self._code, Sight(self._code, known)
        match step if self._inlined else None:
            case SetProperties(assignments=assignments):
                for one, template in assignments:
                    text = sight.text(template)
                    self._heed(template.roots, sets=one.scope == "process")
                    if one.scope == "process":
                        code.line(f"context.set_property({one.name!r}, {text})")
                    else:
                        known.assign(one.name, text)
            case MapDocuments(map=compiled):
                self._heed(compiled.roots)
                sight.map(compiled, read=any(map(self._is_read, step.targets)))
            case Message(text=template):
                self._heed(template.roots)
                content = code.set(f"{sight.text(template)}.encode()")
                code.line(f"if len({content}) > most: raise Leave")
                known.told(content)
            case _:
                self._heed(frozenset({"process"}), sets=step.sets)
                made = code.set(f"{self._called(step)}.each({known.document()}, context)")
                code.line(f"if {made}.size > most: raise Leave")
                known.become(made)

    def _heed(self, roots: frozenset[str], *, sets: bool = False) -> None:
        """Note whether a step reads or sets what another document may have set."""
        self._sets = self._sets or sets
        self._alone = self._alone or sets or "process" in roots

    def _called(self, step: Step) -> str:
        return f"s{self._numbers[step.id]}"

    def _division(self, step: Divide, number: int, at: _At) -> None:
        code, known, at_once, path = self._code, at.known, False, ""
        if self._inlined and isinstance(step, Decision):
            self._heed(step.condition.roots)
            at_once = known.value is not None or not step.reads
            met = Sight(code, known).test(step.condition)
            tests = [f"if {met}:", "else:"]
        else:
            self._alone = True
            path = code.set(f"{self._called(step)}.path({known.document()}, context)")
            tests = [f"{'elif' if one else 'if'} {path} == {one}:" for one, _ in enumerate(step.targets)]
        marks = self._marked(number, at, gave=lambda: path, at_once=at_once)
        for path_number, (test, target) in enumerate(zip(tests, step.targets, strict=True)):
            with code.block(test):
                self._path(target, at.on(step.id, path_number, marks))

    def _fork(self, step: Step, number: int, at: _At) -> None:
        self._tell(self._marked(number, at, at_once=True))
        targets = step.targets[:1] if isinstance(step, TryCatch) else step.targets  # what goes well is not caught
        if sum(target is not None for target in targets) > 1:
            at.known.document()  # once, and not on each path
        for path, target in enumerate(targets):
            self._path(target, at.on(step.id, path, ()))

    def _marked(
        self,
        number: int,
        at: _At,
        entered: Known | None = None,
        gave: Callable[[], str] | None = None,
        *,
        at_once: bool = False,
    ) -> tuple[str, ...]:
        """Note when a step has ended: as the one before, if it takes no longer than to look at the clock."""
        if self._traced:
            made = "None" if gave is None else gave()
            changes = "context.take_changes()" if self._passed[number].sets else "None"
            self._code.line(f"passed(({number}, clock(), {(entered or at.known).document()}, {made}, {changes}))")
            return ()
        time = at.marks[-1] if at_once and at.marks else self._code.set("clock()")
        return (*at.marks, str(number), time)

    def _tell(self, marks: tuple[str, ...]) -> None:
        self._code.line(f"passed(({', '.join(marks)}))" if marks else "pass")

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


class _Run(_Writer):
    """Writes a run of steps that leads back to the driver, at each of its ends."""

    def _loop(self, step: Step, at: _At) -> None:
        self._leave(step, at)

    def _refuse(self, step: Step, at: _At, reason: str) -> None:
        self._leave(step, at)

    def _reason(self, step: Step) -> str | None:
        return super()._reason(step) if _is_native(step) else "is the driver's"

    def _leave(self, step: Step, at: _At) -> None:
        if not at.way:
            raise NotFlatError(f"step '{step.name}' is the driver's")
        self._exit(step.id, at)
        self._tell(at.marks)
