"""What stands around a journal: what all journals of a process share, and what an operator governs of one."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from runtime.daemon.administration import Governed
from runtime.daemon.again import Again
from runtime.daemon.parts import listening_of, scheduler_of
from runtime.daemon.post import Post
from runtime.daemon.working import Plant
from runtime.deploy.watch import Bell
from runtime.engine.house import House
from runtime.engine.recorders import Recorders
from runtime.health import Health
from runtime.store.sqlite.opening import SqliteStore
from runtime.web.access.opening import Access
from runtime.web.asgi import AsgiApp
from runtime.web.listener import ListenerLimits


class Furniture(Struct, frozen=True, kw_only=True):
    """What the journals of a process share, beside its plant."""

    plant: Plant
    post: Post
    access: Access
    admin: AsgiApp
    again: Again
    bell: Bell
    limits: ListenerLimits


class Opened(Struct, frozen=True, kw_only=True):
    """A journal that this process works on. `number` says whose it is."""

    number: int
    store: SqliteStore
    house: House
    recorders: Recorders
    health: Health


async def governed_of(furniture: Furniture, opened: Opened, folder: Path) -> Governed:
    """Give what an operator governs of the journal in `folder`; what was paused is paused from here on."""
    plant, house = furniture.plant, opened.house
    state, live, metrics = plant.settings.state.folder, plant.live, plant.metrics
    return Governed(
        settings=plant.settings,
        folder=folder,
        clock=plant.clock,
        cipher=plant.cipher,
        metrics=metrics,
        health=opened.health,
        live=live,
        bell=furniture.bell,
        house=house,
        recorders=opened.recorders,
        again=furniture.again,
        scheduler=scheduler_of(state, opened.store, live, house, metrics),
        listening=await listening_of(state, live, house),
        levels=plant.levels,
    )
