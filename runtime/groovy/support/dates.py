"""``Date``, ``SimpleDateFormat`` and ``Calendar``."""

from __future__ import annotations

import calendar
import time
from datetime import datetime, timedelta, tzinfo
from typing import ClassVar

from runtime.groovy.support.errors import IllegalArgumentException, ParseException
from runtime.groovy.support.masks import mask_of
from runtime.groovy.support.values import JavaObject, Long, Value
from runtime.groovy.support.zones import Zone, in_zone, seconds_of

_DAY = 86_400_000  # milliseconds


class Date(JavaObject):
    """An instant, in milliseconds since 1970."""

    java_name = "java.util.Date"

    def __init__(self, millis: Value = None) -> None:
        if millis is not None and not isinstance(millis, int):
            raise IllegalArgumentException("a Date is made of milliseconds")
        self.millis = time.time_ns() // 1_000_000 if millis is None else int(millis)

    @staticmethod
    def parse(mask: str, text: str, zone: Zone | None = None) -> Date:
        """Read a text by a mask."""
        reader = SimpleDateFormat(mask)
        if zone is not None:
            reader.setTimeZone(zone)
        return reader.parse(text)

    @staticmethod
    def from_(instant: Value) -> Date:
        """Give the Date of an instant of java.time."""
        return Date(instant.toEpochMilli())

    def toInstant(self) -> Value:
        """Give it as an instant of java.time."""
        from runtime.groovy.support.zoned_times import Instant

        return Instant.ofEpochMilli(self.millis)

    def toCalendar(self) -> Calendar:
        """Give it as a Calendar."""
        made = Calendar()
        made.setTime(self)
        return made

    def getAt(self, field: int) -> int:
        """Give a field of its Calendar."""
        return self.toCalendar().get(field)

    def next(self) -> Date:
        """Give the same hour of the next day."""
        return self.plus(1)

    def previous(self) -> Date:
        """Give the same hour of the day before."""
        return self.plus(-1)

    def getTime(self) -> Long:
        """Give the milliseconds."""
        return Long(self.millis)

    def setTime(self, millis: int) -> None:
        """Make it another instant."""
        self.millis = int(millis)

    def format(self, mask: str, zone: Zone | None = None) -> str:
        """Write it by a mask."""
        writer = SimpleDateFormat(mask)
        if zone is not None:
            writer.setTimeZone(zone)
        return writer.format(self)

    def before(self, other: Date) -> bool:
        """Whether it is earlier."""
        return self.millis < other.millis

    def after(self, other: Date) -> bool:
        """Whether it is later."""
        return self.millis > other.millis

    def equals(self, other: Value) -> bool:
        """Whether it is the same instant."""
        return isinstance(other, Date) and self.millis == other.millis

    def compareTo(self, other: Date) -> int:
        """Compare instants."""
        return int(self.millis > other.millis) - int(self.millis < other.millis)

    def plus(self, days: int) -> Date:
        """Give the instant so many days later, at the same hour."""
        local = in_zone(self.millis / 1000, None).replace(tzinfo=None) + timedelta(days=int(days))
        return Date(round(seconds_of(local, None) * 1000))

    def minus(self, other: Value) -> Value:
        """Give the instant so many days earlier, or the days since another."""
        if isinstance(other, Date):
            return (self.millis - other.millis) // _DAY
        return self.plus(-int(other))

    def clearTime(self) -> Date:
        """Make it the beginning of its day."""
        local = in_zone(self.millis / 1000, None).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
        self.millis = round(seconds_of(local, None) * 1000)
        return self

    def toString(self) -> str:
        """Write it as Java does."""
        return mask_of("EEE MMM dd HH:mm:ss zzz yyyy", strict=False).write(in_zone(self.millis / 1000, None))


Date.methods["from"] = Date.methods.pop("from_")


class SimpleDateFormat(JavaObject):
    """A mask that reads and writes ``Date``; it reads leniently, and passes over what follows."""

    java_name = "java.text.SimpleDateFormat"

    def __init__(self, mask: str, _locale: Value = None) -> None:
        self._mask = mask_of(str(mask), strict=False)
        self._zone: tzinfo | None = None
        self._lenient = True

    def setTimeZone(self, zone: Zone) -> None:
        """Write in this zone, and read in it what tells none."""
        self._zone = zone.zone

    def setLenient(self, lenient: bool) -> None:  # noqa: FBT001 - as Java's
        """Say whether the 32nd of a month is read."""
        self._lenient = lenient

    def format(self, date: Value) -> str:
        """Write a date, or milliseconds."""
        if not isinstance(date, Date | int):
            raise IllegalArgumentException("Cannot format given Object as a Date")
        millis = date.millis if isinstance(date, Date) else int(date)
        whole, rest = divmod(millis, 1000)
        return self._mask.write(in_zone(whole, self._zone) + timedelta(milliseconds=rest))

    def parse(self, text: str) -> Date:
        """Read a date.

        Raises:
            ParseException: the text has another form.
        """
        parts = self._mask.read(str(text), lenient=self._lenient)
        if parts is None:
            raise ParseException(f'Unparseable date: "{text}"')
        return Date(round(seconds_of(parts.time, parts.zone or self._zone) * 1000))

    def applyPattern(self, mask: str) -> None:
        """Take another mask."""
        self._mask = mask_of(str(mask), strict=False)

    def toPattern(self) -> str:
        """Give the mask."""
        return self._mask.mask


