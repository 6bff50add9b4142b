"""Listening with Disk V2: which files of a directory begin a process (reference 8.3).

The platform tells of four events. A file that comes, changes, or was there before gives its content here too; of one
that is deleted there is nothing to give.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from runtime.bundle.components.disk import DISK_V2
from runtime.bundle.components.fields import fields_in
from runtime.bundle.components.operations import shell
from runtime.bundle.components.sdk_fields import named_fields
from runtime.bundle.file_listeners import is_regular
from runtime.model.file_listener import LONGEST_PAUSE, SHORTEST_PAUSE, USUAL_PAUSE, FileListener, Matching

if TYPE_CHECKING:
    from runtime.bundle.components.envelope import Component
    from runtime.bundle.components.fields import Fields
    from runtime.bundle.components.library import Library
    from runtime.bundle.findings import Findings

LISTEN = "LISTEN"

_MATCHING: Mapping[str, Matching] = MappingProxyType({"EXACT_MATCH": "exact", "WILDCARD": "wildcard", "REGEX": "regex"})
_KNOWN = frozenset(
    {
        "subDirectory",
        "fileNameFilter",
        "fileMatchingType",
        "includeCreate",
        "includeDelete",
        "includeModify",
        "includeInitial",
        "isSingleton",  # each listener is looked after once, whatever is said
    }
)


def listens_on_disk(component: Component) -> bool:
    """Tell whether an operation is one of Disk V2 that listens."""
    if component.sub_type != DISK_V2:
        return False
    configurations = (one for one in component.body.walk() if one.tag == "GenericOperationConfig")
    return any(one.attributes.get("operationType") == LISTEN for one in configurations)


def read_file_operation(component: Component, findings: Findings) -> FileListener | None:
    """Read an operation that listens; `placed` says where."""
    before = len(findings)
    operation, configuration = shell(component, findings)
    fields = fields_in(configuration, "GenericOperationConfig") if configuration is not None else None
    if operation is None or configuration is None or fields is None:
        return None
    operation.only("returnApplicationErrors", "false", why="a listener makes no calls")
    fields.shown("objectTypeId", "objectTypeName", "customOperationType", "operationType")
    values = named_fields(fields)
    listener = _listener(values, fields)
    options = fields_in(fields, "Options")
    if options is not None:
        options.done()
    for part in (*values.values(), fields, configuration, operation):
        part.done()
    return listener if len(findings) == before else None


def _listener(values: Mapping[str, Fields], fields: Fields) -> FileListener:
    for name in values.keys() - _KNOWN:
        fields.notes.unknown(values[name].element, f"the field '{name}' is not understood")
    for name in values:
        values[name].text("value")
    pattern = _text(values, "fileNameFilter") or "*"
    written = values.get("fileMatchingType")
    matching: Matching = written.word("value", _MATCHING, "wildcard") if written is not None else "wildcard"
    if _text(values, "fileNameFilter") == "":
        matching = "wildcard"
    if matching == "regex" and not is_regular(pattern):
        fields.notes.wrong(fields.element, f"'{pattern}' is no regular expression")
    if _flag(values, "includeDelete"):
        fields.notes.refused(fields.element, "a file that was deleted gives no document", "leave that event out")
    created, changed, initial = (_flag(values, f"include{event}") for event in ("Create", "Modify", "Initial"))
    if not (created or changed or initial):
        fields.notes.wrong(fields.element, "an operation that listens includes an event")
    return FileListener(
        connection="",
        folder=_text(values, "subDirectory").strip("/"),
        files=pattern,
        matching=matching,
        initial=initial,
        created=created,
        changed=changed,
    )


def placed(listener: FileListener, fields: Fields, library: Library) -> FileListener | None:
    """Give a listener with the connection of its start: its name, its directory, its polling interval."""
    identity = fields.text("connectionId")
    component = library.components.get(identity)
    name = library.connections.get(identity)
    if component is None:
        fields.notes.missing(fields.element, "connection", identity)
        return None
    if name is None:
        if identity not in library.connections:
            fields.notes.wrong(fields.element, f"'{component.name}' is no connection")
        return None  # its own mistake is told where it stands
    settings = {
        one.attributes.get("id", ""): one.attributes.get("value", "")
        for one in component.body.walk()
        if one.tag == "field"
    }
    directory, pause = settings.get("directory", ""), settings.get("pollingInterval", "")
    # An absolute directory is the connection's folder itself; another one lies in the folder that the machine names.
    base = "" if directory.startswith("/") else directory.strip("/")
    seconds = int(pause) / 1000 if pause.isdecimal() and int(pause) else USUAL_PAUSE
    return replace(
        listener,
        connection=name,
        folder="/".join(part for part in (base, listener.folder) if part),
        pause=min(max(seconds, SHORTEST_PAUSE), LONGEST_PAUSE),
    )


def _text(values: Mapping[str, Fields], name: str) -> str:
    return values[name].text("value") if name in values else ""


def _flag(values: Mapping[str, Fields], name: str) -> bool:
    return values[name].flag("value") if name in values else False
