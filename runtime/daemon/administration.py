"""The admin API of a daemon: every subject's endpoints over the parts that they tell of and order about."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from msgspec import Struct

from runtime.clock import Clock
from runtime.daemon.again import Again
from runtime.daemon.parts import begin, check_journal
from runtime.deploy.listening import Listening
from runtime.deploy.live import Live
from runtime.deploy.uploads import Uploads
from runtime.deploy.watch import Bell
from runtime.engine.house import House
from runtime.engine.recorders import Recorders
from runtime.health import Health
from runtime.observe.levels import Levels
from runtime.observe.metrics import Metrics
from runtime.schedule.run import Scheduler
from runtime.settings import Settings
from runtime.store.cipher import Cipher
from runtime.web.admin_api import Facts, admin_endpoints, status_of
from runtime.web.admin_deployments import deployment_rows
from runtime.web.admin_events import Sources, event_row
from runtime.web.admin_kept import Shelf, kept_rows
from runtime.web.admin_levels import level_rows
from runtime.web.admin_listeners import listener_rows
from runtime.web.admin_records import record_rows
from runtime.web.admin_reload import reload_row
from runtime.web.admin_schedules import schedule_rows
from runtime.web.admin_uploads import upload_rows
from runtime.web.admin_work import Work, work_rows
from runtime.web.api import Api, Endpoint


class Governed(Struct, frozen=True, kw_only=True):
    """What an operator may look at and order about."""

    settings: Settings
    folder: Path
    clock: Clock
    cipher: Cipher
    metrics: Metrics
    health: Health
    live: Live
    bell: Bell
    house: House
    recorders: Recorders
    again: Again
    scheduler: Scheduler
    listening: Listening
    levels: Levels


def administration(parts: Governed) -> Api:
    """Give the API of one journal."""
    return Api(endpoints(parts))


def endpoints(parts: Governed) -> tuple[Endpoint, ...]:
    """Give its endpoints."""
    journal, live, clock = parts.house.store.journal, parts.live, parts.clock
    check = partial(check_journal, parts.folder, parts.cipher)
    facts = Facts(status=parts.health, journal=journal, deployed=live, clock=clock, begin=partial(begin, parts.house))
    sources = Sources(
        status_of(facts),
        lambda: live.history.events,
        parts.recorders,
        most=parts.settings.admin.streams,
        metrics=parts.metrics,
    )
    uploads = Uploads(live, parts.settings.bundles.folder, clock, allowed=parts.settings.admin.uploads)
    rows = (
        *schedule_rows(parts.scheduler, clock),
        *listener_rows(parts.listening, clock),
        *level_rows(parts.levels, live, parts.settings.log.level),
        *work_rows(Work(house=parts.house, deployed=live, find=live.find, check=check)),
        *kept_rows(Shelf(journal=journal, deployed=live, clock=clock)),
        *record_rows(parts.house, parts.recorders),
        *deployment_rows(live, parts.bell),
        *upload_rows(uploads),
        reload_row(parts.again),
        event_row(sources),
    )
    return admin_endpoints(facts, rows)
