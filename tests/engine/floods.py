"""One execution that is flooded with documents: split, mapped, sent down two paths, combined on each."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from runtime.engine.batch import Held
from runtime.engine.context import Context, EngineLimits, Facts
from runtime.engine.log import ExecutionLog
from runtime.engine.places import Control, Slot
from runtime.engine.run import run
from runtime.errors import Place
from runtime.model.document import Document, root_identity
from runtime.model.journal import Accept, ExecutionRow, Status
from runtime.model.maps import Field, Map, Rule
from runtime.store.protocols import Store
from tests.engine.processes import Steps
from tests.engine.runs import compiled
from tests.engine.worlds import TrioClock, World

PIECE = 4_096  # elements written at once


async def lines(count: int) -> AsyncGenerator[bytes]:
    """Give a document with a list of so many small objects, piece by piece."""
    yield b'{"lines":['
    for start in range(0, count, PIECE):
        pieces = [b'{"id":%d,"sku":"A-%d"}' % (number, number) for number in range(start, min(count, start + PIECE))]
        yield (b"," if start else b"") + b",".join(pieces)
    yield b"]}"


async def flood(store: Store, count: int, limits: EngineLimits, *, identity: str = "flood") -> list[int]:
    """Run the process over so many documents; give how many elements each combined document has."""
    steps, world = Steps(), World()
    end = steps.returned()
    paths = steps.branch(steps.combine(end), steps.combine(end))
    first = steps.split(steps.map(paths, "m"), "lines")
    rules = (Rule(target=("number",), source=Field(("id",)), place=Place()),)
    process = compiled(steps.shapes, first, world, maps={"m": Map(name="m", rules=rules)})
    row = ExecutionRow(
        id=identity, bundle="b", version="1", digest="d", process="p", mode="general",
        status=Status.RUNNING, started_at=0.0, owner="t", epoch=1,
    )  # fmt: skip
    await store.journal.commit([Accept(row, b"")])
    context = Context(
        Facts(id=identity, bundle="b", version="1", process="p", started_at=0.0),
        ExecutionLog(store.journal, store.documents, identity, 1, durable=True),
        store.documents,
        TrioClock(),
        connections={},
        limits=limits,
        control=Control(),
        slot=Slot(),
    )
    async with aclosing(lines(count)) as pieces:
        content = await context.contents.write(pieces)
    result = await run(process, "p", Held((Document(root_identity(0), content),)), context)
    assert result.status is Status.COMPLETE, result.message
    return [await _elements(context, document) for batch in result.returned async for document in _each(batch)]


async def _each(batch: object) -> AsyncGenerator[Document]:
    assert isinstance(batch, Held)
    for document in batch.documents:
        yield document


async def _elements(context: Context, document: Document) -> int:
    count = 0
    async with aclosing(context.contents.chunks(document)) as pieces:
        async for piece in pieces:
            count += piece.count(b"{")
    return count
