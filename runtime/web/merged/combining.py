"""How the answers of several workers become one: plain functions over the answers of the admin API.

Callbacks are numbered by each journal. So that a number names one callback, that of a journal other than the first is
told with the journal's number in front: callback 17 of worker 2 is 2000000000017.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from msgspec.structs import replace

from runtime.host.crowd import HOME
from runtime.web import work_answers as work
from runtime.web.admin_answers import (
    Callbacks,
    CallbackSummary,
    DaemonStatus,
    DeployedBundle,
    Deployments,
    ExecutionDetail,
    Executions,
    ExecutionsInMemory,
    RefusedBundle,
    WorkerStatus,
)
from runtime.web.listener_answers import Listeners, ListenerSummary

_FACTOR = 10**12  # callbacks of one journal: more than it makes in its life


class Limited(Protocol):
    """What was asked for."""

    limit: int


def shown(worker: int, callback: int) -> int:
    """Give the number under which a callback is told."""
    return callback if worker == HOME else worker * _FACTOR + callback


def taken(number: int) -> tuple[int, int]:
    """Give the worker and its callback of a number that was told."""
    worker, callback = divmod(number, _FACTOR)
    return worker or HOME, callback


def status(found: Mapping[int, DaemonStatus], away: Iterable[int], pid: int | None) -> DaemonStatus:
    """Give how all of them are; the first that is not well tells why. `pid` is the process that an operator knows."""
    first = next(iter(found.values()))
    workers = [
        WorkerStatus(
            worker=number,
            status=each.status,
            pid=each.pid,
            uptime_seconds=each.uptime_seconds,
            in_memory=each.in_memory,
        )
        for number, each in found.items()
    ]
    workers += [WorkerStatus(worker=number, status="being replaced") for number in away]
    unwell = next((each for each in workers if each.status != "running"), None)
    memory = [each.in_memory for each in found.values()]
    return replace(
        first,
        pid=first.pid if pid is None else pid,
        uptime_seconds=max(each.uptime_seconds for each in found.values()),
        status="running" if unwell is None else f"worker {unwell.worker}: {unwell.status}",
        addresses=next((each.addresses for each in found.values() if each.addresses), ()),
        in_memory=ExecutionsInMemory(
            live=sum(each.live for each in memory),
            running=sum(each.running for each in memory),
            queued=sum(each.queued for each in memory),
        ),
        executions=dict(_sum(each.executions for each in found.values())),
        callbacks=dict(_sum(each.callbacks for each in found.values())),
        oldest_callback_seconds=max(each.oldest_callback_seconds for each in found.values()),
        workers=tuple(sorted(workers, key=lambda each: each.worker)),
    )


def _sum(counts: Iterable[Mapping[Any, int]]) -> Counter[Any]:
    total: Counter[Any] = Counter()
    for each in counts:
        total.update(each)
    return total


def executions(found: Mapping[int, Executions], asked: Limited) -> Executions:
    """Give executions, newest first."""
    rows = [row for each in found.values() for row in each.executions]
    return Executions(executions=tuple(sorted(rows, key=lambda row: row.started, reverse=True)[: asked.limit]))


def execution(worker: int, found: ExecutionDetail) -> ExecutionDetail:
    """Give one execution as it is told."""
    return replace(found, callbacks=tuple(_callback(worker, each) for each in found.callbacks))


def callbacks(found: Mapping[int, Callbacks], limit: int | None = None) -> Callbacks:
    """Give callbacks, oldest first."""
    rows = [_callback(number, row) for number, each in found.items() for row in each.callbacks]
    return Callbacks(callbacks=tuple(sorted(rows, key=lambda row: row.created)[:limit]))


def _callback(worker: int, row: CallbackSummary) -> CallbackSummary:
    return replace(row, id=shown(worker, row.id))


def parked(found: Mapping[int, work.ParkedExecutions], asked: Limited) -> work.ParkedExecutions:
    """Give parked executions, newest first."""
    rows = [row for each in found.values() for row in each.parked]
    rows.sort(key=lambda row: row.execution.started, reverse=True)
    return work.ParkedExecutions(parked=tuple(rows[: asked.limit]))


def audit(found: Mapping[int, work.AuditTrail], asked: Limited) -> work.AuditTrail:
    """Give what persons have done, newest first."""
    rows = [row for each in found.values() for row in each.entries]
    return work.AuditTrail(entries=tuple(sorted(rows, key=lambda row: row.at, reverse=True)[: asked.limit]))


def report(found: Mapping[int, work.JournalReport]) -> work.JournalReport:
    """Give what the checks of all journals have found."""
    return work.JournalReport(
        schema=max(each.schema for each in found.values()),
        payloads=sum(each.payloads for each in found.values()),
        files=sum(each.files for each in found.values()),
        damage=tuple(
            replace(damage, what=f"worker {number}: {damage.what}")
            for number, each in found.items()
            for damage in each.damage
        ),
    )


def deployments(found: Mapping[int, Deployments]) -> Deployments:
    """Give what serves: a new version counts when every worker serves it, and is refused when one refuses it."""
    bundles: dict[str, list[DeployedBundle]] = {}
    refused: dict[str, RefusedBundle] = {}
    for each in found.values():
        for bundle in each.deployed:
            bundles.setdefault(bundle.bundle, []).append(bundle)
        for folder in each.refused:
            refused.setdefault(folder.folder, folder)
    everywhere = [versions for versions in bundles.values() if len(versions) == len(found)]
    return Deployments(
        deployed=tuple(_slowest(versions) for versions in everywhere),
        refused=tuple(refused[folder] for folder in sorted(refused)),
    )


def version(found: Deployments, bundle: str) -> str | None:
    """Give the digest of the version that one worker serves of a bundle."""
    return next((each.digest for each in found.deployed if each.bundle == bundle), None)


def _slowest(versions: list[DeployedBundle]) -> DeployedBundle:
    """Give the version that is told of a bundle: one that the first worker does not have, while they differ."""
    return next((each for each in versions if each.digest != versions[0].digest), versions[0])


def listeners(found: Mapping[int, Listeners]) -> Listeners:
    """Give listeners with the calls of all workers; where one is not well, that is told."""
    merged: dict[str, ListenerSummary] = {}
    for each in found.values():
        for row in each.listeners:
            before = merged.get(row.listener)
            merged[row.listener] = row if before is None else _listener(before, row)
    return Listeners(listeners=tuple(merged[name] for name in sorted(merged)))


def _listener(one: ListenerSummary, other: ListenerSummary) -> ListenerSummary:
    told = other if one.state == "listening" else one
    later = max((one, other), key=lambda each: each.last.timestamp() if each.last is not None else 0.0)
    return replace(
        told,
        calls=one.calls + other.calls,
        refused=one.refused + other.refused,
        last=later.last,
        age_seconds=later.age_seconds,
    )
