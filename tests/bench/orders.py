"""The engine on an order of nine lines, 1.4 kB: two maps with a sum, a decision, a property; one at a time, and many.

Numbers are exact here and there: a price is a decimal, and so is what it is multiplied with.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import msgspec
import trio
from msgspec import Struct

from runtime.engine.batch import Held
from runtime.engine.compile import CompiledProcess, compile_bundle
from runtime.engine.generated.flight import Unseen
from runtime.engine.generated.run import flown_of
from runtime.engine.run import run
from runtime.errors import Place
from runtime.model.bundle import Bundle
from runtime.model.document import Document, root_identity
from runtime.model.maps import Call, Field, Map, Rule, Source
from runtime.model.process import FlowListener, Options, Process
from runtime.model.profile import Entry, Profile
from runtime.model.shapes import Assignment, DecisionStep, MapStep, ReturnDocumentsStep, SetPropertiesStep, Start
from runtime.model.values import Expression, Template
from runtime.sdk.connector import Catalogue
from runtime.store.memory import MemoryStore
from tests.bench.engine import context_of

DOCUMENTS = 10_000  # of a batch
LINES = [
    {"line": n, "sku": f"A-{1000 + n}", "name": "Hexagon bolt M8 x 40, galvanised", "qty": n + 1, "price": f"{n}.25"}
    for n in range(9)
]
_TEXT = {"line": "number", "sku": "character", "name": "character", "qty": "number", "price": "number"}
_HEAD = {
    "messageId": "0b5c1f6e-7f0c-4c8e-9a55-1f6f8f9b8e77",
    "number": "4500012345",
    "currency": "EUR",
    "createdAt": "2026-11-23T10:15:30.123Z",
    "note": "Please deliver before noon, and ring the bell twice at the gate of the warehouse.",
}
_CUSTOMER = {"id": "C-10023", "name": "Northwind Traders", "vat": "DE123456789", "group": "B2B"}
_SHIP_TO = {"street": "Hafenstrasse 12", "zip": "20457", "city": "Hamburg", "country": "DE"}
DOCUMENT = (
    msgspec.json.encode({**_HEAD, "customer": _CUSTOMER, "shipTo": _SHIP_TO, "lines": LINES})
    .replace(b'"price":"', b'"price":')
    .replace(b'.25"}', b".25}")
)


class Orders(Struct, frozen=True, kw_only=True):
    """Microseconds of processor time for an order: as one function on dicts and on Structs, and by hand on dicts.

    `many_dicts`, `many_structs`, `many_by_hand` and, by the driver, `many_driver` are documents a second of a batch.
    """

    dicts: float
    structs: float
    by_hand: float
    many_dicts: float
    many_structs: float
    many_by_hand: float
    many_driver: float


def _entries(of: dict[str, object]) -> tuple[Entry, ...]:
    return tuple(Entry(name=name, kind="character") for name in of)


PROFILE = Profile(
    name="order",
    entries=(
        *_entries(_HEAD),  # type: ignore[arg-type]
        Entry(name="customer", kind="object", entries=_entries(_CUSTOMER)),  # type: ignore[arg-type]
        Entry(name="shipTo", kind="object", entries=_entries(_SHIP_TO)),  # type: ignore[arg-type]
        Entry(
            name="lines",
            kind="list",
            entries=tuple(Entry(name=name, kind=kind) for name, kind in _TEXT.items()),  # type: ignore[arg-type]
        ),
    ),
)


def _rules(rules: dict[str, str | Source]) -> tuple[Rule, ...]:
    return tuple(
        Rule(target=tuple(to.split(".")), source=Field(tuple(of.split("."))) if isinstance(of, str) else of)
        for to, of in rules.items()
    )


def process(*, has_profile: bool) -> CompiledProcess:
    """Give the process; without its profile documents are dicts."""
    start = Start(id="start", mode="passthrough", to="map")
    amount = Call("multiply", (Field(("lines[]", "qty")), Field(("lines[]", "price"))))
    copied = ("docType", "number", "currency", "partner", "country", "positions")
    maps = {
        "order": Map(
            name="order",
            rules=_rules(
                {
                    "docType": Template(("ORDERS",)),
                    **{name: name for name in ("number", "currency")},
                    **{f"partner.{name}": f"customer.{name}" for name in ("id", "name", "vat", "group")},
                    "country": "shipTo.country",
                    **{f"positions[].{to}": f"lines[].{of}" for to, of in (("pos", "line"), ("article", "sku"))},
                    "positions[].quantity": "lines[].qty",
                    "positions[].amount": amount,
                }
            ),
        ),
        "total": Map(
            name="total",
            rules=_rules(
                {
                    **{name: name for name in copied},
                    "total": Call("sum", (Field(("positions[]", "amount")),)),
                }
            ),
        ),
    }
    is_bulk = Expression("document.total > 100 && document.partner.group == 'B2B'", Place())
    route = Assignment("document", "route", Template((Expression("document.country", Place()),)))
    shapes = (
        start,
        MapStep(id="map", map="order", to="sum"),
        MapStep(id="sum", map="total", to="decide"),
        DecisionStep(id="decide", condition=is_bulk, yes="route", no="end"),
        SetPropertiesStep(id="route", to="end", assignments=(route,)),
        ReturnDocumentsStep(id="end"),
    )
    listener = FlowListener(request_profile="order" if has_profile else None)
    made = Process(name="p", start=start, shapes=shapes, options=Options(mode="low latency"), listener=listener)
    profiles = {"order": PROFILE}
    bundle = Bundle(name="b", version="1", digest="d", processes={"p": made}, maps=maps, profiles=profiles)
    return compile_bundle(bundle, Catalogue({})).processes["p"]


_DECODE = msgspec.json.Decoder(float_hook=Decimal).decode
_ENCODE = msgspec.json.Encoder(decimal_format="number").encode


def by_hand(content: bytes) -> tuple[bytes, dict[str, str]]:
    """Do the same as a programmer would who wants exact numbers."""
    order = _DECODE(content)
    customer, positions, total = order["customer"], [], Decimal(0)
    for line in order["lines"]:
        amount = line["qty"] * line["price"]
        total += amount
        positions.append({"pos": line["line"], "article": line["sku"], "quantity": line["qty"], "amount": amount})
    made = {
        "docType": "ORDERS",
        "number": order["number"],
        "currency": order["currency"],
        "partner": {name: customer[name] for name in ("id", "name", "vat", "group")},
        "country": order["shipTo"]["country"],
        "positions": positions,
        "total": total,
    }
    bulk = made["total"] > 100 and made["partner"]["group"] == "B2B"
    return _ENCODE(made), {"route": made["country"]} if bulk else {}


def _function(compiled: CompiledProcess) -> Callable[[], object]:
    generated, context = compiled.generated, context_of(MemoryStore())
    if generated is None:
        raise AssertionError("the process is no function")

    def once() -> object:
        flown = flown_of(generated, "p", Document(b"", DOCUMENT), context)
        if flown is None or flown.returned[0].content != by_hand(DOCUMENT)[0]:
            raise AssertionError("the function gave something else")
        return flown

    once()
    return lambda: flown_of(generated, "p", Document(b"", DOCUMENT), context)


def _each(work: Callable[[], object], rounds: int) -> float:
    begun = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - begun) / rounds * 1e6


async def _many(compiled: CompiledProcess, batch: Held, *, driven: bool = False) -> float:
    context = context_of(MemoryStore())
    context.flights = None if driven else Unseen()
    begun = time.process_time()
    result = await run(compiled, "p", batch, context)
    if sum(map(len, result.returned)) != len(batch):
        raise AssertionError(result.message)
    return len(batch) / (time.process_time() - begun)


def measure(rounds: int = 2_000, repeats: int = 3, documents: int = DOCUMENTS) -> Orders:
    """Measure in interleaved rounds; the best of `repeats` counts. The collector is set as in the daemon."""
    dicts, structs = process(has_profile=False), process(has_profile=True)
    if structs.generated is None or structs.generated.typed is None:
        raise AssertionError("the documents become no Structs")
    batch = Held(tuple(Document(root_identity(number), DOCUMENT) for number in range(documents)))
    by_function, by_structs = _function(dicts), _function(structs)
    found: list[Orders] = []
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    for _ in range(repeats):
        hand = _each(lambda: [by_hand(DOCUMENT) for _ in range(100)], max(1, documents // 100)) / 100
        found.append(
            Orders(
                dicts=_each(by_function, rounds),
                structs=_each(by_structs, rounds),
                by_hand=_each(lambda: by_hand(DOCUMENT), rounds),
                many_dicts=trio.run(lambda: _many(dicts, batch)),
                many_structs=trio.run(lambda: _many(structs, batch)),
                many_driver=trio.run(lambda: _many(dicts, batch, driven=True)),
                many_by_hand=1e6 / hand,
            )
        )
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    least = {name: min(getattr(one, name) for one in found) for name in ("dicts", "structs", "by_hand")}
    most = {name: max(getattr(one, name) for one in found) for name in Orders.__struct_fields__ if "many" in name}
    return Orders(**least, **most)


def report(orders: Orders, folder: Path) -> None:
    """Print what was measured, and write it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "orders.json").write_bytes(msgspec.json.format(msgspec.json.encode(orders)))
    one = orders.by_hand
    print(f"  an order of nine lines: {orders.dicts:.1f} us, x{orders.dicts / one:.1f} by hand ({one:.1f} us);")
    print(f"  as Structs {orders.structs:.1f} us, x{orders.structs / one:.1f}")
    print(
        f"  {DOCUMENTS:,} of them: {orders.many_dicts:,.0f}/s, as Structs {orders.many_structs:,.0f}/s, "
        f"by the driver {orders.many_driver:,.0f}/s, by hand {orders.many_by_hand:,.0f}/s"
    )
