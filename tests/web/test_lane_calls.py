"""Calls whose head is known: what the door has found out about one is not found out again."""

from __future__ import annotations

from contextlib import AsyncExitStack

import msgspec
import pytest

from runtime.engine import express
from runtime.engine.context import Context
from runtime.engine.deployment import deployed
from runtime.engine.executions import open_executions
from runtime.engine.generated.attempts import IN_A_ROW
from runtime.engine.generated.run import Flown, flown_of
from runtime.engine.generated.source import Generated
from runtime.engine.table import table_of
from runtime.model.document import Document
from runtime.model.process import Options
from runtime.model.shapes import ExceptionStep
from runtime.model.values import Template
from runtime.observe.metrics import Metrics
from runtime.store.memory import MemoryStore
from runtime.web.exchange import Alike, Answer, Request, WholeExchange
from runtime.web.flow_door import DoorSettings, FlowDoor
from runtime.web.later import Later
from tests.engine.houses import SETTINGS, bundle
from tests.engine.worlds import TrioClock, World


class Taken(WholeExchange):
    """An exchange that keeps its answer."""

    told: Answer | None = None

    async def answer(self, answer: Answer) -> None:
        """Keep it."""
        self.begin()
        self.told = answer

    async def stream(self, *_: object) -> None:
        """Give no body in pieces."""
        raise AssertionError

    async def wait_gone(self) -> None:
        """Ask nobody."""
        raise AssertionError


async def test_a_call_that_does_not_go_well_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: the function of a call runs once, whoever answers it then, and it is one attempt of those in a row."""
    tried: list[str] = []

    def counted(generated: Generated, name: str, document: Document, context: Context) -> Flown | None:
        tried.append(name)
        return flown_of(generated, name, document, context)

    monkeypatch.setattr(express, "flown_of", counted)
    fails = ExceptionStep(id="e", title=Template(("No",)), message=Template(("no",)))
    async with AsyncExitStack() as stack:
        made = bundle([fails], "e", Options(mode="low latency"))
        table = table_of([await stack.enter_async_context(deployed(made, World().catalogue()))])
        house = await stack.enter_async_context(
            open_executions(MemoryStore(), TrioClock(), SETTINGS, owner="o", wake_outbox=lambda: None)
        )
        door = FlowDoor(house, lambda: table, DoorSettings(), Metrics("0"))
        request = Request(
            method="POST", path="/fs/S/actions/Do", query=b"", headers=(), body=b"", client=None, arrived=0.0
        )
        lane = door.lane(request)
        assert lane is not None
        for number in range(IN_A_ROW + 2):
            body = msgspec.json.encode({"token": f"t{number}", "tenantId": "T"})
            found = lane(body, 0.0)
            assert found is not None
            assert not isinstance(found, Answer | Alike | Later)
            exchange = Taken(msgspec.structs.replace(request, body=body))
            await found(exchange)
            assert exchange.told is not None
            assert exchange.told.status == 500
            assert len(tried) == min(number + 1, IN_A_ROW)
