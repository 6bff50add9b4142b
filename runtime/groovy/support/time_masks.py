"""``DateTimeFormatter``: masks for the classes of java.time, and the forms of ISO 8601."""

from __future__ import annotations

from datetime import datetime

from runtime.groovy.support.errors import DateTimeParseException
from runtime.groovy.support.masks import Mask, Parts, mask_of
from runtime.groovy.support.values import JavaObject, Value
from runtime.groovy.support.zones import Zone


class DateTimeFormatter(JavaObject):
    """A mask for the classes of java.time."""

    java_name = "java.time.format.DateTimeFormatter"
    ISO_DATE: DateTimeFormatter
    ISO_LOCAL_DATE: DateTimeFormatter
    ISO_LOCAL_DATE_TIME: DateTimeFormatter
    ISO_DATE_TIME: DateTimeFormatter
    ISO_OFFSET_DATE_TIME: DateTimeFormatter
    ISO_INSTANT: DateTimeFormatter
    BASIC_ISO_DATE: DateTimeFormatter

    def __init__(self, *masks: str, iso: bool = False) -> None:
        self._masks: tuple[Mask, ...] = tuple(mask_of(mask, strict=True) for mask in masks)
        self._iso = iso
        self._zone: Zone | None = None

    @staticmethod
    def ofPattern(mask: str, _locale: Value = None) -> DateTimeFormatter:
        """Give the formatter of a mask."""
        return DateTimeFormatter(mask)

    def withZone(self, zone: Zone) -> DateTimeFormatter:
        """Give the formatter that shows instants in a zone."""
        made = DateTimeFormatter(iso=self._iso)
        made._masks, made._zone = self._masks, zone
        return made

    def withLocale(self, _locale: Value) -> DateTimeFormatter:
        """Give the same: names are English."""
        return self

    def format(self, value: Value) -> str:
        """Write a time of java.time."""
        return str(value.format(self))

    def write(self, moment: datetime) -> str:
        """Write a time of Python; the first mask is the one that writes."""
        shown = moment if self._zone is None or moment.tzinfo is None else moment.astimezone(self._zone.zone)
        return self._masks[0].write(shown)

    def read(self, text: str) -> Parts:
        """Read a text.

        Raises:
            DateTimeParseException: it has another form.
        """
        for mask in self._masks:
            parts = mask.read(text, whole=True, lenient=False)
            if parts is not None:
                return parts
        raise DateTimeParseException(f"Text '{text}' could not be parsed at index 0")


_TIMES = (
    "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss.S", "yyyy-MM-dd'T'HH:mm:ss.SSS",
    "yyyy-MM-dd'T'HH:mm:ss.SSSSSS", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSS",
)  # fmt: skip
_ZONED = tuple(f"{mask}XXX" for mask in _TIMES)
DateTimeFormatter.ISO_LOCAL_DATE = DateTimeFormatter.ISO_DATE = DateTimeFormatter("yyyy-MM-dd")
DateTimeFormatter.BASIC_ISO_DATE = DateTimeFormatter("yyyyMMdd")
DateTimeFormatter.ISO_LOCAL_DATE_TIME = DateTimeFormatter(*_TIMES)
DateTimeFormatter.ISO_OFFSET_DATE_TIME = DateTimeFormatter.ISO_INSTANT = DateTimeFormatter(*_ZONED)
DateTimeFormatter.ISO_DATE_TIME = DateTimeFormatter(*_ZONED, *_TIMES)
