"""Properties that the steps of an export read and nothing writes: on the platform they read as nothing, silently."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runtime.bundle.findings import suggest
from runtime.bundle.structs_in import structs_in
from runtime.model.data_process import RunScript
from runtime.model.parameters import DocumentProperty, ProcessProperty
from runtime.model.platform_maps import DocumentPropertyWork, MapScript
from runtime.model.platform_shapes import (
    PlatformAssignment,
    PlatformMapStep,
    ProcessCallStep,
    ProcessRouteStep,
    RetrieveFromCacheStep,
)

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.model.bundle import Bundle
    from runtime.model.process import Process
    from runtime.model.shapes import AnyShape

_SETS_ANY = (ProcessCallStep, ProcessRouteStep, RetrieveFromCacheStep)
_GIVEN = ("inflow", "query_", "param_", "com.boomi.")  # what listeners and the platform itself set
Read = tuple[str, str]  # scope and name


def check_platform_properties(process: Process, bundle: Bundle, findings: Findings) -> None:
    """Note each property that a step of an export reads without a default and that nothing writes.

    Scripts, called processes and cached documents can set any, and so can whoever passes documents in.
    """
    if process.component is None or process.start.mode != "no data":
        return
    if any(_sets_any(shape, bundle) for shape in process.shapes):
        return
    written = {*(("process", name) for name in process.properties), *_written(process, bundle)}
    told: set[Read] = set()
    for shape in process.shapes:
        for read in _reads(shape):
            if read in written | told or read[1].startswith(_GIVEN):
                continue
            told.add(read)
            of = "dynamic document property" if read[0] == "dynamicdocument" else "dynamic process property"
            message = f"nothing writes the {of} '{read[1]}', which is read here"
            known = [name for scope, name in written if scope == read[0]]
            findings.add("property-never-written", message, shape.place, suggest(read[1], known))


def _sets_any(shape: AnyShape, bundle: Bundle) -> bool:
    if isinstance(shape, _SETS_ANY) or any(True for _ in structs_in(shape, RunScript)):
        return True
    body = bundle.components.maps.get(shape.map) if isinstance(shape, PlatformMapStep) else None
    return any(True for _ in structs_in(body, MapScript))


def _written(process: Process, bundle: Bundle) -> Iterator[Read]:
    for shape in process.shapes:
        for one in structs_in(shape, PlatformAssignment):
            yield one.target.scope, one.target.name
        if isinstance(shape, PlatformMapStep):
            for work in structs_in(bundle.components.maps.get(shape.map), DocumentPropertyWork):
                if work.sets:
                    yield work.property.scope, work.property.name


def _reads(shape: AnyShape) -> Iterator[Read]:
    for one in structs_in(shape, DocumentProperty):
        if one.property.scope == "dynamicdocument" and not one.default:
            yield "dynamicdocument", one.property.name
    for other in structs_in(shape, ProcessProperty):
        if not other.default:
            yield "process", other.name
