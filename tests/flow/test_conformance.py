"""The harness itself, tried on a service of known behaviour: the door of `door.py` on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import h11
import pytest
import trio

from runtime.flow.callbacks import CallbackRequest
from runtime.flow.faults import Answer
from tests.flow import door
from tests.flow.conformance import Bench, meet, replay
from tests.flow.peers import Engine, call, read_message, running_engine
from tests.flow.replay import Message, Vector, read_vectors

VECTORS = {vector.name: vector for vector in read_vectors()}
Callbacks = list[CallbackRequest]
Behaviour = Callable[[Message], tuple[Answer, Callbacks, Callbacks]]  # the answer, callbacks before it and after it


def _well(request: Message) -> tuple[Answer, Callbacks, Callbacks]:
    answer, callback = door.answer(request)
    return answer, [], [] if callback is None else [callback]


def _twice_too_early(request: Message) -> tuple[Answer, Callbacks, Callbacks]:
    answer, _, callbacks = _well(request)
    return answer, callbacks * 2, []


def _in_text(request: Message) -> tuple[Answer, Callbacks, Callbacks]:
    answer, _, callbacks = _well(request)
    return Answer(status=answer.status, headers=(("Content-Type", "text/plain"),), body=answer.body), [], callbacks


@asynccontextmanager
async def _bench(behaviour: Behaviour) -> AsyncIterator[Bench]:
    async with running_engine() as engine, trio.open_nursery() as nursery:
        service = partial(trio.serve_tcp, partial(_serve, behaviour, engine), 0, host="127.0.0.1")
        (listener,) = await nursery.start(service, name="service")
        bench = await meet(listener.socket.getsockname()[1], engine)
        yield Bench(bench.port, engine, bench.surroundings, patience=0.0)
        nursery.cancel_scope.cancel()


async def _serve(behaviour: Behaviour, engine: Engine, stream: trio.SocketStream) -> None:
    connection = h11.Connection(h11.SERVER)
    async with stream:
        head, body = await read_message(connection, stream)
        assert isinstance(head, h11.Request)
        headers = {name.decode(): value.decode() for name, value in head.headers}
        path = head.target.decode().removeprefix(door.BASE)
        request = Message(method=head.method.decode(), path=path, headers=headers, body=body)
        answer, before, after = behaviour(request)
        await _call_back(before, engine)
        told = [*answer.headers, ("Content-Length", str(len(answer.body)))]
        events = (h11.Response(status_code=answer.status, headers=told), h11.Data(answer.body), h11.EndOfMessage())
        await stream.send_all(b"".join(sent for event in events if (sent := connection.send(event))))
    await _call_back(after, engine)


async def _call_back(callbacks: Callbacks, engine: Engine) -> None:
    for each in callbacks:
        path = each.url.partition(f":{engine.port}")[2]
        await call(engine.port, path, Message(method="POST", path="", headers=dict(each.headers), body=each.body))


async def _shortcomings(name: str, behaviour: Behaviour = _well) -> list[str]:
    async with _bench(behaviour) as bench:
        return await replay(VECTORS[name], bench)


@pytest.mark.parametrize(
    "name",
    [
        "metadata.stable",
        "metadata.double-slash",
        "metadata.empty-form-body",
        "action.concurrent-same-state",
        "action.echo.all-types",
        "action.unknown",
        "auth.named-user-net-encoding",
        "async.wait-answer",
        "async.callback-success",
        "async.callback-fault",
        "describe-check.html-body",
        "unknown-path",
    ],
)
async def test_a_sound_service_passes(name: str) -> None:
    """A service that behaves passes vectors of every kind over a real socket."""
    assert await _shortcomings(name) == []


async def test_a_callback_too_many_is_seen() -> None:
    """The number of callbacks counts: the second one is told."""
    assert any(
        "number of callbacks" in line for line in await _shortcomings("async.callback-success", _twice_too_early)
    )


async def test_a_wrong_header_is_seen() -> None:
    """Headers of an answer are compared as well."""
    assert any("Content-Type" in line for line in await _shortcomings("action.unknown", _in_text))


async def test_a_slow_answer_is_seen() -> None:
    """An answer that comes after its time is told, however right it is."""
    vector = VECTORS["async.wait-answer"]
    hurried = Vector(name="hurried", request=vector.request, expect={**vector.expect, "maxSeconds": 0.0})
    async with _bench(_well) as bench:
        assert any("answered after" in line for line in await replay(hurried, bench))


async def test_a_dead_service_is_a_failure() -> None:
    """A service that is not there fails the vector and not the harness."""
    async with _bench(_well) as bench:
        gone = Bench(1, bench.engine, bench.surroundings)  # nothing listens on port 1
        assert any("no answer" in line for line in await replay(VECTORS["unknown-path"], gone))


async def test_an_odd_vector_is_a_failure() -> None:
    """A vector that the harness does not understand fails."""
    odd = Vector(name="odd", request={"method": "POST", "path": "/${what}"})
    async with _bench(_well) as bench:
        assert any("cannot be replayed" in line for line in await replay(odd, bench))
