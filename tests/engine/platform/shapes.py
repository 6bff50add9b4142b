"""Platform processes under test: shapes written from their ends backwards, and bundles of several processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from runtime.engine.compile import CompiledProcess, compile_bundle
from runtime.engine.observer import Level
from runtime.engine.outcome import Outcome
from runtime.engine.result import Result
from runtime.engine.step import Step
from runtime.model.bundle import Bundle, Connection
from runtime.model.components import Components
from runtime.model.document_cache import CacheIndex, DocumentCache, PropertyKey
from runtime.model.message_format import MessageText, parse_message_format
from runtime.model.parameters import (
    CurrentDocument,
    DocumentProperty,
    Parameter,
    ProcessProperty,
    PropertyName,
    Static,
)
from runtime.model.platform_shapes import PlatformAssignment
from runtime.model.process import Process
from runtime.model.shapes import AnyShape, Start
from tests.engine.worlds import World

CURRENT = CurrentDocument()

ALL = DocumentCache(id="all", name="all", single=True)
BY_D = DocumentCache(
    id="by d",
    name="by d",
    single=True,
    indexes=(CacheIndex(id=1, keys=(PropertyKey(id=1, property=PropertyName("dynamicdocument", "d")),)),),
)
COMPONENTS = Components(caches={cache.id: cache for cache in (ALL, BY_D)})


def ddp(name: str, default: str = "") -> DocumentProperty:
    """Read a dynamic document property."""
    return DocumentProperty(PropertyName("dynamicdocument", name), default)


def dpp(name: str, default: str = "") -> ProcessProperty:
    """Read a dynamic process property."""
    return ProcessProperty(name, default)


def message(pattern: str, *values: Parameter) -> MessageText:
    """Give a message text as the platform's editor takes it."""
    return MessageText(parse_message_format(pattern, len(values)), values)


def assign(scope: Literal["dynamicdocument", "process"], name: str, *sources: Parameter) -> PlatformAssignment:
    """Set one property."""
    return PlatformAssignment(target=PropertyName(scope, name), sources=sources)


def static(text: str) -> Static:
    """Give a literal."""
    return Static(text)


def process(
    name: str, first: str | None, *shapes: AnyShape, mode: Literal["no data", "passthrough", "listen"] = "passthrough"
) -> Process:
    """Give a process that starts at the shape `first`."""
    start = Start(id="start", mode=mode, to=first)
    return Process(name=name, start=start, shapes=(start, *shapes))


def bundle(processes: Sequence[Process], components: Components = COMPONENTS) -> Bundle:
    """Give a bundle of processes that call the world."""
    connection = Connection(name="world", connector="world")
    return Bundle(
        name="b",
        version="1",
        digest="d",
        processes={one.name: one for one in processes},
        connections={"world": connection},
        components=components,
    )


def compiled(processes: Sequence[Process], world: World, components: Components = COMPONENTS) -> CompiledProcess:
    """Compile a bundle and give the first of its processes, which must be called ``p``."""
    return compile_bundle(bundle(processes, components), world.catalogue()).processes["p"]


class Watching:
    """An observer that keeps everything; `entered` are (record, shape, documents)."""

    def __init__(self) -> None:
        self.began_: list[tuple[str, str, int]] = []
        self.ended_: list[tuple[str, str]] = []
        self.failed_: dict[str, int] = {}
        self.entered_: list[tuple[str, str, int]] = []
        self.left_: list[tuple[str, str, int]] = []
        self.lines: list[str] = []

    def began(self, record: str, process: str, documents: int) -> None:
        """Note a record."""
        self.began_.append((record, process, documents))

    def ended(self, record: str, process: str, result: Result) -> None:
        """Note how it ended."""
        self.ended_.append((process, result.status.value))
        self.failed_[process] = result.failed

    def entered(self, record: str, process: str, step: Step, documents: int) -> None:
        """Note a step."""
        self.entered_.append((process, step.id, documents))

    def left(self, record: str, process: str, step: Step, documents: int, outcome: Outcome) -> None:
        """Note what passed it."""
        self.left_.append((record, step.id, documents - outcome.failed))

    def line(self, record: str, level: Level, text: str) -> None:
        """Note a line."""
        self.lines.append(f"{level} {text}")
