"""Data calls, from bytes to what an execution starts with (wire protocol A.5, E.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from runtime.errors import RequestError
from runtime.flow.data_wire import read_data_request
from runtime.flow.filters import FILTER_PROPERTY, Condition, Filter, Group, encode_filter
from runtime.flow.inputs import read_members
from runtime.flow.list_filter import read_filter
from runtime.flow.objects import Texts
from runtime.flow.properties import (
    CONFIGURATION_PREFIX,
    ID_PROPERTY,
    call_properties,
    read_configuration,
    user_properties,
)
from runtime.flow.query_document import query_document
from runtime.flow.values import write_boolean, write_text
from runtime.flow.who import ANONYMOUS, Authorization
from runtime.flow.wire import InputValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.flow.data_wire import FileDataRequest, GivenObject, ObjectDataRequest
    from runtime.flow.objects import ObjectCodec
    from runtime.model.flow_service import ConfigurationValue

DataVerb = Literal["load", "save", "delete"]
DataProcess = Literal["get", "query", "save", "delete"]

ORDINAL_PROPERTY = (
    "param_index"  # a document property: which of the records that Flow saves, or of the files, it is, from 0
)


class TypeCodec(Struct, frozen=True, kw_only=True):
    """A data type of a service. `serves` names the processes that it has; `filtered` whether the runtime filters."""

    objects: ObjectCodec
    serves: frozenset[DataProcess]
    filtered: bool


class Given(Struct, frozen=True):
    """A record of a request, with the text of each of its properties."""

    external_id: str | None
    internal_id: str | None
    texts: Texts


class DataCall(Struct, frozen=True, kw_only=True):
    """One call of a data process. It holds secrets.

    `documents` are what the process receives; there is nothing to do without any. `wanted` is the filter of a query,
    `identity` the id that a Get process is asked for, `only` the ids to which a refresh is confined.
    """

    type_name: str
    process: DataProcess
    documents: tuple[bytes, ...]
    properties: dict[str, str]
    wanted: Filter
    identity: str | None = None
    only: frozenset[str] | None = None
    given: tuple[Given, ...] = ()


def parse_data(
    body: bytes,
    verb: DataVerb,
    types: Mapping[str, TypeCodec],
    configuration: tuple[ConfigurationValue, ...] = (),
    authorization: Authorization = ANONYMOUS,
) -> DataCall:
    """Read a data call.

    Raises:
        RequestError: status 400 for what the caller must change, 404 for a type that the service does not have, 501 for
            what the type has no process for; the message is for the person who looks at the flow.
    """
    request = read_data_request(body)
    codec = _type(request, types)
    properties = properties_of(request, configuration, authorization)
    if verb == "load":
        return _load(request, codec, properties)
    process: DataProcess = verb
    _require(codec, process)
    records = request.object_data or ()
    if verb == "delete" and not records and request.list_filter is not None and request.list_filter.id:
        given: tuple[Given, ...] = (Given(request.list_filter.id, None, {}),)
        documents = [_whole(codec, _identified(codec, request.list_filter.id))]
    else:
        read = [_record(record, codec) for record in records]
        given, documents = tuple(each for each, _ in read), [document for _, document in read]
    return DataCall(
        type_name=codec.objects.name,
        process=process,
        documents=tuple(map(msgspec.json.encode, documents)),
        properties=properties,
        wanted=Filter(key=codec.objects.key),
        given=given,
    )


def properties_of(
    request: ObjectDataRequest | FileDataRequest,
    configuration: tuple[ConfigurationValue, ...],
    authorization: Authorization,
) -> dict[str, str]:
    """Give the dynamic process properties of a data or file call; its tenant is that of its user (wire protocol B.3).

    Raises:
        RequestError: a required configuration value is absent, or one is not of its kind.
    """
    properties = call_properties(request, authorization.who.tenant_id, user_properties(authorization.who))
    for name, text in read_configuration(request.configuration_values, configuration).items():
        properties[CONFIGURATION_PREFIX + name] = text
    return properties


def _type(request: ObjectDataRequest, types: Mapping[str, TypeCodec]) -> TypeCodec:
    name = "" if request.object_data_type is None else (request.object_data_type.developer_name or "").strip()
    if not name:
        raise RequestError("flow.no-type", "The request names no type of objects.")
    if name in types:
        return types[name]
    for known, codec in types.items():
        if known.casefold() == name.casefold():
            return codec
    raise RequestError("flow.unknown-type", f'This service has no type "{name[:100]}".', status=404)


def _load(request: ObjectDataRequest, codec: TypeCodec, properties: dict[str, str]) -> DataCall:
    identity = (request.list_filter.id or "").strip() if request.list_filter is not None else ""
    if identity and "get" in codec.serves:
        return DataCall(
            type_name=codec.objects.name,
            process="get",
            documents=(b"",),
            properties={**properties, ID_PROPERTY: identity},
            wanted=Filter(key=codec.objects.key),
            identity=identity,
        )
    _require(codec, "query")
    if identity:  # a type without a Get process is asked for the one record
        wanted, only = _confined(Filter(key=codec.objects.key), [identity]), frozenset({identity})
    else:
        wanted, only = read_filter(request.list_filter, codec.objects), None
        if request.list_filter is not None and request.list_filter.filter_by_provided_objects:
            ids = [each.external_id for each in request.object_data or () if each.external_id]
            wanted, only = _confined(wanted, ids), frozenset(ids)
    return DataCall(
        type_name=codec.objects.name,
        process="query",
        documents=() if only is not None and not only else (query_document(wanted),),
        properties={**properties, FILTER_PROPERTY: encode_filter(wanted)},
        wanted=wanted,
        identity=identity or None,
        only=only,
    )


def _confined(wanted: Filter, ids: list[str]) -> Filter:
    """Give a filter that lets through no other records than these."""
    these = Group(any=True, conditions=tuple(Condition(wanted.key, "EQUAL", identity) for identity in ids))
    return replace(wanted, where=Group(groups=tuple(each for each in (wanted.where, these) if _says_something(each))))


def _says_something(group: Group) -> bool:
    return bool(group.conditions or group.groups)


def _record(record: GivenObject, codec: TypeCodec) -> tuple[Given, dict[str, object]]:
    """Give a record, and its whole document; its external id is its identifying property, whatever that says itself."""
    document = read_members(record.properties or [], codec.objects.inputs, what="property")
    external = (record.external_id or "").strip() or None
    if external is not None:
        document |= _identified(codec, external)
    texts: Texts = {name: _text(value) for name, value in document.items()}
    return Given(external, record.internal_id, texts), _whole(codec, document)


def _whole(codec: TypeCodec, document: dict[str, object]) -> dict[str, object]:
    """Give a document with every member of the type; what Flow has left out is null."""
    return {member.column.name: document.get(member.column.name) for member in codec.objects.members}


def _identified(codec: TypeCodec, external: str) -> dict[str, object]:
    return read_members([InputValue(codec.objects.identifier, external)], codec.objects.inputs, what="property")


def _text(value: object) -> str | None:
    if isinstance(value, msgspec.Raw):
        return bytes(value).decode("ascii")
    return write_boolean(value) if isinstance(value, bool) else write_text(value)


def _require(codec: TypeCodec, process: DataProcess) -> None:
    if process not in codec.serves:
        message = f'The type "{codec.objects.name}" has no process for this: {process}.'
        raise RequestError("flow.no-process", message, status=501)
