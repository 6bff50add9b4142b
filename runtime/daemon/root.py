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
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

import structlog
import trio

from runtime.bundle.machine import Machine
from runtime.clock import SystemClock
from runtime.daemon.admin_doors import admin_doors
from runtime.daemon.administration import Governed, administration
from runtime.daemon.again import Again, reloading
from runtime.daemon.bounds import (
    execution_settings,
    history_settings,
    listener_limits,
    recording,
    script_limits,
    sparing_of,
)
from runtime.daemon.parts import (
    after,
    callbacks_sending,
    connections_of,
    count_callback,
    front_of,
    listening_of,
    load_admin,
    outcomes_of,
    scheduler_of,
    until,
    watch_outbox,
)
from runtime.deploy.listening import count_listeners
from runtime.deploy.live import Live, open_live
from runtime.deploy.trial import Trial, guard_versions
from runtime.deploy.values import follow_values
from runtime.deploy.watch import Bell, watch
from runtime.engine.blame import blame
from runtime.engine.disk import mind_the_disk
from runtime.engine.executions import open_executions
from runtime.engine.house import House
from runtime.engine.recorders import Recorders
from runtime.engine.recovery import keep_claims, recover
from runtime.engine.retention import keep_history
from runtime.errors import NuclideError
from runtime.health import SAFE, Health, watch_state
from runtime.host.activation import inherited
from runtime.host.lock import state_lock
from runtime.host.notify import notify, status
from runtime.host.signals import wait_for_stop
from runtime.host.version import version
from runtime.host.watchdog import feed
from runtime.model.journal import Disown
from runtime.observe.collector import collect_when_idle
from runtime.observe.levels import Levels
from runtime.observe.log import configure
from runtime.observe.metrics import Metrics
from runtime.observe.stalls import watch_loop_closely
from runtime.outbox.client import open_client
from runtime.outbox.left import release_left
from runtime.outbox.sending import open_outbox
from runtime.plugins import installed_connectors
from runtime.settings import Settings
from runtime.store.cipher import Cipher, open_cipher
from runtime.store.protocols import Store
from runtime.store.sqlite import open_sqlite
from runtime.web.access.opening import Access
from runtime.web.admin import Later, admin_app
from runtime.web.flow_answers import refusal
from runtime.web.listener import serve
from runtime.web.sockets import adopt, bind
from runtime.web.statistics import Tally

_log = structlog.get_logger("nuclide.daemon")


