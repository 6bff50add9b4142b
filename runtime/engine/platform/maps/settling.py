"""Running functions for a document until nothing that they need from outside is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import TypeVar

from msgspec import Struct

from runtime.clock import Clock
from runtime.engine.context import Context
from runtime.engine.observer import Level
from runtime.engine.platform.calling import Called, called
from runtime.engine.platform.maps.calling import due
from runtime.engine.platform.maps.outside import CachedDocuments, NextNumber, Outside, Request
from runtime.engine.platform.maps.running import Memory, Running
from runtime.errors import DocumentFault
from runtime.model.document import Document

MOST_ROUNDS = 1_000  # of fetching for one document, where each row may ask with what the row before it has set

_LEVELS: dict[str, Level] = {"debug": "info", "info": "info", "warning": "warning", "error": "severe"}

Made = TypeVar("Made")


class Settling:
    """What the functions of one step know and keep, from document to document.

    `rounds` bounds how often is fetched for one document; None where each row may ask with what the one before it set.
    """

    def __init__(self, process: str, rounds: int | None) -> None:
        self._process = process
        self._rounds = rounds or MOST_ROUNDS
        self._outside = Outside()
        self._memory = Memory()

    async def run(self, compute: Callable[[Running], Awaitable[Made]], document: Document, context: Context) -> Made:
        """Compute until nothing is missing, at one time for all rounds; only then is taken over what was changed.

        Raises:
            DocumentFault: it cannot be computed, or still asks for something else after all rounds.
        """
        clock, outside = _Still(context.clock.now()), self._outside
        for _ in range(self._rounds):
            await context.pace()
            running = running_of(document, context, outside, self._memory, clock)
            fault: DocumentFault | None = None
            made: list[Made] = []
            try:
                made.append(await compute(running))
            except DocumentFault as error:
                fault = error
            if outside.missing:
                missing, outside.missing = outside.missing, Counter()
                self._memory.results.clear()
                await _fetch(due(missing), document, context, outside)
                continue
            outside.used(running.numbers)
            if fault is not None:
                raise fault
            take_over(running, context, self._process)
            return made[0]
        outside.used(Counter())
        raise DocumentFault(
            "map.never-settles",
            f"after {self._rounds} times of fetching the map still asks for something else",
            hint="look up by what is the same each time that it is computed: no random value, no current time",
        )


class _Still(Struct, frozen=True):
    """A clock that stands: what is run again for what it misses finds the time that it had."""

    time: float

    def now(self) -> float:
        """Give the time at which it stands."""
        return self.time


def running_of(
    document: Document, context: Context, outside: Outside, memory: Memory, clock: Clock | None = None
) -> Running:
    """Give what functions know of a document and of the execution."""
    facts = context.facts.as_values()
    clock = clock or context.clock
    scope = context.scope(document)
    return Running(document, context.properties, facts, clock=clock, outside=outside, memory=memory, scope=scope)


def take_over(running: Running, context: Context, process: str) -> None:
    """Make the changes of functions that have come to their end."""
    for name, value in running.changes.items():
        context.set_property(name, value)
        if name in running.kept:
            context.keeping.keep(process, name, value, strict=False)
    for level, text in running.lines:
        context.tell(_LEVELS.get(level, "info"), text)


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
