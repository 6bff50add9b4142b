"""File calls, from bytes to what an execution starts with (wire protocol A.6, E.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct

from runtime.errors import RequestError
from runtime.flow.data_requests import properties_of
from runtime.flow.data_wire import FileDataRequest, read_file_request
from runtime.flow.filters import FILTER_PROPERTY, Filter, encode_filter
from runtime.flow.list_filter import read_filter
from runtime.flow.objects import ObjectCodec
from runtime.flow.properties import ID_PROPERTY
from runtime.flow.who import ANONYMOUS, Authorization
from runtime.model.profile import Entry

if TYPE_CHECKING:
    from runtime.model.flow_service import ConfigurationValue

FileVerb = Literal["list", "upload", "delete"]

FILE_NAME, FILE_CONTENT_TYPE = "File Name", "File Content Type"  # document properties, as the platform calls them

_TEXTS = ("Id", "Name", "Description", "Kind", "Mime Type", "Download Uri", "Embed Uri", "Icon Uri")
_MOMENTS = ("Date Created", "Date Modified")
FILE_ENTRIES: tuple[Entry, ...] = (
    *(Entry(name=name, kind="character") for name in _TEXTS),
    *(Entry(name=name, kind="datetime") for name in _MOMENTS),
)


class FileCodec(Struct, frozen=True, kw_only=True):
    """A file resource. `serves` names the processes that it has; `filtered` says whether the runtime filters."""

    objects: ObjectCodec
    serves: frozenset[FileVerb]
    filtered: bool


class FileCall(Struct, frozen=True, kw_only=True):
    """One call of a file process. It holds secrets.

    `documents` are what the process receives, but for an upload, which has the files. `wanted` is what a list is asked
    for.
    """

    path: str
    process: FileVerb
    documents: tuple[bytes, ...]
    properties: dict[str, str]
    wanted: Filter


class _ListDocument(Struct, frozen=True, rename="camel"):
    """What a list process receives: the platform's FileDataRequest, without what became properties."""

    resource_path: str
    resource_file: str
    list_filter: _Page


class _Page(Struct, frozen=True, rename="camel"):
    order_by_property_developer_name: str | None
    order_by_direction_type: str | None
    limit: int
    offset: int
    search: str | None


def parse_file(
    body: bytes,
    verb: FileVerb,
    files: Mapping[str, FileCodec],
    configuration: tuple[ConfigurationValue, ...] = (),
    authorization: Authorization = ANONYMOUS,
) -> FileCall:
    """Read a file call; of an upload `body` is its request part.

    Raises:
        RequestError: status 400 for what the caller must change, 404 for a resource path that the service does not
            have, 501 for what it has no process for; the message is for the person who looks at the flow.
    """
    request = read_file_request(body)
    path = f"/{(request.resource_path or '').strip().strip('/')}"
    codec = files.get(path)
    if codec is None:
        raise RequestError("flow.unknown-path", f'This service has no files at "{path[:100]}".', status=404)
    if verb not in codec.serves:
        message = f'The files at "{path}" have no process for this: {verb}.'
        raise RequestError("flow.no-process", message, status=501)
    properties = properties_of(request, configuration, authorization)
    wanted = read_filter(request.list_filter, codec.objects) if verb == "list" else Filter(key=codec.objects.key)
    documents: tuple[bytes, ...] = ()
    if verb == "list":
        documents = (_list_document(path, request, wanted),)
        properties[FILTER_PROPERTY] = encode_filter(wanted)
    elif verb == "delete":
        identity = (request.resource_file or "").strip()
        if not identity:
            raise RequestError("flow.no-file", "The request names no file.")
        documents = (b"",)
        properties[ID_PROPERTY] = identity
    return FileCall(path=path, process=verb, documents=documents, properties=properties, wanted=wanted)


def _list_document(path: str, request: FileDataRequest, wanted: Filter) -> bytes:
    first = wanted.order[0] if wanted.order else None
    asked = _Page(
        order_by_property_developer_name=None if first is None else first.column.name,
        order_by_direction_type=None if first is None else "DESC" if first.descending else "ASC",
        limit=wanted.limit,
        offset=wanted.offset,
        search=wanted.search or None,
    )
    return msgspec.json.encode(_ListDocument(path, request.resource_file or "", asked))
