"""The composition root: the daemon as nested nurseries, the outermost closed last.

    lock ─ store ─ deployments ─ house (outbox, claims, loop watch) ─ executions (recovery) ─ doors (listener)

A stop closes the doors first, gives running executions the drain time, lets the rest give their claims back, and closes
the store last.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from importlib import import_module
from pathlib import Path

import structlog
import trio

from runtime.bundle.machine import Machine
from runtime.clock import SystemClock
from runtime.deploy.live import Live, open_live
from runtime.deploy.trial import Outcomes, Trial, guard_versions
from runtime.deploy.values import follow_values
from runtime.deploy.watch import Bell, watch
from runtime.engine.batch import BatchLimits
from runtime.engine.context import EngineLimits
from runtime.engine.deployment import Deployment
from runtime.engine.disk import mind_the_disk
from runtime.engine.executions import begin_process, open_executions
from runtime.engine.house import ExecutionSettings, House
from runtime.engine.recorder import RecordLimits
from runtime.engine.recorders import Recorders, RecordSettings, open_recorders
from runtime.engine.records import named_files
from runtime.engine.recovery import keep_claims, recover
from runtime.engine.retention import HistorySettings, keep_history
from runtime.errors import NuclideError
from runtime.health import Health, watch_state
from runtime.host.activation import inherited
from runtime.host.lock import state_lock
from runtime.host.notify import notify, status
from runtime.host.reload import reload_on_signal
from runtime.host.signals import wait_for_stop
from runtime.host.version import version
from runtime.host.watchdog import feed
from runtime.model.journal import Disown
from runtime.model.record import Depth
from runtime.model.schedule import Schedule
from runtime.observe.collector import collect_when_idle, spare
from runtime.observe.log import configure
from runtime.observe.metrics import Metrics
from runtime.observe.stalls import watch_loop
from runtime.outbox.client import open_client
from runtime.outbox.left import release_left
from runtime.outbox.sending import open_outbox
from runtime.plugins import installed_connectors
from runtime.schedule.run import Book, Scheduler
from runtime.settings import Settings
from runtime.store.cipher import Cipher, open_cipher
from runtime.store.note import Note
from runtime.store.protocols import Store
from runtime.store.record_files import RecordFiles
from runtime.store.sqlite import open_sqlite
from runtime.store.sqlite.check import Report, check
from runtime.web.access.gate import Gate
from runtime.web.access.opening import Access
from runtime.web.admin import admin_app
from runtime.web.admin_api import Execute, Facts, admin_api
from runtime.web.admin_deployments import deployment_rows
from runtime.web.admin_records import record_rows
from runtime.web.admin_schedules import schedule_rows
from runtime.web.admin_work import Work, work_rows
from runtime.web.asgi import AsgiApp
from runtime.web.connection import hypercorn_connections
from runtime.web.flow_answers import refusal
from runtime.web.flow_door import DoorSettings, FlowDoor
from runtime.web.front import BodyLimits, Front, Route, Streaming
from runtime.web.listener import ListenerLimits, serve
from runtime.web.sockets import adopt, bind
from runtime.web.statistics import Tally
from runtime.web.streamed import StreamLimits
from runtime.web.unix_socket import unix_listener

ADMIN_DRAIN = 1.0  # seconds; an answer of the admin API takes a tenth of it

_log = structlog.get_logger("nuclide.daemon")


def main(settings: Settings) -> int:
    """Run the daemon until it is told to stop; give the exit code of the process.

    Raises:
        NuclideError: it cannot start; the message says what to do about it.
    """
    configure(settings.log.level, settings.log.format)
    with state_lock(settings.state.folder):
        try:
            trio.run(daemon, settings)
        except BaseExceptionGroup as group:
            raise _first(group) from group
    return 0


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Give the error that a person can act upon, out of what several tasks have raised."""
    ours = group.subgroup(NuclideError)
    errors: BaseException = group if ours is None else ours
    while isinstance(errors, BaseExceptionGroup):
        errors = errors.exceptions[0]
    return errors


