"""The life of a live table: what it reads with, keeps versions in and opens connections by, as one block."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from runtime.bundle.machine import Machine
from runtime.clock import Clock
from runtime.deploy.candidates import Reader
from runtime.deploy.history import History
from runtime.deploy.live import Live
from runtime.deploy.openings import open_openings
from runtime.deploy.swapping import Swapping
from runtime.deploy.together import Alone, Together
from runtime.deploy.versions import Versions
from runtime.engine.scripts.workers import ScriptLimits
from runtime.observe.metrics import Metrics
from runtime.sdk.connector import Catalogue


@asynccontextmanager
async def open_live(
    catalogue: Catalogue,
    state: Path,
    clock: Clock,
    *,
    machine: Machine | None = None,
    open_within: float = 30.0,
    scripts: ScriptLimits | None = None,
    tests_within: float = 30.0,
    metrics: Metrics | None = None,
    together: Together | None = None,
) -> AsyncGenerator[Live]:
    """Open an empty table; connections of its deployments close when the block ends.

    `open_within` and `tests_within` are in seconds. `machine` gives what bundles leave open; without one it is the
    environment alone. `together` are the other workers, which serve the same.
    """
    versions = Versions(state)
    async with open_openings(catalogue, open_within=open_within, scripts=scripts, metrics=metrics) as openings:
        values, limits = machine or Machine(environ=os.environ), scripts or ScriptLimits()
        reader = Reader(catalogue, versions, values, tests_within, limits)
        yield Live(reader, versions, Swapping(openings, clock, together or Alone()), History(state), clock)
