"""The description of a service: what a Flow builder installs (wire protocol A.1).

The answer is made once at deployment and depends on nothing but the service, to the byte: an installer compares by name
and order. Where two readers name a member differently, both spellings are written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from msgspec import Struct

from runtime.flow.outputs import CONTENT_TYPES
from runtime.flow.type_names import Direction, Path, generated_types
from runtime.model.flow_service import Culture
from runtime.model.profile import SCALARS

if TYPE_CHECKING:
    from runtime.model.flow_service import ConfigurationKind, ConfigurationValue, DataType, FlowService, MessageAction
    from runtime.model.profile import Entry, Profile

_CONFIGURATION_TYPES: dict[ConfigurationKind, str] = {
    "boolean": "ContentBoolean",
    "datetime": "ContentDateTime",
    "number": "ContentNumber",
    "password": "ContentPassword",
    "string": "ContentString",
}


class _Value(Struct, frozen=True, kw_only=True, rename="camel"):
    developer_name: str
    content_value: str | None = None
    content_type: str
    type_element_developer_name: str | None = None
    ordinal: int
    order: int
    required: bool
    is_required: bool


class _Action(Struct, frozen=True, kw_only=True, rename="camel"):
    uri_part: str
    developer_name: str
    developer_summary: str | None
    is_view_message_action: bool = False
    service_action_outcomes: tuple[str, ...] = ()
    service_inputs: list[_Value]
    service_outputs: list[_Value]


class _Property(Struct, frozen=True, kw_only=True, rename="camel"):
    id: None = None
    developer_name: str
    content_type: str
    content_format: str = ""
    type_element_id: None = None
    type_element_developer_name: str | None = None


class _PropertyBinding(Struct, frozen=True, kw_only=True, rename="camel"):
    type_element_property_developer_name: str
    type_element_property_id: None = None
    database_field_name: str
    database_content_type: str


class _Binding(Struct, frozen=True, kw_only=True, rename="camel"):
    id: None = None
    developer_name: str
    developer_summary: str | None = None
    database_table_name: str
    service_element_id: None = None
    property_bindings: list[_PropertyBinding]


class _Type(Struct, frozen=True, kw_only=True, rename="camel"):
    element_type: str = "TYPE"
    id: None = None
    developer_name: str
    developer_summary: str | None
    service_element_id: None = None
    update_by_name: bool = False
    properties: list[_Property]
    bindings: list[_Binding] = []


class _Install(Struct, frozen=True, rename="camel"):
    type_elements: list[_Type]


class _Description(Struct, frozen=True, kw_only=True, rename="camel"):
    culture: Culture
    uri: None = None
    configuration_values: list[_Value]
    provides_auto_binding: bool = False
    provides_database: bool
    provides_files: bool
    provides_identity: bool = False
    provides_listening: bool = False
    provides_logic: bool
    provides_notifications: bool = False
    provides_smart_save: bool = False
    provides_social: bool = False
    provides_sharing: bool = False
    provides_views: bool = False
    provides_voting: bool = False
    actions: list[_Action]
    install: _Install


class _Incomplete(_Description, frozen=True, kw_only=True, rename="camel"):
    """A description of which something is left out; no engine knows the member, a person does."""

    not_deployed: tuple[str, ...]


class _Installation(Struct, frozen=True, kw_only=True, rename="camel"):
    actions: list[_Action]
    install: _Install
    types: list[_Type]


def describe(service: FlowService, missing: tuple[str, ...] = ()) -> bytes:
    """Give the answer to ``POST metadata``: complete, whatever the builder has filled in so far.

    `missing` says what the service is to have and has not now; the service is given without it.
    """
    described = _Description(
        culture=service.culture,
        configuration_values=[_setting(value, order) for order, value in enumerate(service.configuration)],
        provides_database=bool(service.data_types),
        provides_files=bool(service.file_resources),
        provides_logic=bool(service.actions),
        actions=_actions(service),
        install=_Install(_types(service)),
    )
    if not missing:
        return msgspec.json.encode(described)
    return msgspec.json.encode(_Incomplete(**msgspec.structs.asdict(described), not_deployed=missing))


def describe_install(service: FlowService) -> bytes:
    """Give the answer to ``POST metadata/install``, the second half of the split form (wire protocol A.1.6)."""
    types = _types(service)
    return msgspec.json.encode(_Installation(actions=_actions(service), install=_Install(types), types=types))


def uri_part(action: MessageAction) -> str:
    """Give the address of an action below its service. The engine pairs actions by it, so it must not change."""
    return f"actions/{quote(action.path.strip('/'), safe='/')}"


def _setting(value: ConfigurationValue, order: int) -> _Value:
    return _Value(
        developer_name=value.name,
        content_value=None if value.kind == "password" else value.default,
        content_type=_CONFIGURATION_TYPES[value.kind],
        ordinal=order,
        order=order,
        required=value.required,
        is_required=value.required,
    )


def _actions(service: FlowService) -> list[_Action]:
    return [
        _Action(
            uri_part=uri_part(action),
            developer_name=action.name,
            developer_summary=action.summary,
            service_inputs=_values(action, "REQUEST", action.request_profile),
            service_outputs=_values(action, "RESPONSE", action.response_profile),
        )
        for action in sorted(service.actions, key=lambda action: action.name)
    ]


def _values(action: MessageAction, direction: Direction, profile: Profile | None) -> list[_Value]:
    types = generated_types(action.name, direction, profile)
    return [
        _Value(
            developer_name=entry.name,
            content_type=CONTENT_TYPES[entry.kind],
            type_element_developer_name=types[entry.name,][0] if (entry.name,) in types else None,
            ordinal=order,
            order=order,
            required=entry.required,
            is_required=entry.required,
        )
        for order, entry in enumerate(profile.entries if profile else ())
    ]


def _types(service: FlowService) -> list[_Type]:
    types = [_data_type(data_type) for data_type in service.data_types]
    for action in service.actions:
        types += _generated(generated_types(action.name, "REQUEST", action.request_profile))
        types += _generated(generated_types(action.name, "RESPONSE", action.response_profile))
    return sorted(types, key=lambda each: each.developer_name)


def _generated(types: dict[Path, tuple[str, Entry]]) -> list[_Type]:
    return [
        _Type(
            developer_name=name,
            developer_summary=entry.description,
            properties=[
                _Property(
                    developer_name=inner.name,
                    content_type=CONTENT_TYPES[inner.kind],
                    type_element_developer_name=types[*path, inner.name][0] if (*path, inner.name) in types else None,
                )
                for inner in entry.entries
            ],
        )
        for path, (name, entry) in types.items()
    ]


def _data_type(data_type: DataType) -> _Type:
    entries = [entry for entry in data_type.profile.entries if entry.kind in SCALARS]
    return _Type(
        developer_name=data_type.name,
        developer_summary=data_type.summary,
        properties=[_Property(developer_name=entry.name, content_type=CONTENT_TYPES[entry.kind]) for entry in entries],
        bindings=[
            _Binding(
                developer_name=f"{data_type.name} Binding",
                database_table_name=data_type.name,
                property_bindings=[
                    _PropertyBinding(
                        type_element_property_developer_name=entry.name,
                        database_field_name=entry.name,
                        database_content_type=CONTENT_TYPES[entry.kind],
                    )
                    for entry in entries
                ],
            )
        ],
    )