async def daemon(
    settings: Settings, *, task_status: trio.TaskStatus[tuple[str, ...]] = trio.TASK_STATUS_IGNORED
) -> None:
    """Build the daemon, serve until told to stop, take it down; report the addresses once callers can connect."""
    begun = time.monotonic()
    clock, state = SystemClock(), settings.state.folder
    await trio.to_thread.run_sync(import_module, "quart_trio")  # most of a second that would stall the loop later
    handed = adopt(inherited())
    listeners = handed or await bind(settings.server.host, settings.server.port)
    machine, bell = Machine(settings.extensions_file, os.environ), Bell()
    cipher = open_cipher(state, os.environ)
    stored = open_sqlite(state, cipher=cipher, clock=clock, group=settings.store.group, queue=settings.store.queue)
    async with (
        stored as store,
        open_live(
            installed_connectors(),
            state,
            clock,
            machine=machine,
            open_within=settings.bundles.open_within,
            tests_within=settings.bundles.tests_within,
        ) as live,
    ):
        await live.begin(settings.bundles.folder)
        await live.forget_unneeded(store.journal)
        await store.journal.commit([Disown()])
        await release_left(store.journal)
        metrics, tally, stopping = Metrics(version()), Tally(), trio.Event()
        store.journal.watch_commits(partial(_count_commit, metrics))
        async with _work(settings, store, live, metrics, tally, machine=machine, bell=bell) as (house, recorders):
            health = Health(live, house, tally)
            admin = admin_app(health, metrics.expose, body_limit=settings.server.body_limit)
            access = Access(settings, refusal, metrics)
            front = _front(settings, live, house, admin, metrics, gate=access.gate)
            limits = _listener_limits(settings)
            doors = partial(
                serve,
                hypercorn_connections(front, limits, stopping),
                listeners,
                limits,
                stopping=stopping,
                drain=settings.executions.drain,
                tally=tally,
                tls=access.context if access.secure else None,
            )
            scheduler = _scheduler(state, store, live, house, metrics)
            facts = Facts(
                status=health, journal=store.journal, deployed=live, clock=clock, begin=partial(_begin, house)
            )
            work = Work(house=house, deployed=live, find=live.find, check=partial(_check, state, cipher))
            api = Front(
                {
                    "/api": Route(
                        handler=admin_api(
                            facts,
                            (
                                *schedule_rows(scheduler, clock),
                                *work_rows(work),
                                *record_rows(house, recorders),
                                *deployment_rows(live, bell),
                            ),
                        )
                    )
                },
                admin,
            )
            async with _admin_socket(settings, api, limits), trio.open_nursery() as nursery:
                addresses = await nursery.start(doors, name="doors")
                nursery.start_soon(_until, stopping, scheduler.run, name="schedules")
                nursery.start_soon(_until, stopping, access.follow, name="follow users and certificates")
                await nursery.start(partial(_reloading, stopping, live, access, bell), name="reload")
                spare()
                health.state, health.addresses = "running", addresses
                notify("READY=1", status(f"serving at {', '.join(addresses)}"))
                seconds = round(time.monotonic() - begun, 3)
                _log.info("ready", addresses=addresses, seconds=seconds, version=version())
                task_status.started(addresses)
                signal = await wait_for_stop()
                _log.info("stopping", signal=signal.name, drain_seconds=settings.executions.drain)
                health.state = "stopping"
                notify("STOPPING=1")
                stopping.set()
    _log.info("stopped")


def _recording(
    settings: Settings, store: Store, clock: SystemClock, metrics: Metrics
) -> AbstractAsyncContextManager[Recorders]:
    records = settings.records
    limits = RecordLimits(
        lines=records.lines,
        steps=records.steps,
        documents=records.documents,
        document_bytes=records.document_bytes,
        bytes=records.bytes,
    )
    bounds = RecordSettings(
        limits=limits,
        payloads=records.payloads,
        queue=records.queue,
        keep_for=records.keep_for,
        keep_size=records.keep_size,
    )
    left_out = metrics.limit_reached.of("records.queue").inc
    files = RecordFiles(settings.state.folder / "records")
    return open_recorders(files, store.documents, bounds, now=clock.now, left_out=left_out)


@asynccontextmanager
async def _work(
    settings: Settings, store: Store, live: Live, metrics: Metrics, tally: Tally, *, machine: Machine, bell: Bell
) -> AsyncGenerator[tuple[House, Recorders]]:
    """Open what works behind the doors: outbox, executions, recovery. It ends within the drain time."""
    clock = SystemClock()
    bounds = _execution_settings(settings)
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    async with trio.open_nursery() as helpers:
        await helpers.start(partial(watch_loop, metrics), name="watch the loop")
        helpers.start_soon(feed, name="feed the watchdog")
        async with (
            _recording(settings, store, clock, metrics) as recorders,
            open_client(settings.callbacks.at_once) as send,
            open_outbox(store.journal, send, settings.callbacks, clock, partial(_count_callback, metrics)) as outbox,
            open_executions(
                store, clock, bounds, owner=owner, wake_outbox=outbox.wake, metrics=metrics, recorders=recorders
            ) as house,
        ):
            async with trio.open_nursery() as upkeep:
                upkeep.start_soon(keep_claims, house, name="keep claims")
                upkeep.start_soon(mind_the_disk, house, name="mind the disk")
                upkeep.start_soon(recover, house, live.find, name="recover executions")
                upkeep.start_soon(keep_history, house, _history_settings(settings), name="keep the history")
                upkeep.start_soon(watch, live, settings.bundles, store.journal, bell, name="watch the bundles")
                upkeep.start_soon(follow_values, live, machine, settings.bundles.rescan, name="follow the values")
                trial = Trial(
                    seconds=settings.bundles.trial,
                    executions=settings.bundles.trial_executions,
                    failures=settings.bundles.trial_failures / 100,
                )
                upkeep.start_soon(guard_versions, live, partial(_outcomes, house), trial, clock, name="guard versions")
                upkeep.start_soon(collect_when_idle, lambda: house.running == 0, name="collect when idle")
                upkeep.start_soon(watch_state, house, live, metrics, clock, tally, name="watch the state")
                yield house, recorders
                upkeep.cancel_scope.cancel()
            with trio.move_on_after(settings.executions.drain):
                await house.drained()
        helpers.cancel_scope.cancel()


