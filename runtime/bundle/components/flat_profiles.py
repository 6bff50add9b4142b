"""Profile components (component XML, section 4): flat files and databases."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from runtime.bundle.components.fields import Fields, content_of, fields_in
from runtime.bundle.components.profile_parts import only_child, read_format, read_tags
from runtime.model.platform_profiles import (
    DatabaseColumn,
    DatabaseCondition,
    DatabaseProfile,
    DatabaseStatement,
    Escapes,
    FlatColumn,
    FlatFileProfile,
    FlatRecord,
)

if TYPE_CHECKING:
    from runtime.bundle.components.envelope import Component

_BYTE = "byte"  # the delimiter is written as the number of a byte

_DELIMITERS: Mapping[str, str] = MappingProxyType(
    {
        "commadelimited": ",",
        "tabdelimited": "\t",
        "stardelimited": "*",
        "bardelimited": "|",
        "tickdelimited": "`",
        "otherdelimited": "",
        "bytedelimited": _BYTE,
    }
)
_QUOTES: Mapping[str, str | None] = MappingProxyType(
    {"na": None, "textqualifierdouble": '"', "textqualifiersingle": "'"}
)
_DETECT: Mapping[str, Literal["numberofcolumns", "uniquevalues"]] = MappingProxyType(
    {"numberofcolumns": "numberofcolumns", "uniquevalues": "uniquevalues"}
)
_SIDES: Mapping[str, Literal["left", "right"]] = MappingProxyType({"left": "left", "right": "right"})
_Kind = Literal[
    "select", "spread", "standardinsertupdatedelete", "dynamicinsert", "dynamicupdate", "dynamicdelete", "spwrite"
]
_STATEMENTS: Mapping[str, _Kind] = MappingProxyType(
    {
        "select": "select",
        "spread": "spread",
        "standardinsertupdatedelete": "standardinsertupdatedelete",
        "dynamicinsert": "dynamicinsert",
        "dynamicupdate": "dynamicupdate",
        "dynamicdelete": "dynamicdelete",
        "spwrite": "spwrite",
    }
)


def read_flat_file(component: Component, fields: Fields) -> FlatFileProfile | None:
    """Read a flat file profile."""
    strict, tags = fields.flag("strict"), read_tags(fields)
    properties = fields_in(fields, "ProfileProperties")
    holder = only_child(fields, "DataElements")
    if properties is None or holder is None:
        fields.notes.wrong(fields.element, "a flat file profile has properties and elements")
        return None
    general, options = fields_in(properties, "GeneralInfo"), fields_in(properties, "Options")
    properties.done()
    positions = headers = False
    if general is not None:
        positions = general.word("fileType", {"delimited": False, "datapositioned": True}, default=False)
        headers = general.flag("useColumnHeaders")
        general.done()
    pad, delimited = _options(options)
    elements = Fields(holder, fields.notes)
    records = tuple(_record(Fields(element, fields.notes)) for element in elements.children("FlatFileRecord"))
    elements.done()
    return FlatFileProfile(
        id=component.id,
        name=component.name,
        records=records,
        delimiter=None if positions else delimited.delimiter,
        quote=delimited.quote,
        pad=pad,
        headers=headers,
        escapes=delimited.escapes,
        remove_escape=delimited.remove_escape,
        line_ends=not positions,
        strict=strict,
        tags=tags,
        place=component.place,
    )


class _Delimited(Struct, frozen=True, kw_only=True):
    delimiter: str = ","
    quote: str | None = None
    escapes: Escapes = Escapes()
    remove_escape: bool = False


def _options(options: Fields | None) -> tuple[str, _Delimited]:
    if options is None:
        return "", _Delimited()
    data, delimited = fields_in(options, "DataOptions"), fields_in(options, "DelimitedOptions")
    options.done()
    pad = data.text("padcharacter") if data is not None else ""
    if data is not None:
        data.done()
    return pad, _Delimited() if delimited is None else _delimited(delimited)


def _delimited(fields: Fields) -> _Delimited:
    special = fields.text("fileDelimiterSpecial")
    delimiter = fields.word("fileDelimiter", _DELIMITERS, ",")
    if delimiter == _BYTE:
        code = _byte(special)
        if code is None:
            fields.notes.wrong(fields.element, f"'fileDelimiterSpecial' is no byte such as 0xFF: '{special[:40]}'")
        delimiter = chr(code or 0)
    elif not delimiter and not special:
        fields.notes.wrong(fields.element, "the delimiter is one of its own, and 'fileDelimiterSpecial' is empty")
    made = _Delimited(
        delimiter=delimiter or special or ",",
        quote=fields.word("textQualifier", _QUOTES, None),
        escapes=Escapes(
            delimiter=fields.text("delimiterEscape"),
            quote=fields.text("textQualifierEscape"),
            escape=fields.text("escapeForEscape"),
        ),
        remove_escape=fields.flag("removeEscape"),
    )
    fields.done()
    return made


def _byte(text: str) -> int | None:
    """Read a byte as Java decodes numbers: 0xFF, #FF, 0377, 255."""
    lowered = text.strip().lower()
    for prefix, base in (("0x", 16), ("#", 16), ("0", 8), ("", 10)):
        digits = lowered.removeprefix(prefix)
        if lowered.startswith(prefix) and digits:
            try:
                code = int(digits, base)
            except ValueError:
                return None
            return code if code in range(256) else None
    return None


