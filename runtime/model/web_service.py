"""Web services: what a listener of the Web Services Server takes and gives, and the routes of an API Service.

Facts: platform behaviours 103 to 110, reference 4.5 and 4.6, and the platform's page on API requests.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from runtime.errors import Place
from runtime.model.flow_service import ProcessRef

OperationType = Literal["get", "query", "create", "update", "upsert", "delete", "execute"]
Exchanged = Literal["none", "single data", "single json", "multiple json", "single xml", "multiple xml"]
Method = Literal["GET", "POST", "PUT", "DELETE", "PATCH"]

MOST_RETURNED = 100  # documents of one answer: the platform's default, and its most
DEFAULT_TIME_LIMIT = 180.0  # seconds: the platform advises against web services that take longer than three minutes
LONGEST_TIME_LIMIT = 900.0  # seconds: no proxy on the way holds a silent request for longer

# Which HTTP method reaches a route whose API Service says none (the platform's page on the REST tab).
METHODS: dict[OperationType, Method] = {
    "get": "GET",
    "query": "GET",
    "create": "POST",
    "execute": "POST",
    "upsert": "POST",
    "update": "PUT",
    "delete": "DELETE",
}


class WebListener(Struct, frozen=True, kw_only=True, tag="web"):
    """A listener of the Web Services Server: the simple address ``/ws/simple/<address>``, and what goes over it.

    `object` is a part of the address; a process without one is reached by the routes of API Services alone, and so is
    one whose `routed` says so. `content_type` is that of an answer of single data. An answer holds at most `most`
    documents, of which there are more pages; `time_limit` is in seconds. Profiles are component ids.
    """

    operation: OperationType = "execute"
    object: str = ""
    input: Exchanged = "none"
    output: Exchanged = "none"
    content_type: str = ""
    request_profile: str | None = None
    response_profile: str | None = None
    most: int = MOST_RETURNED
    time_limit: float = DEFAULT_TIME_LIMIT
    routed: bool = False

    @property
    def address(self) -> str | None:
        """The last part of the simple address (behaviour 103); None where there is none."""
        return None if self.routed or not self.object else address_of(self.operation, self.object)

    @property
    def methods(self) -> tuple[Method, ...]:
        """The methods of the simple address: a process that takes nothing may be asked by both."""
        return ("GET", "POST") if self.input == "none" else ("POST",)


def address_of(operation: OperationType, name: str) -> str:
    """Give the last part of a simple address: ``create`` and ``order`` give ``createOrder``."""
    return operation + name[:1].upper() + name[1:]


class ApiRoute(Struct, frozen=True, kw_only=True):
    """A route of an API Service. What is None is as the process' own listener says (reference 4.6).

    The address is ``/ws/rest/<base>/<object>/<path>``; each part may have several segments or none, and a segment of
    the path may be a parameter: ``{id}``.
    """

    process: ProcessRef
    method: Method | None = None
    object: str | None = None
    path: str = ""
    input: Exchanged | None = None
    output: Exchanged | None = None
    content_type: str | None = None
    place: Place = Place()


class ApiService(Struct, frozen=True, kw_only=True):
    """An API Service: routes below a base path. `headers` reach its processes beyond those that all may see."""

    name: str
    base: str = ""
    title: str | None = None
    version: str | None = None
    description: str | None = None
    routes: tuple[ApiRoute, ...] = ()
    headers: tuple[str, ...] = ()
    place: Place = Place()


def segments_of(*parts: str) -> tuple[str, ...]:
    """Give the segments of an address that is made of parts; slashes at their ends say nothing."""
    return tuple(segment for part in parts for segment in part.strip("/").split("/") if segment)


def parameter_of(segment: str) -> str | None:
    """Give the name of the parameter that a segment of a path stands for; None for one that stands for itself."""
    return segment[1:-1] if segment.startswith("{") and segment.endswith("}") else None


def shape_of(segments: tuple[str, ...]) -> tuple[str | None, ...]:
    """Give what tells one path from another: names of parameters do not."""
    return tuple(None if parameter_of(segment) is not None else segment for segment in segments)
