"""The part of java.time that scripts use: local dates and times, zoned ones, instants, and their masks."""

from __future__ import annotations

import calendar
import time
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self

from runtime.groovy.support.errors import DateTimeException
from runtime.groovy.support.time_masks import DateTimeFormatter
from runtime.groovy.support.time_units import ChronoUnit, add_months, truncated
from runtime.groovy.support.values import JavaObject, Long, Value
from runtime.groovy.support.zones import Zone, in_zone, seconds_of

if TYPE_CHECKING:
    from runtime.groovy.support.zoned_times import Instant, ZonedDateTime


class Temporal(JavaObject):
    """What the classes of java.time share: a time of Python, with a zone or without."""

    java_name = "java.time.temporal.Temporal"

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    @classmethod
    def now(cls, zone: Zone | None = None) -> Self:
        """Give the time it is."""
        return cls._of(in_zone(time.time(), None if zone is None else zone.zone))

    @classmethod
    def parse(cls, text: str, formatter: DateTimeFormatter | None = None) -> Self:
        """Read a text."""
        parts = (formatter or cls._default()).read(str(text))
        return cls._of(parts.time.replace(tzinfo=parts.zone))

    @classmethod
    def _of(cls, moment: datetime) -> Self:
        return cls(moment)

    @classmethod
    def _default(cls) -> DateTimeFormatter:
        return DateTimeFormatter.ISO_DATE_TIME

    def format(self, formatter: DateTimeFormatter | str) -> str:
        """Write it."""
        chosen = DateTimeFormatter.ofPattern(formatter) if isinstance(formatter, str) else formatter
        return chosen.write(self.moment)

    def _moved(self, **by: int) -> Self:
        return self._of(self.moment + timedelta(**by))

    def plus(self, amount: int, unit: ChronoUnit | None = None) -> Self:
        """Give the time so much later; without a unit, days."""
        label = "DAYS" if unit is None else unit.label
        if label in {"YEARS", "MONTHS"}:
            return self.plusMonths(amount * (12 if label == "YEARS" else 1))
        return self._moved(**{"milliseconds" if label == "MILLIS" else label.lower(): int(amount)})

    def minus(self, amount: int, unit: ChronoUnit | None = None) -> Self:
        """Give the time so much earlier."""
        return self.plus(-amount, unit)

    def plusDays(self, count: int) -> Self:
        """Give the time so many days later."""
        return self._moved(days=int(count))

    def minusDays(self, count: int) -> Self:
        """Give the time so many days earlier."""
        return self._moved(days=-int(count))

    def plusWeeks(self, count: int) -> Self:
        """Give the time so many weeks later."""
        return self._moved(weeks=int(count))

    def minusWeeks(self, count: int) -> Self:
        """Give the time so many weeks earlier."""
        return self._moved(weeks=-int(count))

    def plusMonths(self, count: int) -> Self:
        """Give the time so many months later."""
        return self._of(add_months(self.moment, int(count)))

    def minusMonths(self, count: int) -> Self:
        """Give the time so many months earlier."""
        return self._of(add_months(self.moment, -int(count)))

    def plusYears(self, count: int) -> Self:
        """Give the time so many years later."""
        return self.plusMonths(12 * int(count))

    def minusYears(self, count: int) -> Self:
        """Give the time so many years earlier."""
        return self.plusMonths(-12 * int(count))

    def plusHours(self, count: int) -> Self:
        """Give the time so many hours later."""
        return self._moved(hours=int(count))

    def minusHours(self, count: int) -> Self:
        """Give the time so many hours earlier."""
        return self._moved(hours=-int(count))

    def plusMinutes(self, count: int) -> Self:
        """Give the time so many minutes later."""
        return self._moved(minutes=int(count))

    def minusMinutes(self, count: int) -> Self:
        """Give the time so many minutes earlier."""
        return self._moved(minutes=-int(count))

    def plusSeconds(self, count: int) -> Self:
        """Give the time so many seconds later."""
        return self._moved(seconds=int(count))

    def minusSeconds(self, count: int) -> Self:
        """Give the time so many seconds earlier."""
        return self._moved(seconds=-int(count))

    def withDayOfMonth(self, day: int) -> Self:
        """Give the same time on another day of its month."""
        return self._of(self.moment.replace(day=day))

    def with_(self, adjuster: Value) -> Value:
        """Give the time that an adjuster makes of it."""
        return adjuster.methods["adjust"](adjuster, self)

    def getMonth(self) -> Value:
        """Give the month."""
        from runtime.groovy.support.durations import Month

        return Month(self.moment.month)

    def getDayOfWeek(self) -> Value:
        """Give the day of the week."""
        from runtime.groovy.support.durations import DayOfWeek

        return DayOfWeek(self.moment.isoweekday())

    def getDayOfYear(self) -> int:
        """Give the day of the year."""
        return self.moment.timetuple().tm_yday

    def until(self, other: Temporal, unit: ChronoUnit) -> Long:
        """Give how many whole units lie between."""
        return unit.between(self, other)

    def isEqual(self, other: Temporal) -> bool:
        """Whether it is the same time."""
        return self.moment == other.moment

    def getNano(self) -> int:
        """Give the nanoseconds of the second."""
        return self.moment.microsecond * 1000

    def withYear(self, year: int) -> Self:
        """Give the time in another year."""
        return self.plusMonths((year - self.moment.year) * 12)

    def withMonth(self, month: int) -> Self:
        """Give the time in another month."""
        return self.plusMonths(month - self.moment.month)

    def withHour(self, hour: int) -> Self:
        """Give the time at another hour."""
        return self._of(self.moment.replace(hour=hour))

    def withMinute(self, minute: int) -> Self:
        """Give the time at another minute."""
        return self._of(self.moment.replace(minute=minute))

    def withSecond(self, second: int) -> Self:
        """Give the time at another second."""
        return self._of(self.moment.replace(second=second))

    def withNano(self, nanos: int) -> Self:
        """Give the time at other nanoseconds of its second."""
        return self._of(self.moment.replace(microsecond=nanos // 1000))

    def getYear(self) -> int:
        """Give the year."""
        return self.moment.year

    def getMonthValue(self) -> int:
        """Give the month, from 1."""
        return self.moment.month

    def getDayOfMonth(self) -> int:
        """Give the day of the month."""
        return self.moment.day

    def getHour(self) -> int:
        """Give the hour."""
        return self.moment.hour

    def getMinute(self) -> int:
        """Give the minute."""
        return self.moment.minute

    def getSecond(self) -> int:
        """Give the second."""
        return self.moment.second

    def isBefore(self, other: Temporal) -> bool:
        """Whether it is earlier."""
        return self.moment < other.moment

    def isAfter(self, other: Temporal) -> bool:
        """Whether it is later."""
        return self.moment > other.moment

    def equals(self, other: Value) -> bool:
        """Whether it is the same."""
        return isinstance(other, type(self)) and self.moment == other.moment

    def compareTo(self, other: Temporal) -> int:
        """Compare two times."""
        return int(self.moment > other.moment) - int(self.moment < other.moment)

    def toLocalDate(self) -> LocalDate:
        """Give the date alone."""
        return LocalDate(self.moment)

    def toLocalDateTime(self) -> LocalDateTime:
        """Give the time without its zone."""
        return LocalDateTime(self.moment.replace(tzinfo=None))

    def atZone(self, zone: Zone) -> ZonedDateTime:
        """Give the time in a zone."""
        from runtime.groovy.support.zoned_times import ZonedDateTime

        if self.moment.tzinfo is not None:
            return ZonedDateTime(self.moment.astimezone(zone.zone))
        return ZonedDateTime(in_zone(seconds_of(self.moment, zone.zone), zone.zone))

    def toString(self) -> str:
        """Write it as ISO 8601."""
        shown = self.moment.replace(tzinfo=None).isoformat(timespec="auto")
        whole = shown.removesuffix(":00") if self.moment.second == 0 and self.moment.microsecond == 0 else shown
        if "." in whole and whole.endswith("000"):
            whole = whole[:-3]
        zone = self.moment.strftime("%z") if self.moment.tzinfo is not None else ""
        return whole + ("" if not zone else "Z" if zone == "+0000" else f"{zone[:3]}:{zone[3:5]}")


Temporal.methods["with"] = Temporal.methods.pop("with_")


class LocalDateTime(Temporal):
    """A time without a zone."""

    java_name = "java.time.LocalDateTime"

    @staticmethod
    def of(*parts: int) -> LocalDateTime:
        """Give the time of these parts."""
        year, month, day, hour, minute, second = (*parts, 0, 0, 0, 0, 0, 0)[:6]
        try:
            return LocalDateTime(datetime(year, month, day, hour, minute, second))  # noqa: DTZ001 - it has no zone
        except ValueError as error:
            raise DateTimeException(str(error)) from error

    @classmethod
    def _of(cls, moment: datetime) -> Self:
        return cls(moment.replace(tzinfo=None))

    @staticmethod
    def ofEpochSecond(seconds: int, nanos: int, zone: Zone) -> LocalDateTime:
        """Give the time of so many seconds since 1970, at an offset."""
        moment = in_zone(int(seconds), zone.zone).replace(tzinfo=None, microsecond=int(nanos) // 1000)
        return LocalDateTime(moment)

    @staticmethod
    def ofInstant(instant: Temporal, zone: Zone) -> LocalDateTime:
        """Give an instant in a zone, without the zone."""
        return LocalDateTime(instant.moment.astimezone(zone.zone).replace(tzinfo=None))

    def truncatedTo(self, unit: ChronoUnit) -> Self:
        """Give the beginning of a unit."""
        made: Self = truncated(self, unit)
        return made

    def toInstant(self, zone: Zone) -> Instant:
        """Give the instant of the time at an offset."""
        return self.atZone(zone).toInstant()

    def atOffset(self, zone: Zone) -> ZonedDateTime:
        """Give the time at an offset."""
        return self.atZone(zone)


class LocalDate(Temporal):
    """A date."""

    java_name = "java.time.LocalDate"

    def __init__(self, moment: datetime) -> None:
        super().__init__(moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None))

    @staticmethod
    def of(year: int, month: int, day: int) -> LocalDate:
        """Give the date of these parts."""
        try:
            return LocalDate(datetime.combine(date(year, month, day), datetime.min.time()))
        except ValueError as error:
            raise DateTimeException(str(error)) from error

    @classmethod
    def _default(cls) -> DateTimeFormatter:
        return DateTimeFormatter.ISO_LOCAL_DATE

    def atStartOfDay(self, zone: Zone | None = None) -> Temporal:
        """Give the beginning of the day."""
        start = LocalDateTime(self.moment)
        return start if zone is None else start.atZone(zone)

    def isLeapYear(self) -> bool:
        """Whether its year has 366 days."""
        return calendar.isleap(self.moment.year)

    def lengthOfYear(self) -> int:
        """Give how many days its year has."""
        return 365 + calendar.isleap(self.moment.year)

    def atTime(self, *parts: int) -> LocalDateTime:
        """Give the date at a time."""
        hour, minute, second = (*parts, 0, 0)[:3]
        return LocalDateTime(self.moment.replace(hour=hour, minute=minute, second=second))

    def toEpochDay(self) -> Long:
        """Give the days since 1970."""
        return Long(self.moment.toordinal() - date(1970, 1, 1).toordinal())

    @staticmethod
    def ofEpochDay(days: int) -> LocalDate:
        """Give the date of so many days since 1970."""
        return LocalDate(datetime(1970, 1, 1) + timedelta(days=int(days)))  # noqa: DTZ001 - it has no zone

    def lengthOfMonth(self) -> int:
        """Give how many days its month has."""
        return calendar.monthrange(self.moment.year, self.moment.month)[1]

    def toString(self) -> str:
        """Write it as ISO 8601."""
        return self.moment.date().isoformat()
