"""``python -m tests.bench.checkpoints``: what the checkpointer gains, beside SQLite's own checkpoints in the writer.

Commits of a steady load, with the WAL brought home from beside the writer (`checkpoints`) and by the commit that finds
it long (SQLite's default of 1,000 pages). Rounds are interleaved; figures are medians over them, and the last line is
their ratio: above 1 where the checkpointer is the better.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import trio
from msgspec import Struct

from runtime.clock import SystemClock
from runtime.engine.start import Start, encode_start, start_documents
from runtime.ids import execution_id
from runtime.model.journal import Accept, ExecutionRow, Finish, Status
from runtime.store.cipher import open_cipher
from runtime.store.sqlite import open_sqlite
from runtime.store.sqlite.opening import SqliteStore

SQLITE_DEFAULT = 1_000  # pages at which SQLite checkpoints in a commit
PAYLOAD = b"x" * 4_000  # bytes: an order of some lines


class Round(Struct, frozen=True):
    """Commits a second, and how long they took: the slowest in a hundred and in a thousand, and the slowest; in ms."""

    rate: float
    p99: float
    p999: float
    worst: float


@contextmanager
def in_the_writer() -> Iterator[None]:
    """Let the writer checkpoint as SQLite does by itself, and nobody beside it."""

    async def nobody(*_: object) -> None:
        await trio.lowlevel.checkpoint()

    with (
        patch("runtime.store.sqlite.opening.checkpoint_now_and_then", nobody),
        patch("runtime.store.sqlite.border.WAL_MOST", SQLITE_DEFAULT),
    ):
        yield


@contextmanager
def beside_it() -> Iterator[None]:
    """Leave it as it is."""
    yield


KINDS = {"checkpointer": beside_it, "in the writer": in_the_writer}


async def load(store: SqliteStore, seconds: float, callers: int) -> Round:
    """Accept and finish executions for some time, and give how the commits went."""
    took: list[float] = []
    end = time.perf_counter() + seconds
    start = encode_start(Start(start_documents([PAYLOAD])))

    async def commit(*operations: Accept | Finish) -> None:
        begun = time.perf_counter()
        await store.journal.commit(operations)
        took.append((time.perf_counter() - begun) * 1_000)

    async def call() -> None:
        while (now := time.perf_counter()) < end:
            row = ExecutionRow(
                id=execution_id(now), bundle="b", version="1", digest="d", process="p", mode="general",
                status=Status.RUNNING, started_at=now, owner="o", epoch=1, lease_until=now + 60,
            )  # fmt: skip
            await commit(Accept(row, start))
            await commit(Finish(execution=row.id, epoch=1, status=Status.COMPLETE, finished_at=now))

    async with trio.open_nursery() as nursery:
        for _ in range(callers):
            nursery.start_soon(call)
    took.sort()
    count = len(took)
    return Round(count / seconds, took[count * 99 // 100], took[count * 999 // 1000], took[-1])


async def run(folder: Path, seconds: float, callers: int) -> Round:
    """Make one round in a journal of its own."""
    stored = open_sqlite(folder, cipher=open_cipher(folder, {}), clock=SystemClock(), group=512, queue=10_000)
    async with stored as store:
        return await load(store, seconds, callers)


def main() -> None:
    """Print the figures of both, and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.checkpoints")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each round")
    parser.add_argument("--callers", type=int, default=32)
    parser.add_argument("--folder", type=Path, help="on the disk to measure; else the folder for temporary files")
    given = parser.parse_args()
    rounds: dict[str, list[Round]] = {kind: [] for kind in KINDS}
    for _ in range(given.rounds):
        for kind, prepared in KINDS.items():
            with tempfile.TemporaryDirectory(dir=given.folder) as folder, prepared():
                rounds[kind].append(trio.run(run, Path(folder), given.seconds, given.callers))
    medians = {kind: _medians(made) for kind, made in rounds.items()}
    for kind, told in medians.items():
        print(
            f"{kind:14} {told.rate:8,.0f} commits/s   p99 {told.p99:7.1f} ms   p99.9 {told.p999:7.1f} ms"
            f"   worst {told.worst:7.1f} ms"
        )
    ours, theirs = medians["checkpointer"], medians["in the writer"]
    print(
        f"ratio          rate x{ours.rate / theirs.rate:.2f}, p99 x{theirs.p99 / ours.p99:.2f},"
        f" p99.9 x{theirs.p999 / ours.p999:.2f}, worst x{theirs.worst / ours.worst:.2f}"
    )


def _medians(made: list[Round]) -> Round:
    return Round(
        *(statistics.median(getattr(each, figure) for each in made) for figure in ("rate", "p99", "p999", "worst"))
    )


if __name__ == "__main__":
    main()