def main(settings: Settings, *, safe: bool = False) -> int:
    """Run the daemon until it is told to stop; give the exit code of the process. `safe`: with nothing deployed.

    Raises:
        NuclideError: it cannot start; the message says what to do about it.
    """
    levels = configure(settings.log.level, settings.log.format)
    with state_lock(settings.state.folder):
        try:
            trio.run(partial(daemon, settings, safe=safe, levels=levels))
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
    settings: Settings,
    *,
    safe: bool = False,
    levels: Levels | None = None,
    task_status: trio.TaskStatus[tuple[str, ...]] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Build the daemon, serve until told to stop, take it down; report the addresses once callers can connect.

    A `safe` start deploys and recovers nothing until the first reload; callbacks are sent all the same. `levels` are
    those of the log, where this process has set it up.
    """
    begun = time.monotonic()
    clock, state = SystemClock(), settings.state.folder
    levels = Levels(settings.log.level) if levels is None else levels
    handed = adopt(inherited())
    listeners = handed or await bind(settings.server.host, settings.server.port)
    machine, bell = Machine(settings.extensions_file, os.environ), Bell()
    cipher, metrics = open_cipher(state, os.environ), Metrics(version())
    stored = open_sqlite(state, cipher=cipher, clock=clock, group=settings.store.group, queue=settings.store.queue)
    async with (
        stored as store,
        open_live(
            installed_connectors(),
            state,
            clock,
            machine=machine,
            open_within=settings.bundles.open_within,
            scripts=script_limits(settings),
            tests_within=settings.bundles.tests_within,
            metrics=metrics,
        ) as live,
    ):
        deployed = trio.Event()
        if not safe:
            await live.begin(settings.bundles.folder)
            await live.forget_unneeded(store.journal)
            deployed.set()
        await store.journal.commit([Disown()])
        await release_left(store.journal)
        tally, stopping = Tally(), trio.Event()
        store.journal.watch_commits(partial(_count_commit, metrics))
        working = _work(
            settings,
            store,
            live,
            metrics,
            tally,
            machine=machine,
            bell=bell,
            cipher=cipher,
            levels=levels,
            deployed=deployed,
        )
        async with (
            working as (
                house,
                recorders,
            )
        ):
            health = Health(live, house, tally)
            admin = Later(partial(admin_app, health, metrics.expose, body_limit=settings.server.body_limit))
            access = Access(settings, refusal, metrics)
            front = front_of(settings, live, house, admin, metrics, gate=access.gate)
            limits = listener_limits(settings)
            doors = partial(
                serve,
                connections_of(settings, front, limits, stopping),
                listeners,
                limits,
                stopping=stopping,
                drain=settings.executions.drain,
                tally=tally,
                tls=access.context if access.secure else None,
            )
            again = Again(live, access, bell, health, folder=settings.bundles.folder, begun=deployed)
            scheduler = scheduler_of(state, store, live, house, metrics)
            listening = await listening_of(state, live, house)
            api = administration(
                Governed(
                    settings=settings,
                    clock=clock,
                    cipher=cipher,
                    metrics=metrics,
                    health=health,
                    live=live,
                    bell=bell,
                    house=house,
                    recorders=recorders,
                    again=again,
                    scheduler=scheduler,
                    listening=listening,
                    levels=levels,
                )
            )
            ruled = admin_doors(settings, api, admin, access=access, limits=limits, metrics=metrics)
            async with ruled, trio.open_nursery() as nursery:
                addresses = await nursery.start(doors, name="doors")
                nursery.start_soon(until, stopping, scheduler.run, name="schedules")
                nursery.start_soon(until, stopping, access.follow, name="follow users and certificates")
                nursery.start_soon(
                    until, stopping, partial(count_listeners, listening, metrics), name="count listeners"
                )
                await nursery.start(reloading, stopping, again, name="reload")
                nursery.start_soon(load_admin, admin, sparing_of(settings), name="load the admin application")
                health.state, health.addresses = SAFE if safe else "running", addresses
                _tell_ready(addresses, time.monotonic() - begun, safe=safe)
                task_status.started(addresses)
                signal = await wait_for_stop()
                _log.info("stopping", signal=signal.name, drain_seconds=settings.executions.drain)
                health.state = "stopping"
                notify("STOPPING=1")
                stopping.set()
    _log.info("stopped")


def _tell_ready(addresses: tuple[str, ...], seconds: float, *, safe: bool) -> None:
    serving = "safe start, nothing is deployed" if safe else "serving"
    notify("READY=1", status(f"{serving} at {', '.join(addresses)}"))
    _log.info("ready", addresses=addresses, seconds=round(seconds, 3), version=version())


@asynccontextmanager
async def _work(
    settings: Settings,
    store: Store,
    live: Live,
    metrics: Metrics,
    tally: Tally,
    *,
    machine: Machine,
    bell: Bell,
    cipher: Cipher,
    levels: Levels,
    deployed: trio.Event,
) -> AsyncGenerator[tuple[House, Recorders]]:
    """Open what works behind the doors: outbox, executions, recovery. It ends within the drain time."""
    clock = SystemClock()
    bounds = execution_settings(settings)
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    async with trio.open_nursery() as helpers:
        await helpers.start(watch_loop_closely, metrics, blame, settings.log.stall_after, name="watch the loop")
        helpers.start_soon(feed, name="feed the watchdog")
        async with (
            recording(settings, store, clock, metrics, cipher, levels=levels) as recorders,
            open_client(settings.callbacks.at_once, settings.callbacks.per_host) as send,
            open_outbox(store.journal, send, settings.callbacks, clock, partial(count_callback, metrics)) as outbox,
            open_executions(
                store, clock, bounds, owner=owner, wake_outbox=outbox.wake, metrics=metrics, recorders=recorders
            ) as house,
        ):
            watch_outbox(metrics, outbox)
            async with trio.open_nursery() as upkeep:
                upkeep.start_soon(keep_claims, house, name="keep claims")
                upkeep.start_soon(mind_the_disk, house, name="mind the disk")
                upkeep.start_soon(after, deployed, partial(recover, house, live.find), name="recover executions")
                upkeep.start_soon(keep_history, house, history_settings(settings), name="keep the history")
                watching = partial(watch, live, settings.bundles, store.journal, bell)
                upkeep.start_soon(after, deployed, watching, name="watch the bundles")
                upkeep.start_soon(follow_values, live, machine, settings.bundles.rescan, name="follow the values")
                trial = Trial(
                    seconds=settings.bundles.trial,
                    executions=settings.bundles.trial_executions,
                    failures=settings.bundles.trial_failures / 100,
                )
                upkeep.start_soon(
                    guard_versions, live, partial(outcomes_of, house), trial, clock, name="guard versions"
                )
                upkeep.start_soon(collect_when_idle, lambda: house.running == 0, name="collect when idle")
                watching_state = partial(watch_state, tally=tally, sending=partial(callbacks_sending, outbox))
                upkeep.start_soon(watching_state, house, live, metrics, clock, name="watch the state")
                yield house, recorders
                upkeep.cancel_scope.cancel()
            with trio.move_on_after(settings.executions.drain):
                await house.drained()
        helpers.cancel_scope.cancel()


def _count_commit(metrics: Metrics, seconds: float, operations: int) -> None:
    metrics.commit_seconds.observe(seconds)
    metrics.records.inc(operations)
