"""Taking a journal over: of a worker that cannot be started, or of one that the settings do not want any more.

What it holds is finished here as it would have been there, its callbacks are sent, its tokens known, and the console
shows it; only callers do not come to it any more.
"""

from __future__ import annotations

from contextlib import AsyncExitStack

import structlog
import trio

from runtime.clock import SECONDS
from runtime.daemon.desk import open_desk
from runtime.daemon.furniture import Furniture, Opened
from runtime.daemon.working import open_work
from runtime.deploy.versions import Versions
from runtime.errors import NuclideError
from runtime.health import Health
from runtime.host.lock import state_lock
from runtime.model.journal import Disown
from runtime.outbox.left import release_left
from runtime.store.protocols import Journal
from runtime.store.sqlite import open_sqlite
from runtime.web.statistics import Tally

AGAIN = 30 * SECONDS  # before a journal that cannot be taken over is tried again

_log = structlog.get_logger("nuclide.daemon")


class InUse:
    """The versions that the journals of this process need: its own, and those that it has taken over."""

    def __init__(self, *journals: Journal) -> None:
        self.journals = list(journals)

    async def digests_in_use(self) -> set[str]:
        """Give the digests of what unfinished executions began on."""
        found: set[str] = set()
        for journal in self.journals:
            found |= await journal.digests_in_use()
        return found


async def adopt(furniture: Furniture, number: int, in_use: InUse, *, closing: trio.Event, stopping: trio.Event) -> None:
    """Work on the journal of another number until `closing` is set; one that cannot be opened is tried again."""
    while not closing.is_set():
        try:
            await _work(furniture, number, in_use, closing, stopping)
        except NuclideError as error:
            _log.error("a journal cannot be taken over; it is tried again", worker=number, error=str(error))
            with trio.move_on_after(AGAIN):
                await closing.wait()


async def _work(furniture: Furniture, number: int, in_use: InUse, closing: trio.Event, stopping: trio.Event) -> None:
    plant = furniture.plant
    settings, folder = plant.settings, furniture.post.crowd.folder(number)
    stored = open_sqlite(
        folder,
        cipher=plant.cipher,
        clock=plant.clock,
        group=settings.store.group,
        queue=settings.store.queue,
        ahead=settings.store.ahead,
        known=furniture.post.tokens.get(number),
    )
    async with AsyncExitStack() as stack:
        stack.enter_context(state_lock(folder))
        store = await stack.enter_async_context(stored)
        in_use.journals.append(store.journal)
        stack.callback(in_use.journals.remove, store.journal)
        own = Versions(furniture.post.folder)
        await trio.to_thread.run_sync(own.take_over, folder)
        await store.journal.commit([Disown()])
        await release_left(store.journal)
        worked = await stack.enter_async_context(open_work(plant, store, folder))
        health = Health(plant.live, worked.house, Tally())
        health.state = "running"
        opened = Opened(number=number, store=store, house=worked.house, recorders=worked.recorders, health=health)
        await stack.enter_async_context(open_desk(furniture, opened, stopping=stopping))
        _log.warning("a journal was taken over", worker=number)
        await closing.wait()
