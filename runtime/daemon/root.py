"""The composition root: the daemon as nested nurseries, the outermost closed last.

    lock ─ store ─ deployments ─ house (outbox, claims, loop watch) ─ executions (recovery) ─ doors (listener)

A stop closes the doors first, gives running executions the drain time, lets the rest give their claims back, and closes
the store last.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

import structlog
import trio

from runtime.bundle.machine import Machine
from runtime.clock import SECONDS, SystemClock
from runtime.daemon.adopting import InUse
from runtime.daemon.again import Again, reloading
from runtime.daemon.bounds import listener_limits, script_limits, sparing_of
from runtime.daemon.desk import peers_of
from runtime.daemon.furniture import Opened
from runtime.daemon.parts import connections_of, files_of, load_admin, until
from runtime.daemon.post import Post, alone
from runtime.daemon.serving import Served, Serving, open_alone, open_among_others, tell_rolled_back, together_of
from runtime.daemon.workers import crowd_lock, prepared, supervised
from runtime.daemon.working import Plant, open_loop_watch, open_upkeep, open_work
from runtime.deploy.life import open_live
from runtime.deploy.listening import count_listeners
from runtime.deploy.watch import Bell
from runtime.errors import NuclideError
from runtime.health import SAFE, Health
from runtime.host.activation import inherited
from runtime.host.control import Closed, Control, Ready
from runtime.host.lock import state_lock
from runtime.host.notify import notify, status
from runtime.host.signals import wait_for_stop
from runtime.host.version import version
from runtime.model.journal import Disown
from runtime.observe.levels import Levels
from runtime.observe.log import configure, context
from runtime.observe.metrics import Metrics
from runtime.outbox.left import release_left
from runtime.plugins import installed_connectors
from runtime.settings import Settings
from runtime.store.cipher import open_cipher
from runtime.store.sqlite import open_sqlite
from runtime.web.access.opening import Access
from runtime.web.flow_answers import refusal
from runtime.web.listener import serve
from runtime.web.sockets import adopt, bind
from runtime.web.statistics import Tally

PATIENCE = 5 * SECONDS  # for the lock of a worker that was killed: until the kernel has taken it down

_log = structlog.get_logger("nuclide.daemon")


def main(settings: Settings, *, safe: bool = False) -> int:
    """Run the daemon until it is told to stop; give the exit code of the process. `safe`: with nothing deployed.

    Raises:
        NuclideError: it cannot start; the message says what to do about it.
    """
    levels = configure(settings.log.level, settings.log.format)
    with crowd_lock(settings):
        first = prepared(settings)
        post = supervised(settings, first) if settings.server.workers > 1 else first
        return post if isinstance(post, int) else _run(settings, post, safe=safe, levels=levels)


def _run(settings: Settings, post: Post, *, safe: bool, levels: Levels) -> int:
    patience, known = (PATIENCE, os.getppid()) if post.placed is not None else (0.0, os.getpid())
    told = nullcontext() if post.placed is None else context(worker=post.number)
    with state_lock(post.folder, patience=patience, daemon=known), told:
        try:
            trio.run(partial(daemon, settings, safe=safe, levels=levels, post=post))
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
    post: Post | None = None,
    task_status: trio.TaskStatus[tuple[str, ...]] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Build the daemon, serve until told to stop, take it down; report the addresses once callers can connect.

    A `safe` start deploys and recovers nothing until the first reload; callbacks are sent all the same. `levels` are
    those of the log, where this process has set it up; `post` says which of several workers it is.
    """
    begun = time.monotonic()
    post = alone(settings.state.folder) if post is None else post
    clock, folder = SystemClock(), post.folder
    levels = Levels(settings.log.level) if levels is None else levels
    handed = adopt(inherited() if post.placed is None else post.placed.listeners)
    listeners = handed or await bind(settings.server.host, settings.server.port)
    machine, bell = Machine(settings.extensions_file, os.environ), Bell()
    cipher, metrics = open_cipher(settings.state.folder, os.environ), Metrics(version())
    metrics.worker_starts.set(1 if post.placed is None else post.placed.starts)
    stored = open_sqlite(
        folder,
        cipher=cipher,
        clock=clock,
        group=settings.store.group,
        queue=settings.store.queue,
        ahead=settings.store.ahead,
        known=post.tokens.get(post.number),
    )
    together = together_of(post, settings.bundles.together, metrics)
    if post.agreement is not None and post.agreement.ahead(post.number):
        safe = False  # others have ended the safe start
    async with (
        stored as store,
        open_live(
            installed_connectors(),
            folder,
            clock,
            machine=machine,
            open_within=settings.bundles.open_within,
            scripts=script_limits(settings),
            tests_within=settings.bundles.tests_within,
            metrics=metrics,
            together=together,
        ) as live,
    ):
        deployed = trio.Event()
        if not safe:
            await live.begin(settings.bundles.folder)
            await live.forget_unneeded(store.journal)
            deployed.set()
        await store.journal.commit([Disown()])
        await release_left(store.journal)
        tally, stopping, in_use = Tally(), trio.Event(), InUse(store.journal)
        store.journal.watch_commits(partial(_count_commit, metrics))
        metrics.journal_ahead.set_function(lambda: float(store.journal.ahead))
        plant = Plant(
            settings=settings,
            clock=clock,
            cipher=cipher,
            metrics=metrics,
            levels=levels,
            live=live,
            deployed=deployed,
        )
        tell = None if post.crowd.is_alone else partial(tell_rolled_back, peers_of(post, post.number))
        async with (
            open_loop_watch(plant),
            open_work(plant, store, folder) as worked,
            open_upkeep(plant, worked, tally, machine=machine, bell=bell, in_use=in_use, tell=tell),
        ):
            health = Health(live, worked.house, tally)
            access = Access(settings, refusal, metrics, post.failures)
            again = Again(live, access, bell, health, folder=settings.bundles.folder, begun=deployed)
            serving = Serving(
                plant=plant,
                post=post,
                opened=Opened(
                    number=post.number,
                    store=store,
                    house=worked.house,
                    recorders=worked.recorders,
                    health=health,
                ),
                access=access,
                again=again,
                bell=bell,
                in_use=in_use,
                stopping=stopping,
                limits=listener_limits(settings),
            )
            opening = open_alone(serving) if post.crowd.is_alone else open_among_others(serving)
            async with opening as served:
                ready = partial(_tell_ready, begun=begun, safe=safe, post=post)
                await _serve(serving, served, listeners, tally, ready=ready, task_status=task_status)
                if post.agreement is not None:
                    post.agreement.leave(post.number)
                if served.control is not None:
                    served.control.tell(Closed())
                    await served.control.finish.wait()
    _log.info("stopped")


