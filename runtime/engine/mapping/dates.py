"""Date functions. Inside a map a time has the form ``yyyyMMdd HHmmss.SSS`` (platform behaviour 88)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from types import MappingProxyType
from zoneinfo import ZoneInfo

from runtime.clock import Clock
from runtime.engine.mapping.date_masks import DateMask
from runtime.engine.mapping.inputs import Compute, Options, is_empty, text_in
from runtime.errors import DocumentFault

INTERNAL = "yyyyMMdd HHmmss.SSS"


def current_date(options: Options, clock: Clock) -> Compute:
    """Give the function that writes the present time; the zone is the machine's unless the options name one."""
    mask = DateMask(options.get("mask", INTERNAL))
    zone = _zone(options["time zone"]) if "time zone" in options else None

    def now(_inputs: Sequence[object]) -> object:
        return mask.write(datetime.fromtimestamp(clock.now(), UTC).astimezone(zone))

    return now


def _date_format(options: Options) -> Compute:
    read, write = DateMask(options.get("from", INTERNAL)), DateMask(options.get("to", INTERNAL))
    return lambda inputs: None if is_empty(inputs[0]) else write.write(read.read(text_in(inputs[0])))


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise DocumentFault("map.invalid-option", f"there is no time zone '{name}'") from error


MAKERS: Mapping[str, Callable[[Options], Compute]] = MappingProxyType({"date format": _date_format})
