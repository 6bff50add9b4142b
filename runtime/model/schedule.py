"""A schedule: when a process that no listener starts is run."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from runtime.errors import Place

Overlap = Literal["skip", "queue", "allow"]
Missed = Literal["skip", "once"]


class Schedule(Struct, frozen=True, kw_only=True):
    """Runs `process` at the times of `cron` in `zone` (IANA).

    `overlap`: what happens at a time at which its last run is unfinished: it is left out, it follows when that run has
    ended, or it begins beside it. `missed`: what becomes of times that passed while nothing ran: nothing, or one run
    for all of them. `properties` are dynamic process properties that each run starts with.
    """

    name: str
    process: str
    cron: str
    zone: str = "UTC"
    overlap: Overlap = "skip"
    missed: Missed = "skip"
    properties: dict[str, str] = {}
    place: Place = Place()