async def _serve(
    serving: Serving,
    served: Served,
    listeners: tuple[trio.SocketListener, ...],
    tally: Tally,
    *,
    ready: Callable[[tuple[str, ...]], None],
    task_status: trio.TaskStatus[tuple[str, ...]],
) -> None:
    """Serve callers until told to stop, and those that are there to their end."""
    plant, health, stopping, access = serving.plant, serving.opened.health, serving.stopping, serving.access
    settings = plant.settings
    doors = partial(
        serve,
        connections_of(settings, served.front, serving.limits, stopping),
        listeners,
        serving.limits,
        stopping=stopping,
        drain=settings.executions.drain,
        tally=tally,
        tls=access.context if access.secure else None,
    )
    async with trio.open_nursery() as nursery:
        addresses = await nursery.start(doors, name="doors")
        if served.scheduler is not None:
            nursery.start_soon(until, stopping, served.scheduler.run, name="schedules")
            files = files_of(settings.state.folder, plant.live, serving.opened.house)
            nursery.start_soon(until, stopping, files.run, name="files")
        nursery.start_soon(until, stopping, access.follow, name="follow users and certificates")
        counting = partial(count_listeners, served.listening, plant.metrics)
        nursery.start_soon(until, stopping, counting, name="count listeners")
        await nursery.start(reloading, stopping, serving.again, name="reload")
        nursery.start_soon(load_admin, served.admin, sparing_of(settings), name="load the admin application")
        health.state = "running" if plant.deployed.is_set() else SAFE
        health.addresses = addresses
        ready(addresses)
        if served.control is not None:
            served.control.tell(Ready(addresses, health.state == SAFE))
        task_status.started(addresses)
        why = (await wait_for_stop()).name if served.control is None else await _asked_to_stop(served.control)
        _log.info("stopping", signal=why, drain_seconds=settings.executions.drain)
        health.state = "stopping"
        notify("STOPPING=1")
        stopping.set()


async def _asked_to_stop(control: Control) -> str:
    """Wait for the supervisor's word, or for a signal to this worker alone."""
    why = "the supervisor's word"

    async def wait_for_signal(scope: trio.CancelScope) -> None:
        nonlocal why
        why = (await wait_for_stop()).name
        scope.cancel()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait_for_signal, nursery.cancel_scope, name="wait for a signal")
        await control.stop.wait()
        nursery.cancel_scope.cancel()
    return why


def _tell_ready(addresses: tuple[str, ...], *, begun: float, safe: bool, post: Post) -> None:
    serving = "safe start, nothing is deployed" if safe else "serving"
    notify("READY=1", status(f"{serving} at {', '.join(addresses)}"))
    number = {} if post.placed is None else {"worker": post.number, "process": os.getpid()}
    _log.info("ready", addresses=addresses, seconds=round(time.monotonic() - begun, 3), version=version(), **number)


def _count_commit(metrics: Metrics, seconds: float, operations: int) -> None:
    metrics.commit_seconds.observe(seconds)
    metrics.records.inc(operations)