class Calendar(JavaObject):
    """A time with its fields."""

    java_name = "java.util.Calendar"
    ERA, YEAR, MONTH, WEEK_OF_YEAR, DATE, DAY_OF_MONTH, DAY_OF_YEAR, DAY_OF_WEEK = 0, 1, 2, 3, 5, 5, 6, 7
    AM_PM, HOUR, HOUR_OF_DAY, MINUTE, SECOND, MILLISECOND = 9, 10, 11, 12, 13, 14
    JANUARY, FEBRUARY, MARCH, APRIL, MAY, JUNE, JULY = range(7)
    AUGUST, SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = range(7, 12)
    SUNDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = range(1, 8)
    _UNITS: ClassVar[dict[int, str]] = {
        3: "weeks", 5: "days", 6: "days", 10: "hours", 11: "hours", 12: "minutes", 13: "seconds", 14: "milliseconds",
    }  # fmt: skip

    def __init__(self, zone: Zone | None = None) -> None:
        self._zone = None if zone is None else zone.zone
        self._local = self._at(Date())

    @staticmethod
    def getInstance(zone: Zone | None = None) -> Calendar:
        """Give the time it is now."""
        return Calendar(zone)

    def _at(self, date: Date) -> datetime:
        whole, rest = divmod(date.millis, 1000)
        return in_zone(whole, self._zone).replace(tzinfo=None) + timedelta(milliseconds=rest)

    def setTime(self, date: Date) -> None:
        """Make it the time of a date."""
        self._local = self._at(date)

    def setTimeInMillis(self, millis: int) -> None:
        """Make it an instant."""
        self._local = self._at(Date(millis))

    def setTimeZone(self, zone: Zone) -> None:
        """Show the same instant in another zone."""
        now = self.getTime()
        self._zone = zone.zone
        self._local = self._at(now)

    def getTime(self) -> Date:
        """Give it as a date."""
        return Date(round(seconds_of(self._local, self._zone) * 1000))

    def getTimeInMillis(self) -> Long:
        """Give it as milliseconds since 1970."""
        return self.getTime().getTime()

    def add(self, field: int, amount: int) -> None:
        """Move it by so many of a unit; a day that a month does not have becomes its last."""
        if field in {self.YEAR, self.MONTH}:
            months = self._local.year * 12 + self._local.month - 1 + (amount * 12 if field == self.YEAR else amount)
            year, month = months // 12, months % 12 + 1
            day = min(self._local.day, calendar.monthrange(year, month)[1])
            self._local = self._local.replace(year=year, month=month, day=day)
        else:
            self._local += timedelta(**{self._unit(field): amount})

    def get(self, field: int) -> int:
        """Give a field."""
        now = self._local
        values = {
            0: 1, 1: now.year, 2: now.month - 1, 5: now.day, 6: now.timetuple().tm_yday, 7: now.isoweekday() % 7 + 1,
            9: now.hour // 12, 10: now.hour % 12, 11: now.hour, 12: now.minute, 13: now.second,
            14: now.microsecond // 1000,
        }  # fmt: skip
        if field not in values:
            raise IllegalArgumentException(f"the field {field} of a Calendar is not covered")
        return values[field]

    def set(self, field: int, value: int, *rest: int) -> None:
        """Set a field, or year, month and day, or these with hour, minute and second; too large ones carry over."""
        if rest:
            given = (field, value, *rest)
            for name, number in zip((1, 2, 5, 11, 12, 13), given, strict=False):
                self.set(name, number)
        elif field in {self.YEAR, self.MONTH}:
            self.add(field, value - self.get(field))
        else:
            self._local += timedelta(**{self._unit(field): value - self.get(field)})

    def getActualMaximum(self, field: int) -> int:
        """Give the last day of the month."""
        if field != self.DAY_OF_MONTH:
            raise IllegalArgumentException("only the last day of a month is covered")
        return calendar.monthrange(self._local.year, self._local.month)[1]

    def _unit(self, field: int) -> str:
        if field not in self._UNITS:
            raise IllegalArgumentException(f"the field {field} of a Calendar is not covered")
        return self._UNITS[field]
