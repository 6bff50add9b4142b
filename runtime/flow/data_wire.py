"""The forms of data and file calls (wire protocol A.5, A.6), read as loosely as those of actions."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from runtime.flow.wire import InputValue, OutputObject, read_request
from runtime.model.flow_service import Culture

_ENCODER = msgspec.json.Encoder()


class Where(Struct, frozen=True, rename="camel"):
    """A condition. `value` duplicates `content_value` and is the older of the two."""

    column_name: str | None = None
    criteria_type: str | None = None
    content_value: str | None = None
    value: str | None = None


class OrderBy(Struct, frozen=True, rename="camel"):
    """One column of the newer order of several."""

    column_name: str | None = None
    direction: str | None = None


class SearchColumn(Struct, frozen=True, rename="camel"):
    """A column to search in."""

    column_name: str | None = None


class InnerFilter(Struct, frozen=True, rename="camel"):
    """A group of conditions within another."""

    comparison_type: str | None = None
    where: list[Where] | None = None
    list_filters: list[InnerFilter] | None = None


class ListFilter(Struct, frozen=True, rename="camel"):
    """Which records are wanted (wire protocol A.5.2)."""

    id: str | None = None
    comparison_type: str | None = None
    where: list[Where] | None = None
    list_filters: list[InnerFilter] | None = None
    order_by_property_developer_name: str | None = None
    order_by_direction_type: str | None = None
    order_by: list[OrderBy] | None = None
    limit: int | None = None
    offset: int | None = None
    search: str | None = None
    search_criteria: list[SearchColumn] | None = None
    filter_by_provided_objects: bool | None = None


class GivenObject(Struct, frozen=True, rename="camel"):
    """A record that Flow saves or deletes."""

    internal_id: str | None = None
    external_id: str | None = None
    properties: list[InputValue] | None = None


class ObjectDataType(Struct, frozen=True, rename="camel"):
    """The type that a data call is about."""

    developer_name: str | None = None


class ObjectDataRequest(Struct, frozen=True, rename="camel"):
    """A data call: the members that we read."""

    object_data_type: ObjectDataType | None = None
    object_data: list[GivenObject] | None = None
    list_filter: ListFilter | None = None
    configuration_values: list[InputValue] | None = None
    culture: Culture | None = None
    state_id: str | None = None
    token: str | None = None
    callback_uri: None = None


class FileDataRequest(Struct, frozen=True, rename="camel"):
    """A file call: the members that we read."""

    resource_path: str | None = None
    resource_file: str | None = None
    list_filter: ListFilter | None = None
    configuration_values: list[InputValue] | None = None
    culture: Culture | None = None
    state_id: str | None = None
    token: str | None = None
    callback_uri: None = None


class ObjectDataResponse(Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer to a data or file call."""

    culture: None = None
    object_data: list[OutputObject]
    has_more_results: bool = False


_DATA = msgspec.json.Decoder(ObjectDataRequest)
_FILE = msgspec.json.Decoder(FileDataRequest)


def read_data_request(body: bytes) -> ObjectDataRequest:
    """Decode the body of a data call; raises as `read_request`."""
    return read_request(body, _DATA)


def read_file_request(body: bytes) -> FileDataRequest:
    """Decode the body, or the request part, of a file call; raises as `read_request`."""
    return read_request(body, _FILE)


def write_response(objects: list[OutputObject], *, more: bool = False) -> bytes:
    """Give the answer with these objects; `more` says that there are others."""
    return _ENCODER.encode(ObjectDataResponse(object_data=objects, has_more_results=more))
