"""Low Latency Debug: a request that asks for one run in general mode (reference 3.1)."""

from __future__ import annotations

from urllib.parse import parse_qsl

from runtime.web.exchange import Request

PARAMETER = "_boomi_debug"
HEADER = "X-Boomi-Debug"


def wants_debug(request: Request) -> bool:
    """Tell whether a request has ``_boomi_debug=true`` in its query, or the header ``X-Boomi-Debug: true``."""
    if (request.header(HEADER) or "").strip().lower() == "true":
        return True
    if PARAMETER.encode() not in request.query:
        return False
    pairs = parse_qsl(request.query.decode("latin-1"), max_num_fields=100)
    return any(name == PARAMETER and value.lower() == "true" for name, value in pairs)
