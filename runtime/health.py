"""How the daemon is: what its health addresses tell, and the gauges that are read from its parts now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import structlog
import trio

from runtime.clock import Clock
from runtime.deploy.live import Live
from runtime.deploy.telling import line_of
from runtime.engine.house import House
from runtime.errors import StoreError
from runtime.host.version import version
from runtime.model.journal import CallbackState
from runtime.observe.metrics import Metrics
from runtime.web.statistics import Tally

_log = structlog.get_logger("nuclide.health")

SAFE = "safe start"  # nothing is deployed, as the operator has asked
LOOK = 5.0  # seconds between two looks: half of a usual scrape interval, and a look costs one query


class Health:
    """The source of ``/_admin/status`` and its kin. `state` is "starting", "safe start", "running" or "stopping".

    `addresses` are those at which callers are served.
    """

    def __init__(self, live: Live, house: House, tally: Tally) -> None:
        self.state = "starting"
        self.addresses: tuple[str, ...] = ()
        self._live = live
        self._house = house
        self._tally = tally
        self._begun = time.monotonic()

    def ready(self) -> tuple[bool, str]:
        """Tell whether requests are served, and why not."""
        trouble = self._house.store.trouble()
        if self.state == "running" and trouble is not None:
            return False, f"the disk is in trouble: {trouble}"
        return self.state == "running", self.state

    def summary(self) -> Mapping[str, object]:
        """Give what an operator sees first; nothing of a request, a document or a secret."""
        statistics, listener = self._house.statistics(), self._tally.statistics()
        return {
            "version": version(),
            "addresses": self.addresses,
            "uptimeSeconds": round(time.monotonic() - self._begun, 1),
            "bundles": {
                name: {
                    "version": deployment.bundle.version,
                    "digest": deployment.bundle.digest,
                    "source": self._live.source(name),
                    "services": sorted(deployment.services),
                }
                for name, deployment in self._live.table.deployments.items()
            },
            "refused": [
                {"folder": source, "problems": [line_of(problem) for problem in error.problems]}
                for source, error in sorted(self._live.refused.items())
            ],
            "notDeployed": self._live.table.missing,
            "deployedAt": self._live.statistics().deployed_at,
            "executions": {
                "live": statistics.live,
                "running": statistics.running,
                "queued": statistics.queued,
                "ended": statistics.ended,
            },
            "connections": {"open": listener.open, "accepted": listener.accepted, "refused": listener.refused},
        }


async def watch_state(
    house: House, live: Live, metrics: Metrics, clock: Clock, *, tally: Tally, sending: Callable[[], int]
) -> None:
    """Keep the gauges of executions, callbacks, bundles and connections true, for ever.

    `sending` says how many callbacks are on their way: the others wait for their time or for a place.
    """
    journal = house.store.journal
    metrics.watch_queue("executions", lambda: float(house.queued))
    metrics.watch_queue("processes", lambda: float(sum(gate.waiting for gate in house.gates.statistics())))
    metrics.watch_queue("parts", lambda: float(house.fibers.waiting))
    metrics.parts.set_function(lambda: float(house.fibers.running))
    metrics.watch_queue("journal", lambda: float(journal.statistics().queued))
    metrics.disk_trouble.set_function(lambda: float(house.store.trouble() is not None))
    while True:
        metrics.connections.set(tally.statistics().open)
        _count_bundles(live, metrics)
        try:
            counts = await journal.counts()
            oldest = await journal.callbacks(limit=1)
        except StoreError as error:
            _log.warning("the journal cannot be read now", error=str(error))
        else:
            waiting = counts[f"callbacks {CallbackState.DUE.value}"] - sending()
            metrics.queue_depth.of("callbacks").set(max(0, waiting))
            for name, count in counts.items():
                kind, _, state = name.rpartition(" ")
                (metrics.callbacks.of(state) if kind == "callbacks" else metrics.executions.of(name)).set(count)
            metrics.oldest_callback_seconds.set(clock.now() - oldest[0].created_at if oldest else 0.0)
        await trio.sleep(LOOK)


def _count_bundles(live: Live, metrics: Metrics) -> None:
    bundles = [deployment.bundle for deployment in live.table.deployments.values()]
    versions = {(bundle.name, bundle.version, bundle.digest) for bundle in bundles}
    metrics.versions.only(versions)
    for labels in versions:
        metrics.versions.of(*labels).set(1)
    statistics = live.statistics()
    metrics.bundles.of("live").set(statistics.live)
    metrics.bundles.of("refused").set(statistics.refused)
    metrics.bundles.of("draining").set(statistics.draining)
    metrics.deployed_at.set(statistics.deployed_at or 0.0)
