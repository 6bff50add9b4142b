"""The laws of passing on: a caller cannot tell which worker serves it, and nothing begins twice."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from pathlib import Path

import pytest
import trio

from runtime.errors import RequestError, Unavailable
from runtime.web.exchange import Answer, CallerGone, Exchange, Headers, Request
from runtime.web.front import Front, Route
from runtime.web.problem import problem
from runtime.web.relay.asking import PATIENCE, Peer, request
from runtime.web.relay.serving import serve_relay
from runtime.web.unix_socket import unix_listener
from tests.patience import PATIENCE as LONG

Handler = Callable[[Exchange], Awaitable[None]]


class Caller:
    """A caller of this worker, as a door sees it."""

    def __init__(self, body: bytes = b"", *, pieces: tuple[bytes, ...] = (), fails: bool = False) -> None:
        self.request = Request(
            method="POST",
            path="/fs/x",
            query=b"a=b",
            headers=((b"x-one", b"1"),),
            body=body,
            client="10.0.0.1",
            arrived=trio.current_time() - 2 * LONG,
            certificate="ada",
        )
        self.answers: list[Answer] = []
        self.gone = trio.Event()
        self._pieces = pieces
        self._fails = fails

    @property
    def answered(self) -> bool:
        """Whether it has an answer."""
        return bool(self.answers)

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Give its body."""
        for piece in self._pieces:
            yield piece
        if self._fails:
            raise RequestError("request.too-large", "too large", status=413)

    async def answer(self, answer: Answer) -> None:
        """Take an answer, if it is still there."""
        if self.gone.is_set():
            raise CallerGone
        self.answers.append(answer)

    async def stream(self, headers: Headers, pieces: AsyncGenerator[bytes]) -> None:
        """Take nothing: no door that is passed on sends anything piece by piece."""
        raise NotImplementedError

    async def wait_gone(self) -> None:
        """Wait for it to leave."""
        await self.gone.wait()


@asynccontextmanager
async def _worker(path: Path, handler: Handler) -> AsyncGenerator[trio.CancelScope]:
    """Serve at a path while the block runs; to cancel what is given is to kill the worker."""
    front = Front({"/fs": Route(handler=handler)})
    async with trio.open_nursery() as nursery:
        with unix_listener(path) as listener:
            await nursery.start(serve_relay, listener, front)
            yield nursery.cancel_scope
            nursery.cancel_scope.cancel()


async def test_a_request_arrives_as_it_came(tmp_path: Path) -> None:
    """The owner sees method, path, query, headers, body, address, certificate and the time of arrival."""
    seen: list[Request] = []

    async def handle(exchange: Exchange) -> None:
        seen.append(exchange.request)
        await exchange.answer(Answer(status=201, body=b"made", headers=((b"x-two", b"2"),)))

    caller = Caller(b"body")
    with _peer(tmp_path / "s") as peer:
        async with _worker(tmp_path / "s", handle):
            await peer.pass_on(caller, problem, repeatable=True)
    assert caller.answers == [Answer(status=201, body=b"made", headers=((b"x-two", b"2"),))]
    (asked,) = seen
    assert abs(asked.arrived - caller.request.arrived) < LONG
    assert asked.body == b"body"
    for name in ("method", "path", "query", "headers", "client", "certificate"):
        assert getattr(asked, name) == getattr(caller.request, name)


async def test_a_connection_serves_one_request_after_the_other(tmp_path: Path) -> None:
    """What is kept idle is used again, and is no trap when the worker has been replaced meanwhile."""

    async def handle(exchange: Exchange) -> None:
        await exchange.answer(Answer(status=200, body=exchange.request.body))

    with _peer(tmp_path / "s") as peer:
        for life in range(2):
            async with _worker(tmp_path / "s", handle):
                for number in range(3):
                    caller = Caller(b"%d %d" % (life, number))
                    await peer.pass_on(caller, problem, repeatable=False)
                    assert [answer.body for answer in caller.answers] == [caller.request.body]


async def test_the_owner_learns_that_the_answer_was_taken(tmp_path: Path) -> None:
    """An answer has been given when the caller has it; a caller who has gone before is told to the owner."""
    told: list[str] = []

    async def handle(exchange: Exchange) -> None:
        try:
            await exchange.answer(Answer(status=200))
            told.append("taken")
        except CallerGone:
            told.append("gone")
            raise

    gone = Caller()
    gone.gone.set()
    async with _worker(tmp_path / "s", handle):
        with _peer(tmp_path / "s") as peer:
            await peer.pass_on(Caller(), problem, repeatable=True)
            with pytest.raises(CallerGone):
                await peer.pass_on(gone, problem, repeatable=True)
        await _until(lambda: len(told) == 2)
    assert told == ["taken", "gone"]


