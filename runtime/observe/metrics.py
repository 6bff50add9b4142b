"""Metrics: what is counted, under which names, in a registry that belongs to one daemon.

Labels are words of a small set (a route's name, a status, a setting, what is deployed), never a value from a request:
each combination is a time series that lives as long as the daemon. Bind a child once (``callbacks.of("due")``)
and keep it: the binding looks the labels up, the counting afterwards costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)

from runtime.observe.meters import Meters

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["CONTENT_TYPE", "Counter", "Family", "Gauge", "Histogram", "Metrics"]  # the kinds, to name in annotations

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST

# Seconds. From an answer without a wait to the 55 s after which Flow must have been told to wait.
_REQUEST_BUCKETS: Final = (0.001, 0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 20.0, 55.0)
# Seconds. A group commit takes one fsync: under a millisecond on a good disk, a second on one that is in trouble.
_COMMIT_BUCKETS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0)
# Seconds. Executions live from milliseconds to days.
_EXECUTION_BUCKETS: Final = (0.01, 0.1, 1.0, 10.0, 60.0, 600.0, 3600.0, 86400.0)
# Seconds. From a hiccup to a loop that a watchdog is about to end.
_LAG_BUCKETS: Final = (0.001, 0.005, 0.025, 0.1, 0.5, 2.0, 10.0)

_Child = TypeVar("_Child", Counter, Gauge, Histogram)


class Family(Generic[_Child]):
    """One metric and its labels."""

    def __init__(self, parent: _Child) -> None:
        self._parent: _Child = parent
        self._children: dict[tuple[str, ...], _Child] = {}

    def of(self, *labels: str) -> _Child:
        """Give the child with these values of the labels, in the order of their names; the same one every time."""
        child = self._children.get(labels)
        if child is None:
            child = self._children[labels] = self._parent.labels(*labels)
        return child

    def only(self, wanted: Collection[tuple[str, ...]]) -> None:
        """Forget every child but these: what they told is not there any more."""
        for labels in [labels for labels in self._children if labels not in wanted]:
            del self._children[labels]
            self._parent.remove(*labels)


class Metrics:
    """All metrics of one daemon; made in its composition root and handed to what counts."""

    def __init__(self, version: str) -> None:
        registry = self._registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Info("nuclide_build", "The version that runs", registry=registry).info({"version": version})

        self.bundles = Family(
            Gauge("nuclide_bundles", "Bundles; draining ones are replaced and in use", ("state",), registry=registry)
        )
        self.versions = Family(
            Gauge(
                "nuclide_bundle_info",
                "The live version of a bundle",
                ("bundle", "version", "digest"),
                registry=registry,
            )
        )
        self.deployed_at = Gauge(
            "nuclide_deployed_timestamp_seconds", "When what is live was last changed", registry=registry
        )
        self.deployed_together = Family(
            Counter(
                "nuclide_deployments_together",
                "Changes of what several workers serve: in one moment, or apart since one was not ready in time",
                ("outcome",),
                registry=registry,
            )
        )
        self.answered = Meters(
            ("nuclide_requests", "Answered requests"),
            ("nuclide_request_seconds", "From the arrival of a request to its answer"),
            labels=("route",),
            outcome="status",
            bounds=_REQUEST_BUCKETS,
        )
        registry.register(self.answered)
        self.refused_callers = Family(
            Counter("nuclide_refused_callers", "Requests whose caller was not let in", ("reason",), registry=registry)
        )
        self.connections = Gauge("nuclide_connections", "Open connections of callers", registry=registry)
        self.uploads = Gauge("nuclide_uploads", "Uploads that arrive or are being stored", registry=registry)
        self.executions = Family(
            Gauge("nuclide_executions", "Unfinished executions by status", ("status",), registry=registry)
        )
        self.parts = Gauge(
            "nuclide_parts", "Parts of executions that run: threads of Flow Control, parallel paths", registry=registry
        )
        self.executions_ended = Meters(
            ("nuclide_executions_finished", "Finished executions by outcome"),
            ("nuclide_execution_seconds", "From the acceptance of an execution to its end"),
            labels=("bundle", "process"),
            outcome="outcome",
            bounds=_EXECUTION_BUCKETS,
        )
        registry.register(self.executions_ended)
        self.calls = Family(
            Counter(
                "nuclide_calls",
                "Calls through connections; refused ones were answered with an error",
                ("bundle", "connection", "outcome"),
                registry=registry,
            )
        )
        self.call_seconds = Family(
            Histogram(
                "nuclide_call_seconds",
                "How long calls through connections took",
                ("bundle", "connection"),
                buckets=_REQUEST_BUCKETS,
                registry=registry,
            )
        )
        self.listeners = Family(Gauge("nuclide_listeners", "Listeners by state", ("state",), registry=registry))
        self.listener_called_at = Family(
            Gauge(
                "nuclide_listener_called_timestamp_seconds",
                "When the last call of a listener came",
                ("bundle", "process"),
                registry=registry,
            )
        )
        self.streams = Gauge("nuclide_event_streams", "Callers that look on at the admin API", registry=registry)
        self.queue_depth = Family(Gauge("nuclide_queue_depth", "What waits in a queue", ("queue",), registry=registry))
        self.limit_reached = Family(
            Counter("nuclide_limit_reached", "Work that met a limit, by its setting", ("setting",), registry=registry)
        )
        self.callbacks = Family(
            Gauge("nuclide_callbacks", "Callbacks in the outbox by state", ("state",), registry=registry)
        )
        self.callbacks_sent = Family(
            Counter("nuclide_callbacks_sent", "Deliveries of callbacks by outcome", ("outcome",), registry=registry)
        )
        self.callbacks_sending = Gauge(
            "nuclide_callbacks_sending", "Callbacks that are on their way to their hosts", registry=registry
        )
        self.callback_hosts_left_alone = Gauge(
            "nuclide_callback_hosts_left_alone",
            "Hosts that have not answered callbacks lately, so that they are asked now and then only",
            registry=registry,
        )
        self.oldest_callback_seconds = Gauge(
            "nuclide_oldest_callback_seconds", "Age of the oldest callback that is not delivered", registry=registry
        )
        self.commit_seconds = Histogram(
            "nuclide_journal_commit_seconds",
            "From the first record of a group to its commit on disk",
            buckets=_COMMIT_BUCKETS,
            registry=registry,
        )
        self.journal_ahead = Gauge(
            "nuclide_journal_ahead_bytes",
            "What is durable in segments and not yet in the journal's tables",
            registry=registry,
        )
        self.disk_trouble = Gauge(
            "nuclide_disk_trouble",
            "Whether writes to the state folder fail, so that no work is accepted",
            registry=registry,
        )
        self.records = Counter("nuclide_journal_records", "Records committed to the journal", registry=registry)
        self.schedules = Family(
            Counter("nuclide_schedules", "Times of schedules, by what became of them", ("outcome",), registry=registry)
        )
        self.loop_lag_seconds = Histogram(
            "nuclide_loop_lag_seconds",
            "How late the event loop came back to a task that was due",
            buckets=_LAG_BUCKETS,
            registry=registry,
        )
        self.stalls = Family(
            Counter(
                "nuclide_loop_stalls",
                "Times the event loop was blocked beyond the threshold, by the connector that blocked it",
                ("connector",),
                registry=registry,
            )
        )

        self.worker_starts = Gauge(
            "nuclide_worker_starts", "How often the worker has been started; 1 where none has died", registry=registry
        )

    def watch_queue(self, name: str, depth: Callable[[], float]) -> None:
        """Read the depth of a queue when the metrics are asked for; `depth` is called in a worker thread."""
        self.queue_depth.of(name).set_function(depth)

    def expose(self) -> bytes:
        """Give all metrics as `CONTENT_TYPE`; takes milliseconds, so call it in a worker thread."""
        return generate_latest(self._registry)
