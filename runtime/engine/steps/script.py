"""Script: a Python file of the bundle gets the batch and says what goes on (reference 1.10, custom scripting)."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import aclosing
from functools import cached_property
from typing import Any

import trio

from runtime.engine.batch import Batch
from runtime.engine.context import Context
from runtime.engine.merge import Merger
from runtime.engine.outcome import Outcome
from runtime.engine.scripts.calling import call_in_process
from runtime.engine.scripts.check import check_texts, checked, told
from runtime.engine.step import WholeStep
from runtime.errors import DocumentFault, Fault
from runtime.model.bundle import Script as BundleScript
from runtime.model.document import Document, derived_identity
from runtime.model.shapes import ScriptStep
from runtime.sdk.script import ScriptContext, ScriptDocument

Function = Callable[[Sequence[ScriptDocument], ScriptContext], Any]


class BatchScript(WholeStep, ABC):
    """A script that is called once for the batch. Documents that it does not give back are gone."""

    waits = True

    @abstractmethod
    async def call(
        self, documents: list[ScriptDocument], facade: ScriptContext, context: Context
    ) -> list[ScriptDocument]:
        """Give the documents that go on.

        Raises:
            Exception: the script's own, which `explain` tells.
        """

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the documents that the script gave back, in its order."""
        documents: list[ScriptDocument] = []
        merger = Merger(context.name)
        async with aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for stored in chunk:
                    document = await context.contents.load(stored)
                    merger.add(document)
                    documents.append(ScriptDocument.of(document))
        facade = ScriptContext(context.properties, context.facts.as_values())
        given = await self.call(documents, facade, context)
        check_texts(facade.process.changes)
        for name, value in facade.process.changes.items():
            context.set_property(name, value)
        return await self._outcome(given, merger, context)

    async def _outcome(self, given: list[ScriptDocument], merger: Merger, context: Context) -> Outcome:
        seen: set[bytes] = set()
        name = context.name
        async with context.writer() as writer:
            for ordinal, made in enumerate(given):
                source = made.source or merger.document(b"")
                identity = source.id
                if made.is_new or identity in seen:
                    identity = derived_identity(source.id, name, ordinal)
                seen.add(identity)
                document = Document(identity, made.content, made.properties, made.meta, source.origins)
                if writer.add(await context.contents.settle(document)):
                    await writer.flush()
        return Outcome(outputs=(writer.batch,))


class Script(BatchScript):
    """Calls a function of a Python file. An async function runs on the loop, and must give it turns.

    A plain one runs in a process of its own where the bundle has any, else in a thread. An error fails every document
    of the batch.
    """

    def __init__(self, shape: ScriptStep, script: BundleScript, limiter: trio.CapacityLimiter) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._file = shape.file
        self._name = shape.function
        self._source = script.source
        self._limiter = limiter
        self._is_async = is_async(script.source, shape.function)

    async def call(
        self, documents: list[ScriptDocument], facade: ScriptContext, context: Context
    ) -> list[ScriptDocument]:
        """Give the documents that the function gave back."""
        file = self._file
        if self._is_async:
            return checked(await self._function(documents, facade), file)
        if context.workers is None:
            function = self._function
            return await trio.to_thread.run_sync(
                lambda: checked(function(documents, facade), file), limiter=self._limiter
            )
        return await call_in_process(
            context.workers, "python", file, self._name, self._source, documents=documents, facade=facade, lines=[]
        )

    @cached_property
    def _function(self) -> Function:
        """The function in this process; its script was imported in another one before the bundle went live."""
        namespace: dict[str, Any] = {"__name__": self._file.removesuffix(".py").replace("/", ".")}
        code = compile(self._source, self._file, "exec", dont_inherit=True)
        exec(code, namespace)  # noqa: S102 - the bundle's own code, which runs on the loop by its own word
        function: Function = namespace[self._name]
        return function

    def explain(self, error: Exception) -> Fault:
        """Say which line of the script failed; every document of the batch fails by it."""
        return DocumentFault("script.error", told(error, self._file))


def is_async(source: str, function: str) -> bool:
    """Whether a script defines a function as one that runs on the loop; nothing of the script is run to know."""
    return any(isinstance(node, ast.AsyncFunctionDef) and node.name == function for node in ast.parse(source).body)
