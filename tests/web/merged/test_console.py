"""The laws of the one console: every endpoint has a rule, and what several workers say is put together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runtime.model.journal import CallbackState, Status
from runtime.web.admin_answers import (
    Callbacks,
    CallbackSummary,
    DaemonStatus,
    DeployedBundle,
    Deployments,
    Executions,
    ExecutionsInMemory,
    ExecutionSummary,
    RefusedBundle,
)
from runtime.web.listener_answers import Listeners, ListenerSummary
from runtime.web.merged import combining


def _at(second: int) -> datetime:
    return datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC)


def _execution(identity: str, second: int) -> ExecutionSummary:
    return ExecutionSummary(
        id=identity, process="p", bundle="b", version="1", status=Status.RUNNING, started=_at(second)
    )


def _callback(number: int, second: int) -> CallbackSummary:
    return CallbackSummary(
        id=number,
        execution="e",
        number=1,
        host="h",
        state=CallbackState.DUE,
        created=_at(second),
        due=_at(second),
        expires=_at(second),
        attempts=0,
    )


def _status(status: str = "running", running: int = 1) -> DaemonStatus:
    return DaemonStatus(
        status=status,
        version="1",
        pid=running,
        uptime_seconds=float(running),
        addresses=("http://x",),
        in_memory=ExecutionsInMemory(live=running, running=running, queued=0),
        executions={Status.RUNNING: running},
        callbacks={CallbackState.DUE: running},
        oldest_callback_seconds=float(running),
    )


def _deployed(digest: str) -> DeployedBundle:
    return DeployedBundle(bundle="b", version="1", digest=digest, services=(), processes=())


@given(st.integers(1, 64), st.integers(1, 10**12 - 1))
def test_a_callback_has_one_number(worker: int, callback: int) -> None:
    """The number that is told leads back to the journal and its callback; those of worker 1 are told as they are."""
    assert combining.taken(combining.shown(worker, callback)) == (worker, callback)
    assert combining.shown(1, callback) == callback


def test_lists_keep_their_order_and_their_limit() -> None:
    """Executions are told newest first, callbacks oldest first, over all workers."""
    query: Any = type("Query", (), {"limit": 2})
    told = combining.executions(
        {
            1: Executions(executions=(_execution("c", 3), _execution("a", 1))),
            2: Executions(executions=(_execution("b", 2),)),
        },
        query,
    )
    assert [each.id for each in told.executions] == ["c", "b"]
    owed = combining.callbacks({1: Callbacks(callbacks=(_callback(5, 2),)), 2: Callbacks(callbacks=(_callback(5, 1),))})
    assert [each.id for each in owed.callbacks] == [2 * 10**12 + 5, 5]


def test_the_status_is_of_all() -> None:
    """Counts are added; the first worker that is not well is named, and so is one that is being replaced."""
    told = combining.status({1: _status(running=2), 2: _status(running=3)}, (), 99)
    assert (told.status, told.pid, told.in_memory.running, told.uptime_seconds) == ("running", 99, 5, 3.0)
    assert told.executions[Status.RUNNING] == told.callbacks[CallbackState.DUE] == 5
    away = combining.status({1: _status()}, {2}, None)
    assert away.status == "worker 2: being replaced"
    assert [each.pid for each in away.workers] == [1, None]


def test_a_version_serves_when_every_worker_serves_it() -> None:
    """While workers differ the older version is told; what one refuses is refused."""
    both = {1: Deployments(deployed=(_deployed("new"),), refused=())}
    for other, told in (("old", "old"), ("new", "new")):
        found = combining.deployments({**both, 2: Deployments(deployed=(_deployed(other),), refused=())})
        assert [each.digest for each in found.deployed] == [told]
    refused = RefusedBundle(folder="f", problems=())
    found = combining.deployments({**both, 2: Deployments(deployed=(), refused=(refused,))})
    assert found == Deployments(deployed=(), refused=(refused,))


def test_listeners_count_over_all_workers() -> None:
    """Calls are added, the last one is the latest, and a worker that is not well is heard."""

    def row(calls: int, last: int | None, state: Any = "listening") -> ListenerSummary:  # noqa: ANN401
        return ListenerSummary(
            listener="b/p",
            kind="flow message action",
            state=state,
            reason="",
            since=None,
            calls=calls,
            refused=1,
            last=None if last is None else _at(last),
            age_seconds=None if last is None else float(last),
        )

    (told,) = combining.listeners(
        {1: Listeners(listeners=(row(2, None),)), 2: Listeners(listeners=(row(3, 4, "errored"),))}
    ).listeners
    assert (told.calls, told.refused, told.last, told.state) == (5, 2, _at(4), "errored")
