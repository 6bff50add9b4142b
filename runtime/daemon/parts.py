"""The parts of the daemon that are made of several others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import trio
from msgspec import Struct
from msgspec.structs import replace

from runtime.daemon.bounds import headers_passed, web_settings
from runtime.deploy.listening import Book as PausedBook
from runtime.deploy.listening import Listening
from runtime.deploy.live import Live
from runtime.deploy.trial import Outcomes
from runtime.engine.deployment import Deployment
from runtime.engine.executions import begin_process
from runtime.engine.house import House
from runtime.engine.records import named_files
from runtime.model.document import Document
from runtime.model.record import Depth
from runtime.model.schedule import Schedule
from runtime.observe.collector import Sparing, spare
from runtime.observe.metrics import Metrics
from runtime.outbox.sending import Outbox
from runtime.plugins import installed_connectors
from runtime.schedule.files import FileBook, FileListening
from runtime.schedule.run import Book, Scheduler
from runtime.settings import Settings
from runtime.store.cipher import Cipher
from runtime.store.note import Note
from runtime.store.protocols import Store
from runtime.store.sqlite.check import Report, check
from runtime.web.access.gate import FlowGate
from runtime.web.admin import Later
from runtime.web.admin_api import Execute
from runtime.web.asgi import AsgiApp
from runtime.web.behind import connections_behind
from runtime.web.data_door import AnswerLimits
from runtime.web.exchange import Handler
from runtime.web.flow_answers import refusal
from runtime.web.flow_door import DoorSettings, FlowDoor
from runtime.web.front import BodyLimits, Front, Route, Streaming
from runtime.web.hot.connection import hot_connections
from runtime.web.listener import ConnectionHandler, ListenerLimits
from runtime.web.problem import problem
from runtime.web.relay.sharing import SharedFlow
from runtime.web.streamed import StreamLimits
from runtime.web.uploads import UploadBounds
from runtime.web.ws_door import WebDoor
from runtime.web.ws_pages import page_token


class Doors(Struct, frozen=True):
    """What serves callers out of one journal."""

    flow: FlowDoor
    web: WebDoor


def doors_of(
    settings: Settings, live: Live, house: House, metrics: Metrics, page_token: Callable[[], str] = page_token
) -> Doors:
    """Give the doors of the Flow services and of the web services."""
    flow = settings.flow
    answers = AnswerLimits(objects=flow.objects, size=flow.answer_limit)
    uploading = UploadBounds(at_once=flow.uploads_at_once, parts=flow.upload_parts)
    passed = headers_passed(settings)
    bounds = DoorSettings(callback_hosts=settings.callbacks.allow, passed=passed, answers=answers, uploads=uploading)
    web = replace(web_settings(settings), page_token=page_token)
    return Doors(FlowDoor(house, lambda: live.table, bounds, metrics), WebDoor(house, lambda: live.table, web, metrics))


def front_of(
    settings: Settings,
    doors: Doors,
    admin: AsgiApp,
    *,
    gate: FlowGate,
    flow: SharedFlow | None = None,
    web: Handler | None = None,
) -> Front:
    """Give the application in front: the Flow services and web services, and behind them the rest.

    `flow` and `web` serve instead of the doors where requests may be another worker's.
    """
    given = settings.flow
    uploads = StreamLimits(size=given.upload_limit, time=given.upload_timeout, pause=given.upload_pause)
    streaming = Streaming(doors.flow.streams, uploads)
    routes = {
        "/fs": Route(
            handler=flow or doors.flow,
            refusal=refusal,
            oversize=400,
            streaming=streaming,
            gate=gate,
            passes=gate.passes,
            decide=(flow or doors.flow).decide,
            lane=(flow or doors.flow).lane,
            standing=gate.standing,
        ),
        "/ws": Route(handler=web or doors.web, gate=gate.beside(problem, doors.web.service_of), passes=gate.passes),
    }
    limits = BodyLimits(size=settings.server.body_limit, time=settings.server.body_timeout)
    return Front(routes, admin, limits=limits)


def connections_of(settings: Settings, front: Front, limits: ListenerLimits, stopping: trio.Event) -> ConnectionHandler:
    """Give what speaks with callers of the listener."""
    behind = connections_behind(front, limits, stopping)
    return hot_connections(front, behind, limits) if settings.server.front_door else behind


def scheduler_of(state: Path, store: Store, live: Live, house: House, metrics: Metrics) -> Scheduler:
    """Give the scheduler, which begins executions as anybody else does."""

    async def start(deployment: Deployment, schedule: Schedule, token: str) -> str:
        return await begin_process(house, deployment, schedule.process, (), schedule.properties, token=token)

    def count(outcome: str) -> None:
        metrics.schedules.of(outcome).inc()

    return Scheduler(
        live, store.journal, house.clock, note=Note(state / "schedules.json", Book), start=start, count=count
    )


def files_of(state: Path, live: Live, house: House) -> FileListening:
    """Give what looks for files; it runs where schedules run, in one process alone."""

    async def start(deployment: Deployment, process: str, document: Document, token: str) -> str:
        return await begin_process(house, deployment, process, (document,), {}, token=token)

    note = Note(state / "files.json", FileBook)
    return FileListening(live, installed_connectors(), house.listeners, house.clock, note=note, start=start)


async def listening_of(state: Path, live: Live, house: House) -> Listening:
    """Give the listeners as an operator has them; what was paused is paused from here on."""
    listening = Listening(
        live, house.listeners, house.clock, note=Note(state / "listeners.json", PausedBook), trouble=house.store.trouble
    )
    await listening.recall()
    return listening


async def load_admin(admin: Later, sparing: Sparing) -> None:
    """Load what is not needed to serve, once the doors are open; it lives as long as the daemon, too."""
    spare(sparing)
    await admin.load()
    spare(sparing)


def outcomes_of(house: House, digest: str) -> Outcomes:
    """Give how the executions of a version have ended."""
    return Outcomes(*house.outcomes.get(digest, (0, 0)))


async def after(begun: trio.Event, work: Callable[[], Awaitable[None]]) -> None:
    """Do something once bundles are looked at."""
    await begun.wait()
    await work()


async def until(stopping: trio.Event, work: Callable[[], Awaitable[None]]) -> None:
    """Do what never ends until the daemon stops."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(work)
        await stopping.wait()
        nursery.cancel_scope.cancel()


def count_callback(metrics: Metrics, outcome: str) -> None:
    """Count the delivery of a callback by its outcome."""
    metrics.callbacks_sent.of(outcome).inc()


def callbacks_sending(outbox: Outbox) -> int:
    """Give how many callbacks are on their way."""
    return outbox.statistics().sending


def watch_outbox(metrics: Metrics, outbox: Outbox) -> None:
    """Read how many callbacks are under way, and how many hosts are left alone, when the metrics are asked for."""
    metrics.callbacks_sending.set_function(lambda: float(callbacks_sending(outbox)))
    metrics.callback_hosts_left_alone.set_function(lambda: float(outbox.statistics().left_alone))


async def check_journal(state: Path, cipher: Cipher) -> Report:
    """Check the journal and the files beside it, in a thread."""
    return await trio.to_thread.run_sync(check, state, cipher, named_files)


async def begin(house: House, deployment: Deployment, order: Execute) -> str:
    """Begin an execution that an operator has ordered."""
    contents = [document.encode() for document in order.documents]
    depth: Depth | None = "documents" if order.trace else None
    return await begin_process(house, deployment, order.process, contents, order.properties, depth=depth)
