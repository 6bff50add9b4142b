"""The source of a generated function: what the driver would do with one document, written out step by step.

The function is only for what goes well. Where a document fails, a content grows beyond what stays in memory, or a step
raises, it leaves, and the driver runs the process from its start: no step in it has an effect, nothing happens twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct, field

from runtime.engine.generated.attempts import Attempts
from runtime.engine.platform.messages import PlatformException
from runtime.engine.step import EachStep, ForkStep, Step, WholeStep
from runtime.engine.steps.divide import Divide
from runtime.engine.steps.ends import RaiseException, ReturnDocuments, Stop
from runtime.engine.steps.fork import Branch, TryCatch

if TYPE_CHECKING:
    from runtime.engine.context import Context
    from runtime.engine.step import Compiled
    from runtime.model.document import Document

MOST_STEPS = 200  # steps written out: paths that join are written once for each way to them, which could be many
INDENT = "    "

Passed = Callable[[tuple[int, float]], None]
Function = Callable[["Document", "Context", int, Callable[["Document"], None], Passed], None]


class LeaveError(Exception):
    """Raised by a generated function whose document is for the driver."""


class NotFlatError(Exception):
    """Raised for a process that cannot be one function; its text says why, for people."""


class Generated(Struct, frozen=True):
    """A generated function. `steps` are those that it names by number; no document takes more than `longest` steps.

    `sets`: it may set properties of the execution, which have to be put back where it leaves. `attempts` remembers how
    its last documents fared.
    """

    source: str
    function: Function
    steps: tuple[Step, ...]
    longest: int
    sets: bool
    attempts: Attempts = field(default_factory=Attempts)


def generate(name: str, process: Compiled) -> Generated:
    """Write the function of a process, and compile it.

    Raises:
        NotFlatError: a step may wait, has an effect, or works on more than one document.
    """
    return _Writer(name, process).generated()


class _Writer:
    def __init__(self, name: str, process: Compiled) -> None:
        self._name = name
        self._process = process
        self._numbers: dict[str, int] = {}
        self._written = 0
        self._variables = 0

    def generated(self) -> Generated:
        if self._process.start is None:
            raise NotFlatError("the process has no step")
        body = list(self._path(self._process.start, "d0", (), 1))
        source = "\n".join((*self._head(), *body, ""))
        steps = tuple(self._process.steps[identity] for identity in self._numbers)
        names: dict[str, object] = {"Leave": LeaveError, "clock": time.perf_counter}
        names.update((f"s{number}", step) for number, step in enumerate(steps))
        exec(compile(source, f"<process {self._name}>", "exec"), names)  # noqa: S102 - our own text, of numbers and names
        function: Function = names["run"]  # type: ignore[assignment]
        return Generated(source, function, steps, self._written, sets=any(step.sets for step in steps))

    def _head(self) -> Iterator[str]:
        yield f"# process {self._name!r}"
        for identity, number in self._numbers.items():
            step = self._process.steps[identity]
            yield f"# s{number}: {type(step).__name__} {step.name!r} ({identity!r})"
        yield ""
        yield "def run(d0, context, most, returned, passed):"

    def _path(self, identity: str | None, document: str, above: tuple[str, ...], depth: int) -> Iterator[str]:
        """Give the lines for a path: `document` is the variable that holds what enters it."""
        if identity is None:
            return
        if identity in above:
            raise NotFlatError(f"step '{self._process.steps[identity].name}' is part of a loop")
        step, number = self._step(identity)
        made = self._variable() if isinstance(step, EachStep) else document
        for line in _lines(step, number, document, made):
            yield INDENT * depth + line
        if isinstance(step, Divide):
            yield from self._division(step, number, document, (*above, identity), depth)
            return
        targets = step.targets[:1] if isinstance(step, TryCatch) else step.targets  # what goes well is not caught
        for target in targets:
            yield from self._path(target, made, (*above, identity), depth)

    def _division(self, step: Divide, number: int, document: str, above: tuple[str, ...], depth: int) -> Iterator[str]:
        for path, target in enumerate(step.targets):
            yield f"{INDENT * depth}{'if' if path == 0 else 'elif'} n{number} == {path}:"
            lines = list(self._path(target, document, above, depth + 1))
            yield from lines or [f"{INDENT * depth}{INDENT}pass"]

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

    def _variable(self) -> str:
        self._variables += 1
        return f"d{self._variables}"


def _lines(step: Step, number: int, document: str, made: str) -> Iterator[str]:
    """Give what stands for one step, but for where its paths lead."""
    passed = f"passed(({number}, clock()))"
    match step:
        case EachStep():
            yield f"{made} = s{number}.each({document}, context)"
            yield f"if {made}.size > most:"
            yield f"{INDENT}raise Leave"
            yield passed
        case Divide():
            yield f"n{number} = s{number}.path({document}, context)"
            yield passed
        case ReturnDocuments():
            yield f"returned({document})"
            yield passed
        case Stop():
            yield passed
            if step.ends:
                yield "return"
        case Branch() | TryCatch():
            yield passed
        case RaiseException() | PlatformException():
            yield "raise Leave"
        case _:
            raise NotFlatError(f"step '{step.name}' cannot be written out")
