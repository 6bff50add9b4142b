"""schedules.yaml: when processes of the bundle run.

nightly import:
  process: Import contacts
  cron: "30 2 * * *"            # minute, hour, day, month, weekday
  zone: Europe/Oslo             # UTC unless given
  overlap: skip                 # or queue, allow
  missed: once                  # or skip
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from runtime.bundle.keys import Keys, as_table
from runtime.bundle.nodes import Scalar
from runtime.model.schedule import Missed, Overlap, Schedule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Node
    from runtime.errors import Place
    from runtime.model.process import Process


def read_schedules(
    node: Node | None, processes: Mapping[str, Process | None], findings: Findings
) -> tuple[Schedule, ...]:
    """Read the schedules of a bundle. `processes` are those of the bundle; None for one with mistakes of its own."""
    table = None if node is None else as_table(node, "the file of schedules", findings)
    read = (_read(key, value, processes, findings) for key, value in table or ())
    return tuple(schedule for schedule in read if schedule is not None)


def _read(name: Scalar, node: Node, processes: Mapping[str, Process | None], findings: Findings) -> Schedule | None:
    table = as_table(node, "a schedule", findings)
    if table is None:
        return None
    keys = Keys(table, findings, f"the schedule '{name.text}'")
    before = len(findings)
    process, cron = keys.text("process", required=True), keys.text("cron", required=True)
    zone = keys.text("zone") or "UTC"
    overlap: Overlap = keys.choice("overlap", Overlap, "skip")
    missed: Missed = keys.choice("missed", Missed, "skip")
    properties = _properties(keys, findings)
    keys.done()
    if process is not None:
        _check_process(process, keys.place_of("process"), processes, findings)
    if cron is not None:
        _check_cron(cron, keys.place_of("cron"), findings)
    _check_zone(zone, keys.place_of("zone"), findings)
    if process is None or cron is None or len(findings) > before:
        return None
    return Schedule(
        name=name.text,
        process=process,
        cron=cron,
        zone=zone,
        overlap=overlap,
        missed=missed,
        properties=properties,
        place=name.place,
    )


def _properties(keys: Keys, findings: Findings) -> dict[str, str]:
    properties: dict[str, str] = {}
    for key, value in keys.table("properties") or ():
        if not isinstance(value, Scalar):
            findings.add("wrong-type", "a property is a single value", value.place)
        elif value.marks:
            hint = "write the text itself"
            findings.add("wrong-type", "a property of a schedule cannot be computed", value.marks[0], hint)
        else:
            properties[key.text] = value.text
    return properties


def _check_process(name: str, place: Place, processes: Mapping[str, Process | None], findings: Findings) -> None:
    if name not in processes:
        findings.unknown("unknown-reference", "process", name, processes, place)
        return
    process = processes[name]
    if process is not None and process.listener is not None:
        message = f"'{name}' is a listener: it runs when it is called"
        findings.add("schedule-listener", message, place, "give the schedule a process that starts with 'no data'")


def _check_cron(cron: str, place: Place, findings: Findings) -> None:
    try:
        next(CronSim(cron, datetime.now(UTC)), None)
    except CronSimError as error:
        hint = "write minute, hour, day, month and weekday, such as '30 2 * * *'"
        findings.add("schedule-cron", f"'{cron}' is no cron expression: {error}", place, hint)


def _check_zone(zone: str, place: Place, findings: Findings) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        findings.add("schedule-zone", f"there is no time zone '{zone}'", place, "write a name such as 'Europe/Oslo'")
