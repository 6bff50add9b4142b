"""The map functions by name; each family has its module."""

from __future__ import annotations

from collections.abc import Callable

from runtime.clock import Clock
from runtime.engine.mapping import dates, numbers, texts
from runtime.engine.mapping.inputs import Compute, Options
from runtime.errors import DocumentFault
from runtime.model.maps import Call, call_mistake

Make = Callable[[Options], Compute]


def compute_with(call: Call, clock: Clock) -> Compute:
    """Give the function that computes a call from its inputs; nothing comes as None.

    Raises:
        DocumentFault: ``map.invalid``, ``map.invalid-option``: the call cannot be run.
    """
    mistake = call_mistake(call)
    if mistake is not None:
        raise DocumentFault("map.invalid", mistake)
    if call.function == "current date":
        return dates.current_date(call.options, clock)
    return _MAKERS[call.function](call.options)


_MAKERS: dict[str, Make] = {**texts.MAKERS, **numbers.MAKERS, **dates.MAKERS}