def _record(fields: Fields) -> FlatRecord:
    holder = fields_in(fields, "FlatFileElements")
    columns: tuple[FlatColumn, ...] = ()
    elements = 0
    if holder is not None:
        elements = holder.whole("key")
        columns = tuple(_column(Fields(element, fields.notes)) for element in holder.children("FlatFileElement"))
        holder.done()
    record = FlatRecord(
        key=fields.key("key"),
        name=fields.text("name"),
        columns=columns,
        detect=fields.word("detectFormat", _DETECT, "numberofcolumns"),
        elements=elements,
        records=tuple(_record(Fields(element, fields.notes)) for element in fields.children("FlatFileRecord")),
    )
    fields.done()
    return record


def _column(fields: Fields) -> FlatColumn:
    identity = fields.text("identityValue")
    column = FlatColumn(
        key=fields.key("key"),
        name=fields.text("name"),
        format=read_format(fields),
        start=fields.whole("startColumn"),
        length=fields.whole("length"),
        justify=fields.word("justification", _SIDES, "left"),
        mandatory=fields.flag("mandatory"),
        least=fields.whole("minLength"),
        most=fields.whole("maxLength"),
        identity=identity if fields.flag("useToIdentifyFormat") else None,
        unique=fields.flag("enforceUnique"),
    )
    fields.done()
    return column


def read_database(component: Component, fields: Fields) -> DatabaseProfile | None:
    """Read a database profile."""
    strict, tags = fields.flag("strict"), read_tags(fields)
    properties = fields_in(fields, "ProfileProperties")
    writes = False
    if properties is not None:
        general = fields_in(properties, "DatabaseGeneralInfo")
        properties.done()
        if general is not None:
            writes = general.word("executionType", {"dbread": False, "dbwrite": True}, default=False)
            general.done()
    holder = only_child(fields, "DataElements")
    if holder is None:
        return None
    elements = Fields(holder, fields.notes)
    statements = tuple(_statement(Fields(element, fields.notes)) for element in elements.children("DBStatement"))
    elements.done()
    return DatabaseProfile(
        id=component.id,
        name=component.name,
        writes=writes,
        statements=statements,
        strict=strict,
        tags=tags,
        place=component.place,
    )


def _statement(fields: Fields) -> DatabaseStatement:
    columns, parameters = fields_in(fields, "DBFields"), fields_in(fields, "DBParameters")
    conditions = fields_in(fields, "DBConditions")
    holder = 0
    if columns is not None:
        columns.text("type")
        holder = columns.whole("key")
    statement = DatabaseStatement(
        key=fields.key("key"),
        name=fields.text("name"),
        kind=fields.word("statementType", _STATEMENTS, "select"),
        sql=content_of(fields, "sql"),
        table=fields.text("tableName"),
        procedure=fields.text("storedProcedure"),
        columns=_columns(columns, "DatabaseElement"),
        parameters=_columns(parameters, "DBParameter"),
        conditions=_conditions(conditions),
        fields=holder,
    )
    fields.done()
    return statement


def _columns(holder: Fields | None, tag: str) -> tuple[DatabaseColumn, ...]:
    if holder is None:
        return ()
    columns = []
    for element in holder.children(tag):
        fields = Fields(element, holder.notes)
        key, name, mandatory = fields.key("key"), fields.text("name"), fields.flag("mandatory")
        if tag == "DBParameter":
            fields.only("mode", "in", why="a procedure gives rows, and nothing by its parameters")
            fields.only("type", "value", why="a procedure gives rows, and nothing by its parameters")
        columns.append(DatabaseColumn(key=key, name=name, format=read_format(fields), mandatory=mandatory))
        fields.done()
    holder.done()
    return tuple(columns)


def _conditions(holder: Fields | None) -> tuple[DatabaseCondition, ...]:
    if holder is None:
        return ()
    conditions = []
    for element in holder.children("DBCondition"):
        fields = Fields(element, holder.notes)
        key, name, operator = fields.key("key"), fields.text("name"), fields.text("conditionOperator", "equal")
        conditions.append(DatabaseCondition(key=key, name=name, operator=operator, format=read_format(fields)))
        fields.done()
    holder.done()
    return tuple(conditions)