@asynccontextmanager
async def _admin_socket(settings: Settings, app: Front, limits: ListenerLimits) -> AsyncGenerator[None]:
    """Serve `app` on the admin socket: an operator can ask while the doors are still, or no longer, open."""
    closing = trio.Event()
    with unix_listener(settings.admin_socket) as listener:
        doors = partial(
            serve, hypercorn_connections(app, limits, closing), [listener], limits, stopping=closing, drain=ADMIN_DRAIN
        )
        async with trio.open_nursery() as nursery:
            await nursery.start(doors, name="admin socket")
            yield
            closing.set()


def _scheduler(state: Path, store: Store, live: Live, house: House, metrics: Metrics) -> Scheduler:
    async def start(deployment: Deployment, schedule: Schedule, token: str) -> str:
        return await begin_process(house, deployment, schedule.process, (), schedule.properties, token=token)

    def count(outcome: str) -> None:
        metrics.schedules.of(outcome).inc()

    return Scheduler(
        live, store.journal, house.clock, note=Note(state / "schedules.json", Book), start=start, count=count
    )


def _outcomes(house: House, digest: str) -> Outcomes:
    return Outcomes(*house.outcomes.get(digest, (0, 0)))


async def _reloading(
    stopping: trio.Event,
    live: Live,
    access: Access,
    bell: Bell,
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Read again what stands in files at every SIGHUP, until the daemon stops."""

    async def work() -> None:
        await access.look()
        await live.refresh()
        bell.ring()

    async with trio.open_nursery() as nursery:
        await nursery.start(reload_on_signal, work)
        task_status.started()
        await stopping.wait()
        nursery.cancel_scope.cancel()


async def _until(stopping: trio.Event, work: Callable[[], Awaitable[None]]) -> None:
    """Do what never ends until the daemon stops."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(work)
        await stopping.wait()
        nursery.cancel_scope.cancel()


def _count_commit(metrics: Metrics, seconds: float, operations: int) -> None:
    metrics.commit_seconds.observe(seconds)
    metrics.records.inc(operations)


def _count_callback(metrics: Metrics, outcome: str) -> None:
    metrics.callbacks_sent.of(outcome).inc()


async def _check(state: Path, cipher: Cipher) -> Report:
    return await trio.to_thread.run_sync(check, state, cipher, named_files)


async def _begin(house: House, deployment: Deployment, order: Execute) -> str:
    contents = [document.encode() for document in order.documents]
    depth: Depth | None = "documents" if order.trace else None
    return await begin_process(house, deployment, order.process, contents, order.properties, depth=depth)


def _front(settings: Settings, live: Live, house: House, admin: AsgiApp, metrics: Metrics, *, gate: Gate) -> Front:
    flow = settings.flow
    bounds = DoorSettings(callback_hosts=settings.callbacks.allow, objects=flow.objects)
    door = FlowDoor(house, lambda: live.table, bounds, metrics)
    uploads = StreamLimits(size=flow.upload_limit, time=flow.upload_timeout, pause=flow.upload_pause)
    streaming = Streaming(door.streams, uploads)
    routes = {"/fs": Route(handler=door, refusal=refusal, oversize=400, streaming=streaming, gate=gate)}
    limits = BodyLimits(size=settings.server.body_limit, time=settings.server.body_timeout)
    return Front(routes, admin, limits=limits)


def _listener_limits(settings: Settings) -> ListenerLimits:
    server = settings.server
    return ListenerLimits(
        connections=server.connections, head_timeout=server.header_timeout, keep_alive=server.keep_alive
    )


def _history_settings(settings: Settings) -> HistorySettings:
    history = settings.history
    return HistorySettings(
        keep_for=history.keep_for,
        keep_count=history.keep_count,
        keep_size=history.keep_size,
        replay_for=history.replay_for,
    )


def _execution_settings(settings: Settings) -> ExecutionSettings:
    executions, documents, flow = settings.executions, settings.documents, settings.flow
    batch = BatchLimits(in_memory=documents.in_memory, in_memory_bytes=documents.in_memory_bytes)
    engine = EngineLimits(
        batch=batch,
        content_in_memory=documents.payload_in_memory,
        documents=documents.per_execution,
        steps=executions.steps_limit,
        suspend_after=executions.suspend_after,
    )
    return ExecutionSettings(
        engine=engine,
        at_once=executions.at_once,
        queued=executions.queued,
        lease=executions.lease,
        recovery_interval=executions.recovery_interval,
        expire_after=settings.callbacks.expire_after,
        park_answer_after=executions.park_answer_after,
        repeated_answers=flow.repeated_answers,
        repeated_answers_for=flow.repeated_answers_for,
        keep_work=settings.history.replay_for > 0,
    )
