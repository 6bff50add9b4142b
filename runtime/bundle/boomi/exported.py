"""`export`: which component of the platform a process is, and what that says beyond a process in YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.boomi.natives import CONNECTION_FIELDS, EXPORT
from runtime.bundle.boomi.reading import Unsound, ValueReader
from runtime.bundle.keys import Keys
from runtime.bundle.outline import START
from runtime.bundle.outline_around import read_around
from runtime.model.components import ProcessComponent

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.bundle.known import Known

PROFILES = "web profiles"
SHAPE = "start"  # the key of what the start shape is called and where it is drawn


class WebProfiles(Struct, frozen=True):
    """The profiles of a listener of the Web Services Server, by component id."""

    request: str | None = None
    response: str | None = None


class Exported(Struct, frozen=True):
    """The component, the profiles that its listener names, and what its start shape has around itself."""

    component: ProcessComponent
    profiles: WebProfiles = WebProfiles()
    id: str = START
    label: str | None = None
    canvas: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()


def read_exported(process: Keys, known: Known, findings: Findings) -> Exported | None:
    """Read it; None when the process says no such thing, or says it wrongly, which is then among the findings."""
    table = process.table(EXPORT)
    if table is None:
        return None
    keys = Keys(table, findings, "an export")
    keys.table(CONNECTION_FIELDS)  # was read before the components
    profiles = _profiles(keys, known, findings)
    shape = keys.table(SHAPE)
    try:
        component = ProcessComponent(**ValueReader(known, findings).fields(ProcessComponent, keys))
    except Unsound:
        return None
    keys.done()
    if shape is None:
        return Exported(component, profiles)
    around, label = read_around(shape, findings), Keys(shape, findings, "the start").scalar("label")
    return Exported(
        component,
        profiles,
        START if around.id is None else around.id.text,
        None if label is None else label.text,
        around.canvas,
        around.notes,
    )


def _profiles(keys: Keys, known: Known, findings: Findings) -> WebProfiles:
    table = keys.table(PROFILES)
    if table is None:
        return WebProfiles()
    inner = Keys(table, findings, "the profiles of a listener")
    request, response = inner.scalar("request"), inner.scalar("response")
    inner.done()
    names = known.exported.get("profile", frozenset())
    for one in (request, response):
        if one is not None and one.text not in names:
            findings.unknown("unknown-reference", "profile", one.text, names, one.place)
    return WebProfiles(request.text if request is not None else None, response.text if response is not None else None)
