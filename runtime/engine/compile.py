"""Compile: a process of a bundle becomes steps that can run. Everything that can be computed once is computed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import trio
from msgspec.structs import replace

from runtime.engine.generated.source import Generated, NotFlatError
from runtime.engine.generated.writer import generate, generate_runs
from runtime.engine.mapping import compile_map
from runtime.engine.platform.compiled import PlatformCompiler
from runtime.engine.platform.refused import Refusals
from runtime.engine.step import CallStep, ParallelStep, Step
from runtime.engine.steps.begin import BeginProcess
from runtime.engine.steps.connector import call_connector
from runtime.engine.steps.decision import Decision
from runtime.engine.steps.ends import RaiseException, ReturnDocuments, Stop
from runtime.engine.steps.fork import Branch, ParallelBranch, TryCatch
from runtime.engine.steps.map import MapDocuments
from runtime.engine.steps.map_program import MapProgram
from runtime.engine.steps.message import CombinedMessage, Message
from runtime.engine.steps.progress import Progress
from runtime.engine.steps.script import Script
from runtime.engine.steps.set_properties import SetProperties
from runtime.engine.steps.split import Combine, Split
from runtime.engine.steps.wait import Wait
from runtime.expressions import compile_template
from runtime.model.bundle import Bundle
from runtime.model.platform_shapes import PlatformShape
from runtime.model.process import FlowListener, Process
from runtime.model.profile import Profile
from runtime.model.shapes import (
    AnyShape,
    BranchStep,
    CombineStep,
    ConnectorStep,
    DecisionStep,
    ExceptionStep,
    MapProgramStep,
    MapStep,
    MessageStep,
    ProgressStep,
    ReturnDocumentsStep,
    ScriptStep,
    SetPropertiesStep,
    Shape,
    SplitStep,
    Start,
    StopStep,
    TryCatchStep,
    WaitStep,
)
from runtime.sdk.connector import Catalogue

SCRIPT_THREADS = 8  # scripts at once in one bundle: they hold the interpreter lock, so more would only wait


_STEPS: dict[type[Shape], Callable[..., Step]] = {
    BranchStep: lambda shape: ParallelBranch(shape) if shape.parallel else Branch(shape),
    CombineStep: Combine,
    DecisionStep: Decision,
    ExceptionStep: RaiseException,
    ProgressStep: Progress,
    ReturnDocumentsStep: ReturnDocuments,
    SplitStep: Split,
    StopStep: Stop,
    WaitStep: Wait,
}


class CompiledProcess:
    """A process, ready to run. `others` are the processes that it may call, by name, itself among them.

    `request` is the profile of the documents that it is called with, if that is known. `generated` does the same for
    documents that fare well, if it can; else `not_generated` says why it cannot, and `runs` are functions of its parts.
    """

    def __init__(
        self,
        process: Process,
        steps: Mapping[str, Step],
        others: Mapping[str, CompiledProcess],
        request: Profile | None = None,
    ) -> None:
        self.process = process
        self.request = request
        self.start = process.start.to
        self.steps = dict(steps)
        self.others = others
        key = process.options.key
        self.key = None if key is None else compile_template(key)
        self.generated: Generated | None = None
        self.not_generated = "only low latency processes that run at once whenever they are called have a function"
        if process.options.mode == "low latency" and not process.options.gated:
            try:
                self.generated = generate(process.name, self)
            except NotFlatError as error:
                self.not_generated = str(error)
        self.runs: Mapping[str, Generated] = {}
        if process.options.mode == "low latency" and self.generated is None:
            self.runs = generate_runs(process.name, self)

    @cached_property
    def traced(self) -> Generated | None:
        """The function that does the same for one document and tells of each step, whatever mode asks for that."""
        try:
            return generate(self.process.name, self, traced=True)
        except NotFlatError:
            return None

    @cached_property
    def quick(self) -> bool:
        """Whether each step runs once at most, for one document of one, and waits for nothing."""
        return self.generated is not None or self.traced is not None

    @cached_property
    def waits(self) -> bool:
        """Whether an execution may wait for something outside, here or in what it calls: it needs a task of its own."""
        return any(step.waits for name in self._reached() for step in self.others[name].steps.values())

    @cached_property
    def forks(self) -> bool:
        """Whether parts of an execution may run side by side."""
        return any(
            isinstance(step, ParallelStep) for name in self._reached() for step in self.others[name].steps.values()
        )

    @cached_property
    def keeping(self) -> tuple[str, ...]:
        """The processes, this one and those that it may call, that keep something for their next run."""
        return tuple(name for name in sorted(self._reached()) if self.others[name].keeps)

    @property
    def brief(self) -> bool:
        """Whether an execution waits for nothing, nor for others, and cannot compute long.

        One that loops or multiplies documents may, and its caller has to be told WAIT in time, or to leave.
        """
        return not self.process.options.gated and not self.waits and self.quick

    @property
    def inline(self) -> bool:
        """Whether an execution in the mode of its process runs in its caller's task, and leaves no trace."""
        return self.process.options.mode == "low latency" and self.brief

    @cached_property
    def repeatable(self) -> bool:
        """Whether a call whose worker has died may be made again by itself: it is journalled, or has no effects."""
        if self.process.options.mode != "low latency":
            return True
        steps = (step for name in self._reached() for step in self.others[name].steps.values())
        return not any(step.effects and not isinstance(step, Wait | Progress) for step in steps)

    @cached_property
    def single(self) -> bool:
        """Whether its executions share something that one worker alone can keep: kept values, or a gate."""
        return bool(self.keeping) or any(self.others[name].process.options.gated for name in self._reached())

    @property
    def keeps(self) -> bool:
        """Whether the process keeps something for its next run."""
        return self.captures_runs or any(step.keeps for step in self.steps.values())

    @property
    def captures_runs(self) -> bool:
        """Whether the process notes when it has run."""
        component = self.process.component
        return self.process.options.run_dates or (component is not None and component.run_dates)

    def _reached(self) -> set[str]:
        reached, waiting = {self.process.name}, [self.process.name]
        while waiting:
            steps = self.others[waiting.pop()].steps.values()
            called = {step.process for step in steps if isinstance(step, CallStep | BeginProcess)} - reached
            reached |= called
            waiting += called
        return reached


