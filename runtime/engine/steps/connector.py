"""Connector: one call for each document, answers in the order of documents (reference 1.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from copy import copy
from functools import partial
from typing import Protocol

import msgspec
import trio

from runtime.engine.batch import Batch
from runtime.engine.contents import held
from runtime.engine.context import MOST_TRACKED, Context
from runtime.engine.effects import Replies, perform
from runtime.engine.interruption import Interruption
from runtime.engine.outcome import Failure, Failures, Outcome, failure
from runtime.engine.positions import idempotency_key
from runtime.engine.step import WholeStep
from runtime.engine.tracking import Tracking
from runtime.errors import DocumentFault
from runtime.expressions import Scope, compile_template
from runtime.model.document import Document, Stored, derived_identity
from runtime.model.platform_shapes import PlatformConnectorStep
from runtime.model.shapes import ConnectorStep
from runtime.model.values import Value
from runtime.sdk.connector import Call, OperationSpec, Reply
from runtime.sdk.effect import Effect
from runtime.sdk.faults import ApplicationFault

CALLS_AT_ONCE = 8  # for calls that may be repeated: enough to hide a target's latency, few enough not to flood it

Answer = Replies | DocumentFault


class Exchange(Protocol):
    """What is between the documents of a step and the connector."""

    def request(self, content: bytes, document: Document, context: Context, /) -> bytes:
        """Give what the connector gets as the document's content.

        Raises:
            DocumentFault: it cannot be made of this document.
        """
        ...

    def replies(self, replies: Replies, /) -> Replies:
        """Give what goes on, of what the connector gave.

        Raises:
            DocumentFault: it cannot be made of these.
        """
        ...


class CallField(Protocol):
    """A field of a call. `literal` is its text where nothing has to be computed, else None."""

    @property
    def literal(self) -> str | None:
        """The text, where it is the same for every document."""
        ...

    def text(self, scope: Scope, document: Document, context: Context) -> str:
        """Give the text for a document; `scope` is what expressions see.

        Raises:
            DocumentFault: it cannot be computed.
        """
        ...


class TemplateField:
    """A field of a native step: a template."""

    def __init__(self, value: Value) -> None:
        self._template = compile_template(value)

    @property
    def literal(self) -> str | None:
        """The text, where no expression is in it."""
        return self._template.literal

    def text(self, scope: Scope, document: Document, context: Context) -> str:
        """Give the text."""
        return self._template.text(scope)


class CallConnector(WholeStep):
    """Calls the connection for each document; siblings of a document that fails go on."""

    waits = True
    effects = True

    def __init__(
        self,
        shape: ConnectorStep | PlatformConnectorStep,
        spec: OperationSpec,
        fields: Mapping[str, CallField],
        concurrency: int | None,
        *,
        exchange: Exchange | None = None,
        tracking: Tracking | None = None,
    ) -> None:
        super().__init__(shape.id, shape.name, (shape.to,))
        self._connection = shape.connection
        self._spec = spec
        self._fields = dict(fields)
        self._continue = shape.on_error_response == "continue"
        self._at_once = concurrency
        self._exchange = exchange
        self._tracking = tracking

    def through(self, connection: str) -> CallConnector:
        """Give the same step, making its calls through another connection of the execution."""
        other = copy(self)
        other._connection = connection  # noqa: SLF001 - its own
        return other

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the answers; a document whose call gives none ends there."""
        failures: list[Failure] = Failures()
        tracked: dict[tuple[str, str], None] = {}
        async with context.writer() as writer, aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                answers = await self._answers(chunk, context)
                for document, answer in zip(chunk, answers, strict=True):
                    tracked.update(dict.fromkeys(await self._sent(document, context, len(tracked))))
                    if isinstance(answer, DocumentFault):
                        failures.append(failure(document, answer))
                        continue
                    for number, reply in enumerate(answer):
                        answered = _answered(document, reply, number, context.name)
                        if self._tracking is not None and self._tracking.receives and len(tracked) < MOST_TRACKED:
                            tracked.update(dict.fromkeys(self._tracking.received(answered, context)))
                        if writer.add(await context.contents.settle(answered)):
                            await writer.flush()
        return Outcome(outputs=(writer.batch,), failures=tuple(failures), tracked=tuple(tracked))

    async def _sent(self, stored: Document, context: Context, known: int) -> list[tuple[str, str]]:
        """Give the tracked fields of a document that was sent."""
        if self._tracking is None or not self._tracking.sends or known >= MOST_TRACKED:
            return []
        return self._tracking.sent(await context.contents.load(stored), context)

    async def _answers(self, documents: Sequence[Document], context: Context) -> list[Answer]:
        if len(documents) == 1:
            return [await self.answer(documents[0], context)]
        answers: list[Answer] = [()] * len(documents)
        stopped: list[Exception] = []
        waiting = iter(range(len(documents)))

        async def work() -> None:
            for number in waiting:
                if stopped:
                    return
                try:
                    answers[number] = await self.answer(documents[number], context)
                except Exception as turn:  # noqa: BLE001 - the step wrapper's, once the calls under way have ended
                    stopped.append(turn)

        async with trio.open_nursery() as nursery:
            for slot in range(min(self._slots(), len(documents))):
                nursery.start_soon(work, name=f"{self.name} slot {slot}")
        if stopped:
            raise next((turn for turn in stopped if isinstance(turn, Interruption)), stopped[0])
        return answers

    def _slots(self) -> int:
        if self._at_once is not None:
            return self._at_once
        literal = {name: field.literal for name, field in self._fields.items()}
        return 1 if self._spec.effect(literal).needs_intent else CALLS_AT_ONCE

    async def answer(self, stored: Document, context: Context) -> Answer:
        """Give the answer for one document, or the fault that ends it."""
        try:
            is_large = self._spec.takes_pieces and isinstance(stored.content, Stored)
            document = stored if is_large else await context.contents.load(stored)
            if self.fetches:
                await self.fetch(document, context)
            values = await context.beside(self._values, document)
            key = idempotency_key(context.facts.id, context.name, document.id)
            content = b"" if is_large else held(document)
            if self._exchange is not None:
                content = self._exchange.request(content, document, context)
            pieces = partial(context.contents.chunks, document) if is_large else None
            call = Call(document, content, self._convert(values), key, context.deadline, pieces)
            replies = await self._call(call, self._spec.effect(values), context)
            return replies if self._exchange is None else self._exchange.replies(replies)
        except DocumentFault as fault:
            return fault

    def _values(self, document: Document, context: Context) -> dict[str, str]:
        scope = context.scope(document)
        return {name: field.text(scope, document, context) for name, field in self._fields.items()}

    async def _call(self, call: Call, effect: Effect, context: Context) -> Replies:
        connection = context.connections[self._connection]

        async def make() -> Replies:
            try:
                return await connection.execute(self._spec.name, call)
            except ApplicationFault as fault:
                if not self._continue:
                    raise
                meta = {**fault.meta, "status": fault.status, "message": fault.message}
                return (Reply(fault.body, meta),)

        return await perform(context, effect, make, document=call.document.id, key=call.key)

    def _convert(self, values: dict[str, str]) -> object:
        try:
            return msgspec.convert(values, self._spec.fields, strict=False)
        except msgspec.ValidationError as error:
            raise DocumentFault("connector.fields", f"{self.name}: {error}") from error


def _answered(document: Document, reply: Reply, number: int, step: bytes) -> Document:
    identity = document.id if number == 0 else derived_identity(document.id, step, number)
    meta = {**document.meta, **reply.meta}
    properties = {**document.properties, **reply.properties} if reply.properties else document.properties
    content = document.content if reply.unchanged else reply.content
    return Document(identity, content, properties, meta, document.origins)


def call_connector(shape: ConnectorStep, spec: OperationSpec) -> CallConnector:
    """Give the compiled step of a native connector shape."""
    fields = {name: TemplateField(value) for name, value in shape.fields.items()}
    tracking = Tracking(shape.track, shape.track_answers) if shape.track or shape.track_answers else None
    return CallConnector(shape, spec, fields, shape.concurrency, tracking=tracking)
