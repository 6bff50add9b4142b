"""Mutilated HTTP/1.1, HTTP/2 and WebSocket connections against a real listener with the front door: none may end it.

None may leave a socket or memory behind either, and none gets an answer to a request that was not complete. In the
tests a short run with a fixed seed; the long form is ``make fuzz CONNECTIONS=1000000 SEED=7``. The bytes follow from
the seed; what arrives in one read and what in two is left to the machine.
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import h2.config
import h2.connection
import h2.exceptions
import trio
from msgspec import Struct

from runtime.observe.log import configure
from runtime.web.front import BodyLimits, Front
from runtime.web.listener import ListenerLimits
from tests.web.caller import Caller, calling
from tests.web.hostile import BAD_SETTINGS, TRAILING_BYTE
from tests.web.house import House, running
from tests.web.mixed import WAYS, mixed_route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime.web.asgi import Receive, Scope, Send
    from runtime.web.statistics import ListenerStatistics

WARM = 5_000  # connections
ROUND = 50_000  # connections to one listener; then how things stand is told, and another begins
LEAK = 32  # MiB
CALLERS = 8  # at the same time; more only queue for the same core
HALVES = 0.1  # of the connections say the beginning of a request and leave
REPEATS = 0.2  # of the others begin with a good request, and go on with the same or nearly the same
ANSWER = 30  # seconds until the answer to a good request; the machine may be busy
PATIENCE = 0.02  # seconds that a fuzzed caller waits for an answer before it goes on or leaves

SEEDS = (
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /fs/p HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789",
    b"POST /fs/p HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\n\r\n" + b"0" * 3000,
    b"POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
    b"GET /fs/p HTTP/1.1\r\nHost: x\r\n\r\n" * 3,
    b"POST /fs/p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n" * 2,
    b"POST /fs/p HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    BAD_SETTINGS.replace(b"Settings: A\r\n", b"Settings: AAMAAABkAAQAAP__\r\n"),
    TRAILING_BYTE[:-1] + b"\x81\x85abcd\x00\x00\x00\x00\x00",
    BAD_SETTINGS,
    TRAILING_BYTE,
)

REPEATED = tuple(
    b"POST /fs/p HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (size, b"r" * size) for size in range(WAYS)
)

WHOLE = (SEEDS[0], SEEDS[1], SEEDS[3].replace(b"POST /p", b"POST /fs/p"))
"""Requests that are complete with their last byte, and not before."""


class Call(Struct, frozen=True, kw_only=True):
    """One fuzzed connection: what it says, in two parts, and how it leaves.

    `unanswered`: it is the beginning of a request and nothing else. `answered`: its first part is a whole good request,
    so that the rest is said when the answer is there.
    """

    first: bytes
    rest: bytes
    pauses: bool
    resets: bool
    unanswered: bool = False
    answered: bool = False


class AnsweredTooSoonError(AssertionError):
    """Raised when a request that is not complete is answered."""


def calls(seed: int, count: int) -> Iterator[Call]:
    """Give the connections of a run; the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        if chance.random() < HALVES:
            data = chance.choice(WHOLE)
            data = data[: chance.randrange(1, len(data))]
            cut = chance.randint(0, len(data))
            yield Call(first=data[:cut], rest=data[cut:], pauses=False, resets=chance.random() < 0.3, unanswered=True)
            continue
        if chance.random() < REPEATS:
            data = chance.choice(REPEATED)
            again = _mutilated(data * chance.randint(1, 3), chance)
            yield Call(first=data, rest=again, pauses=False, resets=chance.random() < 0.3, answered=True)
            continue
        data = _mutilated(_http2(chance) if chance.random() < 0.5 else chance.choice(SEEDS), chance)
        cut = chance.randint(0, len(data))
        yield Call(first=data[:cut], rest=data[cut:], pauses=chance.random() < 0.5, resets=chance.random() < 0.3)


def _http2(chance: random.Random) -> bytes:
    """Give the client's half of an HTTP/2 connection with one to four streams, some of them against the protocol."""
    connection = h2.connection.H2Connection(
        h2.config.H2Configuration(validate_outbound_headers=False, normalize_outbound_headers=False)
    )
    connection.initiate_connection()
    for stream in range(1, 2 * chance.randint(1, 4), 2):
        path = chance.choice(["/", "/fs/p", "/ws", "/nope"])
        head = [(":method", chance.choice(["GET", "POST", "CONNECT"])), (":path", path)]
        rest = [(":scheme", "http"), (":authority", "x")]
        connection.send_headers(stream, head + rest, end_stream=chance.random() < 0.4)
        try:
            if chance.random() < 0.7:
                connection.send_data(stream, b"q" * chance.randint(0, 3000), end_stream=chance.random() < 0.5)
            if chance.random() < 0.3:
                connection.reset_stream(stream)
            if chance.random() < 0.2:
                connection.ping(b"12345678")
            if chance.random() < 0.2:
                weight, parent = chance.randint(1, 256), chance.choice([0, 99, stream + 2])
                connection.prioritize(stream, weight=weight, depends_on=parent)
        except h2.exceptions.ProtocolError:
            continue  # the library will not say it; other streams follow
    return connection.data_to_send()


