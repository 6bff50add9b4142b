"""Operation components: the shell that all have, and what each kind of connector says in it (section 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.components.data_components import body_of
from runtime.bundle.components.fields import Fields, fields_in
from runtime.bundle.components.rest import REST, REST_DYNAMIC, read_rest
from runtime.model.parameters import Parameter

if TYPE_CHECKING:
    from runtime.bundle.components.envelope import Component
    from runtime.bundle.findings import Findings

LISTENERS = frozenset({"fss", "wss"})


class Operation(Struct, frozen=True, kw_only=True):
    """An operation, in the words of the connector that runs it.

    `texts` and `tables` are its fields; `dynamic` gives the field that each dynamic property of a step sets.
    """

    connector: str
    operation: str
    texts: dict[str, Parameter]
    tables: dict[str, tuple[tuple[str, Parameter], ...]]
    dynamic: dict[str, str]
    continues: bool = False


_Read = Callable[[Fields], tuple[dict[str, Parameter], dict[str, tuple[tuple[str, Parameter], ...]]] | None]

# By subtype: the connector and operation here, how the action is read, and its dynamic properties.
_KINDS: Mapping[str, tuple[str, str, _Read, Mapping[str, str]]] = MappingProxyType(
    {REST: ("http", "request", read_rest, REST_DYNAMIC)}
)
CONNECTORS: Mapping[str, str] = MappingProxyType({sub_type: kind[0] for sub_type, kind in _KINDS.items()})


def refuse_connector(component: Component, findings: Findings) -> None:
    """Tell that nothing here stands for a kind of connector."""
    message = f"the connector '{component.sub_type}' is not available here"
    hint = f"connectors that are: {', '.join(sorted({*CONNECTORS, *LISTENERS}))}"
    component.notes(findings).refused(component.body, message, hint)


def read_operation(component: Component, findings: Findings) -> Operation | None:
    """Read an operation of a connector that calls; None when it has a mistake or cannot be run."""
    if component.sub_type not in _KINDS:
        refuse_connector(component, findings)
        return None
    before = len(findings)
    fields, configuration = shell(component, findings)
    if fields is None or configuration is None:
        return None
    connector, operation, read, dynamic = _KINDS[component.sub_type]
    made = read(configuration)
    configuration.done()
    continues = fields.flag("returnApplicationErrors")
    fields.done()
    if made is None or len(findings) > before:
        return None
    texts, tables = made
    return Operation(
        connector=connector,
        operation=operation,
        texts=texts,
        tables=tables,
        dynamic=dict(dynamic),
        continues=continues,
    )


def shell(component: Component, findings: Findings) -> tuple[Fields | None, Fields | None]:
    """Give the operation and its configuration; what would be done beside the call is refused."""
    fields = body_of(component, "Operation", findings)
    if fields is None:
        return None, None
    archiving, caching = fields_in(fields, "Archiving"), fields_in(fields, "Caching")
    if archiving is not None:
        archiving.only("enabled", "false", why="documents are not archived")
        archiving.done()
    if caching is not None:
        if caching.children(*(child.tag for child in caching.element.children)):
            message = "returned documents are not added to a cache by an operation"
            fields.notes.refused(caching.element, message, "add them in a step of their own")
        caching.done()
    configuration = fields_in(fields, "Configuration")
    if configuration is None:
        fields.notes.wrong(fields.element, "the operation has no configuration")
    return fields, configuration
