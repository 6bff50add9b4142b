"""Spans of time, days of the week and adjusters of java.time."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import timedelta

from runtime.groovy.support.errors import DateTimeException, DateTimeParseException
from runtime.groovy.support.time_units import ChronoUnit
from runtime.groovy.support.times import LocalDate, Temporal
from runtime.groovy.support.values import JavaObject, Long, Value

_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60  # seconds
_WEEK = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_DURATION = re.compile(r"(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


class Duration(JavaObject):
    """A span of seconds."""

    java_name = "java.time.Duration"

    def __init__(self, span: timedelta) -> None:
        self._span = span

    @staticmethod
    def between(start: Temporal, end: Temporal) -> Duration:
        """Give the span from one time to another."""
        if isinstance(start, LocalDate):
            raise DateTimeException("Unsupported unit: Seconds")
        return Duration(end.moment - start.moment)

    @staticmethod
    def ofDays(count: int) -> Duration:
        """Give so many days of 24 hours."""
        return Duration(timedelta(days=int(count)))

    @staticmethod
    def ofHours(count: int) -> Duration:
        """Give so many hours."""
        return Duration(timedelta(hours=int(count)))

    @staticmethod
    def ofMinutes(count: int) -> Duration:
        """Give so many minutes."""
        return Duration(timedelta(minutes=int(count)))

    @staticmethod
    def ofSeconds(count: int) -> Duration:
        """Give so many seconds."""
        return Duration(timedelta(seconds=int(count)))

    @staticmethod
    def ofMillis(count: int) -> Duration:
        """Give so many milliseconds."""
        return Duration(timedelta(milliseconds=int(count)))

    @staticmethod
    def parse(text: str) -> Duration:
        """Read ``PT1H30M``."""
        found = _DURATION.fullmatch(str(text).upper())
        if found is None or not any(found.groups()[1:]):
            raise DateTimeParseException("Text cannot be parsed to a Duration")
        days, hours, minutes = (int(part or 0) for part in found.groups()[1:4])
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=float(found[5] or 0))
        return Duration(-span if found[1] else span)

    def _whole(self, seconds: int) -> Long:
        size = timedelta(seconds=seconds)
        return Long(self._span // size if self._span >= timedelta(0) else -(-self._span // size))

    def toDays(self) -> Long:
        """Give whole days."""
        return self._whole(_DAY)

    def toHours(self) -> Long:
        """Give whole hours."""
        return self._whole(_HOUR)

    def toMinutes(self) -> Long:
        """Give whole minutes."""
        return self._whole(_MINUTE)

    def getSeconds(self) -> Long:
        """Give whole seconds."""
        return Long(self._span // timedelta(seconds=1))

    def toMillis(self) -> Long:
        """Give milliseconds."""
        return Long(self._span // timedelta(milliseconds=1))

    def isNegative(self) -> bool:
        """Whether it goes back."""
        return self._span < timedelta(0)

    def isZero(self) -> bool:
        """Whether it is none."""
        return not self._span

    def plus(self, other: Duration) -> Duration:
        """Give both together."""
        return Duration(self._span + other._span)

    def minus(self, other: Duration) -> Duration:
        """Give the difference."""
        return Duration(self._span - other._span)

    def compareTo(self, other: Duration) -> int:
        """Compare two spans."""
        return int(self._span > other._span) - int(self._span < other._span)

    def equals(self, other: Value) -> bool:
        """Whether it is as long."""
        return isinstance(other, Duration) and self._span == other._span  # noqa: SLF001 - of its own class

    def toString(self) -> str:
        """Write it as ISO 8601."""
        sign = "-" if self.isNegative() else ""
        rest = abs(self._span)
        hours, left = divmod(rest, timedelta(hours=1))
        minutes, seconds = divmod(left, timedelta(minutes=1))
        shown = f"{seconds.seconds}.{seconds.microseconds:06}".rstrip("0").rstrip(".")
        parts = (f"{sign}{hours}H" if hours else "", f"{sign}{minutes}M" if minutes else "")
        return f"PT{''.join(parts)}{f'{sign}{shown}S' if seconds or not rest else ''}"


class Period(JavaObject):
    """A span of years, months and days."""

    java_name = "java.time.Period"

    def __init__(self, months: int, days: int) -> None:
        self._months, self._days = months, days

    @staticmethod
    def between(start: LocalDate, end: LocalDate) -> Period:
        """Give the span from one date to another."""
        if end.isBefore(start):
            back = Period.between(end, start)
            return Period(-back.toTotalMonths(), -back.getDays())
        months = int(ChronoUnit.MONTHS.between(start, end))
        return Period(months, (end.moment - start.plusMonths(months).moment).days)

    @staticmethod
    def ofDays(count: int) -> Period:
        """Give so many days."""
        return Period(0, int(count))

    @staticmethod
    def ofMonths(count: int) -> Period:
        """Give so many months."""
        return Period(int(count), 0)

    def getYears(self) -> int:
        """Give the years."""
        return int(self._months / 12)

    def getMonths(self) -> int:
        """Give the months beyond the years."""
        return self._months - self.getYears() * 12

    def getDays(self) -> int:
        """Give the days beyond the months."""
        return self._days

    def toTotalMonths(self) -> Long:
        """Give all months."""
        return Long(self._months)

    def toString(self) -> str:
        """Write it as ISO 8601."""
        parts = ((self.getYears(), "Y"), (self.getMonths(), "M"), (self._days, "D"))
        return "P" + ("".join(f"{count}{mark}" for count, mark in parts if count) or "0D")


class DayOfWeek(JavaObject):
    """A day of the week."""

    java_name = "java.time.DayOfWeek"
    MONDAY: DayOfWeek
    TUESDAY: DayOfWeek
    WEDNESDAY: DayOfWeek
    THURSDAY: DayOfWeek
    FRIDAY: DayOfWeek
    SATURDAY: DayOfWeek
    SUNDAY: DayOfWeek

    def __init__(self, number: int) -> None:
        self.number = number

    @staticmethod
    def of(number: int) -> DayOfWeek:
        """Give the day of a number, Monday being 1."""
        return DayOfWeek(number)

    def getValue(self) -> int:
        """Give its number, Monday being 1."""
        return self.number

    def ordinal(self) -> int:
        """Give its number, Monday being 0."""
        return self.number - 1

    def plus(self, days: int) -> DayOfWeek:
        """Give the day so many days later."""
        return DayOfWeek((self.number - 1 + int(days)) % 7 + 1)

    def name(self) -> str:
        """Give its name."""
        return _WEEK[self.number - 1]

    def compareTo(self, other: DayOfWeek) -> int:
        """Compare two days of a week."""
        return self.number - other.number

    def equals(self, other: Value) -> bool:
        """Whether it is the same."""
        return isinstance(other, DayOfWeek) and self.number == other.number

    def adjust(self, time: Temporal) -> Temporal:
        """Give that day of the week of a time."""
        return time.plusDays(self.number - time.moment.isoweekday())

    def toString(self) -> str:
        """Give its name."""
        return self.name()


for _number, _label in enumerate(_WEEK, 1):
    setattr(DayOfWeek, _label, DayOfWeek(_number))


_MONTHS = tuple(name.upper() for name in calendar.month_name if name)


class Month(JavaObject):
    """A month of the year."""

    java_name = "java.time.Month"

    def __init__(self, number: int) -> None:
        self.number = number

    @staticmethod
    def of(number: int) -> Month:
        """Give the month of a number, January being 1."""
        return Month(number)

    def getValue(self) -> int:
        """Give its number, January being 1."""
        return self.number

    def ordinal(self) -> int:
        """Give its number, January being 0."""
        return self.number - 1

    def plus(self, months: int) -> Month:
        """Give the month so many months later."""
        return Month((self.number - 1 + int(months)) % 12 + 1)

    def name(self) -> str:
        """Give its name."""
        return _MONTHS[self.number - 1]

    def compareTo(self, other: Month) -> int:
        """Compare two months of a year."""
        return self.number - other.number

    def equals(self, other: Value) -> bool:
        """Whether it is the same."""
        return isinstance(other, Month) and self.number == other.number

    def toString(self) -> str:
        """Give its name."""
        return self.name()


for _place, _named in enumerate(_MONTHS, 1):
    setattr(Month, _named, Month(_place))


class Adjuster(JavaObject):
    """Makes another time of a time."""

    java_name = "java.time.temporal.TemporalAdjuster"

    def __init__(self, make: Callable[[Temporal], Temporal]) -> None:
        self._make = make

    def adjust(self, time: Temporal) -> Temporal:
        """Give the other time."""
        return self._make(time)


def _last(time: Temporal) -> int:
    return calendar.monthrange(time.moment.year, time.moment.month)[1]


class TemporalAdjusters(JavaObject):
    """Adjusters that are asked for often."""

    java_name = "java.time.temporal.TemporalAdjusters"

    @staticmethod
    def firstDayOfMonth() -> Adjuster:
        """Go to the first day of the month."""
        return Adjuster(lambda time: time.withDayOfMonth(1))

    @staticmethod
    def lastDayOfMonth() -> Adjuster:
        """Go to the last day of the month."""
        return Adjuster(lambda time: time.withDayOfMonth(_last(time)))

    @staticmethod
    def firstDayOfNextMonth() -> Adjuster:
        """Go to the first day of the next month."""
        return Adjuster(lambda time: time.withDayOfMonth(1).plusMonths(1))

    @staticmethod
    def firstDayOfYear() -> Adjuster:
        """Go to the first day of the year."""
        return Adjuster(lambda time: time.withDayOfMonth(1).plusMonths(1 - time.moment.month))

    @staticmethod
    def next(day: DayOfWeek) -> Adjuster:
        """Go to the next such day."""
        return Adjuster(lambda time: time.plusDays((day.number - time.moment.isoweekday() - 1) % 7 + 1))

    @staticmethod
    def previous(day: DayOfWeek) -> Adjuster:
        """Go back to such a day."""
        return Adjuster(lambda time: time.minusDays((time.moment.isoweekday() - day.number - 1) % 7 + 1))

    @staticmethod
    def nextOrSame(day: DayOfWeek) -> Adjuster:
        """Go to such a day, if it is none."""
        return Adjuster(lambda time: time.plusDays((day.number - time.moment.isoweekday()) % 7))

    @staticmethod
    def previousOrSame(day: DayOfWeek) -> Adjuster:
        """Go back to such a day, if it is none."""
        return Adjuster(lambda time: time.minusDays((time.moment.isoweekday() - day.number) % 7))
