"""A world for processes under test: a connector whose target remembers every call, and a clock that tests own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager

import trio
from msgspec import Struct

from runtime.model.document import Document, root_identity
from runtime.sdk.connector import Call, Catalogue, ConnectorSpec, OperationSpec, Reply
from runtime.sdk.effect import Effect
from runtime.sdk.faults import ApplicationFault, NotSent, OutcomeUnknown


class TrioClock:
    """Wall time that follows trio's clock, so that a virtual clock moves both."""

    def now(self) -> float:
        """Give the time in seconds; it begins far from zero, as real time does."""
        return 1_000_000_000.0 + trio.current_time()


class Nothing(Struct, frozen=True):
    """Settings of a connector that needs none."""


class Fields(Struct, frozen=True):
    """Fields of the world's operations: what the target notes beside the content."""

    note: str = ""


class World:
    """What the outside saw. `calls` are all calls, `effects` the distinct keys of each operation with their content.

    `rule` decides what a call does: it gives a reply, or raises one of the connector's faults.
    """

    def __init__(self, rule: Callable[[str, Call, int], bytes] | None = None) -> None:
        self.calls: list[tuple[str, str, bytes]] = []
        self.effects: dict[tuple[str, str], bytes] = {}
        self.tries: dict[tuple[str, str], int] = {}
        self._rule = rule or (lambda operation, call, tries: call.content)

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Answer a call as the rule says; the target has felt it unless the rule says that it was not sent."""
        await trio.lowlevel.checkpoint()
        tries = self.tries.get((operation, call.key), 0)
        self.tries[operation, call.key] = tries + 1
        content = self._rule(operation, call, tries)
        self.calls.append((operation, call.key, call.content))
        self.effects.setdefault((operation, call.key), call.content)
        return (Reply(content, {"status": "200"}),)

    def catalogue(self) -> Catalogue:
        """Give a catalogue with one connector, ``world``, whose operations are called as their effects."""

        @asynccontextmanager
        async def opened(settings: object) -> AsyncGenerator[World]:
            yield self

        def always(effect: Effect) -> Callable[[Mapping[str, str | None]], Effect]:
            return lambda fields: effect

        operations = tuple(
            OperationSpec(name=effect.value, summary=f"A call that is {effect}.", fields=Fields, effect=always(effect))
            for effect in Effect
        )
        spec = ConnectorSpec(
            name="world", summary="The world under test.", settings=Nothing, operations=operations, open=opened
        )
        return Catalogue({"world": spec})


def documents(*contents: bytes) -> tuple[Document, ...]:
    """Give contents as the documents that enter an execution."""
    return tuple(Document(root_identity(number), content) for number, content in enumerate(contents))


__all__ = ["ApplicationFault", "NotSent", "OutcomeUnknown", "TrioClock", "World", "documents"]