async def test_a_caller_who_leaves_is_gone_for_the_owner(tmp_path: Path) -> None:
    """While the work goes on, the owner learns that its caller has left."""
    left = trio.Event()

    async def handle(exchange: Exchange) -> None:
        await exchange.wait_gone()
        left.set()

    caller = Caller()
    async with _worker(tmp_path / "s", handle), trio.open_nursery() as nursery:

        async def call() -> None:
            with _peer(tmp_path / "s") as peer, pytest.raises(CallerGone):
                await peer.pass_on(caller, problem, repeatable=True)

        nursery.start_soon(call)
        await trio.testing.wait_all_tasks_blocked()
        caller.gone.set()
        await left.wait()


async def test_a_caller_waits_for_a_worker_that_is_replaced(tmp_path: Path) -> None:
    """Nobody there yet is a short wait; nobody for long is 503 with the word when to come again."""

    async def handle(exchange: Exchange) -> None:
        await exchange.answer(Answer(status=200))

    caller = Caller()
    with _peer(tmp_path / "s") as peer:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: peer.pass_on(caller, problem, repeatable=True))
            await trio.testing.wait_all_tasks_blocked()
            async with _worker(tmp_path / "s", handle):
                await _until(lambda: caller.answered)
    assert caller.answers[0].status == 200
    refused = Caller()
    with _peer(tmp_path / "none", 0.0) as peer:
        await peer.pass_on(refused, problem, repeatable=True)
        with pytest.raises(Unavailable):
            await peer.ask(request("GET", "/fs/x"))
    assert refused.answers[0].status == 503
    assert (b"retry-after", b"1") in refused.answers[0].headers


@pytest.mark.parametrize("repeatable", [True, False])
async def test_a_worker_that_dies_with_a_call(tmp_path: Path, *, repeatable: bool) -> None:
    """A call with a token is passed on again to the replacement; of any other the caller learns that nobody knows."""
    begun: list[int] = []
    caller = Caller()

    async def dies(_: Exchange) -> None:
        begun.append(1)
        await trio.sleep_forever()

    async def lives(exchange: Exchange) -> None:
        begun.append(2)
        await exchange.answer(Answer(status=200))

    with _peer(tmp_path / "s") as peer:
        async with trio.open_nursery() as nursery:
            async with _worker(tmp_path / "s", dies):
                nursery.start_soon(lambda: peer.pass_on(caller, problem, repeatable=repeatable))
                await _until(lambda: bool(begun))
            async with _worker(tmp_path / "s", lives):
                await _until(lambda: caller.answered)
    assert [answer.status for answer in caller.answers] == [200 if repeatable else 502]
    assert begun == ([1, 2] if repeatable else [1])


async def test_a_body_is_passed_on_as_it_arrives(tmp_path: Path) -> None:
    """Pieces come in order; a body that is too large is told to its caller, and not to the process."""
    bodies: list[bytes] = []

    async def handle(exchange: Exchange) -> None:
        async with aclosing(exchange.pieces()) as pieces:
            body = b"".join([piece async for piece in pieces])
        bodies.append(body)
        await exchange.answer(Answer(status=200))

    whole, broken = Caller(pieces=(b"one ", b"two")), Caller(pieces=(b"one ",), fails=True)
    async with _worker(tmp_path / "s", handle):
        with _peer(tmp_path / "s") as peer:
            await peer.pass_on(whole, problem, repeatable=False, streamed=True)
            await peer.pass_on(broken, problem, repeatable=False, streamed=True)
    assert bodies == [b"one two"]
    assert [answer.status for answer in (*whole.answers, *broken.answers)] == [200, 413]


@contextmanager
def _peer(path: Path, patience: float = PATIENCE) -> Iterator[Peer]:
    peer = Peer(path, 2, patience=patience)
    try:
        yield peer
    finally:
        peer.close()


async def _until(holds: Callable[[], bool]) -> None:
    with trio.fail_after(LONG):
        while not holds():  # noqa: ASYNC110 - real sockets: there is no event
            await trio.sleep(0.01)
