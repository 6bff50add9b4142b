"""What an operator does about listeners: sees how they are, pauses them, lets them go on, opens them anew.

What is paused is noted before it holds, so that it stays so through restarts and new versions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, get_args

import structlog
import trio
from msgspec import Struct

from runtime.bundle.findings import suggest
from runtime.clock import Clock
from runtime.deploy.live import Live
from runtime.engine.deployment import Deployment
from runtime.engine.listeners import Heard, Listeners, Pause
from runtime.engine.live_services import Bound, LiveAction, LiveFiles, LiveService, LiveType, Missing
from runtime.engine.table import Table
from runtime.errors import BundleError, RequestError, StoreError
from runtime.model.file_listener import FileListener
from runtime.model.process import FlowListener, Process
from runtime.observe.metrics import Metrics
from runtime.store.note import Note

_log = structlog.get_logger("nuclide.deploy")

State = Literal["listening", "paused", "errored"]  # the platform's words (reference 3.8)

Key = tuple[str, str]  # a bundle and a process of it

LOOK = 5.0  # seconds between two looks for the metrics: half of a usual scrape interval
NOBODY = "no deployed Flow service names it, so that nobody can call it"
NOWHERE = "it has neither a simple address nor a route, so that nobody can call it"


class Noted(Struct, frozen=True):
    """A paused listener, as it is written down."""

    bundle: str
    process: str
    pause: Pause


Book = tuple[Noted, ...]


class Listener(Struct, frozen=True, kw_only=True):
    """How a listener is, and why. `heard` is what has come for it since the daemon began."""

    bundle: str
    process: str
    kind: str
    state: State
    reason: str
    pause: Pause | None
    heard: Heard | None

    @property
    def name(self) -> str:
        """The name by which an operator and the notes know it."""
        return key_of(self.bundle, self.process)


class Listening:
    """The listeners of what is live. `trouble` tells why nothing durable is accepted now, or None."""

    def __init__(
        self,
        live: Live,
        listeners: Listeners,
        clock: Clock,
        *,
        note: Note[Book],
        trouble: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._live = live
        self._listeners = listeners
        self._clock = clock
        self._note = note
        self._trouble = trouble
        self._turn = trio.Lock()  # notes are written one after the other

    async def recall(self) -> None:
        """Let what was paused before the daemon stopped be paused again; to be called before anybody can call."""
        try:
            kept = await trio.to_thread.run_sync(self._note.read)
        except StoreError as error:
            _log.error("which listeners are paused cannot be read; none is", error=str(error))
            return
        self._listeners.paused.update({(noted.bundle, noted.process): noted.pause for noted in kept or ()})

    def listed(self) -> tuple[Listener, ...]:
        """Give the listeners of what is live, by name."""
        table, trouble = self._live.table, self._trouble()
        offered = set(_offered(table))
        found: list[Listener] = []
        for deployment, process in _listening(table):
            key = (deployment.bundle.name, process.name)
            pause = self._listeners.paused.get(key)
            own = self._listeners.troubles.get(key)
            state, reason = state_of(process, pause, trouble, offered=key in offered, own=own)
            heard = self._listeners.heard(*key)
            kind = "" if process.listener is None else kind_of(process)
            found.append(
                Listener(bundle=key[0], process=key[1], kind=kind, state=state, reason=reason, pause=pause, heard=heard)
            )
        return tuple(sorted(found, key=lambda listener: listener.name))

    async def pause(self, name: str | None, *, by: str, reason: str) -> None:
        """Pause a listener, or all that are live: their callers are told to come again.

        Raises:
            RequestError: there is no such listener.
            StoreError: it cannot be kept, and nothing is paused.
        """
        pause = Pause(since=self._clock.now(), by=by, reason=reason)
        async with self._turn:
            keys = self._keys(name)
            paused = {**dict.fromkeys(keys, pause), **self._listeners.paused}
            await self._keep(paused)
        _log.warning("listeners paused", listeners=[key_of(*key) for key in keys], by=by, reason=reason)

    async def resume(self, name: str | None, *, by: str) -> None:
        """Let a listener go on, or all, those of bundles among them that are not live.

        Raises:
            RequestError: there is no such listener.
            StoreError: it cannot be kept, and nothing goes on.
        """
        async with self._turn:
            paused = self._listeners.paused
            going = set(paused) if name is None else {key for key in paused if key_of(*key) == name}
            if name is not None and not going:
                going = set(self._keys(name))
            await self._keep({key: pause for key, pause in paused.items() if key not in going})
        _log.warning("listeners go on", listeners=sorted(key_of(*key) for key in going), by=by)

    async def restart(self, name: str | None, *, by: str) -> None:
        """Open the connections of a listener's bundle anew, or of all that listen; a paused one stays paused.

        Executions that run end on the connections that they began with.

        Raises:
            RequestError: there is no such listener, or connections cannot be opened: the old ones are used on.
        """
        bundles = sorted({bundle for bundle, _ in self._keys(name)})
        _log.warning("listeners are opened anew", bundles=bundles, by=by)
        for bundle in bundles:
            try:
                await self._live.reopen(bundle)
            except BundleError as error:
                message = f"'{bundle}' cannot be opened anew, and goes on with what it has: {error.message}"
                raise RequestError("listeners.restart", message, status=409, hint=error.hint) from error

    def _keys(self, name: str | None) -> list[Key]:
        known = {
            key_of(deployment.bundle.name, process.name): (deployment.bundle.name, process.name)
            for deployment, process in _listening(self._live.table)
        }
        if name is None:
            return list(known.values())
        if name not in known:
            raise RequestError(
                "listeners.unknown", f"There is no listener '{name}'", status=404, hint=suggest(name, known)
            )
        return [known[name]]

    async def _keep(self, paused: dict[Key, Pause]) -> None:
        """Write down what is paused, then let it hold."""
        book = tuple(Noted(*key, pause) for key, pause in sorted(paused.items(), key=lambda each: each[0]))
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(self._note.write, book)
            self._listeners.paused = paused


async def count_listeners(listening: Listening, metrics: Metrics) -> None:
    """Keep the gauges of listeners true, for ever."""
    while True:
        listed = listening.listed()
        for state in get_args(State):
            metrics.listeners.of(state).set(sum(listener.state == state for listener in listed))
        for listener in listed:
            if listener.heard is not None:
                metrics.listener_called_at.of(listener.bundle, listener.process).set(listener.heard.last)
        await trio.sleep(LOOK)


def state_of(
    process: Process, pause: Pause | None, trouble: str | None, *, offered: bool, own: str | None = None
) -> tuple[State, str]:
    """Give how a listener is, and why: what a caller of it would be told decides. `own` is a trouble of its own."""
    if pause is not None:
        return "paused", f"by {pause.by}: {pause.reason}" if pause.reason else f"by {pause.by}"
    if own is not None:
        return "errored", own
    if not offered and not isinstance(process.listener, FileListener):
        return "errored", NOBODY if isinstance(process.listener, FlowListener) else NOWHERE
    if trouble is not None and (process.options.mode != "low latency" or isinstance(process.listener, FileListener)):
        return "errored", f"the disk is in trouble: {trouble}"
    return "listening", ""


def key_of(bundle: str, process: str) -> str:
    """Give the name of a listener."""
    return f"{bundle}/{process}"


def kind_of(process: Process) -> str:
    """Give what a listener listens for."""
    if isinstance(process.listener, FileListener):
        return "disk"
    return f"flow {process.listener.service}" if isinstance(process.listener, FlowListener) else "web service"


def _listening(table: Table) -> Iterator[tuple[Deployment, Process]]:
    for deployment in table.deployments.values():
        for compiled in deployment.processes.values():
            if compiled.process.listener is not None:
                yield deployment, compiled.process


def _offered(table: Table) -> Iterator[Key]:
    for service in table.services.values():
        yield from _serving(service)
    for endpoint in table.web.endpoints():
        yield endpoint.bound.deployment.bundle.name, endpoint.bound.process.process.name


def _serving(service: LiveService) -> Iterator[Key]:
    for action in service.actions.values():
        if isinstance(action, LiveAction):
            yield action.deployment.bundle.name, action.action.process.process.name
    for processes in (*_processes(service.types), *_processes(service.files)):
        for bound in processes:
            if isinstance(bound, Bound):
                yield bound.deployment.bundle.name, bound.process.process.name


def _processes(groups: Mapping[str, LiveType] | Mapping[str, LiveFiles]) -> list[tuple[Bound | Missing, ...]]:
    return [tuple(group.processes.values()) for group in groups.values()]
