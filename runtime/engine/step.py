"""What a compiled step is. Its kind decides how the driver runs it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from runtime.engine.batch import Batch
from runtime.engine.context import Context
from runtime.engine.frames import Frame
from runtime.engine.outcome import Outcome
from runtime.engine.positions import Position, Scope
from runtime.errors import Fault, ProcessFault
from runtime.model.document import Document

if TYPE_CHECKING:
    from runtime.engine.generated.source import Generated
    from runtime.model.profile import Profile

Fetch = Callable[[Document, Context], Awaitable[None]]


class Step:
    """What all compiled steps have.

    `targets` are the steps that its paths lead to. `waits`: it may wait for something outside the process. `effects`:
    what it does must not be forgotten. `keeps`: it reads or keeps properties that outlive the execution. `counters`:
    how many numbers of persistent counters it may use for each document, by counter. `fetches` bring what its values of
    a document have to be waited for: whoever reads them for a document awaits `fetch` before. `flat`: it makes one
    document of one, or tells its path, from that document and the properties alone. `sets`: it may set properties of
    the execution. `forks`: it only decides where documents go.
    """

    waits = False
    effects = False
    keeps = False
    flat = False
    sets = False
    forks = False

    def __init__(self, identity: str, name: str, targets: tuple[str | None, ...]) -> None:
        self.counters: Mapping[str, int] = {}
        self.fetches: tuple[Fetch, ...] = ()
        self.id = identity
        self.name = name
        self.targets = targets

    async def fetch(self, document: Document, context: Context) -> None:
        """Bring what the step's values of a document have to be waited for.

        Raises:
            DocumentFault: it cannot be had.
        """
        for one in self.fetches:
            await one(document, context)

    def explain(self, error: Exception) -> Fault:
        """Say what an error means that the step did not foresee: its own mistake, unless it knows better."""
        return ProcessFault("engine.unexpected", f"{type(error).__name__}: {error}")


class EachStep(Step, ABC):
    """A step that makes one document out of one, without waiting. `reads`: it needs the content in memory."""

    reads = True

    @abstractmethod
    def each(self, document: Document, context: Context) -> Document:
        """Give the document that goes on.

        Raises:
            DocumentFault: this document cannot; its siblings do.
            ProcessFault: the run ends.
        """


class WholeStep(Step, ABC):
    """A step that works on the batch as a whole."""

    @abstractmethod
    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give what the step did with the batch, with one output for each target.

        Raises:
            Fault: the run ends.
            Interruption: the execution leaves the step without an outcome.
        """


class ForkStep(Step, ABC):
    """A step that only decides where documents go; what it decides follows from its input, so it is not recorded."""

    forks = True

    @abstractmethod
    def frame(self, at: Position, scope: Scope, level: int, batch: Batch) -> Frame:
        """Open the frame of this fork."""


class ParallelStep(Step, ABC):
    """A fork whose paths run side by side, each in a fiber (`fibers`); what it decides follows from its input."""

    @abstractmethod
    def frames(self, at: Position, scope: Scope, batch: Batch) -> Sequence[Frame]:
        """Open the frame of each fiber, in their order; none of them follows failures."""


class CallStep(Step):
    """A step that runs another process of the bundle (platform behaviours 58-69).

    `passthrough`: that process gets the whole batch, else it is run once for each document. `wait` off: nothing comes
    back, not even its errors. `abort`: its failure ends this run, else it fails the documents that it was called for.
    `returns` are the shapes of the called process whose documents go down this step's paths, in their order; None
    stands for all shapes that have no path of their own.
    """

    def __init__(
        self,
        identity: str,
        name: str,
        targets: tuple[str | None, ...],
        *,
        process: str,
        passthrough: bool,
        wait: bool,
        abort: bool,
        returns: tuple[str | None, ...],
    ) -> None:
        super().__init__(identity, name, targets)
        self.process = process
        self.passthrough = passthrough
        self.wait = wait
        self.abort = abort
        self.returns = returns


class Compiled(Protocol):
    """A compiled process, as the driver sees it."""

    @property
    def start(self) -> str | None:
        """The step that the start leads to."""
        ...

    @property
    def steps(self) -> dict[str, Step]:
        """The steps by id."""
        ...

    @property
    def others(self) -> Mapping[str, Compiled]:
        """The processes that its steps may call, by name."""
        ...

    @property
    def request(self) -> Profile | None:
        """The profile of the documents that it is called with, if that is known."""
        ...

    @property
    def generated(self) -> Generated | None:
        """The function that does the same for documents that fare well, if there is one."""
        ...

    @property
    def runs(self) -> Mapping[str, Generated]:
        """The functions of the runs of steps that there are instead, by the step that each begins with."""
        ...
