"""``python -m tests.bench.steps [records]``: what the engine costs beside plain Python, in one run.

One step on one document; 10,000 documents through map, decision and set properties; a file of a million lines of CSV
that is split, read, mapped, filtered and combined, with the memory that this takes at most over idle.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from pathlib import Path

import trio

from runtime.engine.batch import Batch, Held
from runtime.engine.compile import CompiledProcess
from runtime.engine.context import Context, EngineLimits, Facts
from runtime.engine.log import ExecutionLog
from runtime.engine.places import Control, Slot
from runtime.engine.run import run
from runtime.errors import Place
from runtime.model.data_process import SearchReplace, SplitLines
from runtime.model.document import Document, root_identity
from runtime.model.journal import Accept, ExecutionRow, Status
from runtime.model.maps import Field, Map, Rule
from runtime.model.platform_shapes import DataProcessStep
from runtime.store.memory import MemoryStore
from runtime.store.protocols import Store
from tests.bench.memory import forget_the_highest, resident
from tests.engine.processes import Steps
from tests.engine.runs import compiled
from tests.engine.worlds import TrioClock, World
from tests.store.examples import sqlite

DOCUMENTS = 10_000
RECORDS = 1_000_000
PIECE = 4_096  # lines written at once
LINE = r"^(\d+),([^,]*),([0-9.]+)\r?\n?$"
MAP = Map(
    name="m",
    rules=(
        Rule(target=("sku",), source=Field(("sku",)), place=Place()),
        Rule(target=("price",), source=Field(("price",)), place=Place()),
    ),
)


def three_steps() -> CompiledProcess:
    """Give map, decision, set properties."""
    steps = Steps()
    end = steps.returned()
    chosen = steps.decide("document.price > 5", steps.set(end, "document", "sku", "${document.sku}"), end)
    return compiled(steps.shapes, steps.map(chosen, "m"), World(), maps={"m": MAP})


def one_step() -> CompiledProcess:
    """Give set properties alone."""
    steps = Steps()
    return compiled(steps.shapes, steps.set(None, "document", "sku", "${document.sku}"), World())


def file_of_lines() -> CompiledProcess:
    """Give split, read, map, filter, combine."""
    steps = Steps()
    kept = steps.decide("document.price > 5", steps.combine(steps.returned()), None)
    mapped = steps.map(kept, "m")
    read = SearchReplace(pattern=LINE, replacement='{"id":$1,"sku":"$2","price":$3}', scope="document")
    steps.shapes.append(DataProcessStep(id="read", steps=(SplitLines(header="remove"), read), to=mapped))
    return compiled(steps.shapes, "read", World(), maps={"m": MAP})


def content(number: int) -> bytes:
    """Give a small record as JSON."""
    return b'{"id":%d,"sku":"A-%d","price":%d.5}' % (number, number, number % 10)


async def drive(
    process: CompiledProcess, store: Store, batch: Batch, limits: EngineLimits, identity: str
) -> list[Batch]:
    """Run a process that is durable from its start; give what it returned."""
    row = ExecutionRow(
        id=identity, bundle="b", version="1", digest="d", process="p", mode="general",
        status=Status.RUNNING, started_at=0.0, owner="t", epoch=1,
    )  # fmt: skip
    await store.journal.commit([Accept(row, b"")])
    result = await run(process, "p", batch, context_of(store, limits, identity))
    if result.status is not Status.COMPLETE:
        raise AssertionError(result.message)
    return list(result.returned)


def context_of(store: Store, limits: EngineLimits, identity: str) -> Context:
    """Give the context of an execution."""
    return Context(
        Facts(id=identity, bundle="b", version="1", process="p", started_at=0.0),
        ExecutionLog(store.journal, store.documents, identity, 1, durable=True),
        store.documents,
        TrioClock(),
        connections={},
        limits=limits,
        control=Control(),
        slot=Slot(),
    )


def by_hand(contents: Iterable[bytes]) -> list[tuple[bytes, dict[str, str]]]:
    """Do the three steps as a programmer would."""
    made = []
    for one in contents:
        record = json.loads(one)
        mapped = {"sku": record["sku"], "price": record["price"]}
        properties = {"sku": mapped["sku"]} if mapped["price"] > 5 else {}
        made.append((json.dumps(mapped).encode(), properties))
    return made


async def small() -> None:
    """Measure one step on one document, and three steps on many."""
    contents = [content(number) for number in range(DOCUMENTS)]
    batch = Held(tuple(Document(root_identity(number), one) for number, one in enumerate(contents)))
    limits = EngineLimits()
    one, three = one_step(), three_steps()
    engine: list[float] = []
    hand: list[float] = []
    alone: list[float] = []
    for attempt in range(5):
        store = MemoryStore()
        begun = time.perf_counter()
        await drive(three, store, batch, limits, f"ex{attempt}")
        engine.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        by_hand(contents)
        hand.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        for number in range(500):
            await run(one, "p", Held(batch.documents[:1]), context_of(store, limits, f"one{attempt}-{number}"))
        alone.append((time.perf_counter() - begun) / 500)
    print(f"one step on one document: {min(alone) * 1e6:.0f} us, its context included")
    print(
        f"{DOCUMENTS:,} documents through map, decision, set properties: {min(engine):.2f} s, "
        f"x{min(engine) / min(hand):.1f} of a loop in Python ({min(hand):.3f} s)"
    )


async def lines(count: int) -> AsyncGenerator[bytes]:
    """Give the file, piece by piece."""
    yield b"id,sku,price\n"
    for start in range(0, count, PIECE):
        yield b"".join(b"%d,A-%d,%d.5\n" % (n, n, n % 10) for n in range(start, min(count, start + PIECE)))


async def large(count: int) -> None:
    """Measure the file of many lines."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.csv"
        with path.open("wb") as file:
            async with aclosing(lines(count)) as pieces:
                async for piece in pieces:
                    file.write(piece)
        limits = EngineLimits(documents=10 * count + 1_000)
        async with sqlite(Path(folder) / "store") as store:
            process = file_of_lines()
            await _flood(process, store, 1_000, limits, "warm")
            forget_the_highest()
            idle, begun = resident(), time.perf_counter()
            await _flood(process, store, count, limits, "flood")
            engine, over = time.perf_counter() - begun, resident("VmHWM") - idle
        begun = time.perf_counter()
        plain(path, Path(folder) / "out.json")
        hand = time.perf_counter() - begun
        print(f"{count:,} lines split, read, mapped, filtered, combined: {engine:.1f} s, {over:.0f} MB over idle")
        print(f"  x{engine / hand:.1f} of csv and json in a loop ({hand:.1f} s)")
        _duckdb(path, Path(folder) / "duck.json", engine)


