"""The map functions by name; each family has its module."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from runtime.clock import Clock
from runtime.engine.mapping import dates, numbers, texts
from runtime.engine.mapping.inputs import Compute, Options
from runtime.engine.mapping.lookups import lookup
from runtime.errors import DocumentFault
from runtime.model.bundle import LookupTable
from runtime.model.maps import LOOKUP, Call, call_mistake

CURRENT_DATE = "current date"  # the one function that depends on the time

Make = Callable[[Options], Compute]


class Around(Struct, frozen=True):
    """What functions may read besides their inputs: the time, and the tables of the bundle."""

    clock: Clock
    tables: Mapping[str, LookupTable] = {}


def compute_with(call: Call, around: Around) -> Compute:
    """Give the function that computes a call from its inputs; nothing comes as None.

    Raises:
        DocumentFault: ``map.invalid``, ``map.invalid-option``: the call cannot be run.
    """
    mistake = call_mistake(call)
    if mistake is not None:
        raise DocumentFault("map.invalid", mistake)
    if call.function == CURRENT_DATE:
        return dates.current_date(call.options, around.clock)
    if call.function == LOOKUP:
        return lookup(call.options, around.tables)
    return _MAKERS[call.function](call.options)


_MAKERS: dict[str, Make] = {**texts.MAKERS, **numbers.MAKERS, **dates.MAKERS}
