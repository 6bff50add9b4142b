"""What the engine costs for five steps on one document, beside the same by hand."""

from __future__ import annotations

import time

import msgspec
import trio

from runtime.engine.batch import Held
from runtime.engine.compile import CompiledProcess, compile_bundle
from runtime.engine.context import Context, EngineLimits, Facts
from runtime.engine.log import ExecutionLog
from runtime.engine.places import Control, Slot
from runtime.engine.run import run
from runtime.engine.start import start_documents
from runtime.errors import Place
from runtime.model.bundle import Bundle
from runtime.model.maps import Field, Map, Rule
from runtime.model.process import Process
from runtime.model.shapes import (
    Assignment,
    DecisionStep,
    MapStep,
    MessageStep,
    ReturnDocumentsStep,
    SetPropertiesStep,
    Start,
)
from runtime.model.values import Expression, Template
from runtime.sdk.connector import Catalogue
from runtime.store.memory import MemoryStore
from tests.engine.worlds import TrioClock

DOCUMENT = (
    b'{"customer":{"name":"Ada","country":"NO"},"total":129.5,"lines":[{"sku":"A-1","qty":2},{"sku":"B-7","qty":1}]}'
)


def template(*parts: str) -> Template:
    """Give a template of texts, and of expressions where a part begins with a dollar sign."""
    return Template(tuple(Expression(part[1:], Place()) if part.startswith("$") else part for part in parts))


def process() -> CompiledProcess:
    """Give five steps: set properties, map, decision, message, return documents."""
    start = Start(id="start", mode="passthrough", to="set")
    shapes = (
        start,
        SetPropertiesStep(
            id="set", to="map", assignments=(Assignment("document", "name", template("$document.customer.name")),)
        ),
        MapStep(id="map", map="m", to="decide"),
        DecisionStep(id="decide", condition=Expression("document.total > 100", Place()), yes="message", no="return"),
        MessageStep(id="message", text=template('{"message":"Hello ', "$properties.name", '"}'), to="return"),
        ReturnDocumentsStep(id="return"),
    )
    rules = (
        Rule(target=("name",), source=Field(("customer", "name"))),
        Rule(target=("total",), source=Field(("total",))),
    )
    bundle = Bundle(
        name="b",
        version="1",
        digest="d",
        processes={"p": Process(name="p", start=start, shapes=shapes)},
        maps={"m": Map(name="m", rules=rules)},
    )
    return compile_bundle(bundle, Catalogue({})).processes["p"]


def by_hand(content: bytes) -> bytes:
    """Do the same without an engine."""
    order = msgspec.json.decode(content)
    name = order["customer"]["name"]
    mapped = msgspec.json.encode({"name": name, "total": order["total"]})
    if msgspec.json.decode(mapped)["total"] > 100:
        return msgspec.json.encode({"message": f"Hello {name}"})
    return mapped


async def _engine(rounds: int) -> float:
    compiled, store, clock = process(), MemoryStore(), TrioClock()
    facts = Facts(id="ex", bundle="b", version="1", process="p", started_at=0.0)
    begun, returned = time.perf_counter(), 0
    for _ in range(rounds):
        log = ExecutionLog(store.journal, store.documents, "ex", 1, durable=False)
        context = Context(
            facts,
            log,
            store.documents,
            clock,
            connections={},
            limits=EngineLimits(),
            control=Control(),
            slot=Slot(),
        )
        result = await run(compiled, "p", Held(start_documents([DOCUMENT])), context)
        returned += len(result.returned)
    spent = time.perf_counter() - begun
    if returned != rounds:
        raise AssertionError("the process did not return its document")
    return spent / rounds * 1e6


def _hand(rounds: int) -> float:
    begun = time.perf_counter()
    for _ in range(rounds):
        by_hand(DOCUMENT)
    return (time.perf_counter() - begun) / rounds * 1e6


def measure(rounds: int = 3_000, repeats: int = 5) -> tuple[float, float]:
    """Give microseconds for five steps: the engine's and by hand; the best of `repeats` interleaved rounds."""
    engine: list[float] = []
    hand: list[float] = []
    for _ in range(repeats):
        engine.append(trio.run(_engine, rounds))
        hand.append(_hand(rounds))
    return min(engine), min(hand)
