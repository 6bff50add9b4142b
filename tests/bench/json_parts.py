"""Measure splitting: python -m tests.bench.json_parts [elements]. Prints seconds, and memory over idle."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

import trio

from runtime.engine.json_parts import split

ELEMENT = b'{"sku":"A-1000001","quantity":3,"price":19.90,"x":1},'  # about 50 bytes
CHUNK = 64 * 1024  # bytes, as a file is read


async def document(elements: int) -> AsyncGenerator[bytes]:
    """Make the document while it is read, so that it is never in memory."""
    yield b'{"orders":['
    many = CHUNK // len(ELEMENT)
    for start in range(0, elements, many):
        yield ELEMENT * min(many, elements - start)
    yield b"{}]}"


def peak() -> float:
    """Give the largest resident size so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def longest_gap(gaps: list[float]) -> None:
    """Note the longest time between two turns."""
    last = time.perf_counter()
    while True:
        await trio.lowlevel.checkpoint()
        now = time.perf_counter()
        gaps[0] = max(gaps[0], now - last)
        last = now


async def main(elements: int) -> None:
    """Split once and print."""
    gaps = [0.0]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(longest_gap, gaps)
        await trio.lowlevel.checkpoint()
        idle, began, count = peak(), time.perf_counter(), 0
        async with aclosing(document(elements)) as content, aclosing(split(content, ("orders",))) as parts:
            async for _ in parts:
                count += 1
        seconds = time.perf_counter() - began
        nursery.cancel_scope.cancel()
    print(f"{count:,} elements in {seconds:.2f} s, {count / seconds:,.0f} a second")
    print(f"{peak() - idle:.1f} MiB over idle; longest turn {gaps[0] * 1000:.1f} ms")


if __name__ == "__main__":
    trio.run(main, int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
