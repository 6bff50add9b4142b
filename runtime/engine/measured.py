"""Calls of connections, counted and timed: by bundle, connection and what became of them."""

from __future__ import annotations

import time

from runtime.observe.metrics import Metrics
from runtime.sdk.connector import Call, Connection, Reply
from runtime.sdk.faults import ApplicationFault


class Measured:
    """A connection whose calls are counted; `connector` is the name of what opened it.

    A stall that begins in `execute` is the connector's (`blame`).
    """

    def __init__(
        self, connection: Connection, connector: str, *, bundle: str, name: str, metrics: Metrics | None
    ) -> None:
        self.connector = connector
        self._connection = connection
        self._labels = (bundle, name)
        self._metrics = metrics

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Make the call, and count it when it ends.

        Raises:
            ApplicationFault, NotSent, OutcomeUnknown: as the connection's own.
        """
        begun, outcome = time.perf_counter(), "cancelled"
        try:
            replies = await self._connection.execute(operation, call)
            outcome = "answered"
        except ApplicationFault:
            outcome = "refused"
            raise
        except Exception:  # the connector's own mistakes among them: the step wrapper explains them
            outcome = "failed"
            raise
        finally:
            self._count(outcome, time.perf_counter() - begun)
        return replies

    def _count(self, outcome: str, seconds: float) -> None:
        if self._metrics is not None:
            self._metrics.calls.of(*self._labels, outcome).inc()
            self._metrics.call_seconds.of(*self._labels).observe(seconds)
