"""Units of time: what lies between two times, and where a unit begins."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from runtime.groovy.support.errors import DateTimeException
from runtime.groovy.support.values import JavaObject, Long, Value

if TYPE_CHECKING:
    from runtime.groovy.support.times import Temporal


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
    return months - (add_months(start, months) > end)


def add_months(moment: datetime, months: int) -> datetime:
    """Give the time so many months later; a day that a month does not have becomes its last."""
    total = moment.year * 12 + moment.month - 1 + months
    year, month = total // 12, total % 12 + 1
    try:
        return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
    except ValueError as error:
        raise DateTimeException(str(error)) from error


_UNITS = ("MILLIS", "SECONDS", "MINUTES", "HOURS", "DAYS")


def truncated(time: Value, unit: ChronoUnit) -> Value:
    """Give the beginning of a unit of a time."""
    if unit.label not in _UNITS:
        raise DateTimeException("Unit is too large to be used for truncation")
    fields: dict[str, int] = {"microsecond": time.moment.microsecond // 1000 * 1000}
    for label, name in (("SECONDS", "microsecond"), ("MINUTES", "second"), ("HOURS", "minute"), ("DAYS", "hour")):
        if _UNITS.index(unit.label) >= _UNITS.index(label):
            fields[name] = 0
    return type(time)._of(time.moment.replace(**fields))  # noqa: SLF001 - as its own methods do
