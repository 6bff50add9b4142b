"""Zones of time: the machine's, fixed offsets, and those of the time zone database."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runtime.groovy.support.errors import DateTimeException
from runtime.groovy.support.values import JavaObject, Value

_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?")


def zone_named(name: str) -> tzinfo | None:
    """Give the zone of that name, or None where there is none."""
    if name in {"Z", "UTC", "GMT", "UT"}:
        return UTC
    match = _OFFSET.fullmatch(name)
    if match is not None:
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return timezone(-offset if match[1] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def in_zone(seconds: float, zone: tzinfo | None) -> datetime:
    """Give an instant (seconds since 1970) as a time in a zone; None is the machine's."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return moment.astimezone(zone)


def seconds_of(time: datetime, zone: tzinfo | None) -> float:
    """Give the instant of a time without a zone that is meant in `zone`; None is the machine's."""
    aware = time.astimezone() if zone is None else time.replace(tzinfo=zone)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)


class Zone(JavaObject):
    """``TimeZone``, ``ZoneId`` and ``ZoneOffset`` in one."""

    java_name = "java.time.ZoneId"
    UTC: Zone

    def __init__(self, label: str, zone: tzinfo | None) -> None:
        self.label = label
        self.zone = zone

    @staticmethod
    def getTimeZone(name: Value) -> Zone:
        """Give the zone of that name; an unknown one is GMT, as in Java."""
        return Zone(str(name), zone_named(str(name)) or UTC)

    @staticmethod
    def of(name: str) -> Zone:
        """Give the zone of that name."""
        zone = zone_named(name)
        if zone is None:
            raise DateTimeException(f"Unknown time-zone ID: {name}")
        return Zone(name, zone)

    @staticmethod
    def getDefault() -> Zone:
        """Give the machine's zone."""
        return Zone("default", None)

    @staticmethod
    def systemDefault() -> Zone:
        """Give the machine's zone."""
        return Zone("default", None)

    def getID(self) -> str:
        """Give its name."""
        return self.label

    def getId(self) -> str:
        """Give its name."""
        return self.label

    def toString(self) -> str:
        """Give its name."""
        return self.label


Zone.UTC = Zone("Z", UTC)
