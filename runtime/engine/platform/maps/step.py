"""Map, of the platform: each document becomes one or several others (reference 1.3)."""

from __future__ import annotations

from contextlib import aclosing
from functools import partial

import trio

from runtime.engine.batch import Batch
from runtime.engine.contents import held
from runtime.engine.context import Context
from runtime.engine.outcome import Failure, Outcome, failure
from runtime.engine.platform.maps.compiled import CompiledPlatformMap, Output, compile_map
from runtime.engine.platform.maps.outside import Outside
from runtime.engine.platform.maps.running import Memory, Running
from runtime.engine.platform.maps.settling import Settling, running_of, take_over
from runtime.engine.platform.maps.threads import computed_apart
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around
from runtime.engine.step import EachStep, Step, WholeStep
from runtime.errors import DocumentFault
from runtime.model.document import Document, derived_identity
from runtime.model.platform_shapes import PlatformMapStep

MAP_THREADS = 8  # maps with scripts at once, of one step: they hold the interpreter lock, so more would only wait


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
        running = running_of(document, context, Outside(), Memory())
        content = held(document) if self.reads else b""
        (made,) = self._map.apply(document, content, running)
        take_over(running, context, self._process)
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
        settling = Settling(self._process, self._map.rounds)
        async with context.writer() as writer, aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for stored in chunk:
                    await context.pace()
                    document = await context.contents.load(stored) if self._map.reads else stored
                    try:
                        outputs = await settling.run(partial(self._applied, document, context), document, context)
                    except DocumentFault as fault:
                        failures.append(failure(document, fault))
                        continue
                    for ordinal, output in enumerate(outputs):
                        made = _document(document, output, ordinal, len(outputs), context)
                        if writer.add(await context.contents.settle(made)):
                            await writer.flush()
        return Outcome(outputs=(writer.batch,), failures=tuple(failures))

    async def _applied(self, document: Document, context: Context, running: Running) -> list[Output]:
        content = held(document) if self._map.reads else b""
        if not self._map.blocks and not (self._map.reads and context.is_large(document)):
            return list(self._map.apply(document, content, running))
        return await computed_apart(
            lambda: list(self._map.apply(document, content, running)),
            running,
            context.workers if self._map.blocks else None,
            self._threads,
        )


def _document(source: Document, made: Output, ordinal: int, count: int, context: Context) -> Document:
    """Give a document of a map; one that is the only one is the document that it was."""
    identity = source.id if count == 1 else derived_identity(source.id, context.name, ordinal)
    return Document(identity, made.content, made.properties, made.meta, source.origins)
