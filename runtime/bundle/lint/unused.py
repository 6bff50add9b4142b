"""Parts of a bundle that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runtime.bundle.mapped import map_id
from runtime.bundle.references import references
from runtime.bundle.structs_in import structs_in
from runtime.errors import Place
from runtime.model.maps import LOOKUP, Call
from runtime.model.parameters import ConnectorLookup, SqlLookup
from runtime.model.platform_maps import CalledFunction, ConnectorWork, PlatformMap, SqlWork
from runtime.model.platform_shapes import PlatformConnectorStep, PlatformMapStep
from runtime.model.shapes import ConnectorStep, MapStep, ScriptStep

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.model.bundle import Bundle
    from runtime.model.maps import Source

Used = set[tuple[str, str]]  # what, and its name


def check_unused(bundle: Bundle, findings: Findings) -> None:
    """Note maps, connections, scripts, tables and extensions without a user; a script may import its neighbours."""
    used = {*_by_steps(bundle), *_by_maps(bundle), *_by_functions(bundle), *_by_machine(bundle)}
    parts: list[tuple[str, str, Place]] = [
        *(("map", name, body.place) for name, body in bundle.maps.items()),
        *(("map", body.name, body.place) for body in _by_profile(bundle)),
        *(("connection", name, connection.place) for name, connection in bundle.connections.items()),
        *(("extension", name, extension.place) for name, extension in bundle.extensions.items()),
        *(("table", name, _whole(f"tables/{name}.csv")) for name in bundle.tables),
    ]
    if not any(what == "script" for what, _ in used):
        parts.extend(("script", file, _whole(file)) for file in bundle.scripts)
    for what, name, place in parts:
        if (what, name) not in used:
            findings.add("unused", f"nothing uses the {what} '{name}'", place, "use it, or remove it")


def _by_steps(bundle: Bundle) -> Iterator[tuple[str, str]]:
    for process in bundle.processes.values():
        for shape in process.shapes:
            match shape:
                case MapStep(map=name):
                    yield "map", name
                case PlatformMapStep(map=identity) if identity in bundle.components.maps:
                    yield "map", bundle.components.maps[identity].name
                case ConnectorStep(connection=name) | PlatformConnectorStep(connection=name):
                    yield "connection", name
                case ScriptStep(file=file):
                    yield "script", file
            yield from (("connection", one.connection) for one in structs_in(shape, SqlLookup))
            yield from (("connection", one.connection) for one in structs_in(shape, ConnectorLookup))


def _by_maps(bundle: Bundle) -> Iterator[tuple[str, str]]:
    for body in bundle.maps.values():
        for rule in body.rules:
            yield from (("table", name) for name in _tables(rule.source))
    own = [step for function in bundle.components.functions.values() for step in function.steps]
    for one in (*(step for body in _by_profile(bundle) for step in body.functions), *own):
        if isinstance(one.work, CalledFunction) and one.work.function == LOOKUP:
            yield "table", one.work.options["table"]


def _by_functions(bundle: Bundle) -> Iterator[tuple[str, str]]:
    components = bundle.components
    functions = [function for body in components.maps.values() for function in body.functions]
    functions += [step for function in components.functions.values() for step in function.steps]
    for function in functions:
        if isinstance(function.work, SqlWork | ConnectorWork):
            yield "connection", function.work.connection


def _by_profile(bundle: Bundle) -> list[PlatformMap]:
    """Give the maps of native files that run by profile."""
    return [body for identity, body in bundle.components.maps.items() if identity == map_id(body.name)]


def _by_machine(bundle: Bundle) -> Iterator[tuple[str, str]]:
    templates = [
        *(template for connection in bundle.connections.values() for template in connection.settings.values()),
        *(template for process in bundle.processes.values() for template in process.properties.values()),
    ]
    for template in templates:
        yield from ((reference.root, reference.name) for reference in references(template))


def _tables(source: Source | None) -> Iterator[str]:
    if isinstance(source, Call):
        if source.function == LOOKUP:
            yield source.options["table"]
        for one in source.inputs:
            yield from _tables(one)


def _whole(file: str) -> Place:
    return Place(file=file, line=1, column=1)
