"""Map, of the platform: each document becomes one or several others (reference 1.3)."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing

import trio
from msgspec import Struct

from runtime.clock import Clock
from runtime.engine.batch import Batch
from runtime.engine.contents import held
from runtime.engine.context import Context
from runtime.engine.observer import Level
from runtime.engine.outcome import Failure, Outcome, failure
from runtime.engine.platform.calling import Called, called
from runtime.engine.platform.maps.calling import due
from runtime.engine.platform.maps.compiled import CompiledPlatformMap, Output, compile_map
from runtime.engine.platform.maps.outside import CachedDocuments, NextNumber, Outside, Request
from runtime.engine.platform.maps.running import Memory, Running
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around
from runtime.engine.step import EachStep, Step, WholeStep
from runtime.errors import DocumentFault
from runtime.model.document import Document, derived_identity
from runtime.model.platform_shapes import PlatformMapStep

_LEVELS: dict[str, Level] = {"debug": "info", "info": "info", "warning": "warning", "error": "severe"}

MAP_THREADS = 8  # maps with scripts at once, of one step: they hold the interpreter lock, so more would only wait

MOST_ROUNDS = 1_000  # of fetching for one document, where each row may ask with what the row before it has set


def map_step(shape: PlatformMapStep, around: Around) -> Step:
    """Give the compiled step.

    Raises:
        Refused: its map cannot be run.
    """
    found = around.components.maps.get(shape.map)
    if found is None:
        raise Refused("its map is not in the bundle")
    compiled = compile_map(found, around)
    if compiled.splits or compiled.blocks or compiled.outside or compiled.remembers:
        return MapWhole(shape, compiled, around.process)
    return MapEach(shape, compiled, around.process)


class MapEach(EachStep):
    """Maps each document to one, by what is known without waiting; properties stay."""

    def __init__(self, shape: PlatformMapStep, compiled: CompiledPlatformMap, process: str) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self.reads = compiled.reads
        self.keeps = compiled.keeps
        self._map = compiled
        self._process = process

    def each(self, document: Document, context: Context) -> Document:
        """Give the mapped document."""
        running = _running(document, context, Outside(), Memory())
        content = held(document) if self.reads else b""
        (made,) = self._map.apply(document, content, running)
        _take_over(running, context, self._process)
        return Document(document.id, made.content, made.properties, made.meta, document.origins)


class MapWhole(WholeStep):
    """Maps documents to any number of others, and fetches what the map needs for them."""

    def __init__(self, shape: PlatformMapStep, compiled: CompiledPlatformMap, process: str) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self.keeps = compiled.keeps
        self.waits = compiled.blocks or compiled.calls
        self.effects = compiled.calls
        self._map = compiled
        self._process = process
        self._threads = trio.CapacityLimiter(MAP_THREADS)

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give what all documents have become; those that cannot be mapped fail."""
        failures: list[Failure] = []
        outside, memory = Outside(), Memory()
        async with context.writer() as writer, aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for stored in chunk:
                    await context.pace()
                    document = await context.contents.load(stored) if self._map.reads else stored
                    try:
                        outputs = await self._mapped(document, context, outside, memory)
                    except DocumentFault as fault:
                        failures.append(failure(document, fault))
                        continue
                    for ordinal, output in enumerate(outputs):
                        made = _document(document, output, ordinal, len(outputs), context)
                        if writer.add(await context.contents.settle(made)):
                            await writer.flush()
        return Outcome(outputs=(writer.batch,), failures=tuple(failures))

    async def _mapped(self, document: Document, context: Context, outside: Outside, memory: Memory) -> list[Output]:
        """Run the map until nothing is missing, at one time for all rounds."""
        clock = _Still(context.clock.now())
        rounds = self._map.rounds or MOST_ROUNDS
        for _ in range(rounds):
            await context.pace()
            running = _running(document, context, outside, memory, clock)
            fault: DocumentFault | None = None
            outputs: list[Output] = []
            try:
                outputs += await self._applied(document, running)
            except DocumentFault as error:
                fault = error
            if outside.missing:
                missing, outside.missing = outside.missing, Counter()
                memory.results.clear()
                await _fetch(due(missing), document, context, outside)
                continue
            outside.used(running.numbers)
            if fault is not None:
                raise fault
            _take_over(running, context, self._process)
            return outputs
        outside.used(Counter())
        raise DocumentFault(
            "map.never-settles",
            f"after {rounds} times of fetching the map still asks for something else",
            hint="look up by what is the same each time that it is computed: no random value, no current time",
        )

    async def _applied(self, document: Document, running: Running) -> list[Output]:
        content = held(document) if self._map.reads else b""
        if not self._map.blocks:
            return list(self._map.apply(document, content, running))
        return await trio.to_thread.run_sync(
            lambda: list(self._map.apply(document, content, running)), limiter=self._threads
        )


class _Still(Struct, frozen=True):
    """A clock that stands: a map that is run again for what it misses finds the time that it had."""

    time: float

    def now(self) -> float:
        """Give the time at which it stands."""
        return self.time


def _running(
    document: Document, context: Context, outside: Outside, memory: Memory, clock: Clock | None = None
) -> Running:
    facts = context.facts.as_values()
    clock = clock or context.clock
    scope = context.scope(document)
    return Running(document, context.properties, facts, clock=clock, outside=outside, memory=memory, scope=scope)


def _take_over(running: Running, context: Context, process: str) -> None:
    """Make the changes of a map that has come to its end."""
    for name, value in running.changes.items():
        context.set_property(name, value)
        if name in running.kept:
            context.keeping.keep(process, name, value, strict=False)
    for level, text in running.lines:
        context.tell(_LEVELS.get(level, "info"), text)


def _document(source: Document, made: Output, ordinal: int, count: int, context: Context) -> Document:
    """Give a document of a map; one that is the only one is the document that it was."""
    identity = source.id if count == 1 else derived_identity(source.id, context.name, ordinal)
    return Document(identity, made.content, made.properties, made.meta, source.origins)


async def _fetch(missing: dict[Request, int], document: Document, context: Context, outside: Outside) -> None:
    for request, count in missing.items():
        match request:
            case NextNumber(counter, batch):
                for _ in range(count):
                    if not context.numbers.left(counter):
                        await context.log.reserve(context.numbers, {counter: batch})
                    outside.taken(counter, context.numbers.next(counter))
            case CachedDocuments(cache, index, key):
                outside.fetched(request, await _cached(cache, index, key, context))
            case Called():
                outside.fetched(request, await called(request, document, context))


async def _cached(cache: str, index: int, key: tuple[str, ...], context: Context) -> list[bytes]:
    found: list[bytes] = []
    for batch in context.caches.found(cache, index, key):
        async with aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                found += [await context.contents.read(document) for document in chunk]
    return found
