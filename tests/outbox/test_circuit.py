from __future__ import annotations

from typing import TYPE_CHECKING

import trio
from structlog.testing import capture_logs

from runtime.outbox.circuit import FAILURES, FIRST_PAUSE, Circuits
from runtime.outbox.message import Response, Undelivered
from runtime.outbox.sending import open_outbox
from runtime.store.memory import MemoryStore
from tests.outbox.examples import SETTINGS, TrioClock, accept

if TYPE_CHECKING:
    from runtime.flow.callbacks import CallbackRequest

LONGEST = 60.0


def opened() -> Circuits:
    """Give circuits of which one is open since 0."""
    circuits = Circuits(LONGEST)
    told = [circuits.failed("a", 0.0) for _ in range(FAILURES)]
    assert told == [False] * (FAILURES - 1) + [True]
    return circuits


def test_opens_after_failures_in_a_row() -> None:
    """A host that fails so often in a row is left alone; an answer between sets the count back."""
    circuits = Circuits(LONGEST)
    for _ in range(3 * FAILURES):
        circuits.failed("a", 0.0)
        assert not circuits.answered("a")
    assert circuits.left_alone(0.0) == set()
    circuits = opened()
    assert (circuits.left_alone(0.0), circuits.left_alone(FIRST_PAUSE), len(circuits)) == ({"a"}, set(), 1)


def test_probes() -> None:
    """After the pause one callback asks; if that fails the pause doubles up to the longest, else all go on."""
    circuits, now = opened(), 0.0
    for pause in (FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, 8 * FIRST_PAUSE, LONGEST, LONGEST):
        assert circuits.left_alone(now + pause - 0.1) == {"a"}
        now += pause
        assert circuits.left_alone(now) == set()
        assert circuits.is_probe("a")
        circuits.begin("a", now)
        assert circuits.left_alone(now) == {"a"}, "one asks, no other"
        assert not circuits.failed("a", now)
    assert circuits.answered("a")
    assert (circuits.left_alone(now), circuits.is_probe("a"), len(circuits)) == (set(), False, 0)


def test_a_clock_that_goes_back() -> None:
    """A pause never ends later than the longest, whatever the clock does."""
    assert opened().left_alone(-LONGEST - 1) == set()


async def test_outage(autojump_clock: object) -> None:
    """In an outage many callbacks knock a few times in all; when it is over, all arrive; other hosts notice nothing."""
    journal, seen = MemoryStore().journal, []

    async def send(request: CallbackRequest) -> Response:
        await trio.lowlevel.checkpoint()
        host = request.url.split("/")[2]
        seen.append((trio.current_time(), host))
        if host == "down.example" and trio.current_time() < 600:
            raise Undelivered("connection refused")
        return Response(200, b'"SUCCESS"')

    for number in range(50):
        await journal.commit(accept(f"ex-{number}", b"{}", host="down.example"))
    await journal.commit(accept("ex-other", b"{}", host="up.example"))
    counted: list[str] = []
    with capture_logs() as logged:
        async with open_outbox(journal, send, SETTINGS, TrioClock(), counted.append) as outbox:
            await trio.sleep(590)
            assert [host for _, host in seen].count("up.example") == 1
            assert sum(host == "down.example" for _, host in seen) < 20
            assert outbox.statistics().left_alone == 1
            await trio.sleep(600)
            assert await journal.callbacks() == []
            assert outbox.statistics().left_alone == 0
    assert counted.count("accepted") == 51
    events = [entry["event"] for entry in logged]
    assert events.count("host is left alone for a while: it has not answered") == 1
    assert events.count("host answers again") == 1
