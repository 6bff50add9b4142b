"""The components of a bundle: every file is read, references are resolved by id, and what cannot run is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from runtime.bundle.components.connections import read_connection
from runtime.bundle.components.data_components import read_cache, read_properties, read_script, read_table
from runtime.bundle.components.envelope import read_envelopes
from runtime.bundle.components.file_listeners import listens_on_disk, read_file_operation
from runtime.bundle.components.library import Library
from runtime.bundle.components.listeners import FlowOperation, read_flow_operation, read_web_operation
from runtime.bundle.components.maps import read_map, read_user_function
from runtime.bundle.components.operations import LISTENERS, read_operation
from runtime.bundle.components.overrides import Overrides, extension_name, read_overrides
from runtime.bundle.components.process import Operations, ProcessReader
from runtime.bundle.components.process_routes import read_route
from runtime.bundle.components.profiles import PROFILE_TYPES, read_profile
from runtime.bundle.components.services import read_service
from runtime.bundle.components.web_services import read_api
from runtime.model.bundle import Connection, Extension
from runtime.model.components import Components
from runtime.model.flow_service import FlowService
from runtime.model.process import FlowListener, Process
from runtime.model.profile import Profile
from runtime.model.values import Expression, Template
from runtime.model.web_service import ApiService, WebListener

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from runtime.bundle.boomi.natives import Native
    from runtime.bundle.components.envelope import Component
    from runtime.bundle.components.made import Operation
    from runtime.bundle.findings import Findings
    from runtime.model.document_cache import DocumentCache
    from runtime.sdk.connector import Catalogue

Thing = TypeVar("Thing")

# What cannot be run at all, by type, with what to do instead.
_REFUSED = {
    "profile.edi": "EDI documents are not read here",
    "tradingpartner": "trading partners are not available here",
    "tpgroup": "trading partners are not available here",
    "queue": "queues are not available here",
    "xslt": "XSLT is not available here",
    "certificate": "certificates are the machine's own",
    "certificate.pgp": "PGP is not available here",
    "customlibrary": "libraries for the platform's own machine cannot be loaded",
}


class ReadComponents(Struct, frozen=True, kw_only=True):
    """What the components of a bundle are, in the words of a bundle; names are those of components.

    `profiles` are those that Flow sees, by component id.
    """

    processes: dict[str, Process]
    connections: dict[str, Connection]
    services: tuple[FlowService, ...]
    apis: tuple[ApiService, ...]
    profiles: dict[str, Profile]
    extensions: dict[str, Extension]
    components: Components
    known: Library

    def named(self) -> dict[str, frozenset[str]]:
        """Give what steps of other files may name: ids of components, sound or not, by what they are."""
        return {
            "cross reference table": frozenset(self.known.tables),
            "document cache": frozenset(self.known.caches),
            "map": frozenset(self.known.maps),
            "process property": frozenset(self.known.properties),
            "profile": frozenset(self.known.profiles),
        }


def read_components(
    files: Mapping[str, bytes],
    catalogue: Catalogue,
    findings: Findings,
    *,
    taken: Collection[str] = (),
    natives: Collection[Native] = (),
) -> ReadComponents:
    """Read component XML by path; what cannot be read or run is among the findings, and left out of the result.

    `taken` are names of native processes and connections, which components do not take; `natives` are those processes.
    """
    return _Reader(read_envelopes(files, findings), catalogue, findings, taken, natives).read()


class _Reader:
    """Reads components in the order in which they refer to each other: a reference is checked where it stands."""

    def __init__(
        self,
        components: dict[str, Component],
        catalogue: Catalogue,
        findings: Findings,
        taken: Collection[str],
        natives: Collection[Native],
    ) -> None:
        self._components = components
        self._catalogue = catalogue
        self._findings = findings
        self._taken = set(taken)
        self._natives = natives
        self._extensions: dict[str, Extension] = {}
        self._connections: dict[str, Connection] = {}

    def read(self) -> ReadComponents:
        """Give everything that the components are."""
        self._refuse_types()
        overrides = {one.id: read_overrides(one, self._findings) for one in self._of("process")}
        library = self._library(overrides)
        operations = self._operations(library)
        processes = {
            one.id: ProcessReader(one, library, operations, self._findings).read(
                library.processes[one.id], self._start_values(one, overrides[one.id])
            )
            for one in self._of("process")
        }
        apis = self._apis(processes, library)
        return ReadComponents(
            processes=with_routes({one.name: one for one in processes.values() if one is not None}, apis),
            connections=self._connections,
            services=self._services(processes, library, operations),
            apis=apis,
            profiles=_flow_profiles(operations.flow.values()),
            extensions=self._extensions,
            components=Components(
                processes=library.processes,
                maps=_sound(library.maps),
                functions=_sound(library.functions),
                profiles=_sound(library.profiles),
                caches=_sound(library.caches),
                tables=_sound(library.tables),
                properties=_sound(library.properties),
            ),
            known=library,
        )

    def _of(self, *types: str) -> list[Component]:
        return [component for component in self._components.values() if component.type in types]

    def _refuse_types(self) -> None:
        for component in self._components.values():
            notes = component.notes(self._findings)
            if component.type in _REFUSED:
                hint = "remove the file if nothing uses it"
                notes.refused(component.element, _REFUSED[component.type], hint)
            elif component.type not in _TYPES:
                notes.unknown(component.element, f"there is no type of component '{component.type}'")

    def _library(self, overrides: Mapping[str, Overrides]) -> Library:
        """Read what processes refer to, each kind after those it refers to itself."""
        library = Library(
            components=self._components,
            profiles={one.id: read_profile(one, self._findings) for one in self._of(*PROFILE_TYPES)},
            tables=self._each({"crossref"}, read_table),
            properties=self._each({"processproperty"}, read_properties),
            scripts=self._each({"script.processing", "script.mapping"}, read_script),
            processes={one.id: one.name for one in self._natives if one.id} | self._names("process"),
        )
        library = replace(library, connections=self._read_connections(overrides), operations=self._calls(library))
        library = replace(library, caches={one.id: self._cache(one, library) for one in self._of("documentcache")})
        known = replace(library, functions={one.id: None for one in self._of("transform.function")})
        functions = {one.id: read_user_function(one, known, self._findings) for one in self._of("transform.function")}
        library = replace(library, functions=functions)
        maps = {one.id: read_map(one, library, self._findings) for one in self._of("transform.map")}
        routes = {one.id: read_route(one, library, self._findings) for one in self._of("processroute")}
        return replace(library, maps=maps, routes=routes)

    def _cache(self, component: Component, library: Library) -> DocumentCache | None:
        return read_cache(component, library, self._findings)

    def _each(
        self, types: Collection[str], read: Callable[[Component, Findings], Thing | None]
    ) -> dict[str, Thing | None]:
        return {one.id: read(one, self._findings) for one in self._of(*types)}

    def _names(self, *types: str) -> dict[str, str]:
        """Give each component a name in the bundle: its own, and its id with it where that is taken."""
        names: dict[str, str] = {}
        for component in self._of(*types):
            name = component.name if component.name not in self._taken else f"{component.name} ({component.id})"
            self._taken.add(name)
            names[component.id] = name
        return names

    def _read_connections(self, overrides: Mapping[str, Overrides]) -> dict[str, str | None]:
        names = self._names("connector-settings")
        found: dict[str, str | None] = {}
        for component in self._of("connector-settings"):
            given = {field for one in overrides.values() for field in one.connections.get(component.id, ())}
            given |= {field for one in self._natives for field in one.given.get(component.id, ())}
            name = names[component.id]
            read = read_connection(component, name, given, self._catalogue, self._findings)
            found[component.id] = name if read is not None else None
            if read is not None:
                self._connections[name] = read.connection
                self._extensions.update({extension.name: extension for extension in read.extensions})
        return found

    def _calls(self, library: Library) -> dict[str, Operation | None]:
        return {
            one.id: read_operation(one, library, self._findings)
            for one in self._of("connector-action")
            if one.sub_type not in LISTENERS and not listens_on_disk(one)
        }

    def _operations(self, library: Library) -> Operations:
        components = self._of("connector-action")
        return Operations(
            calls=library.operations,
            flow={
                one.id: read_flow_operation(one, library, self._findings) for one in components if one.sub_type == "fss"
            },
            web={
                one.id: read_web_operation(one, library, self._findings) for one in components if one.sub_type == "wss"
            },
            files={one.id: read_file_operation(one, self._findings) for one in components if listens_on_disk(one)},
        )

    def _start_values(self, component: Component, overrides: Overrides) -> dict[str, Template]:
        """Give the properties that a machine may give; without a value they are empty, as on the platform."""
        values: dict[str, Template] = {}
        asked = {name: (name, "the dynamic process property") for name in overrides.properties}
        for (defined, key), label in overrides.defined.items():
            asked[f"definedprocess.{defined}@{key}"] = (label, "the process property")
        for name, (shown, what) in asked.items():
            extension = Extension(
                name=extension_name(component.name, shown),
                description=f"{what} '{shown}' of '{component.name}'",
                default="",
                required=False,
                place=component.place,
            )
            self._extensions[extension.name] = extension
            values[name] = Template((Expression(f"extension.{extension.name}", component.place),))
        return values

    def _services(
        self, processes: Mapping[str, Process | None], library: Library, operations: Operations
    ) -> tuple[FlowService, ...]:
        listening = {
            one.id: operations.flow.get(operation)
            for one in self._of("process")
            if (operation := _listens_with(one, "fss")) is not None
        }
        for identity, process in processes.items():
            if process is None and identity in listening:
                listening[identity] = None
        profiles = _flow_profiles(operations.flow.values())
        for native in self._natives:
            if native.id is not None and native.listens == "flow":
                listener = FlowListener(sync_timeout=native.sync_timeout)
                request, response = profiles.get(native.request or ""), profiles.get(native.response or "")
                listening[native.id] = FlowOperation(listener, request, response)
        read = (read_service(one, library, listening, self._findings) for one in self._of("flowservice"))
        return tuple(service for service in read if service is not None)

    def _apis(self, processes: Mapping[str, Process | None], library: Library) -> tuple[ApiService, ...]:
        listening = {one.id for one in self._of("process") if _listens_with(one, "wss") is not None}
        listening |= {one.id for one in self._natives if one.id is not None and one.listens == "web"}
        read = [read_api(one, library, listening, self._findings) for one in self._of("webservice")]
        return tuple(api for api in read if api is not None)


def _listens_with(component: Component, connector: str) -> str | None:
    """Give the operation that a process listens with; None when it does not, or with another connector."""
    for element in component.body.walk():
        if element.tag == "connectoraction" and element.attributes.get("connectorType") == connector:
            return element.attributes.get("operationId", "")
    return None


def with_routes(processes: dict[str, Process], apis: Iterable[ApiService]) -> dict[str, Process]:
    """Give the processes that routes lead to no address of their own: the platform has either of the two."""
    routed = {route.process.process for api in apis for route in api.routes if route.process.bundle is None}
    for name in routed & processes.keys():
        listener = processes[name].listener
        if isinstance(listener, WebListener):
            processes[name] = replace(processes[name], listener=replace(listener, routed=True))
    return processes


def _flow_profiles(operations: Iterable[FlowOperation | None]) -> dict[str, Profile]:
    profiles: dict[str, Profile] = {}
    for operation in operations:
        if operation is None:
            continue
        named = (
            (operation.listener.request_profile, operation.request),
            (operation.listener.response_profile, operation.response),
        )
        profiles.update({name: profile for name, profile in named if name is not None and profile is not None})
    return profiles


def _sound(read: Mapping[str, Thing | None]) -> dict[str, Thing]:
    return {identity: thing for identity, thing in read.items() if thing is not None}


_TYPES = frozenset(
    {
        *PROFILE_TYPES,
        "connector-action",
        "connector-settings",
        "crossref",
        "documentcache",
        "flowservice",
        "process",
        "processproperty",
        "processroute",
        "script.mapping",
        "script.processing",
        "transform.function",
        "transform.map",
        "webservice",
    }
)
