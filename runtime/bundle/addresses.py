"""The addresses of a bundle's web services: each leads to one process, and a path that is claimed twice is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.model.web_service import METHODS, WebListener, segments_of, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runtime.bundle.findings import Findings
    from runtime.errors import Place
    from runtime.model.bundle import Bundle
    from runtime.model.process import Process
    from runtime.model.web_service import ApiRoute, ApiService

SIMPLE, REST = "/ws/simple/", "/ws/rest/"


def addresses_of(bundle: Bundle) -> Iterator[tuple[str, Place]]:
    """Give what a bundle claims for itself: each simple address, and the base path of each API service."""
    for process in bundle.processes.values():
        listener = process.listener
        if isinstance(listener, WebListener) and listener.address is not None:
            yield SIMPLE + listener.address, process.place
    for api in bundle.apis:
        yield REST + api.base, api.place


def check_addresses(bundle: Bundle, findings: Findings) -> None:
    """Note addresses that two processes or API services of the bundle claim, and routes that two processes answer."""
    taken: dict[str, Place] = {}
    for address, place in addresses_of(bundle):
        first = taken.setdefault(address, place)
        if first is not place:
            message = f"the address '{address}' already leads elsewhere, by {first}"
            findings.add("path-taken", message, place, "give one of them another object or base path")
    for api in bundle.apis:
        _check_routes(api, bundle.processes, findings)


def _check_routes(api: ApiService, processes: Mapping[str, Process], findings: Findings) -> None:
    taken: dict[object, ApiRoute] = {}
    for route in api.routes:
        listener = processes[route.process.process].listener if route.process.bundle is None else None
        own = listener if isinstance(listener, WebListener) else None
        name = route.object if route.object is not None else own.object if own is not None else None
        method = route.method or (METHODS[own.operation] if own is not None else None)
        if name is None or method is None:
            continue  # known once the other bundle is there
        segments = segments_of(name, route.path)
        first = taken.setdefault((method, shape_of(segments)), route)
        if first is not route:
            path = REST + "/".join(segments_of(api.base, name, route.path))
            message = f"the route '{method} {path}' already leads to the process '{first.process.process}'"
            findings.add("path-taken", message, route.place, "give one of them another path or method")
