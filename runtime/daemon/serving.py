"""What stands between the journal and the doors: in a daemon of one process as little as possible, else the desks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial

import structlog
import trio
from msgspec import Struct

from runtime.daemon.admin_doors import admin_doors
from runtime.daemon.administration import administration
from runtime.daemon.adopting import InUse, adopt
from runtime.daemon.again import Again
from runtime.daemon.desk import Desk, desks_of, exposed, open_desk, peers_of, ready_of_all
from runtime.daemon.furniture import Furniture, Opened, governed_of
from runtime.daemon.parts import doors_of, front_of
from runtime.daemon.post import Post
from runtime.daemon.together import Among
from runtime.daemon.working import Plant
from runtime.deploy.listening import Listening
from runtime.deploy.together import Together
from runtime.deploy.watch import Bell
from runtime.errors import Unavailable
from runtime.host.control import Control
from runtime.observe.metrics import Metrics
from runtime.schedule.run import Scheduler
from runtime.web.access.opening import Access
from runtime.web.admin import Later, admin_app
from runtime.web.admin_deployments import RollBack
from runtime.web.front import Front
from runtime.web.listener import ListenerLimits
from runtime.web.relay.asking import Peer, request

_log = structlog.get_logger("nuclide.daemon")


class Serving(Struct, frozen=True, kw_only=True):
    """What serves callers: a journal that is open, and all that stands around it."""

    plant: Plant
    post: Post
    opened: Opened
    access: Access
    again: Again
    bell: Bell
    in_use: InUse
    stopping: trio.Event
    limits: ListenerLimits

    def furniture(self, admin: Later) -> Furniture:
        """Give what the journals of this process share; `admin` is the application beside the admin API."""
        return Furniture(
            plant=self.plant,
            post=self.post,
            access=self.access,
            admin=admin,
            again=self.again,
            bell=self.bell,
            limits=self.limits,
        )


class Served(Struct, frozen=True):
    """What the doors need: the front, the admin application to load, the listeners to count; what else is to be run.

    The schedules of one of several workers are run by its desk.
    """

    front: Front
    admin: Later
    listening: Listening
    scheduler: Scheduler | None = None
    control: Control | None = None


@asynccontextmanager
async def open_alone(serving: Serving) -> AsyncGenerator[Served]:
    """Open what a daemon of one process has."""
    plant, opened = serving.plant, serving.opened
    settings, live, metrics, house = plant.settings, plant.live, plant.metrics, opened.house
    admin = Later(partial(admin_app, opened.health, metrics.expose, body_limit=settings.server.body_limit))
    governed = await governed_of(serving.furniture(admin), opened, settings.state.folder)
    front = front_of(settings, doors_of(settings, live, house, metrics), admin, gate=serving.access.gate)
    ruled = admin_doors(
        settings, administration(governed), admin, access=serving.access, limits=serving.limits, metrics=metrics
    )
    async with ruled:
        yield Served(front, admin, governed.listening, governed.scheduler)


@asynccontextmanager
async def open_among_others(serving: Serving) -> AsyncGenerator[Served]:
    """Open what one of several workers has, and the journals that are left to it."""
    plant, opened, post = serving.plant, serving.opened, serving.post
    settings, closing = plant.settings, trio.Event()
    desks = desks_of(post, post.number)

    admin = Later(
        partial(
            admin_app,
            opened.health,
            partial(exposed, plant, desks),
            ready=partial(ready_of_all, opened.health, desks),
            body_limit=settings.server.body_limit,
        )
    )
    furniture = serving.furniture(admin)
    async with open_desk(furniture, opened, desks, stopping=serving.stopping) as desk, trio.open_nursery() as nursery:

        def take_over(number: int) -> None:
            work = partial(adopt, furniture, number, serving.in_use, closing=closing, stopping=serving.stopping)
            nursery.start_soon(work, name=f"journal {number}")

        control = None
        if post.placed is not None:
            control = Control(post.placed.control, heartbeat=post.placed.heartbeat)
            nursery.start_soon(control.follow, serving.again, take_over, name="follow the supervisor")
        for number in post.crowd.left if post.is_home else ():
            take_over(number)
        yield Served(_front(serving, desk, admin), admin, desk.listening, control=control)
        closing.set()
        if control is not None:
            control.end()


def _front(serving: Serving, desk: Desk, admin: Later) -> Front:
    return front_of(serving.plant.settings, desk.doors, admin, gate=serving.access.gate, flow=desk.flow, web=desk.web)


def together_of(post: Post, within: float, metrics: Metrics) -> Together | None:
    """Give what a worker changes together with the others; None where it is alone."""
    if post.agreement is None:
        return None
    wake = partial(_have_look, peers_of(post, post.number))
    return Among(post.agreement, post.number, within=within, wake=wake, metrics=metrics)


async def _have_look(peers: Mapping[int, Peer]) -> None:
    """Have the other workers look at the folder of bundles; one that is away looks when it begins."""
    try:
        for peer in peers.values():
            with suppress(Unavailable):
                await peer.ask(request("POST", "/api/look"), patience=0.0)
    finally:
        for peer in peers.values():
            peer.close()


async def tell_rolled_back(peers: Mapping[int, Peer], bundle: str, to: str) -> None:
    """Have the other workers go back to a version, too; one that is away decides by its own executions."""
    order = RollBack(bundle=bundle, who="the runtime", to=to)
    for number, peer in peers.items():
        try:
            answer = await peer.ask(request("POST", "/api/rollback", body=order))
        except Unavailable as error:
            _log.error("a worker could not be told of a version that fails", worker=number, error=str(error))
        else:
            _log.info("a worker was told of a version that fails", worker=number, status=answer.status)
