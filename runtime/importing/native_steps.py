"""The graph of an exported process as nested steps: each shape stands where it is reached first, others go to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runtime.bundle.boomi.forms import ARMS, FORMS
from runtime.bundle.boomi.writing import form, table
from runtime.bundle.outline import ENDS, GO_TO
from runtime.bundle.outline_around import BOOMI
from runtime.model.cleanse import CleanseStep
from runtime.model.platform_shapes import (
    BusinessRulesStep,
    PlatformDecisionStep,
    PlatformExceptionStep,
    ProcessCallStep,
    ProcessRouteStep,
    RouteStep,
)
from runtime.model.shape import Flowing
from runtime.model.shapes import BranchStep, ReturnDocumentsStep, StopStep, TryCatchStep

if TYPE_CHECKING:
    from runtime.model.process import Process
    from runtime.model.shape import Shape
    from runtime.model.shapes import AnyShape

Step = dict[str, Any]  # a step as YAML has it
Steps = list[Step]

DEEPEST = 30  # forks within forks: a reader of YAML takes a hundred levels, and a fork needs three
_FEWEST_PATHS = 2
_KINDS = {cls: kind for kind, cls in FORMS.items()}


class Unsayable(Exception):
    """Raised when YAML has no words for something that a process says."""


def steps_of(process: Process) -> Steps:
    """Give the steps of a process, from its start on.

    Raises:
        Unsayable: YAML has no words for one of them.
    """
    return _Writer(process).path(process.start.to) or [{"stop": None}]


class _Writer:
    def __init__(self, process: Process) -> None:
        self._shapes = {shape.id: shape for shape in process.shapes}
        self._written = {process.start.id}
        self._depth = 0

    def path(self, to: str | None) -> Steps:
        """Give the steps of a path that begins at this shape."""
        steps: Steps = []
        while to is not None:
            if to in self._written:
                return [*steps, {GO_TO: to}]
            self._written.add(to)
            shape = self._shapes[to]
            step, to = self._step(shape)
            steps.append(step)
        return steps

    def _arm(self, to: str | None, shape: Shape) -> Steps:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unsayable(f"{shape.id}: more than {DEEPEST} steps that fork stand within each other")
        steps = self.path(to)
        self._depth -= 1
        return steps

    def _step(self, shape: AnyShape) -> tuple[Step, str | None]:
        """Give a step, and the shape that follows it in the same list."""
        match shape:
            case StopStep():
                return {"stop": None if shape.continue_ else "process", **_around(shape)}, None
            case ReturnDocumentsStep():
                return {"return documents": None, **_around(shape)}, None
            case BranchStep():
                return self._branch(shape), None
            case TryCatchStep():
                return self._try(shape), None
        kind = _KINDS.get(type(shape))
        if kind is None:
            raise Unsayable(f"{shape.id}: YAML has no step for a shape of this kind")
        if isinstance(shape, Flowing):
            return {kind: form(shape), **_boomi(shape)}, shape.to
        return self._forking(kind, shape)

    def _branch(self, shape: BranchStep) -> Step:
        if len(shape.paths) < _FEWEST_PATHS:
            raise Unsayable(f"{shape.id}: a branch has two or more paths")
        said = {"parallel": True} if shape.parallel else {}
        return {"branch": [self._arm(to, shape) for to in shape.paths], **said, **_around(shape)}

    def _try(self, shape: TryCatchStep) -> Step:
        if shape.policy is not None:
            raise Unsayable(f"{shape.id}: a policy of retries is no part of an export")
        said = {"retries": shape.retries or None, "trigger": shape.trigger if shape.trigger == "all errors" else None}
        arms = {"try": self._arm(shape.attempt, shape), "catch": self._arm(shape.caught, shape)}
        return {**arms, **{key: value for key, value in said.items() if value is not None}, **_around(shape)}

    def _forking(self, kind: str, shape: AnyShape) -> tuple[Step, str | None]:
        match shape:
            case PlatformDecisionStep():
                return self._decision(shape)
            case BusinessRulesStep() | CleanseStep():
                arms = {name: self._arm(getattr(shape, name), shape) for name in ARMS[kind]}
                return {kind: form(shape), **_boomi(shape), **arms}, None
            case RouteStep():
                cases = [{**table(case, {"to"}), "steps": self._arm(case.to, shape)} for case in shape.cases]
                beside: Step = {"cases": cases, "default": self._arm(shape.default, shape)}
                return {kind: form(shape, {"cases"}), **_boomi(shape), **beside}, None
            case ProcessCallStep():
                return self._call(shape), None
            case ProcessRouteStep():
                led = [to for entry in shape.entries for to in (*(path.to for path in entry.returns), entry.rest)]
                returns = {to: self._arm(to, shape) for to in dict.fromkeys(led) if to is not None}
                paths: Step = {"returns": returns, "default": self._arm(shape.default, shape)}
                return {
                    kind: form(shape),
                    **_boomi(shape),
                    **{key: value for key, value in paths.items() if value},
                }, None
            case PlatformExceptionStep():
                return {kind: form(shape), **_boomi(shape)}, None
            case _:
                raise Unsayable(f"{shape.id}: YAML has no words for the paths of a shape of this kind")

    def _decision(self, shape: PlatformDecisionStep) -> tuple[Step, str | None]:
        """Give a decision; where its `yes` ends for good, its `no` goes on below, which reads better than an arm."""
        yes = self._arm(shape.yes, shape)
        step = {"decision": form(shape), **_boomi(shape), "yes": yes}
        if yes and next(iter(yes[-1])) in ENDS:
            return step, shape.no
        return {**step, "no": self._arm(shape.no, shape)}, None

    def _call(self, shape: ProcessCallStep) -> Step:
        returns = {path.shape: self._arm(path.to, shape) for path in shape.returns}
        if len(returns) != len(shape.returns) or shape.rest is not None:
            raise Unsayable(f"{shape.id}: two return paths belong to one shape of the called process")
        labels = {path.shape: path.label for path in shape.returns if path.label}
        said = {**form(shape, {"returns", "rest"}), **({"labels": labels} if labels else {})}
        return {"process call": said, **_boomi(shape), **({"returns": returns} if returns else {})}


def _boomi(shape: Shape) -> Step:
    return {"format": BOOMI, **_around(shape)}


def _around(shape: Shape) -> Step:
    """Give what a step says around its own keys."""
    canvas = list(shape.canvas) if shape.canvas is not None else None
    said = {"id": shape.id, "label": shape.label, "canvas": canvas, "notes": list(shape.notes) or None}
    return {key: value for key, value in said.items() if value is not None}