class CompiledBundle:
    """The processes of a bundle, by name."""

    def __init__(self, bundle: Bundle, processes: Mapping[str, CompiledProcess]) -> None:
        self.bundle = bundle
        self.processes = dict(processes)


def compile_bundle(bundle: Bundle, catalogue: Catalogue) -> CompiledBundle:
    """Compile every process of a bundle that was read without findings.

    Raises:
        BundleError: it holds what the engine cannot run; every such shape is named.
        KeyError: the bundle refers to something it does not have; reading it would have said so.
    """
    compiler = _Compiler(bundle, catalogue)
    processes = {name: compiler.process(process) for name, process in bundle.processes.items()}
    compiler.refusals.check()
    return CompiledBundle(bundle, processes)


def _as_on_the_platform(shape: TryCatchStep, process: Process) -> TryCatchStep:
    """Give a Try/Catch of an export whose Try path begins with another one: it catches both kinds (reference 1.17)."""
    inner = next((one for one in process.shapes if one.id == shape.attempt), None)
    if process.component is None or not isinstance(inner, TryCatchStep):
        return shape
    return replace(shape, trigger="all errors")


class _Compiler:
    def __init__(self, bundle: Bundle, catalogue: Catalogue) -> None:
        self._bundle = bundle
        self._catalogue = catalogue
        self._maps = {
            name: compile_map(
                body,
                self._profile(body.target_profile),
                tables=bundle.tables,
                source=self._profile(body.source_profile),
            )
            for name, body in bundle.maps.items()
        }
        self.refusals = Refusals()
        self._processes: dict[str, CompiledProcess] = {}
        self._limiter = trio.CapacityLimiter(SCRIPT_THREADS)

    def _profile(self, name: str | None) -> Profile | None:
        return None if name is None else self._bundle.profiles[name]

    def process(self, process: Process) -> CompiledProcess:
        platform = PlatformCompiler(self._bundle, self._catalogue, process)
        steps = {
            shape.id: step
            for shape in process.shapes
            if not isinstance(shape, Start) and (step := self._attempt(shape, process, platform)) is not None
        }
        listener = process.listener
        request = (
            self._bundle.profiles.get(listener.request_profile or "") if isinstance(listener, FlowListener) else None
        )
        compiled = CompiledProcess(process, steps | platform.added, self._processes, request)
        self._processes[process.name] = compiled
        return compiled

    def _attempt(self, shape: AnyShape, process: Process, platform: PlatformCompiler) -> Step | None:
        if not isinstance(shape, PlatformShape):
            return self._step(shape, process)
        component = "" if process.component is None else f" (component {process.component.id})"
        where = f"shape '{shape.name}' ({shape.id}) of process '{process.name}'{component}"
        return self.refusals.attempt(where, shape.place, lambda: platform.step(shape))

    def _step(self, shape: AnyShape, process: Process) -> Step:
        match shape:
            case SetPropertiesStep():
                return SetProperties(shape, process.name)
            case TryCatchStep():
                return TryCatch(_as_on_the_platform(shape, process))
            case ConnectorStep():
                return self._connector(shape)
            case MapStep():
                return MapDocuments(shape, self._maps[shape.map])
            case MapProgramStep():
                return MapProgram(shape, self._limiter)
            case MessageStep():
                return CombinedMessage(shape) if shape.combine else Message(shape)
            case ScriptStep():
                return self._script(shape)
            case _:
                return _STEPS[type(shape)](shape)

    def _connector(self, shape: ConnectorStep) -> Step:
        connection = self._bundle.connections[shape.connection]
        operation = self._catalogue.connectors[connection.connector].operation(shape.operation)
        if operation is None:
            raise KeyError(shape.operation)
        return call_connector(shape, operation)

    def _script(self, shape: ScriptStep) -> Step:
        script = self._bundle.scripts[shape.file]
        return Script(shape, script, self._limiter)
