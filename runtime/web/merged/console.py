"""The admin API over all workers: the same endpoints as one worker has, each with a rule for whom it asks.

`RULES` names every endpoint. A worker that is being replaced is waited for a little; then lists leave it out, the
status says so, and who asks for something that may be its own is told to ask again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, Literal

import trio
from msgspec.structs import replace

from runtime.clock import SECONDS
from runtime.errors import RequestError, Unavailable
from runtime.host.crowd import HOME
from runtime.web import admin_work, record_answers
from runtime.web.admin_answers import Callbacks, DaemonStatus
from runtime.web.admin_events import Sources, event_row
from runtime.web.admin_records import PATIENCE, TailQuery, log_line
from runtime.web.api import Endpoint, Parameters
from runtime.web.deployment_answers import Undeployed, Uploaded
from runtime.web.merged import combining
from runtime.web.merged.desks import Desks
from runtime.web.merged.lines import Lines

Rule = Literal["all", "find", "home", "order", "letters", "lines", "events", "here"]

RULES: Mapping[tuple[str, str], Rule] = {
    ("GET", "/api/status"): "all",
    ("GET", "/api/executions"): "all",
    ("GET", "/api/callbacks"): "all",
    ("GET", "/api/parked"): "all",
    ("GET", "/api/audit"): "all",
    ("GET", "/api/journal/check"): "all",
    ("GET", "/api/deployments"): "all",
    ("GET", "/api/listeners"): "all",
    ("GET", "/api/executions/{id}"): "find",
    ("GET", "/api/executions/{id}/log"): "find",
    ("GET", "/api/executions/{id}/trace"): "find",
    ("POST", "/api/cancel"): "find",
    ("POST", "/api/decide"): "find",
    ("POST", "/api/replay"): "find",
    ("POST", "/api/dead/redeliver"): "letters",
    ("POST", "/api/dead/dismiss"): "letters",
    ("POST", "/api/look"): "order",
    ("POST", "/api/reload"): "order",
    ("POST", "/api/levels"): "order",
    ("POST", "/api/rollback"): "order",
    ("POST", "/api/listeners/state"): "order",
    ("POST", "/api/listeners/restart"): "order",
    ("GET", "/api/levels"): "home",
    ("POST", "/api/execute"): "home",
    ("PUT", "/api/bundles/{bundle}"): "here",
    ("POST", "/api/undeploy"): "here",
    ("GET", "/api/history"): "home",
    ("GET", "/api/diff"): "home",
    ("GET", "/api/schedules"): "home",
    ("POST", "/api/schedules/state"): "home",
    ("POST", "/api/schedules/run"): "home",
    ("GET", "/api/properties"): "home",
    ("POST", "/api/properties/set"): "home",
    ("POST", "/api/properties/forget"): "home",
    ("GET", "/api/counters"): "home",
    ("POST", "/api/counters/set"): "home",
    ("GET", "/api/openapi.json"): "home",
    ("GET", "/api/tail"): "lines",
    ("GET", "/api/events"): "events",
}
"""Whom an endpoint asks. all: every worker, and what they answer is combined. find: one after the other, until one
knows the execution. order: every worker has to do it. home: the worker that keeps it alone.
here: the one that is asked, which puts into the folder what all see; it is done once all serve that."""

LOOK: Final = 0.05 * SECONDS  # between two looks whether all workers serve what was sent

Handle = Callable[[Any], Awaitable[object]]


def merged_rows(
    rows: Sequence[Endpoint], desks: Desks, lines: Lines, sources: Sources, *, within: float
) -> tuple[Endpoint, ...]:
    """Give the endpoints of the console; `rows` are those of this worker, `sources` those of its live view.

    What was sent to one has to be served by all `within` so many seconds.
    """
    everywhere = Everywhere(desks, rows, within)
    console = _Console(desks, lines, everywhere)
    return tuple(_merged(endpoint, console, sources) for endpoint in rows)


def _merged(endpoint: Endpoint, console: _Console, sources: Sources) -> Endpoint:
    handles: dict[Rule, Callable[[Endpoint, Any], Awaitable[object]]] = {
        "all": console.all,
        "find": console.find,
        "home": console.home,
        "order": console.order,
        "letters": console.letters,
        "lines": console.tail,
        "here": console.here,
    }
    rule = RULES.get((endpoint.method, endpoint.path), "home")
    if rule == "events":
        return event_row(sources)
    return replace(endpoint, handle=partial(handles[rule], endpoint))


class Everywhere:
    """Waits until all workers serve the same version of a bundle; `within` is in seconds."""

    def __init__(self, desks: Desks, rows: Sequence[Endpoint], within: float) -> None:
        self._desks = desks
        self._within = within
        self._endpoint = next(each for each in rows if each.path == "/api/deployments")

    async def serve(self, bundle: str, digest: str | None) -> None:
        """Return when every worker that is there serves this version, or with None no version.

        Raises:
            Unavailable: one does not; it says which.
        """
        until = trio.current_time() + self._within
        while True:
            found, _ = await self._desks.all(self._endpoint, Parameters())
            late = [number for number, each in found.items() if combining.version(each, bundle) != digest]
            if not late:
                return
            if trio.current_time() >= until:
                who, what = ", ".join(map(str, late)), "serve it" if digest else "leave it"
                raise Unavailable("deploy.apart", f"it is done, but worker {who} did not {what} in {self._within:g} s")
            await trio.sleep(LOOK)


class _Console:
    """Asks the desks."""

    def __init__(self, desks: Desks, lines: Lines, everywhere: Everywhere | None = None) -> None:
        self._desks = desks
        self._lines = lines
        self._everywhere = everywhere

    async def here(self, endpoint: Endpoint, given: Any) -> object:  # noqa: ANN401
        """Do it here, and tell it as done once every worker has taken it over."""
        done = await endpoint.handle(given)
        if self._everywhere is not None and isinstance(done, (Uploaded, Undeployed)):
            await self._everywhere.serve(done.bundle, done.digest if isinstance(done, Uploaded) else None)
        return done

    async def all(self, endpoint: Endpoint, given: Any) -> object:  # noqa: ANN401 - the endpoint's parameters
        found, away = await self._desks.all(endpoint, given)
        if not found:
            raise _away(away)
        if endpoint.path == "/api/status":
            return combining.status(found, away, self._desks.daemon)
        return _combined(endpoint, found, given)

    async def find(self, endpoint: Endpoint, given: Any) -> object:  # noqa: ANN401
        away: set[int] = set()
        unknown: RequestError | None = None
        for number in self._desks.numbers:
            try:
                answer = await self._desks.ask(number, endpoint, given)
            except Unavailable:
                away.add(number)
            except RequestError as error:
                if error.status != 404:  # noqa: PLR2004 - not found
                    raise
                unknown = error
            else:
                whole = endpoint.path == "/api/executions/{id}"
                return combining.execution(number, answer) if whole else answer
        raise _away(away) if away or unknown is None else unknown

    async def home(self, endpoint: Endpoint, given: Any) -> object:  # noqa: ANN401
        return await self._desks.ask(HOME, endpoint, given)

    async def order(self, endpoint: Endpoint, given: Any) -> object:  # noqa: ANN401
        """Have every worker do it; one that is away reads again what stands in files when it begins."""
        found, away = await self._desks.all(endpoint, given)
        if not found:
            raise _away(away)
        if endpoint.path.startswith("/api/listeners"):
            return combining.listeners(found)
        return found[min(found)]

    async def letters(self, endpoint: Endpoint, given: admin_work.Letters) -> Callbacks:
        orders: dict[int, admin_work.Letters] = {}
        if given.all:
            orders = dict.fromkeys(self._desks.numbers, given)
        for told in given.callbacks:
            worker, callback = combining.taken(told)
            known = orders.get(worker) or replace(given, callbacks=())
            orders[worker] = replace(known, callbacks=(*known.callbacks, callback))
        if not set(orders) <= set(self._desks.numbers) or not orders:
            raise RequestError("web.unknown-letter", "There is no such dead letter", status=404)
        return combining.callbacks(
            {number: await self._desks.ask(number, endpoint, orders[number]) for number in orders}
        )

    async def tail(self, endpoint: Endpoint, given: TailQuery) -> record_answers.Tail:
        number, lines = await self._lines.tail(given.after, given.execution, min(given.wait, PATIENCE))
        told = tuple(log_line(each.line, each.execution) for each in lines)
        live = given.execution is None
        if not live:
            found, away = await self._desks.all(endpoint, TailQuery(execution=given.execution, wait=0.0))
            live = bool(away) or any(each.live for each in found.values())
        return record_answers.Tail(lines=told, next=number, live=live)


def _combined(endpoint: Endpoint, found: dict[int, Any], given: Any) -> object:  # noqa: ANN401
    match endpoint.path:
        case "/api/executions":
            return combining.executions(found, given)
        case "/api/callbacks":
            return combining.callbacks(found, given.limit)
        case "/api/parked":
            return combining.parked(found, given)
        case "/api/audit":
            return combining.audit(found, given)
        case "/api/journal/check":
            return combining.report(found)
        case "/api/deployments":
            return combining.deployments(found)
        case _:
            return combining.listeners(found)


def status_of_all(endpoint: Endpoint, desks: Desks, lines: Lines) -> Callable[[], Awaitable[DaemonStatus]]:
    """Give what tells how all workers are."""
    console = _Console(desks, lines)

    async def told() -> DaemonStatus:
        found = await console.all(endpoint, Parameters())
        if not isinstance(found, DaemonStatus):
            raise TypeError(endpoint.path)
        return found

    return told


def _away(away: set[int]) -> Unavailable:
    who = ", ".join(map(str, sorted(away)))
    return Unavailable("web.worker-away", f"worker {who} is being replaced; ask again in a moment")
