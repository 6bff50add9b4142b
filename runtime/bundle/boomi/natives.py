"""What components of the platform have to know of processes that were written in YAML before those are read.

A process that says under `export` which component it is takes that component's place: other components call it by id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.nodes import Items, Scalar, Table
from runtime.model.flow_service import DEFAULT_SYNC_TIMEOUT
from runtime.model.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runtime.bundle.nodes import Node

EXPORT = "export"
CONNECTION_FIELDS = "connection fields"


class Native(Struct, frozen=True, kw_only=True):
    """A process in YAML: its name, the component that it is, and what it listens with: ``flow``, ``web`` or nothing.

    `given` are the fields of connections, by component id, that each machine gives for itself.
    """

    name: str
    id: str | None = None
    given: dict[str, frozenset[str]] = {}
    listens: str | None = None
    request: str | None = None
    response: str | None = None
    sync_timeout: float = DEFAULT_SYNC_TIMEOUT


def natives_of(nodes: Iterable[Node | None]) -> tuple[Native, ...]:
    """Give what can be known of processes without reading them; their mistakes are told when they are read."""
    return tuple(native for node in nodes if isinstance(node, Table) and (native := _native(node)) is not None)


def _native(process: Table) -> Native | None:
    name = _text(process, "name")
    if name is None:
        return None
    export, start = _table(process, EXPORT), _table(process, "start")
    fields = _table(export, CONNECTION_FIELDS) if export is not None else None
    return Native(
        name=name,
        id=_text(export, "id") if export is not None else None,
        given={key.text: _texts(node) for key, node in fields or ()},
        listens=_text(start, "listen") if start is not None else None,
        request=_text(start, "request profile") if start is not None else None,
        response=_text(start, "response profile") if start is not None else None,
        sync_timeout=_seconds(_text(start, "sync timeout")) if start is not None else DEFAULT_SYNC_TIMEOUT,
    )


def _text(table: Table, key: str) -> str | None:
    entry = table.get(key)
    return entry[1].text if entry is not None and isinstance(entry[1], Scalar) and not entry[1].is_null else None


def _table(table: Table, key: str) -> Table | None:
    entry = table.get(key)
    return entry[1] if entry is not None and isinstance(entry[1], Table) else None


def _texts(node: Node) -> frozenset[str]:
    items = node.items if isinstance(node, Items) else ()
    return frozenset(one.text for one in items if isinstance(one, Scalar))


def _seconds(text: str | None) -> float:
    try:
        return DEFAULT_SYNC_TIMEOUT if text is None else parse_duration(text)
    except ValueError:
        return DEFAULT_SYNC_TIMEOUT
