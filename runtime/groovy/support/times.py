"""The part of java.time that scripts use: local dates and times, zoned ones, instants, and their masks."""

from __future__ import annotations

import calendar
import time
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Self

from runtime.groovy.support.dates import Date
from runtime.groovy.support.errors import DateTimeException
from runtime.groovy.support.time_masks import DateTimeFormatter
from runtime.groovy.support.values import JavaObject, Long, Value
from runtime.groovy.support.zones import Zone, in_zone, seconds_of


class ChronoUnit(JavaObject):
    """A unit of time."""

    java_name = "java.time.temporal.ChronoUnit"
    YEARS: ChronoUnit
    MONTHS: ChronoUnit
    WEEKS: ChronoUnit
    DAYS: ChronoUnit
    HOURS: ChronoUnit
    MINUTES: ChronoUnit
    SECONDS: ChronoUnit
    MILLIS: ChronoUnit

    def __init__(self, label: str) -> None:
        self.label = label

    def between(self, start: Temporal, end: Temporal) -> Long:
        """Give how many whole units lie between two times."""
        if self.label in {"YEARS", "MONTHS"}:
            return Long(_months(start.moment, end.moment) // (12 if self.label == "YEARS" else 1))
        span = end.moment - start.moment
        size = timedelta(**{"milliseconds" if self.label == "MILLIS" else self.label.lower(): 1})
        return Long(span // size if span >= timedelta(0) else -(-span // size))

    def toString(self) -> str:
        """Give its name."""
        return self.label.capitalize()


for _label in ("YEARS", "MONTHS", "WEEKS", "DAYS", "HOURS", "MINUTES", "SECONDS", "MILLIS"):
    setattr(ChronoUnit, _label, ChronoUnit(_label))


def _months(start: datetime, end: datetime) -> int:
    if end < start:
        return -_months(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - (_add_months(start, months) > end)


def _add_months(moment: datetime, months: int) -> datetime:
    total = moment.year * 12 + moment.month - 1 + months
    year, month = total // 12, total % 12 + 1
    try:
        return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
    except ValueError as error:
        raise DateTimeException(str(error)) from error


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
        return self._of(_add_months(self.moment, int(count)))

    def minusMonths(self, count: int) -> Self:
        """Give the time so many months earlier."""
        return self._of(_add_months(self.moment, -int(count)))

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

    def lengthOfMonth(self) -> int:
        """Give how many days its month has."""
        return calendar.monthrange(self.moment.year, self.moment.month)[1]

    def toString(self) -> str:
        """Write it as ISO 8601."""
        return self.moment.date().isoformat()


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
