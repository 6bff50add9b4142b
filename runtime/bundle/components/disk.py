"""The platform's disk connectors, in the words of the disk connector: Disk V2 and the older Disk (sections 6 and 7)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from msgspec import structs

from runtime.bundle.components.fields import Fields, fields_in
from runtime.bundle.components.made import Made
from runtime.bundle.components.sdk_fields import named_fields
from runtime.model.parameters import DocumentProperty, PropertyName, Static

if TYPE_CHECKING:
    from runtime.bundle.components.library import Library
    from runtime.bundle.components.settings import SettingsReader
    from runtime.bundle.components.xml import Element
    from runtime.model.parameters import Parameter

DISK_V2, DISK = "disk-sdk", "disk"

_MEMBERS = ("fileName", "directory", "createdDate", "modifiedDate", "fileSize", "isDirectory")
_EXISTS = {"APPEND": "append", "OVERWRITE": "overwrite", "ERROR": "forbid", "FORCE_UNIQUE_NAMES": "unique"}
_WRITES = {"unique": "unique", "over": "overwrite", "overwrite": "overwrite", "append": "append", "abort": "forbid"}
_OPERATORS = frozenset({"REGEX", "WILDCARD", "EQUALS", "NOT_EQUALS", "LESS_THAN", "GREATER_THAN"})
_FIELDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "CREATE": frozenset({"createDir", "includeAll", "actionIfFileExists"}),
        "UPSERT": frozenset({"createDir", "includeAll", "append"}),
        "GET": frozenset({"deleteAfter", "failDeleteAfter"}),
        "QUERY": frozenset({"count"}),
        "LIST": frozenset({"count"}),
        "DELETE": frozenset(),
    }
)


def _property(connector: str, name: str) -> Parameter:
    return DocumentProperty(PropertyName("outbound", name, connector), "")


def read_disk_v2(configuration: Fields, _: Library) -> Made | None:
    """Read an operation of Disk V2. Names of files and directories are properties of the document (behaviour 102)."""
    fields = fields_in(configuration, "GenericOperationConfig")
    if fields is None:
        configuration.notes.wrong(configuration.element, "a disk operation has a 'GenericOperationConfig'")
        return None
    fields.shown("objectTypeId", "objectTypeName")
    action = fields.text("customOperationType") or fields.required("operationType")
    response = fields.maybe("responseProfile")
    values = named_fields(fields)
    options = _Options(fields)
    if action not in _FIELDS:
        fields.notes.unknown(fields.element, f"there is no disk operation '{action}'")
        return None
    for name, value in values.items():
        if name not in _FIELDS[action]:
            value.notes.unknown(value.element, f"the field '{name}' is not understood")
        value.text("value")
        value.done()
    given = {name: value.element.attributes.get("value", "") for name, value in values.items()}
    directory = _property(DISK_V2, "directory")
    fields.done()
    match action:
        case "CREATE" | "UPSERT":
            return Made(operation="platform write", texts=_writing(action, given, options, fields, directory))
        case "GET":
            return Made(
                operation="platform get",
                texts={
                    "directory": directory,
                    "file": Static(""),
                    "delete_after": Static(given.get("deleteAfter") or "false"),
                    "fail_delete_after": Static(given.get("failDeleteAfter") or "false"),
                },
                inputs=dict.fromkeys(options.inputs or ("0",), ("file", None)),
            )
        case "DELETE":
            return Made(operation="platform delete", texts={"directory": directory})
        case _:
            return structs.replace(_searching(action, given, options, fields, directory), response=response)


def _writing(
    action: str, given: dict[str, str], options: _Options, fields: Fields, directory: Parameter
) -> dict[str, Parameter]:
    if action == "UPSERT":
        if_exists = "append" if given.get("append") == "true" else "overwrite"
    else:
        written = given.get("actionIfFileExists") or "ERROR"
        if written not in _EXISTS:
            fields.notes.unknown(fields.element, f"'actionIfFileExists' is '{written}'; known: {', '.join(_EXISTS)}")
        if_exists = _EXISTS.get(written, "forbid")
    members = options.members if given.get("includeAll") == "true" else _MEMBERS[:2]
    return {
        "directory": directory,
        "file": _property(DISK_V2, "fileName"),
        "if_exists": Static(if_exists),
        "make_folders": Static(given.get("createDir") or "false"),
        "members": Static(", ".join(members)),
    }


def _searching(action: str, given: dict[str, str], options: _Options, fields: Fields, directory: Parameter) -> Made:
    limit = given.get("count") or "-1"
    if limit == "0":
        fields.notes.wrong(fields.element, "Limit must be positive or -1")
    return Made(
        operation="platform search",
        texts={
            "directory": directory,
            "filter": Static(json.dumps(options.filter)),
            "limit": Static(limit),
            "gives": Static("contents" if action == "QUERY" else "descriptions"),
            "members": Static(", ".join(options.members)),
        },
        inputs={key: ("values", key) for key in options.inputs},
    )


class _Options:
    """What the options of an operation say: members of descriptions, the filter, and the inputs of the step."""

    def __init__(self, fields: Fields) -> None:
        self.members: tuple[str, ...] = _MEMBERS
        self.filter: dict[str, Any] = {}
        self.inputs: tuple[str, ...] = ()
        holder = fields_in(fields, "Options")
        query = fields_in(holder, "QueryOptions") if holder is not None else None
        if holder is not None:
            holder.done()
        if query is None:
            return
        self._read_fields(fields_in(query, "Fields"))
        inputs = fields_in(query, "Inputs")
        if inputs is not None:
            self.inputs = tuple(_input(Fields(element, fields.notes)) for element in inputs.children("Input"))
            inputs.done()
        query.done()

    def _read_fields(self, holder: Fields | None) -> None:
        entity = fields_in(holder, "ConnectorObject") if holder is not None else None
        if holder is not None:
            holder.done()
        if entity is None:
            return
        entity.shown("name")
        names = fields_in(entity, "FieldList")
        if names is not None:
            unselected = {_field(Fields(element, names.notes)) for element in names.children("ConnectorField")}
            self.members = tuple(name for name in _MEMBERS if name not in unselected)
            names.done()
        self._read_filter(fields_in(entity, "Filter"))
        sorts = fields_in(entity, "Sorts")
        if sorts is not None:
            if sorts.children(*(child.tag for child in sorts.element.children)):
                sorts.notes.refused(sorts.element, "what is found comes in the order of names, and in no other")
            sorts.done()
        entity.done()

    def _read_filter(self, holder: Fields | None) -> None:
        base = fields_in(holder, "ConnectorBaseFilter") if holder is not None else None
        if holder is not None:
            holder.done()
        if base is None:
            return
        parts = [_filter(element, base) for element in base.children(*_FILTERS)]
        base.done()
        self.filter = {"all": parts} if parts else {}


_FILTERS = ("ConnectorFilterLogical", "ConnectorFilterExpression")


def _filter(element: Element, parent: Fields) -> dict[str, Any]:
    fields = Fields(element, parent.notes)
    if element.tag == "ConnectorFilterLogical":
        word = fields.word("logicalOperator", {"and": "all", "or": "any", "AND": "all", "OR": "any"}, "all")
        made: dict[str, Any] = {word: [_filter(child, fields) for child in fields.children(*_FILTERS)]}
    else:
        fields.shown("name", "type")
        compared = fields.required("expressionOperator")
        if compared and compared not in _OPERATORS:
            fields.notes.unknown(element, f"there is no operator '{compared}'")
        made = {"key": fields.required("key"), "field": fields.required("expressionField"), "operator": compared}
    fields.done()
    return made


def _field(fields: Fields) -> str:
    """Give the name of a field that is not selected; nothing for one that is."""
    fields.shown("filterable", "selectable", "sortable", "type")
    name, selected = fields.text("name"), fields.flag("selected", default=True)
    fields.done()
    return "" if selected else name


def _input(fields: Fields) -> str:
    fields.shown("name")
    key = fields.required("key")
    fields.done()
    return key


def read_disk(configuration: Fields, _: Library) -> Made | None:
    """Read a Get or a Send of the older Disk connector."""
    get, send = fields_in(configuration, "DiskGetAction"), fields_in(configuration, "DiskSendAction")
    if (get is None) == (send is None):
        message = "a disk operation has either a 'DiskGetAction' or a 'DiskSendAction'"
        configuration.notes.wrong(configuration.element, message)
        return None
    return _get(get) if get is not None else _send(send) if send is not None else None


def _get(fields: Fields) -> Made:
    kind = fields.word("filterMatchType", {"wildcard": "WILDCARD", "regex": "REGEX"}, "WILDCARD")
    pattern, most = fields.text("fileFilter"), fields.whole("maxFileCount")
    made = Made(
        operation="platform search",
        texts={
            "directory": _directory(fields.text("getDirectory")),
            "filter": Static(json.dumps({"key": "name", "field": "fileName", "operator": kind} if pattern else {})),
            "limit": Static(str(most) if most > 0 else "-1"),
            "delete_after": Static("true" if fields.flag("deleteAfterRead") else "false"),
        },
        tables={"values": (("name", Static(pattern)),)} if pattern else {},
    )
    fields.done()
    return made


def _send(fields: Fields) -> Made:
    made = Made(
        operation="platform write",
        texts={
            "directory": _directory(fields.text("sendDirectory")),
            "file": _property(DISK, "filename"),
            "if_exists": Static(fields.word("writeOption", _WRITES, "unique")),
            "make_folders": Static("true" if fields.flag("createDirectory") else "false"),
            "returns": Static("document"),
        },
    )
    fields.done()
    return made


def _directory(written: str) -> Parameter:
    """Give the directory: the document's, else the operation's; without either the connection's counts."""
    return DocumentProperty(PropertyName("outbound", "directory", DISK), written)


def read_disk_v2_connection(fields: Fields, reader: SettingsReader) -> None:
    """Read the settings of a connection of Disk V2."""
    values = named_fields(fields)
    directory = values.get("directory")
    for name, value in values.items():
        value.text("value")
        if name not in {"directory", "pollingInterval"}:  # how often a listener looks: its start asks for it
            value.notes.unknown(value.element, f"the field '{name}' is not understood")
        value.done()
    _place(directory.element.attributes.get("value", "") if directory is not None else "", reader)


def read_disk_connection(fields: Fields, reader: SettingsReader) -> None:
    """Read the settings of a connection of the older Disk connector."""
    _place(fields.text("directory"), reader)


def _place(directory: str, reader: SettingsReader) -> None:
    """Set the directory, and the folder that no file is touched beyond.

    A relative directory lies in the platform's own folder there, and in one that the machine names here.
    """
    reader.text("directory", "directory", directory)
    if directory.startswith("/"):
        reader.text("folder", "directory", directory)
        return
    about = (
        f"the folder that '{directory}' lies in, and that no file is touched beyond"
        if directory
        else ("the folder that directories lie in, and that no file is touched beyond")
    )
    reader.set("folder", reader.extension("folder", None, about=about))
