"""The part of the admin API that is about log levels."""

from __future__ import annotations

from typing import Annotated

import structlog
from msgspec import Meta

from runtime.bundle.findings import suggest
from runtime.clock import DAYS
from runtime.errors import RequestError, Unavailable
from runtime.observe.levels import MOST, Levels
from runtime.web.admin_api import Deployed
from runtime.web.api import Endpoint, Parameters
from runtime.web.level_answers import Level, LogLevels, ProcessLevel

LONGEST = 7 * DAYS  # seconds: who wants more sets it for good

_log = structlog.get_logger("nuclide.observe")


class SetLevel(Parameters, frozen=True, kw_only=True):
    """Sets the level of a process (``bundle/process``), or of all that have none of their own.

    Without a level what was set is taken back: of the process, or of everything. `seconds` is for how long it holds.
    """

    who: Annotated[str, Meta(min_length=1, max_length=100)]
    process: str | None = None
    level: Level | None = None
    seconds: Annotated[float, Meta(gt=0, le=LONGEST)] | None = None


def level_rows(levels: Levels, deployed: Deployed, setting: Level) -> tuple[Endpoint, ...]:
    """Give the endpoints; `setting` is the level that the settings name."""

    async def listed(_: Parameters) -> LogLevels:
        return LogLevels(
            level=levels.level,
            setting=setting,
            seconds=levels.rest,
            processes=tuple(
                ProcessLevel(process="/".join(key), level=level, seconds=seconds)
                for key, (level, seconds) in levels.rules().items()
            ),
        )

    async def changed(order: SetLevel) -> LogLevels:
        key = None if order.process is None else _process(deployed, levels, order.process)
        if order.level is None:
            levels.reset(key)
        elif not levels.set(order.level, key, order.seconds):
            raise Unavailable("web.levels", f"{MOST} processes have levels of their own already")
        what = order.process or "all"
        _log.warning("log level changed", of=what, to=order.level, seconds=order.seconds, by=order.who)
        return await listed(order)

    return (
        Endpoint(path="/api/levels", summary="What is logged, of which process", answer=LogLevels, handle=listed),
        Endpoint(
            path="/api/levels",
            summary="Log more or less of a process or of all, until the daemon stops or for some time",
            method="POST",
            parameters=SetLevel,
            answer=LogLevels,
            handle=changed,
        ),
    )


def _process(deployed: Deployed, levels: Levels, name: str) -> tuple[str, str]:
    """Give the process of a name; one that is gone can be taken back all the same.

    Raises:
        RequestError: there is no such process.
    """
    found = [(bundle, process) for bundle, each in deployed.table.deployments.items() for process in each.processes]
    known = {"/".join(key): key for key in (*levels.rules(), *found)}
    if name not in known:
        raise RequestError(
            "web.unknown-process", f"There is no process '{name}'", status=404, hint=suggest(name, known)
        )
    return known[name]
