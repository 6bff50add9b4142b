"""What every rule says."""

from __future__ import annotations

from msgspec import Struct

from runtime.errors import Severity


class Rule(Struct, frozen=True):
    """One thing that can be wrong. An `error` refuses the bundle, a `warning` is logged when it is deployed."""

    title: str
    why: str
    cure: str
    severity: Severity = "error"
