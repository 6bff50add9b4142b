"""From a folder to a Bundle, or to everything that is wrong with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from runtime.bundle.addresses import check_addresses
from runtime.bundle.api_services import FOLDER as APIS
from runtime.bundle.api_services import read_api
from runtime.bundle.boomi.natives import natives_of
from runtime.bundle.called import check_calls
from runtime.bundle.components.read import read_components, with_routes
from runtime.bundle.connections import read_connection
from runtime.bundle.flow_services import ServiceReader
from runtime.bundle.formats import read_format
from runtime.bundle.known import Known
from runtime.bundle.lint import lint
from runtime.bundle.lint.redaction import check_redaction
from runtime.bundle.manifest import Manifest, read_manifest
from runtime.bundle.mapped import Mapped, is_by_profile, read_mapped
from runtime.bundle.maps import is_program, read_map, read_program
from runtime.bundle.nodes import Scalar, Table
from runtime.bundle.processes import read_process
from runtime.bundle.profiles import read_profile
from runtime.bundle.schedules import read_schedules
from runtime.bundle.scripts import Functions, read_script
from runtime.bundle.sources import FORMATS, MANIFEST, SCHEDULES, Sources, read_sources
from runtime.bundle.tables import read_tables
from runtime.bundle.yaml_nodes import read_yaml
from runtime.errors import BundleError, Place, Problem
from runtime.model.bundle import Bundle
from runtime.model.cleanse import CleanseStep
from runtime.model.spelled import json_profile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Node
    from runtime.model.bundle import Script
    from runtime.model.components import Components
    from runtime.model.document_cache import DocumentCache
    from runtime.model.flow_service import FlowService
    from runtime.model.platform_profiles import PlatformProfile
    from runtime.model.process import Process
    from runtime.model.profile import Profile
    from runtime.model.schedule import Schedule
    from runtime.model.web_service import ApiService
    from runtime.sdk.connector import Catalogue

Thing = TypeVar("Thing")

_NAME_LINE = re.compile(r"^name:[ ]*['\"]?(.*?)['\"]?[ ]*(?:#.*)?$", re.MULTILINE)


def read_bundle(path: Path, catalogue: Catalogue) -> Bundle:
    """Read the bundle at `path`, a folder or a .zip, and check it against the connectors of `catalogue`.

    Raises:
        BundleError: the bundle has mistakes; `problems` holds all of them, by file and line.
    """
    try:
        sources, findings = read_sources(path)
    except OSError as error:
        message = f"the {'folder' if path.is_dir() else 'file'} cannot be read: {error.strerror}"
        place = Place(file=str(path))
        raise BundleError((Problem(code="bundle.unreadable", message=message, place=place),)) from error
    return bundle_of(sources, findings, catalogue)


def bundle_of(sources: Sources, findings: Findings, catalogue: Catalogue) -> Bundle:
    """Give the bundle that these files are. `findings` are those of reading the files.

    Raises:
        BundleError: the bundle has mistakes; `problems` holds all of them, by file and line.
    """
    bundle = _Reader(sources, catalogue, findings).bundle()
    check_calls(bundle, findings)
    check_addresses(bundle, findings)
    if not findings:
        lint(bundle, catalogue, findings)
    findings.raise_any()
    return replace(bundle, warnings=findings.problems("warning"))


def lint_bundle(path: Path, catalogue: Catalogue) -> tuple[Bundle | None, tuple[Problem, ...]]:
    """Give the bundle at `path`, or None when it is refused, and everything that was found, warnings included."""
    try:
        bundle = read_bundle(path, catalogue)
    except BundleError as error:
        return None, error.problems
    return bundle, bundle.warnings


class _Reader:
    """Reads the parts in the order in which they refer to each other: a reference is checked where it stands."""

    def __init__(self, sources: Sources, catalogue: Catalogue, findings: Findings) -> None:
        self._sources = sources
        self._catalogue = catalogue
        self._findings = findings

    def bundle(self) -> Bundle:
        """Give the bundle; to be used only when nothing was found."""
        manifest = self._manifest()
        profiles = {
            name: read_profile(name, file, text, self._findings) for name, file, text in self._sources.of("profiles")
        }
        formats = {
            name: read_format(name, node, self._findings) if node is not None else None
            for name, node in self._nodes("profiles", FORMATS)
        }
        self._check_names(profiles, formats)
        tables = read_tables(self._sources.contents, self._findings)
        connections = {
            name: read_connection(name, node, self._catalogue, manifest.extensions, self._findings)
            if node is not None
            else None
            for name, node in self._nodes("connections")
        }
        scripts, functions = self._scripts()
        map_nodes = dict(self._nodes("maps"))
        process_nodes = [node for _, node in self._nodes("processes")]
        natives = natives_of(process_nodes)
        names = {*connections, *(native.name for native in natives)}
        exports = read_components(
            self._sources.components(), self._catalogue, self._findings, taken=names, natives=natives
        )
        known = Known(
            catalogue=self._catalogue,
            profiles={**exports.profiles, **profiles},
            formats=formats,
            maps=frozenset(map_nodes),
            connections={**exports.connections, **connections},
            scripts=functions,
            extensions=manifest.extensions,
            tables=tables,
            caches=manifest.caches,
            stylesheets=self._sources.stylesheets(),
            deadline=manifest.limits.deadline,
            exported={
                **exports.named(),
                "connection": frozenset({*exports.connections, *connections}),
                "process": frozenset({*exports.processes, *(native.name for native in natives)}),
            },
        )
        programs = {
            name: read_program(node, known, self._findings)
            for name, node in map_nodes.items()
            if isinstance(node, Table) and is_program(node)
        }
        by_profile = {name for name, node in map_nodes.items() if name not in programs and is_by_profile(node, known)}
        maps = {
            name: read_map(name, node, known, self._findings)
            for name, node in map_nodes.items()
            if node is not None and name not in by_profile and name not in programs
        }
        mapped = _sound(
            {
                name: read_mapped(name, node, known, self._findings)
                for name, node in map_nodes.items()
                if name in by_profile and isinstance(node, Table)
            }
        )
        processes = self._processes(process_nodes, replace(known, by_profile=frozenset(by_profile), programs=programs))
        bundle = Bundle(
            name=manifest.name,
            version=manifest.version,
            digest=self._sources.digest,
            description=manifest.description,
            needs=manifest.needs,
            processes=with_routes(_sound(processes), exports.apis) | exports.processes,
            profiles=exports.profiles | _sound(profiles),
            maps=_sound(maps),
            connections=_sound(connections) | exports.connections,
            schedules=self._schedules(processes, exports.processes),
            services=(*self._services(processes, known), *exports.services),
            apis=(*self._apis(processes), *exports.apis),
            scripts=scripts,
            redaction=tuple(manifest.redaction),
            extensions=exports.extensions | _sound(manifest.extensions),
            tables=_sound(tables),
            limits=manifest.limits,
            components=_with(
                exports.components,
                manifest.caches,
                mapped.values(),
                _cleansed(processes.values(), _sound(profiles)) | _sound(formats),
            ),
        )
        check_redaction(manifest.redaction, bundle, self._findings)
        return bundle

    def _manifest(self) -> Manifest:
        text = self._sources.texts.get(MANIFEST)
        node = self._parse(MANIFEST, text) if text is not None else None
        manifest = read_manifest(node, self._catalogue, self._findings) if node is not None else None
        return manifest or Manifest(name="", version="")

    def _scripts(self) -> tuple[dict[str, Script], dict[str, Functions | None]]:
        scripts: dict[str, Script] = {}
        functions: dict[str, Functions | None] = {}
        for name, file, text in self._sources.of("scripts"):
            scripts[file], functions[f"{name}.py"] = read_script(file, text, self._findings)
        return scripts, functions

    def _processes(self, nodes: Collection[Node | None], known: Known) -> dict[str, Process | None]:
        processes: dict[str, Process | None] = {}
        places: dict[str, Place] = {}
        for node in nodes:
            name = _process_name(node)
            process = read_process(node, known, self._findings) if node is not None else None
            if name is None:
                continue
            text, place = name
            if text in places:
                message = f"the process '{text}' is already written in {places[text].file}"
                self._findings.add("name-taken", message, place, "give each process a name of its own")
            places.setdefault(text, place)
            processes.setdefault(text, process)
        for unread in self._names_of_unread() if None in nodes else ():
            processes.setdefault(unread, None)
        return processes

    def _names_of_unread(self) -> Iterator[str]:
        """Give what stands for names in the files of processes: one that is no YAML has a name all the same."""
        for _, _, text in self._sources.of("processes"):
            if named := _NAME_LINE.search(text):
                yield named[1]

    def _services(self, processes: Mapping[str, Process | None], known: Known) -> tuple[FlowService, ...]:
        reader = ServiceReader(processes, known, self._findings)
        read = (reader.read(node) for _, node in self._nodes("flow-services") if node is not None)
        return tuple(service for service in read if service is not None)

    def _apis(self, processes: Mapping[str, Process | None]) -> tuple[ApiService, ...]:
        nodes = ((name, node) for name, node in self._nodes(APIS) if node is not None)
        read = [read_api(name, node, processes, self._findings) for name, node in nodes]
        return tuple(api for api in read if api is not None)

    def _schedules(self, native: Mapping[str, Process | None], exported: Mapping[str, Process]) -> tuple[Schedule, ...]:
        text = self._sources.texts.get(SCHEDULES)
        node = None if text is None else self._parse(SCHEDULES, text)
        return read_schedules(node, {**exported, **native}, self._findings)

    def _check_names(self, profiles: Mapping[str, object], formats: Mapping[str, object]) -> None:
        for name in profiles.keys() & formats.keys():
            message = f"there is a profile '{name}' in JSON Schema, too"
            place = Place(file=f"profiles/{name}{FORMATS}", line=1, column=1)
            self._findings.add("name-taken", message, place, "rename one of the two")

    def _nodes(self, folder: str, ending: str | None = None) -> Iterator[tuple[str, Node | None]]:
        for name, file, text in self._sources.of(folder, ending):
            yield name, self._parse(file, text)

    def _parse(self, file: str, text: str) -> Node | None:
        before = len(self._findings)
        node = read_yaml(text, file, self._findings)
        if node is None and len(self._findings) == before:
            self._findings.add(
                "missing-value", "the file is empty", Place(file=file, line=1, column=1), "fill or delete it"
            )
        return node


def _process_name(node: Node | None) -> tuple[str, Place] | None:
    """Give the name even of a process with mistakes, so that what refers to it is not told as a mistake of its own."""
    entry = node.get("name") if isinstance(node, Table) else None
    return (entry[1].text, entry[1].place) if entry is not None and isinstance(entry[1], Scalar) else None


def _cleansed(processes: Iterable[Process | None], profiles: Mapping[str, Profile]) -> dict[str, PlatformProfile]:
    """Give the profiles of JSON Schema that documents are cleansed by."""
    shapes = (shape for process in processes if process is not None for shape in process.shapes)
    names = {shape.profile for shape in shapes if isinstance(shape, CleanseStep)}
    return {name: json_profile(profiles[name]) for name in names & profiles.keys()}


def _with(
    exports: Components,
    caches: Mapping[str, DocumentCache | None],
    mapped: Iterable[Mapped],
    formats: dict[str, PlatformProfile],
) -> Components:
    """Give the components of exports with what native files add to them."""
    maps = {one.map.id: one.map for one in mapped}
    profiles = {name: profile for one in mapped for name, profile in one.profiles.items()}
    functions = {name: function for one in mapped for name, function in one.functions.items()}
    return replace(
        exports,
        caches=exports.caches | _sound(caches),
        maps=exports.maps | maps,
        profiles=exports.profiles | profiles | formats,
        functions=exports.functions | functions,
    )


def _sound(read: Mapping[str, Thing | None]) -> dict[str, Thing]:
    return {name: thing for name, thing in read.items() if thing is not None}
