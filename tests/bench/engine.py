"""What the engine costs for five steps on one document, beside the same by hand."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import trio
from msgspec import Struct

from runtime.engine.batch import Held
from runtime.engine.compile import CompiledProcess, compile_bundle
from runtime.engine.context import Context, EngineLimits, Facts
from runtime.engine.generated.run import flown_of
from runtime.engine.log import ExecutionLog
from runtime.engine.places import Control, Slot
from runtime.engine.run import run
from runtime.engine.start import start_documents
from runtime.errors import Place
from runtime.model.bundle import Bundle
from runtime.model.document import Document
from runtime.model.maps import Field, Map, Rule
from runtime.model.process import Mode, Options, Process
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


class Engine(Struct, frozen=True, kw_only=True):
    """Microseconds of processor time for five steps on one document: by the driver, as one function, and by hand."""

    driver: float
    generated: float
    by_hand: float


def template(*parts: str) -> Template:
    """Give a template of texts, and of expressions where a part begins with a dollar sign."""
    return Template(tuple(Expression(part[1:], Place()) if part.startswith("$") else part for part in parts))


def process(mode: Mode = "general") -> CompiledProcess:
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
        processes={"p": Process(name="p", start=start, shapes=shapes, options=Options(mode=mode))},
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


def context_of(store: MemoryStore) -> Context:
    """Give the context of an execution."""
    facts = Facts(id="ex", bundle="b", version="1", process="p", started_at=0.0)
    log = ExecutionLog(store.journal, store.documents, "ex", 1, durable=False)
    return Context(
        facts,
        log,
        store.documents,
        TrioClock(),
        connections={},
        limits=EngineLimits(),
        control=Control(),
        slot=Slot(),
    )


async def _driver(rounds: int) -> float:
    compiled, store = process(), MemoryStore()
    begun, returned = time.process_time(), 0
    for _ in range(rounds):
        result = await run(compiled, "p", Held(start_documents([DOCUMENT])), context_of(store))
        returned += len(result.returned)
    return _each(begun, rounds, returned)


async def _generated(rounds: int) -> float:
    generated, context = process("low latency").generated, context_of(MemoryStore())
    if generated is None:
        raise AssertionError("the process is no function")
    begun, returned = time.process_time(), 0
    for _ in range(rounds):
        context.renew(context.facts, {})
        flown = flown_of(generated, "p", Document(b"", DOCUMENT), context)
        returned += 0 if flown is None else len(flown.returned)
    return _each(begun, rounds, returned)


def _each(begun: float, rounds: int, returned: int) -> float:
    spent = time.process_time() - begun
    if returned != rounds:
        raise AssertionError("the process did not return its document")
    return spent / rounds * 1e6


def _hand(rounds: int) -> float:
    begun = time.process_time()
    for _ in range(rounds):
        by_hand(DOCUMENT)
    return (time.process_time() - begun) / rounds * 1e6


def measure(rounds: int = 3_000, repeats: int = 5) -> Engine:
    """Measure in interleaved rounds; the best of `repeats` counts."""
    driver: list[float] = []
    generated: list[float] = []
    hand: list[float] = []
    for _ in range(repeats):
        driver.append(trio.run(_driver, rounds))
        generated.append(trio.run(_generated, rounds))
        hand.append(_hand(rounds))
    return Engine(driver=min(driver), generated=min(generated), by_hand=min(hand))


def report(engine: Engine, folder: Path) -> None:
    """Print what was measured, and write it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "engine.json").write_bytes(msgspec.json.format(msgspec.json.encode(engine)))
    print(f"engine: five steps on one document {engine.driver:.1f} us, x{engine.driver / engine.by_hand:.1f} by hand;")
    ratio = engine.generated / engine.by_hand
    print(f"  as one function {engine.generated:.1f} us, x{ratio:.1f}; by hand {engine.by_hand:.2f} us")
