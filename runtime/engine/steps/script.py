"""Script: a Python file of the bundle gets the batch and says what goes on (reference 1.10, custom scripting)."""

from __future__ import annotations

import inspect
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from types import CodeType
from typing import Any, cast

import trio

from runtime.engine.batch import Batch
from runtime.engine.context import Context
from runtime.engine.merge import Merger
from runtime.engine.outcome import Outcome
from runtime.engine.step import WholeStep
from runtime.errors import DocumentFault, Fault, ProcessFault
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
        _check_texts(facade.process.changes)
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
    """Calls a function of a Python file. A plain function runs in a thread, an async one on the loop.

    An error fails every document of the batch.
    """

    def __init__(self, shape: ScriptStep, code: CodeType, limiter: trio.CapacityLimiter) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._file = shape.file
        self._limiter = limiter
        namespace: dict[str, Any] = {"__name__": shape.file.removesuffix(".py").replace("/", ".")}
        exec(code, namespace)  # noqa: S102 - the bundle's own code, read and checked at deployment
        self._function: Function = namespace[shape.function]

    async def call(
        self, documents: list[ScriptDocument], facade: ScriptContext, context: Context
    ) -> list[ScriptDocument]:
        """Give the documents that the function gave back."""
        if inspect.iscoroutinefunction(self._function):
            return self._checked(await self._function(documents, facade))
        function = self._function
        return await trio.to_thread.run_sync(lambda: self._checked(function(documents, facade)), limiter=self._limiter)

    def _checked(self, given: object) -> list[ScriptDocument]:
        documents: list[ScriptDocument] = []
        for document in given if isinstance(given, Iterable) else [given]:
            if not isinstance(document, ScriptDocument):
                message = f"{self._file} gave back {type(document).__name__} where a document was expected"
                hint = "return or yield the documents that go on"
                raise ProcessFault("script.result", message, hint=hint)
            self._check(document)
            documents.append(document)
        return documents

    def _check(self, document: ScriptDocument) -> None:
        """Refuse what could not be written down: content is bytes, properties and meta data are texts in UTF-8."""
        content = cast("object", document.content)  # a script keeps no types
        if not isinstance(content, bytes):
            raise TypeError(f"content is {type(content).__name__} where bytes were expected")
        for values in cast("tuple[object, ...]", (document.properties, document.meta)):
            if not isinstance(values, dict):
                raise TypeError(f"properties are {type(values).__name__} where a dict was expected")
            _check_texts(values)

    def explain(self, error: Exception) -> Fault:
        """Say which line of the script failed; every document of the batch fails by it."""
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename.endswith(self._file)]
        where = f"{self._file}:{lines[-1]}" if lines else self._file
        return DocumentFault("script.error", f"{where}: {type(error).__name__}: {error}")


def _check_texts(values: Mapping[Any, Any]) -> None:
    for name, value in values.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError(f"property {name!r} is {type(value).__name__} where text was expected")
        name.encode()
        value.encode()
