"""What a rule looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from msgspec import Struct

from runtime.settings import Settings

Severity = Literal["ok", "warning", "error"]


class Finding(Struct, frozen=True, kw_only=True):
    """What a rule has found: ``error`` stops work or loses it, ``warning`` will some day; `cure` says what to do."""

    rule: str
    severity: Severity
    message: str
    cure: str | None = None


class Patient(Struct, frozen=True, kw_only=True):
    """The machine as a daemon of these settings finds it. `daemon` is the number of the one that runs, if any."""

    settings: Settings
    environ: Mapping[str, str]
    daemon: int | None = None


class Said(Struct, frozen=True):
    """What a look gives: how bad it is, and what it has seen."""

    severity: Severity
    message: str
    cure: str | None = None


Look = Callable[[Patient], Iterable[Said]]


class Rule(Struct, frozen=True, kw_only=True):
    """One thing that is looked at. `cure` holds wherever a look does not know a better one."""

    name: str
    asks: str
    look: Look
    cure: str

    def findings(self, patient: Patient) -> list[Finding]:
        """Look, and give what was found, with a cure for each thing that is wrong."""
        return [
            Finding(
                rule=self.name,
                severity=said.severity,
                message=said.message,
                cure=None if said.severity == "ok" else said.cure or self.cure,
            )
            for said in self.look(patient)
        ]


def ok(message: str) -> Said:
    """Say that something is as it should be."""
    return Said("ok", message)


def warning(message: str, cure: str | None = None) -> Said:
    """Say that something will make trouble."""
    return Said("warning", message, cure)


def error(message: str, cure: str | None = None) -> Said:
    """Say that something makes trouble now."""
    return Said("error", message, cure)
