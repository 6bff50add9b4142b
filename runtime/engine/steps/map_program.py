"""Map whose body is one expression of JSONata: each document becomes another, in a process with limits."""

from __future__ import annotations

from contextlib import aclosing
from functools import partial

import trio

from runtime.engine.batch import Batch
from runtime.engine.contents import held
from runtime.engine.context import Context
from runtime.engine.outcome import Failure, Failures, Outcome, failure
from runtime.engine.platform.maps.compiled import no_data
from runtime.engine.scripts.calling import call_in_process
from runtime.engine.scripts.languages import bindings_of
from runtime.engine.step import WholeStep
from runtime.errors import DocumentFault
from runtime.expressions.jsonata import compile_jsonata
from runtime.model.document import Document
from runtime.model.shapes import MapProgramStep
from runtime.sdk.script import ScriptContext, ScriptDocument

LONGEST = 5.0  # seconds of one document where the expression has no process of its own


class MapProgram(WholeStep):
    """Evaluates the expression for each document; one that it fails on, or that is too much for it, fails alone."""

    waits = True

    def __init__(self, shape: MapProgramStep, limiter: trio.CapacityLimiter) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._source = shape.source
        self._map = shape.map
        self._file = f"maps/{shape.map}.yaml"
        self._limiter = limiter
        self._evaluate = compile_jsonata(shape.source)

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give what all documents have become."""
        failures: list[Failure] = Failures()
        async with context.writer() as writer, aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for stored in chunk:
                    document = await context.contents.load(stored)
                    try:
                        content = await self._mapped(document, context)
                    except DocumentFault as fault:
                        failures.append(failure(document, fault))
                        continue
                    made = Document(document.id, content, document.properties, document.meta, document.origins)
                    if writer.add(await context.contents.settle(made)):
                        await writer.flush()
        return Outcome(outputs=(writer.batch,), failures=tuple(failures))

    async def _mapped(self, document: Document, context: Context) -> bytes:
        facade = ScriptContext(context.properties, context.facts.as_values())
        given = ScriptDocument.of(document)
        if context.workers is None:
            bindings = bindings_of(given, facade)
            made = await trio.to_thread.run_sync(
                partial(self._evaluate, held(document), bindings, LONGEST), limiter=self._limiter
            )
        else:
            (answered,) = await call_in_process(
                context.workers, "jsonata", self._file, "", self._source, documents=[given], facade=facade, lines=[]
            )
            made = answered.content
        if not made:
            raise no_data(self._map, ())
        return made
