"""What works behind the doors: executions, recovery and the outbox of a journal, and the upkeep of the process."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import trio
from msgspec import Struct

from runtime.bundle.machine import Machine
from runtime.clock import SystemClock
from runtime.daemon.bounds import execution_settings, history_settings, recording
from runtime.daemon.parts import after, callbacks_sending, count_callback, outcomes_of, watch_outbox
from runtime.deploy.live import Live
from runtime.deploy.trial import Tell, Trial, guard_versions
from runtime.deploy.values import follow_values
from runtime.deploy.versions import InUse
from runtime.deploy.watch import Bell, watch
from runtime.engine.blame import blame
from runtime.engine.disk import mind_the_disk
from runtime.engine.executions import open_executions
from runtime.engine.house import House
from runtime.engine.recorders import Recorders
from runtime.engine.recovery import keep_claims, recover
from runtime.engine.retention import keep_history
from runtime.health import watch_state
from runtime.host.watchdog import feed
from runtime.observe.collector import collect_when_idle
from runtime.observe.levels import Levels
from runtime.observe.metrics import Metrics
from runtime.observe.stalls import watch_loop_closely
from runtime.outbox.client import open_client
from runtime.outbox.sending import Outbox, open_outbox
from runtime.settings import Settings
from runtime.store.cipher import Cipher
from runtime.store.protocols import Store
from runtime.web.statistics import Tally


class Plant(Struct, frozen=True, kw_only=True):
    """What the journals of one process share. `deployed` is set once bundles are looked at."""

    settings: Settings
    clock: SystemClock
    cipher: Cipher
    metrics: Metrics
    levels: Levels
    live: Live
    deployed: trio.Event


class Worked(Struct, frozen=True):
    """What works on one journal."""

    house: House
    recorders: Recorders
    outbox: Outbox


@asynccontextmanager
async def open_work(plant: Plant, store: Store, folder: Path) -> AsyncGenerator[Worked]:
    """Open what works on one journal, in `folder`: outbox, executions, recovery. It ends within the drain time."""
    settings, clock, metrics = plant.settings, plant.clock, plant.metrics
    bounds = execution_settings(settings)
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    async with (
        recording(
            settings, folder, store, clock, metrics=metrics, cipher=plant.cipher, levels=plant.levels
        ) as recorders,
        open_client(settings.callbacks.at_once, settings.callbacks.per_host) as send,
        open_outbox(store.journal, send, settings.callbacks, clock, partial(count_callback, metrics)) as outbox,
        open_executions(
            store, clock, bounds, owner=owner, wake_outbox=outbox.wake, metrics=metrics, recorders=recorders
        ) as house,
    ):
        async with trio.open_nursery() as upkeep:
            upkeep.start_soon(keep_claims, house, name="keep claims")
            upkeep.start_soon(mind_the_disk, house, name="mind the disk")
            upkeep.start_soon(
                after, plant.deployed, partial(recover, house, plant.live.find), name="recover executions"
            )
            upkeep.start_soon(keep_history, house, history_settings(settings), name="keep the history")
            yield Worked(house, recorders, outbox)
            upkeep.cancel_scope.cancel()
        with trio.move_on_after(settings.executions.drain):
            await house.drained()


@asynccontextmanager
async def open_upkeep(
    plant: Plant, worked: Worked, tally: Tally, *, machine: Machine, bell: Bell, in_use: InUse, tell: Tell | None = None
) -> AsyncGenerator[None]:
    """Open what a process does once, whatever journals it works on: bundles, metrics, the garbage collector.

    `tell` tells other workers of a version that was rolled back.
    """
    settings, live, metrics, clock, house = plant.settings, plant.live, plant.metrics, plant.clock, worked.house
    watch_outbox(metrics, worked.outbox)
    trial = Trial(
        seconds=settings.bundles.trial,
        executions=settings.bundles.trial_executions,
        failures=settings.bundles.trial_failures / 100,
    )
    outcomes = partial(outcomes_of, house)
    async with trio.open_nursery() as upkeep:
        watching = partial(watch, live, settings.bundles, in_use, bell)
        upkeep.start_soon(after, plant.deployed, watching, name="watch the bundles")
        upkeep.start_soon(follow_values, live, machine, settings.bundles.rescan, bell, name="follow the values")
        guarding = partial(guard_versions, live, outcomes, trial, clock, tell=tell)
        upkeep.start_soon(guarding, name="guard versions")
        upkeep.start_soon(collect_when_idle, lambda: house.is_quiet, name="collect when idle")
        watching_state = partial(watch_state, tally=tally, sending=partial(callbacks_sending, worked.outbox))
        upkeep.start_soon(watching_state, house, live, metrics, clock, name="watch the state")
        yield
        upkeep.cancel_scope.cancel()


@asynccontextmanager
async def open_loop_watch(plant: Plant) -> AsyncGenerator[None]:
    """Open what watches the event loop, from the first task of the process to its last."""
    async with trio.open_nursery() as helpers:
        stall = plant.settings.log.stall_after
        await helpers.start(watch_loop_closely, plant.metrics, blame, stall, name="watch the loop")
        helpers.start_soon(feed, name="feed the watchdog")
        yield
        helpers.cancel_scope.cancel()
