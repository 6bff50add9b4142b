"""The desk of a journal among several workers: what it answers to the others, and at the home's also to people.

A worker has the desk of its own journal, and that of every journal that it has taken over; the others see no
difference. The home's desk has the console, and the schedules.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
import trio
from msgspec import Struct

from runtime.daemon.admin_doors import admin_doors
from runtime.daemon.administration import endpoints
from runtime.daemon.furniture import Furniture, Opened, governed_of
from runtime.daemon.parts import Doors, doors_of, files_of, until
from runtime.daemon.post import Post
from runtime.daemon.working import Plant
from runtime.deploy.listening import Listening
from runtime.engine.house import House
from runtime.errors import StoreError, Unavailable
from runtime.health import Health
from runtime.host.crowd import HOME
from runtime.observe.merging import merged
from runtime.web.admin_events import Sources
from runtime.web.api import Api, Endpoint
from runtime.web.exchange import Answer, Exchange
from runtime.web.flow_answers import refusal
from runtime.web.front import Front, Route
from runtime.web.merged.console import merged_rows, status_of_all
from runtime.web.merged.desks import Desks
from runtime.web.merged.lines import Lines
from runtime.web.relay.asking import Peer, request
from runtime.web.relay.serving import serve_relay
from runtime.web.relay.sharing import TOKENS, Others, SharedFlow, SharedWeb, page_token_of
from runtime.web.unix_socket import unix_listener
from runtime.web.ws_pages import page_token

NUMBERS = "/internal/numbers"
READY = "/readyz"

_log = structlog.get_logger("nuclide.daemon")


class Counts(Struct, frozen=True):
    """Asks the home for so many numbers of a counter."""

    counter: str
    count: int


class Desk(Struct, frozen=True):
    """What serves callers who come to this worker, each request where it belongs; and the other desks."""

    flow: SharedFlow
    web: SharedWeb
    doors: Doors
    listening: Listening


def peers_of(post: Post, number: int) -> dict[int, Peer]:
    """Give the other workers as the worker of that number sees them."""
    return {other: Peer(post.crowd.socket(other), other) for other in post.crowd.numbers if other != number}


def desks_of(post: Post, number: int) -> Desks:
    """Give the desks as the worker of that number asks them."""
    return Desks(number, peers_of(post, number), daemon=None if post.placed is None else os.getppid())


@asynccontextmanager
async def open_desk(
    furniture: Furniture, opened: Opened, desks: Desks | None = None, *, stopping: trio.Event
) -> AsyncGenerator[Desk]:
    """Open the desk of a journal; what it may not begin any more once `stopping` is set, it does not."""
    plant, post, number, house = furniture.plant, furniture.post, opened.number, opened.house
    settings, live, metrics = plant.settings, plant.live, plant.metrics
    peers = peers_of(post, number)
    ahead = _nobody if post.agreement is None else partial(post.agreement.ahead, post.number)
    others = Others(post.crowd, number, peers, partial(_knows, house), ahead, post.tokens, post.claims)
    if number != HOME:
        opened.store.journal.count_elsewhere(partial(_numbers_of, peers[HOME]))
    doors = doors_of(settings, live, house, metrics, page_token_of(others, page_token))
    governed = await governed_of(furniture, opened, post.crowd.folder(number))
    rows, scheduler = endpoints(governed), governed.scheduler
    counted = plant.metrics.expose if number == post.number else _nothing
    front = Front(
        {
            "/fs": Route(handler=doors.flow, refusal=refusal),
            "/ws": Route(handler=doors.web),
            "/api": Route(handler=Api(rows)),
            "/metrics": Route(handler=partial(_metrics, counted)),
            READY: Route(handler=partial(_ready, opened.health)),
            "/internal": Route(handler=_Internal(opened).serve),
        }
    )
    desks = desks_of(post, number) if desks is None else desks
    async with AsyncExitStack() as stack:
        for peer in peers.values():
            stack.callback(peer.close)
        stack.callback(desks.close)
        listener = stack.enter_context(unix_listener(post.crowd.socket(number)))
        nursery = await stack.enter_async_context(trio.open_nursery())
        stack.callback(nursery.cancel_scope.cancel)
        await nursery.start(serve_relay, listener, front, name=f"relay {number}")
        if number == HOME:
            console = _console(rows, desks, opened, plant)
            ruled = admin_doors(
                settings,
                console,
                furniture.admin,
                access=furniture.access,
                limits=furniture.limits,
                metrics=metrics,
            )
            await stack.enter_async_context(ruled)
            nursery.start_soon(until, stopping, scheduler.run, name="schedules")
            files = files_of(settings.state.folder, live, house)
            nursery.start_soon(until, stopping, files.run, name="files")
        flow = SharedFlow(doors.flow, lambda: live.table, others)
        knows = partial(_holds, house)
        yield Desk(flow, SharedWeb(doors.web, knows, others), doors, governed.listening)


def _console(rows: tuple[Endpoint, ...], desks: Desks, opened: Opened, plant: Plant) -> Api:
    settings = plant.settings
    by_path = {endpoint.path: endpoint for endpoint in rows if endpoint.method == "GET"}
    lines = Lines(desks, by_path["/api/tail"], opened.recorders)
    status = status_of_all(by_path["/api/status"], desks, lines)
    sources = Sources(
        status, lambda: plant.live.history.events, lines, most=settings.admin.streams, metrics=plant.metrics
    )
    return Api(merged_rows(rows, desks, lines, sources, within=settings.bundles.together))


def exposed(plant: Plant, desks: Desks) -> bytes:
    """Give the metrics of all workers; to be called in a thread, as what renders them is."""
    return merged(trio.from_thread.run(desks.texts, "/metrics", plant.metrics.expose()))


async def ready_of_all(health: Health, desks: Desks) -> tuple[bool, str]:
    """Tell whether all workers that are there are ready (see Health.ready)."""
    is_ready, reason = health.ready()
    unready = await desks.unready(READY) if is_ready else {}
    for number, why in unready.items():
        return False, f"worker {number}: {why}"
    return is_ready, reason


async def _ready(health: Health, exchange: Exchange) -> None:
    is_ready, reason = health.ready()
    status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    await exchange.answer(Answer(status=status, body=reason.encode()))


async def _knows(house: House, digest: str) -> bool:
    return house.tokens.known(digest) is not None or await house.store.journal.by_token(digest) is not None


async def _holds(house: House, identity: str) -> bool:
    return await house.store.journal.execution(identity) is not None


async def _numbers_of(home: Peer, counter: str, count: int) -> int:
    """Take numbers of a counter at the home, which keeps all counters.

    Raises:
        StoreError: it has no more, or cannot be asked now.
    """
    try:
        answer = await home.ask(request("POST", NUMBERS, body=Counts(counter, count)))
    except Unavailable as error:
        raise StoreError("store.home-away", error.message) from error
    said: dict[str, Any] = msgspec.json.decode(answer.body)
    if answer.status != HTTPStatus.OK:
        raise StoreError(said["code"], said["message"], hint=said.get("hint"))
    return int(said["first"])


class _Internal:
    """What workers ask each other that is nobody else's business."""

    def __init__(self, opened: Opened) -> None:
        self._house = opened.house
        self._journal = opened.store.journal

    async def serve(self, exchange: Exchange) -> None:
        asked = exchange.request
        if asked.path.startswith(TOKENS):
            known = await _knows(self._house, asked.path.removeprefix(TOKENS))
            await exchange.answer(Answer(status=HTTPStatus.OK if known else HTTPStatus.NOT_FOUND))
        elif asked.path == NUMBERS:
            await exchange.answer(await self._numbers(msgspec.json.decode(asked.body, type=Counts)))
        else:
            await exchange.answer(Answer(status=HTTPStatus.NOT_FOUND))

    async def _numbers(self, wanted: Counts) -> Answer:
        try:
            first = await self._journal.take_numbers(wanted.counter, wanted.count)
        except StoreError as error:
            said: dict[str, Any] = {"code": error.code, "message": error.message, "hint": error.hint}
            return Answer(status=HTTPStatus.SERVICE_UNAVAILABLE, body=msgspec.json.encode(said))
        return Answer(status=HTTPStatus.OK, body=msgspec.json.encode({"first": first}))


async def _metrics(expose: Callable[[], bytes], exchange: Exchange) -> None:
    await exchange.answer(Answer(status=HTTPStatus.OK, body=await trio.to_thread.run_sync(expose)))


def _nobody() -> tuple[int, ...]:
    return ()


def _nothing() -> bytes:
    return b""
