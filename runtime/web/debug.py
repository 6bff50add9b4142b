"""What a request asks for beside its call: one run in general mode (reference 3.1), and how much is noted of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import parse_qsl

from runtime.model.record import Depth
from runtime.web.exchange import Request

PARAMETER = "_boomi_debug"
HEADER = "X-Boomi-Debug"
TRACE = "X-Nuclide-Trace"

_DEPTHS: Mapping[str, Depth] = MappingProxyType({"log": "log", "documents": "documents"})


def depth_wanted(request: Request) -> Depth | None:
    """Give how much is to be noted of the execution, by the header ``X-Nuclide-Trace``; None where it says nothing."""
    return _DEPTHS.get((request.header(TRACE) or "").strip().lower())


def wants_debug(request: Request) -> bool:
    """Tell whether a request has ``_boomi_debug=true`` in its query, or the header ``X-Boomi-Debug: true``."""
    if (request.header(HEADER) or "").strip().lower() == "true":
        return True
    if PARAMETER.encode() not in request.query:
        return False
    pairs = parse_qsl(request.query.decode("latin-1"), max_num_fields=100)
    return any(name == PARAMETER and value.lower() == "true" for name, value in pairs)
