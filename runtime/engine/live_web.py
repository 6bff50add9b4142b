"""Live web services: every address of the Web Services Server, bound to the process that answers it now.

As with Flow services a route may name a process of another bundle; what is not there is said, and answered as
unavailable. Routes are chosen as the platform does (its page on API requests): the API service with the longest base
path that fits, then among its routes the longest path, and where those are equally long, texts before parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from runtime.engine.live_services import Bound, Missing, find_process
from runtime.model import headers
from runtime.model.web_service import (
    METHODS,
    ApiRoute,
    ApiService,
    Method,
    WebListener,
    parameter_of,
    segments_of,
    shape_of,
)

if TYPE_CHECKING:
    from runtime.engine.deployment import Deployment


class Endpoint(Struct, frozen=True):
    """What answers an address: a process, and what goes in and out there.

    `also` are headers that reach it beyond those that all processes see; `spelt` is how its bundle spells those of a
    pattern.
    """

    bound: Bound
    listener: WebListener
    also: headers.Spellings = headers.NOTHING
    spelt: headers.Spellings = headers.NOTHING


class LiveRoute(Struct, frozen=True):
    """A route of an API service; `segments` begin after the base path. A missing process has no known method."""

    method: Method | None
    segments: tuple[str, ...]
    target: Endpoint | Missing


class LiveApi(Struct, frozen=True):
    """An API service as it can be called now."""

    base: tuple[str, ...]
    routes: tuple[LiveRoute, ...]
    missing: tuple[str, ...] = ()


class WebTable(Struct, frozen=True):
    """All addresses: the last parts of simple ones, and API services with the longest base path first."""

    simple: dict[str, Endpoint] = {}
    apis: tuple[LiveApi, ...] = ()

    def endpoints(self) -> Iterator[Endpoint]:
        """Give everything that can be called."""
        yield from self.simple.values()
        for api in self.apis:
            yield from (route.target for route in api.routes if isinstance(route.target, Endpoint))


class Found(Struct, frozen=True):
    """A route that fits a request, and what stands for its parameters there."""

    route: LiveRoute
    parameters: dict[str, str]


class NotFound(Struct, frozen=True):
    """No route fits; `methods` are those by which one would."""

    methods: tuple[Method, ...] = ()


def bind_web(deployments: Mapping[str, Deployment]) -> WebTable:
    """Give the addresses of these deployments; those of simple addresses and base paths are unique."""
    simple: dict[str, Endpoint] = {}
    apis: list[LiveApi] = []
    for deployment in deployments.values():
        spelt = _spellings(deployment) if _listens(deployment) else {}
        for name, process in deployment.processes.items():
            listener = deployment.bundle.processes[name].listener
            if isinstance(listener, WebListener) and listener.address is not None:
                simple[listener.address] = Endpoint(Bound(deployment, process), listener, spelt=spelt)
        apis.extend(_bind(api, deployment, deployments) for api in deployment.bundle.apis)
    return WebTable(simple, tuple(sorted(apis, key=lambda api: len(api.base), reverse=True)))


def find_route(table: WebTable, method: str, segments: tuple[str, ...]) -> Found | NotFound:
    """Give the route for a request, whose path begins with `segments` after ``/ws/rest``."""
    api = next((one for one in table.apis if segments[: len(one.base)] == one.base), None)
    if api is None:
        return NotFound()
    rest = segments[len(api.base) :]
    fitting = [route for route in api.routes if _fits(route.segments, rest)]
    chosen = max((route for route in fitting if route.method in (method, None)), key=_exactness, default=None)
    if chosen is None:
        return NotFound(tuple(dict.fromkeys(route.method for route in fitting if route.method is not None)))
    pairs = zip(chosen.segments, rest, strict=False)
    return Found(chosen, {name: text for segment, text in pairs if (name := parameter_of(segment)) is not None})


def _fits(segments: tuple[str, ...], rest: tuple[str, ...]) -> bool:
    """Tell whether a path begins as a route says; what comes after it is the process' own affair."""
    pairs = zip(segments, rest, strict=False)
    return len(segments) <= len(rest) and all(parameter_of(one) is not None or one == text for one, text in pairs)


def _exactness(route: LiveRoute) -> tuple[int, tuple[bool, ...]]:
    return len(route.segments), tuple(parameter_of(segment) is None for segment in route.segments)


def _bind(api: ApiService, deployment: Deployment, deployments: Mapping[str, Deployment]) -> LiveApi:
    routes: list[LiveRoute] = []
    taken: set[object] = set()
    for route in api.routes:
        live = _route(route, api, deployment, deployments)
        claim = (live.method, shape_of(live.segments))
        if isinstance(live.target, Endpoint) and claim in taken:
            where = "/".join(live.segments)
            live = replace(live, target=Missing(f"Two processes are named for {live.method} {where}."))
        taken.add(claim)
        routes.append(live)
    missing = tuple(
        f"route {route.method or ''} {'/'.join(route.segments)}: {route.target.reason}".replace("  ", " ")
        for route in routes
        if isinstance(route.target, Missing)
    )
    return LiveApi(segments_of(api.base), tuple(routes), missing)


def _route(
    route: ApiRoute, api: ApiService, deployment: Deployment, deployments: Mapping[str, Deployment]
) -> LiveRoute:
    found = find_process(route.process, deployment, deployments)
    listener = None if isinstance(found, Missing) else found.process.process.listener
    if isinstance(found, Missing) or not isinstance(listener, WebListener):
        target = found if isinstance(found, Missing) else Missing("The process does not listen for the web.")
        return LiveRoute(route.method, segments_of(route.object or "", route.path), target)
    own = replace(
        listener,
        input=route.input or listener.input,
        output=route.output or listener.output,
        content_type=listener.content_type if route.content_type is None else route.content_type,
    )
    also = {name.lower().encode("latin-1"): headers.PREFIX + name for name in api.headers}
    name = listener.object if route.object is None else route.object
    endpoint = Endpoint(found, own, also, _spellings(found.deployment))
    return LiveRoute(route.method or METHODS[listener.operation], segments_of(name, route.path), endpoint)


def _listens(deployment: Deployment) -> bool:
    return any(isinstance(process.listener, WebListener) for process in deployment.bundle.processes.values())


def _spellings(deployment: Deployment) -> dict[bytes, str]:
    """Give the properties of headers that steps name: what people spell in their own way is found in that way."""
    shapes = [process.shapes for process in deployment.bundle.processes.values()]
    texts = (text for text in _texts(msgspec.to_builtins(shapes, str_keys=True)))
    found = {text[text.index(headers.PREFIX) :] for text in texts if headers.PREFIX in text}
    return {name.removeprefix(headers.PREFIX).lower().encode(): name for name in found if name.isascii()}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def missing_of_web(table: WebTable) -> dict[str, tuple[str, ...]]:
    """Give what each API service lacks, by its address; those that lack nothing are left out."""
    return {"/".join(("/ws/rest", *api.base)): api.missing for api in table.apis if api.missing}