def _mutilated(data: bytes, chance: random.Random) -> bytes:
    wounded = bytearray(data)
    for _ in range(chance.choice([0, 0, 1, 2, 5])):
        at = chance.randrange(len(wounded) + 1)
        kind = chance.random()
        if kind < 0.4:
            wounded[at : at + 1] = chance.randbytes(1)
        elif kind < 0.6:
            del wounded[at : at + chance.randint(1, 20)]
        elif kind < 0.8:
            wounded[at:at] = chance.randbytes(chance.randint(1, 10))
        else:
            del wounded[at:]
    return bytes(wounded)


async def fallback(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer at once without reading, and echo WebSocket messages: the two habits that hypercorn dies of."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "bytes": message.get("bytes"), "text": message.get("text")})


async def fuzz(
    seed: int, count: int, *, callers: int = CALLERS, ways: Counter[str] | None = None
) -> ListenerStatistics:
    """Make `count` fuzzed connections, `callers` at a time; give what the listener counted.

    `ways` counts in which way their requests were answered.

    Fails if the listener does not serve afterwards, has answered half a request, or keeps a socket.
    """
    sockets = _descriptors()
    front = Front({"/fs": mixed_route(ways)}, fallback, limits=BodyLimits(size=1000, time=30))
    limits = ListenerLimits(keep_alive=1, head_timeout=1, send_timeout=1)
    todo = calls(seed, count)
    async with running(front, limits=limits) as house:
        async with trio.open_nursery() as nursery:
            for _ in range(callers):
                nursery.start_soon(_call_all, house, todo)
        await house.assert_serving()
        await house.until_open(0)
        statistics = house.tally.statistics()
    if _descriptors() > sockets:
        raise AssertionError(f"{_descriptors() - sockets} descriptors were left open")
    return statistics


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _memory() -> float:
    """Give the memory of this process, in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


async def _call_all(house: House, todo: Iterator[Call]) -> None:
    for call in todo:
        async with calling(house.port) as caller:
            try:
                await _say(caller, call)
            except (trio.BrokenResourceError, EOFError):
                continue
            if call.resets:
                caller.reset()


async def _say(caller: Caller, call: Call) -> None:
    await caller.say(call.first)
    if call.unanswered:
        await caller.say(call.rest)
        with trio.move_on_after(PATIENCE / 10):
            if said := await caller.stream.receive_some():
                raise AnsweredTooSoonError(call, said)
        return
    if call.answered:
        with trio.fail_after(ANSWER):
            await caller.stream.receive_some()
    if call.pauses:
        with trio.move_on_after(PATIENCE):
            await caller.stream.receive_some()
    await caller.say(call.rest)
    with trio.move_on_after(PATIENCE):
        await caller.stream.receive_some()


def main() -> None:
    """Run the long form and print what the guard was needed for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--callers", type=int, default=64, help="at the same time")
    chosen = parser.parse_args()
    configure("error", "console")
    ways: Counter[str] = Counter()
    run = partial(fuzz, callers=chosen.callers, ways=ways)
    trio.run(run, chosen.seed, min(WARM, chosen.connections))  # what the first connections fill stays filled
    before, grown, accepted = _memory(), 0.0, 0
    guarded: Counter[str] = Counter()
    for number, start in enumerate(range(0, chosen.connections, ROUND), start=1):
        try:
            statistics = trio.run(run, chosen.seed + number, min(ROUND, chosen.connections - start))
        except BaseException:
            print("deaths: 1")
            raise
        gc.collect()
        accepted += statistics.accepted
        guarded.update(statistics.guarded)
        grown = _memory() - before
        print(f"connections: {accepted}, memory: {before:.1f} MiB before, {grown:+.1f} MiB after", flush=True)
    if grown > LEAK + chosen.connections / 2**20:  # a byte a connection, beside what an allocator keeps
        raise AssertionError("memory was left behind")
    print(f"deaths: 0, connections: {accepted}, guarded errors: {guarded.total()}")
    for kind, times in sorted(guarded.items()):
        print(f"  {kind}: {times}")
    print("answered:", ", ".join(f"{way} {times}" for way, times in sorted(ways.items())))


if __name__ == "__main__":
    main()
