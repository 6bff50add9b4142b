"""Loading, saving and deleting objects, and files, as a running flow does (wire protocol A.5, A.6)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

import msgspec
from msgspec import Struct

from runtime.bundle.findings import suggest
from runtime.testkit.player.description import CULTURE, Description
from runtime.testkit.player.failures import Misused, Refused
from runtime.testkit.player.http import Reply, send
from runtime.testkit.player.user import authorization
from runtime.testkit.player.values import object_of, plain_object
from runtime.testkit.player.wire import EngineObject, Form, problem_message, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runtime.testkit.player.description import Type
    from runtime.testkit.player.wire import EngineValue

CRITERIA = (
    "EQUAL",
    "NOT_EQUAL",
    "GREATER_THAN",
    "GREATER_THAN_OR_EQUAL",
    "LESS_THAN",
    "LESS_THAN_OR_EQUAL",
    "CONTAINS",
    "STARTS_WITH",
    "ENDS_WITH",
    "IS_EMPTY",
)


class Where(Form, frozen=True, kw_only=True):
    """One condition; `value` says again what `content_value` says, as captures have it."""

    column_name: str
    criteria_type: str
    content_value: str
    value: str
    object_data: None = None


class Order(Form, frozen=True, kw_only=True):
    """A column to sort by."""

    column_name: str
    direction: str


class Filter(Form, frozen=True, kw_only=True):
    """Which objects are wanted."""

    id: str | None = None
    where: list[Where] | None = None
    comparison_type: str = "AND"
    list_filters: None = None
    order_by_property_developer_name: str | None = None
    order_by_direction_type: str | None = None
    order_by: list[Order] | None = None
    limit: int = 0
    offset: int = 0
    search: str | None = None
    search_criteria: None = None
    filter_by_provided_objects: bool = False


class Objects(Form, frozen=True, kw_only=True):
    """What comes back."""

    object_data: list[EngineObject] | None = None
    has_more_results: bool = False


class Service(Struct, frozen=True, kw_only=True):
    """A service that can be asked: its address, what it describes, whose flow asks, with which configuration."""

    url: str
    description: Description
    user: str | None = None
    configuration: list[EngineValue] = []

    def type_named(self, name: str) -> Type:
        """Give a type that is described.

        Raises:
            Misused: there is none of that name; the hint is the nearest.
        """
        found = self.description.types.get(name)
        if found is None:
            hint = suggest(name, self.description.types)
            raise Misused("player.unknown-type", f"the service has no type '{name}'", hint=hint)
        return found


def load(service: Service, name: str, wanted: Filter) -> Objects:
    """Load objects of a type.

    Raises:
        Misused: there is no such type. NoAnswer, Refused: as `send` and the service say.
    """
    return _asked(service, "POST", "data", _data(service, name, None, wanted))


def save(service: Service, name: str, rows: Sequence[Mapping[str, object]], identity: str | None) -> Objects:
    """Save objects, given as JSON; those that have an `identity` are known to the service.

    Raises:
        Misused: there is no such type, or a value does not fit it. NoAnswer, Refused: as the service says.
    """
    types = service.description.types
    of = service.type_named(name).developer_name
    objects = [
        msgspec.structs.replace(object_of(row, of, types, order=number), external_id=identity or "")
        for number, row in enumerate(rows)
    ]
    return _asked(service, "PUT", "data", _data(service, name, objects, Filter()))


def delete(service: Service, name: str, identity: str) -> Objects:
    """Delete the object of this external id.

    Raises:
        Misused: there is no such type. NoAnswer, Refused: as the service says.
    """
    service.type_named(name)
    doomed = EngineObject(developer_name=name, external_id=identity, internal_id=str(uuid4()), properties=[])
    return _asked(service, "POST", "data/delete", _data(service, name, [doomed], Filter(id=identity)))


def list_files(service: Service, path: str, wanted: Filter) -> Objects:
    """List the files of a resource.

    Raises:
        NoAnswer, Refused: as the service says.
    """
    return _asked(service, "POST", "file", _file_request(service, path, wanted))


def upload(service: Service, path: str, files: Sequence[Path]) -> Objects:
    """Upload files to a resource, in one request; they are read as they are sent.

    Raises:
        Misused: a file cannot be read. NoAnswer, Refused: as the service says.
    """
    boundary = f"nuclide-{uuid4().hex}"
    request = msgspec.json.encode(_file_request(service, path, Filter()))
    body = _Multipart(boundary, request, files)
    headers = _headers(service) | {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(body.length),
    }
    return _read(send("POST", f"{service.url}/file/content", body.pieces(), headers))


def rows_of(found: Objects) -> list[dict[str, object]]:
    """Give objects as people read them: JSON, with the external id of each as ``$id``."""
    return [{"$id": each.external_id, **plain_object(each)} for each in found.object_data or ()]


class _Multipart:
    """The body of an upload, written as .NET writes it: names of parts without quotes."""

    def __init__(self, boundary: str, request: bytes, files: Sequence[Path]) -> None:
        self._files = list(files)
        self._end = f"--{boundary}--\r\n".encode()
        self._heads = [
            (
                f"--{boundary}\r\nContent-Disposition: form-data; name=FileDataRequest\r\n"
                "Content-Type: application/json; charset=utf-8\r\n\r\n"
            ).encode()
            + request
            + b"\r\n"
        ]
        for file in self._files:
            name = file.name.replace('"', "%22")
            self._heads.append(
                (
                    f'--{boundary}\r\nContent-Disposition: form-data; name=file; filename="{name}"; '
                    f"filename*=utf-8''{quote(file.name)}\r\nContent-Type: application/octet-stream\r\n\r\n"
                ).encode()
            )
        try:
            sizes = [file.stat().st_size for file in self._files]
        except OSError as error:
            raise Misused("player.file", f"{error.filename} cannot be read: {error.strerror}") from error
        self.length = sum(map(len, self._heads)) + sum(sizes) + 2 * len(sizes) + len(self._end)

    def pieces(self) -> Iterator[bytes]:
        """Give the body piece by piece."""
        yield self._heads[0]
        for head, file in zip(self._heads[1:], self._files, strict=True):
            yield head
            with file.open("rb") as stream:
                while piece := stream.read(1024 * 1024):
                    yield piece
            yield b"\r\n"
        yield self._end


def _data(service: Service, name: str, objects: list[EngineObject] | None, wanted: Filter) -> dict[str, Any]:
    properties = [{"developerName": each.developer_name, "list": None} for each in service.type_named(name).properties]
    return {
        "stateId": None,
        "token": None,
        "typeElementBindingId": None,
        "authorization": None,
        "configurationValues": service.configuration,
        "command": None,
        "culture": CULTURE,
        "objectDataType": {"typeElementId": None, "developerName": name, "properties": properties},
        "objectData": objects,
        "listFilter": wanted,
    }


def _file_request(service: Service, path: str, wanted: Filter) -> dict[str, Any]:
    return {
        "stateId": None,
        "serviceElementId": None,
        "token": None,
        "authorization": None,
        "configurationValues": service.configuration,
        "culture": CULTURE,
        "resourcePath": path,
        "resourceFile": "",
        "listFilter": wanted,
    }


def _asked(service: Service, method: str, path: str, body: Mapping[str, Any]) -> Objects:
    headers = _headers(service) | {"Content-Type": "application/json"}
    return _read(send(method, f"{service.url}/{path}", msgspec.json.encode(body), headers))


def _headers(service: Service) -> dict[str, str]:
    return {"Authorization": authorization(service.user)}


def _read(reply: Reply) -> Objects:
    if not 200 <= reply.status < 300:  # noqa: PLR2004 - success
        message = problem_message(reply.body) or f"the service answered {reply.status} without a problem document"
        raise Refused("player.refused", f"{message} (status {reply.status})")
    return read(reply.body, Objects)
