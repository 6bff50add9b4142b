"""The admin API: what runs, what Flow is owed, what is deployed. It is served on the Unix socket of the daemon's user.

Whoever can open that socket may read everything here; it holds no payload and no secret all the same.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta, Struct, field

from runtime.bundle.findings import suggest
from runtime.clock import Clock
from runtime.engine.deployment import Deployment
from runtime.engine.table import Table
from runtime.errors import BundleError, RequestError
from runtime.host.version import version
from runtime.model.journal import CallbackRow, CallbackState, ExecutionRow, Search, Status
from runtime.store.protocols import Journal
from runtime.web import admin_answers as answers
from runtime.web import openapi
from runtime.web.admin import StatusSource
from runtime.web.api import Api, Endpoint, Parameters

MOST_VALUES = 100  # of one tracked field that are shown: a person looks for one, and reads no more
MOST = 1_000  # rows of one answer: more than a person reads, some 300 kB

Limit = Annotated[int, Meta(ge=1, le=MOST, description="How many at most")]


class Deployed(Protocol):
    """Who knows what is deployed."""

    @property
    def table(self) -> Table:
        """The live versions."""
        ...

    @property
    def refused(self) -> Mapping[str, BundleError]:
        """The folders that are not live, by name, and why."""
        ...


class Which(Parameters, frozen=True, kw_only=True):
    """Names one execution."""

    id: str


class ExecutionsQuery(Parameters, frozen=True, kw_only=True):
    """Chooses executions; every part that is given must hold.

    Times are RFC 3339; `text` stands in the message; `tracked` is NAME=VALUE; `origin` is what was replayed,
    `parent` what has begun them.
    """

    status: Status | None = None
    process: str | None = None
    since: answers.Time | None = None
    until: answers.Time | None = None
    text: str | None = None
    tracked: Annotated[str, Meta(pattern="^[^=]+=")] | None = None
    origin: str | None = None
    parent: str | None = None
    limit: Limit = 100


class CallbacksQuery(Parameters, frozen=True, kw_only=True):
    """Chooses callbacks; without a state, all."""

    state: CallbackState | None = None
    limit: Limit = 100


class Execute(Parameters, frozen=True, kw_only=True):
    """Orders a run of a process that is not a listener; without documents it starts with one that is empty.

    Documents are texts; `properties` are initial dynamic process properties; `trace` shows
    documents at its steps, whatever the mode of the process.
    """

    bundle: str
    process: str
    documents: tuple[str, ...] = ()
    properties: dict[str, str] = field(default_factory=dict)
    trace: bool = False


class Facts(Struct, frozen=True, kw_only=True):
    """Where the answers come from."""

    status: StatusSource
    journal: Journal
    deployed: Deployed
    clock: Clock
    begin: Callable[[Deployment, Execute], Awaitable[str]]


def admin_api(facts: Facts, more: Sequence[Endpoint] = ()) -> Api:
    """Build the handler of everything below ``/api``; `more` are the endpoints of other subjects."""
    return Api(admin_endpoints(facts, more))


def admin_endpoints(facts: Facts, more: Sequence[Endpoint] = ()) -> tuple[Endpoint, ...]:
    """Give the endpoints of everything below ``/api``, and the one that describes them."""
    reader = _Reader(facts)
    rows = (
        Endpoint(
            path="/api/status",
            summary="How the daemon is, and what it has to do",
            answer=answers.DaemonStatus,
            handle=reader.status,
        ),
        Endpoint(
            path="/api/executions",
            summary="Executions of the journal, newest first",
            parameters=ExecutionsQuery,
            answer=answers.Executions,
            handle=reader.executions,
        ),
        Endpoint(
            path="/api/executions/{id}",
            summary="One execution and its callbacks",
            parameters=Which,
            answer=answers.ExecutionDetail,
            handle=reader.execution,
        ),
        Endpoint(
            path="/api/callbacks",
            summary="Callbacks that Flow has not accepted, oldest first",
            parameters=CallbacksQuery,
            answer=answers.Callbacks,
            handle=reader.callbacks,
        ),
        Endpoint(
            path="/api/deployments",
            summary="Bundles that serve, and those that were refused",
            answer=answers.Deployments,
            handle=reader.deployments,
        ),
        Endpoint(
            path="/api/execute",
            summary="Run a process now",
            method="POST",
            parameters=Execute,
            answer=answers.Begun,
            handle=reader.execute,
        ),
    )
    description = openapi.document((*rows, *more), title="Nuclide admin API", version=version())

    async def describe(_: Parameters) -> openapi.Json:
        return description

    itself = Endpoint(path="/api/openapi.json", summary="This description", answer=openapi.Json, handle=describe)
    return (*rows, *more, itself)


def status_of(facts: Facts) -> Callable[[], Awaitable[answers.DaemonStatus]]:
    """Give what tells how the daemon is."""
    return partial(_Reader(facts).status, Parameters())


class _Reader:
    """Reads each answer from the facts."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    async def status(self, _: Parameters) -> answers.DaemonStatus:
        facts = self._facts
        ready, reason = facts.status.ready()
        summary = facts.status.summary()
        counts = await facts.journal.counts()
        oldest = await facts.journal.callbacks(limit=1)
        values = {
            **summary,
            "status": "running" if ready else reason,
            "pid": os.getpid(),
            "inMemory": summary["executions"],
            "executions": {status.value: counts.get(status.value, 0) for status in Status},
            "callbacks": {state.value: counts.get(f"callbacks {state.value}", 0) for state in CallbackState},
            "oldestCallbackSeconds": max(0.0, facts.clock.now() - oldest[0].created_at) if oldest else 0.0,
        }
        return msgspec.convert(values, answers.DaemonStatus)

    async def executions(self, query: ExecutionsQuery) -> answers.Executions:
        rows = await self._facts.journal.executions(search=_search(query), limit=query.limit)
        return answers.Executions(executions=tuple(execution_summary(row) for row in rows))

    async def execution(self, which: Which) -> answers.ExecutionDetail:
        row = await self._facts.journal.execution(which.id)
        if row is None:
            raise RequestError("web.unknown-execution", "The journal holds no execution of this id", status=404)
        callbacks = await self._facts.journal.callbacks(execution=which.id, limit=MOST)
        replays = await self._facts.journal.executions(search=Search(origin=which.id), limit=MOST)
        tracked = await self._facts.journal.tracked(which.id)
        return _detail(row, callbacks, replays, tracked)

    async def callbacks(self, query: CallbacksQuery) -> answers.Callbacks:
        rows = await self._facts.journal.callbacks(state=query.state, limit=query.limit)
        return answers.Callbacks(callbacks=tuple(map(callback_summary, rows)))

    async def deployments(self, _: Parameters) -> answers.Deployments:
        deployed = self._facts.deployed
        return answers.Deployments(
            deployed=tuple(_deployed(deployment) for _, deployment in sorted(deployed.table.deployments.items())),
            refused=tuple(
                answers.RefusedBundle(folder=folder, problems=error.problems)
                for folder, error in sorted(deployed.refused.items())
            ),
        )

    async def execute(self, order: Execute) -> answers.Begun:
        deployment = self._facts.deployed.table.deployments.get(order.bundle)
        if deployment is None:
            hint = suggest(order.bundle, self._facts.deployed.table.deployments)
            raise RequestError("web.unknown-bundle", f"There is no bundle '{order.bundle}'", status=404, hint=hint)
        compiled = deployment.processes.get(order.process)
        if compiled is None:
            hint = suggest(order.process, deployment.processes)
            raise RequestError("web.unknown-process", f"There is no process '{order.process}'", status=404, hint=hint)
        if compiled.process.listener is not None:
            message = f"'{order.process}' is a listener: it runs when it is called"
            raise RequestError("web.listener", message, status=409, hint="nuclide flow call")
        return answers.Begun(execution=await self._facts.begin(deployment, order))


