"""The dynamic process properties that a Flow call sets before the first step (wire protocol E.5).

Only the names of configuration values are published by the platform; the others follow their pattern. Every property of
the tables below is always set, to the empty text where the call says nothing, so that a process may read it unasked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from runtime.errors import RequestError
from runtime.flow.inputs import match_names
from runtime.flow.values import read_boolean, read_datetime, read_number

if TYPE_CHECKING:
    from runtime.flow.who import AuthenticatedWho
    from runtime.flow.wire import InputValue
    from runtime.model.flow_service import ConfigurationValue, Culture

CONFIGURATION_PREFIX = "inflowconfigurationvalues_"  # followed by the name of the value, its case kept

CALL_PROPERTIES: dict[str, str] = {
    "inflowtoken": "the token of the call; whoever holds it may answer the call",
    "inflowtenantid": "the id of the tenant",
    "inflowstateid": "the id of the running flow, the same for all its calls",
    "inflowcallbackuri": "where the result goes when the call was answered with WAIT",
    "inflowculture": "language and country of the running user, such as EN-USA",
}

USER_PROPERTIES: dict[str, str] = {  # the property, and the attribute of AuthenticatedWho that it holds
    "inflowuser_userid": "user_id",
    "inflowuser_username": "username",
    "inflowuser_email": "email",
    "inflowuser_firstname": "first_name",
    "inflowuser_lastname": "last_name",
    "inflowuser_directoryid": "directory_id",
    "inflowuser_directoryname": "directory_name",
    "inflowuser_primarygroupid": "primary_group_id",
    "inflowuser_primarygroupname": "primary_group_name",
    "inflowuser_roleid": "role_id",
    "inflowuser_rolename": "role_name",
    "inflowuser_identityprovider": "identity_provider",
    "inflowuser_tenantname": "tenant_name",
    "inflowuser_manywhouserid": "many_who_user_id",
    "inflowuser_token": "token",
    "inflowuser_manywhotoken": "many_who_token",
}

ID_PROPERTY = "param_id"  # the record that a Get process gives, or the file that is removed; as on the platform

SECRET_PROPERTIES = frozenset({"inflowtoken", "inflowuser_token", "inflowuser_manywhotoken"})


def secret_properties(configuration: tuple[ConfigurationValue, ...]) -> frozenset[str]:
    """Give the names of the properties that must never be shown: tokens, and the passwords of the configuration."""
    passwords = (f"{CONFIGURATION_PREFIX}{value.name}" for value in configuration if value.kind == "password")
    return SECRET_PROPERTIES.union(passwords)


class Request(Protocol):
    """What every request says; data and file calls have no callback."""

    @property
    def token(self) -> str | None:
        """The token of the call."""
        ...

    @property
    def state_id(self) -> str | None:
        """The id of the running flow."""
        ...

    @property
    def callback_uri(self) -> str | None:
        """Where the result goes after WAIT."""
        ...

    @property
    def culture(self) -> Culture | None:
        """Language and country of the running user."""
        ...


def call_properties(request: Request, tenant_id: str | None, user: dict[str, str]) -> dict[str, str]:
    """Give the properties that every call sets, whatever its configuration; `user` are those of its user."""
    properties = dict(user)
    properties["inflowtoken"] = request.token or ""
    properties["inflowtenantid"] = tenant_id or ""
    properties["inflowstateid"] = request.state_id or ""
    properties["inflowcallbackuri"] = request.callback_uri or ""
    properties["inflowculture"] = "" if request.culture is None else _culture(request.culture)
    return properties


def user_properties(who: AuthenticatedWho) -> dict[str, str]:
    """Give the properties of the running user."""
    return {name: getattr(who, attribute) or "" for name, attribute in USER_PROPERTIES.items()}


def read_configuration(values: list[InputValue] | None, described: tuple[ConfigurationValue, ...]) -> dict[str, str]:
    """Give the configuration of a call by name, each value in the text form of its described kind.

    The described kind counts, because older engines send none. A value that is absent, or null, has its default.

    Raises:
        RequestError: a required value is absent (an empty one is not), or a value is not of its kind.
    """
    exact, folded = match_names(values or [], frozenset(value.name for value in described))
    configuration: dict[str, str] = {}
    for value in described:
        sent = exact.get(value.name) or folded.get(value.name.casefold())
        if sent is None and value.required and value.default is None:
            raise RequestError("flow.configuration", f'The configuration value "{value.name}" is required.')
        text = None if sent is None else sent.content_value
        configuration[value.name] = _read(value, (value.default or "") if text is None else text)
    return configuration


def _read(value: ConfigurationValue, text: str) -> str:
    try:
        match value.kind:
            case "number":
                return read_number(text) or ""
            case "datetime":
                return read_datetime(text) or ""
            case "boolean":
                return {True: "true", False: "false", None: ""}[read_boolean(text)]
            case _:
                return text
    except ValueError as error:
        raise RequestError("flow.configuration", f'The configuration value "{value.name}" {error}.') from error


def _culture(culture: Culture) -> str:
    return "-".join(part for part in (culture.language, culture.country) if part)