async def _flood(process: CompiledProcess, store: Store, count: int, limits: EngineLimits, identity: str) -> None:
    async with aclosing(lines(count)) as pieces:
        written = await context_of(store, limits, identity).contents.write(pieces)
    (made,) = await drive(process, store, Held((Document(root_identity(0), written),)), limits, identity)
    if len(made) != 1:
        raise AssertionError("one document was expected")


def plain(path: Path, out: Path) -> None:
    """Do the same by hand, a record at a time."""
    with path.open(newline="") as file, out.open("w") as result:
        result.write("[")
        first = True
        for record in csv.DictReader(file):
            price = float(record["price"])
            if price > 5:
                buffer = io.StringIO()
                json.dump({"sku": record["sku"], "price": price}, buffer)
                result.write(("" if first else ",") + buffer.getvalue())
                first = False
        result.write("]")


def _duckdb(path: Path, out: Path, engine: float) -> None:
    try:
        import duckdb  # type: ignore[import-not-found] # an extra that few install
    except ImportError:
        print("  (DuckDB is not installed: pip install duckdb shows it beside)")
        return
    begun = time.perf_counter()
    query = f"copy (select sku, price from read_csv('{path}') where price > 5) to '{out}' (format json, array true)"  # noqa: S608
    duckdb.execute(query)
    spent = time.perf_counter() - begun
    print(f"  x{engine / spent:.0f} of DuckDB ({spent:.2f} s)")


async def main(count: int) -> None:
    """Measure everything."""
    await small()
    await large(count)


if __name__ == "__main__":
    trio.run(main, int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS)