def _search(query: ExecutionsQuery) -> Search:
    name, _, value = (query.tracked or "").partition("=")
    return Search(
        status=query.status,
        process=query.process,
        since=None if query.since is None else query.since.timestamp(),
        until=None if query.until is None else query.until.timestamp(),
        text=query.text,
        tracked=(name, value) if query.tracked else None,
        origin=query.origin,
        parent=query.parent,
    )


def execution_summary(row: ExecutionRow) -> answers.ExecutionSummary:
    """Give what is told of an execution in a list."""
    return answers.ExecutionSummary(
        id=row.id,
        process=row.process,
        bundle=row.bundle,
        version=row.version,
        status=row.status,
        started=_time(row.started_at),
        finished=None if row.finished_at is None else _time(row.finished_at),
        due=None if row.due is None else _time(row.due),
        message=row.message,
        origin=row.origin,
        parent=row.parent,
    )


def _tracked(found: list[tuple[str, str]]) -> tuple[answers.TrackedField, ...]:
    fields: dict[str, list[str]] = {}
    for name, value in found:
        fields.setdefault(name, []).append(value)
    return tuple(
        answers.TrackedField(name=name, values=tuple(values[:MOST_VALUES]), count=len(values))
        for name, values in fields.items()
    )


def _detail(
    row: ExecutionRow,
    callbacks: list[CallbackRow],
    replays: list[ExecutionRow],
    tracked: list[tuple[str, str]],
) -> answers.ExecutionDetail:
    return answers.ExecutionDetail(
        **msgspec.structs.asdict(execution_summary(row)),
        digest=row.digest,
        mode=row.mode,
        epoch=row.epoch,
        owner=row.owner,
        released=row.released,
        callbacks=tuple(map(callback_summary, callbacks)),
        replays=tuple(replay.id for replay in replays),
        tracked=_tracked(tracked),
    )


def callback_summary(row: CallbackRow) -> answers.CallbackSummary:
    """Give what is told of a callback."""
    return answers.CallbackSummary(
        id=row.id,
        execution=row.execution,
        number=row.number,
        host=row.host,
        state=row.state,
        created=_time(row.created_at),
        due=_time(row.due),
        expires=_time(row.expires_at),
        attempts=row.attempts,
        error=row.error,
    )


def _deployed(deployment: Deployment) -> answers.DeployedBundle:
    bundle = deployment.bundle
    return answers.DeployedBundle(
        bundle=bundle.name,
        version=bundle.version,
        digest=bundle.digest,
        services=tuple(
            answers.ServiceSummary(name=name, actions=tuple(sorted(service.actions)))
            for name, service in sorted(deployment.services.items())
        ),
        processes=tuple(sorted(bundle.processes)),
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
