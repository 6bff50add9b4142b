"""Routing below ``/fs``: which call a method and a path are, decided without touching anything (wire protocol A.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from msgspec import Struct

from runtime.flow.data_requests import DataVerb
from runtime.flow.describe import uri_part
from runtime.flow.file_requests import FileVerb
from runtime.model.flow_service import FlowService, MessageAction

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFIX = "/fs/"


class Describe(Struct, frozen=True):
    """``POST metadata``, or with `install` ``POST metadata/install``. The body is of no account."""

    service: FlowService
    install: bool = False


class Action(Struct, frozen=True):
    """The call of a message action."""

    service: FlowService
    action: MessageAction


class Data(Struct, frozen=True):
    """A call of the data endpoints."""

    service: FlowService
    verb: DataVerb


class File(Struct, frozen=True):
    """A call of the file endpoints."""

    service: FlowService
    verb: FileVerb


class Health(Struct, frozen=True):
    """``GET health``: a probe of the deployment."""

    service: FlowService


class Unsupported(Struct, frozen=True):
    """A part of the protocol that no service here provides, and its description says so: answered with 501."""

    what: str


class NotAllowed(Struct, frozen=True):
    """The path exists, the method does not: answered with 405 and `allow`."""

    allow: tuple[str, ...]


class Unknown(Struct, frozen=True):
    """Nothing is there: answered with 404 and `message`."""

    message: str


Call = Describe | Action | Data | File | Health | Unsupported
Route = Call | NotAllowed | Unknown

_UNSUPPORTED: dict[str, Call] = {
    "authentication": Unsupported("identity"),
    "authorization": Unsupported("identity"),
    "authorization/group": Unsupported("identity"),
    "authorization/group/attribute": Unsupported("identity"),
    "authorization/user": Unsupported("identity"),
    "authorization/user/attribute": Unsupported("identity"),
    "listener": Unsupported("listening"),
    "metadata/field": Unsupported("auto binding"),
    "metadata/table": Unsupported("auto binding"),
    "notification": Unsupported("notifications"),
    "vote": Unsupported("voting"),
}


class Routes(Struct, frozen=True):
    """The paths of every deployed service: for each, the call that each method makes."""

    paths: dict[str, dict[str, Call]]
    services: frozenset[str]


def compile_routes(services: Iterable[FlowService]) -> Routes:
    """Prepare the routing to these services; their external names are unique."""
    services = tuple(services)
    paths: dict[str, dict[str, Call]] = {}
    for service in services:
        base = f"{PREFIX}{service.external_name}/"
        for action in service.actions:
            call = {"POST": Action(service, action)}
            paths[base + unquote(uri_part(action))] = dict(call)
            paths[base + action.path.strip("/")] = dict(call)
        for path, calls in _endpoints(service):
            paths[base + path] = calls
    return Routes(paths, frozenset(service.external_name for service in services))


def match(routes: Routes, method: str, path: str) -> Route:
    """Say what a request is. `path` is as received, percent-encoded, without the query.

    A slash may be doubled before the first segment: engines concatenate (wire protocol A.0).
    """
    calls = routes.paths.get(path)
    if calls is None:
        path = _normal(path)
        calls = routes.paths.get(path)
        if calls is None:
            return _unknown(routes, path)
    call = calls.get(method)
    return NotAllowed(tuple(calls)) if call is None else call


def _endpoints(service: FlowService) -> list[tuple[str, dict[str, Call]]]:
    health: Call = Health(service)
    return [
        ("metadata", {"POST": Describe(service)}),
        ("metadata/install", {"POST": Describe(service, install=True)}),
        ("data", {"POST": Data(service, "load"), "PUT": Data(service, "save")}),
        ("data/delete", {"POST": Data(service, "delete")}),
        ("file", {"POST": File(service, "list")}),
        ("file/file", {"POST": File(service, "list")}),
        ("file/content", {"POST": File(service, "upload")}),
        ("file/delete", {"POST": File(service, "delete")}),
        ("health", {"GET": health, "HEAD": health}),
        *((path, {"POST": call}) for path, call in _UNSUPPORTED.items()),
    ]


def _normal(path: str) -> str:
    service, slash, rest = path.removeprefix(PREFIX).partition("/")
    if not path.startswith(PREFIX) or not slash:
        return path
    return f"{PREFIX}{unquote(service)}/{unquote(rest.removeprefix('/'))}"


def _unknown(routes: Routes, path: str) -> Unknown:
    service, _, rest = path.removeprefix(PREFIX).partition("/")
    if service not in routes.services:
        return Unknown(f"There is no Flow service '{service[:100]}' here.")
    return Unknown(f"The Flow service '{service}' has nothing at '{rest[:100]}'.")
