"""Times in a zone, and instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Self

from runtime.groovy.support.dates import Date
from runtime.groovy.support.errors import DateTimeException
from runtime.groovy.support.time_units import ChronoUnit, truncated
from runtime.groovy.support.times import LocalDateTime, Temporal
from runtime.groovy.support.values import Long, Value
from runtime.groovy.support.zones import Zone, in_zone


class ZonedDateTime(Temporal):
    """A time in a zone; ``OffsetDateTime`` is the same here."""

    java_name = "java.time.ZonedDateTime"

    @classmethod
    def _of(cls, moment: datetime) -> Self:
        if moment.tzinfo is None:
            raise DateTimeException("Unable to obtain ZonedDateTime: the text tells no zone")
        return cls(moment)

    @staticmethod
    def ofInstant(instant: Temporal, zone: Zone) -> ZonedDateTime:
        """Give an instant in a zone."""
        return ZonedDateTime(instant.moment.astimezone(zone.zone))

    def _moved(self, **by: int) -> Self:
        """Move by the clock of the zone for days, by the instant for what is shorter."""
        if by.keys() <= {"days", "weeks"} or self.moment.tzinfo is None:
            return self._of(self.moment + timedelta(**by))
        return self._of((self.moment.astimezone(UTC) + timedelta(**by)).astimezone(self.moment.tzinfo))

    @staticmethod
    def of(first: Value, *rest: Value) -> ZonedDateTime:
        """Give the time of these parts, the last of which is the zone."""
        *parts, zone = rest
        if isinstance(first, LocalDateTime):
            return first.atZone(zone)
        return LocalDateTime.of(first, *parts[:5]).atZone(zone)

    def getOffset(self) -> Zone:
        """Give how far the zone is from UTC."""
        shown = self.moment.strftime("%z")
        return Zone("Z" if shown == "+0000" else f"{shown[:3]}:{shown[3:5]}", self.moment.tzinfo)

    def getZone(self) -> Zone:
        """Give the zone."""
        key = getattr(self.moment.tzinfo, "key", None)
        return self.getOffset() if key is None else Zone(key, self.moment.tzinfo)

    def toOffsetDateTime(self) -> ZonedDateTime:
        """Give it at its offset."""
        offset = self.moment.utcoffset()
        return ZonedDateTime(self.moment.replace(tzinfo=None if offset is None else timezone(offset)))

    def toString(self) -> str:
        """Write it as ISO 8601, with the name of the zone where it has one."""
        key = getattr(self.moment.tzinfo, "key", None)
        return super().toString() + ("" if key is None else f"[{key}]")

    def truncatedTo(self, unit: ChronoUnit) -> Self:
        """Give the beginning of a unit."""
        made: Self = truncated(self, unit)
        return made

    def withZoneSameInstant(self, zone: Zone) -> ZonedDateTime:
        """Give the same instant in another zone."""
        return ZonedDateTime(self.moment.astimezone(zone.zone))

    def toInstant(self) -> Instant:
        """Give it as an instant."""
        return Instant(self.moment.astimezone(UTC))

    def toEpochSecond(self) -> Long:
        """Give the seconds since 1970."""
        return Long(int(self.moment.timestamp()))


class Instant(ZonedDateTime):
    """An instant, shown in UTC."""

    java_name = "java.time.Instant"

    @classmethod
    def _of(cls, moment: datetime) -> Self:
        zone: tzinfo = UTC
        return cls(moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone))

    @staticmethod
    def ofEpochMilli(millis: int) -> Instant:
        """Give the instant of so many milliseconds."""
        return Instant(in_zone(0, UTC) + timedelta(milliseconds=int(millis)))

    @staticmethod
    def ofEpochSecond(seconds: int) -> Instant:
        """Give the instant of so many seconds."""
        return Instant(in_zone(int(seconds), UTC))

    def toEpochMilli(self) -> Long:
        """Give the milliseconds since 1970."""
        return Long((self.moment - in_zone(0, UTC)) // timedelta(milliseconds=1))

    def getEpochSecond(self) -> Long:
        """Give the seconds since 1970."""
        return self.toEpochSecond()

    def toDate(self) -> Date:
        """Give it as a Date."""
        return Date(self.toEpochMilli())

    def toString(self) -> str:
        """Write it as ISO 8601."""
        text = self.moment.isoformat(timespec="auto").removesuffix("+00:00")
        return f"{text.removesuffix('000') if '.' in text else text}Z"
