"""The platform's legacy Database connector, in the words of the database connector (component XML, 4.4, 6 and 7)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from runtime.bundle.components.fields import Fields, fields_in
from runtime.bundle.components.made import Made
from runtime.model.parameters import Static
from runtime.model.platform_calls import RowsOf
from runtime.model.platform_profiles import DatabaseProfile

if TYPE_CHECKING:
    from runtime.bundle.components.library import Library
    from runtime.bundle.components.settings import SettingsReader
    from runtime.model.platform_profiles import DatabaseColumn, DatabaseCondition, DatabaseStatement, Format
    from runtime.model.values import Expression

DATABASE = "database"

_SPOKEN = ("postgresql", "mysql", "mariadb", "sqlite")
_MOST_CONNECTIONS = 100  # of a pool, as the database connector has it
_TIME_LETTERS = frozenset("aHkKhmsSzZX")
_PLACES = ("host", "port", "dbname", "additional")  # what {0} to {3} of a URL's form stand for
_OPERATORS: Mapping[str, str] = MappingProxyType(
    {
        "equal": "=",
        "notequal": "<>",
        "greaterthan": ">",
        "greaterthanequal": ">=",
        "lessthan": "<",
        "lessthanequal": "<=",
    }
)
_TEXTS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\?\?", re.DOTALL)


def read_database(configuration: Fields, library: Library) -> Made | None:
    """Read a Get or a Send: the profile that it names holds the statements (behaviour 101)."""
    get, send = fields_in(configuration, "DatabaseGetAction"), fields_in(configuration, "DatabaseSendAction")
    action = get or send
    if action is None or (get is not None and send is not None):
        message = "a database operation has either a 'DatabaseGetAction' or a 'DatabaseSendAction'"
        configuration.notes.wrong(configuration.element, message)
        return None
    tag = "WriteProfile" if send is not None else "ReadProfile"
    named = fields_in(action, tag)
    if named is None:
        action.notes.wrong(action.element, f"the operation has no '{tag}'")
        return None
    found = library.profile(named.required("profileId"), named)
    link = named.whole("linkElementKey") if get is not None else 0
    named.shown("linkElementName")
    named.done()
    profile = _sound(found, named, writes=send is not None)
    made = None
    if profile is not None:
        made = _get(action, profile, link or None) if get is not None else _send(action, profile)
    else:
        action.shown("batchCount", "maxRows", "commitOption", "enableBatching")
    action.done()
    return made


def _sound(found: object, fields: Fields, *, writes: bool) -> DatabaseProfile | None:
    if found is None:
        return None
    if not isinstance(found, DatabaseProfile) or found.writes is not writes or not found.statements:
        what = "that writes" if writes else "that reads"
        fields.notes.wrong(fields.element, f"the operation needs a database profile {what}")
        return None
    return found


def _get(fields: Fields, profile: DatabaseProfile, link: int | None) -> Made | None:
    batch, most = fields.whole("batchCount"), fields.whole("maxRows")
    statement = profile.statements[0]
    if len(profile.statements) > 1:
        fields.notes.refused(fields.element, f"'{profile.name}' has several statements, of which one can be read")
        return None
    if link is not None and all(column.key != link for column in statement.columns):
        fields.notes.wrong(fields.element, f"the profile '{profile.name}' has no column with the key {link}")
    sql = statement.sql
    if statement.kind == "spread":
        sql = _called(statement.procedure, len(statement.parameters), fields)
    if not sql.strip():
        fields.notes.wrong(fields.element, f"the profile '{profile.name}' has no statement")
        return None
    types = {str(one.key): kind for one in statement.parameters if (kind := _kind(one.format))}
    return Made(
        operation="platform read",
        texts={
            "sql": Static(sql),
            "types": Static(json.dumps(types)),
            "most_rows": Static(str(max(0, most))),
            "changes": Static("true" if statement.kind == "spread" else "false"),
        },
        inputs={str(one.key): ("values", str(one.key)) for one in statement.parameters},
        least_inputs=marks_in(sql),
        ordered="values",
        rows=RowsOf(profile=profile.id, batch=max(0, batch), link=link),
    )


def _send(fields: Fields, profile: DatabaseProfile) -> Made | None:
    fields.shown("enableBatching")  # neighbours of one statement go together in any case
    batch = fields.whole("batchCount")
    by_rows = fields.word("commitOption", {"commitprofile": False, "commitrows": True}, default=False)
    statements: dict[str, Any] = {}
    for statement in profile.statements:
        kinds = [_kind(one.format) for one in _places(statement)]
        statements[str(statement.key)] = {"sql": _written(statement, fields), "types": kinds}
    one = profile.statements[0] if len(profile.statements) == 1 else None
    places = () if one is None else _places(one)
    return Made(
        operation="platform write",
        texts={
            "statements": Static(json.dumps(statements)),
            "commit_rows": Static(str(max(1, batch) if by_rows else 0)),
        },
        inputs={str(place.key): ("values", str(place.key)) for place in places} or None,
        ordered="values",
        rows=RowsOf(profile=profile.id),
    )


def _places(statement: DatabaseStatement) -> tuple[DatabaseColumn | DatabaseCondition, ...]:
    """Give what a row of a statement holds, in the order of its ``?``."""
    return (*statement.columns, *statement.conditions)


def _written(statement: DatabaseStatement, fields: Fields) -> str:
    """Give the SQL of a statement that writes: its own, or what the platform makes of table, fields and conditions."""
    columns = [column.name for column in statement.columns]
    match statement.kind:
        case "standardinsertupdatedelete":
            return _own(statement, fields)
        case "spwrite":
            return _called(statement.procedure, len(columns), fields)
        case "dynamicinsert" | "dynamicupdate" | "dynamicdelete" as kind:
            if not statement.table.strip():
                word = kind.removeprefix("dynamic")
                fields.notes.wrong(fields.element, f"Table name must not be blank for a dynamic {word}")
            where = " AND ".join(f"{one.name} {_operator(one, fields)} ?" for one in statement.conditions)
            if kind == "dynamicinsert":
                marks = ", ".join("?" for _ in columns)
                return f"INSERT INTO {statement.table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - names of the export
            if not where:
                fields.notes.wrong(fields.element, f"a {kind} of '{statement.table}' has no condition")
            if kind == "dynamicdelete":
                return f"DELETE FROM {statement.table} WHERE {where}"  # noqa: S608 - as above
            changes = ", ".join(f"{name} = ?" for name in columns)
            return f"UPDATE {statement.table} SET {changes} WHERE {where}"  # noqa: S608 - as above
        case _:
            fields.notes.wrong(fields.element, f"a statement of the type '{statement.kind}' writes nothing")
            return ""


def _own(statement: DatabaseStatement, fields: Fields) -> str:
    marks, given = marks_in(statement.sql), len(statement.columns)
    if not statement.sql.strip():
        fields.notes.wrong(fields.element, f"the statement '{statement.name}' has no SQL")
    elif marks > given:
        message = f"the statement '{statement.name}' has {marks} '?' and {given} fields, which stand for them in order"
        fields.notes.wrong(fields.element, message)
    return statement.sql


def _called(procedure: str, arguments: int, fields: Fields) -> str:
    if not procedure.strip():
        fields.notes.wrong(fields.element, "the profile names no stored procedure")
    return f"CALL {procedure}({', '.join('?' for _ in range(arguments))})"


def _operator(condition: DatabaseCondition, fields: Fields) -> str:
    found = _OPERATORS.get(condition.operator or "equal")
    if found is None:
        fields.notes.unknown(fields.element, f"there is no operator of conditions '{condition.operator}'")
    return found or "="


def _kind(format_: Format) -> str:
    """Give the kind of a value for the connector; nothing for texts."""
    if format_.kind == "number":
        return "number"
    if format_.kind != "datetime":
        return ""
    return "date" if format_.mask and not _TIME_LETTERS & set(format_.mask) else "datetime"


def marks_in(sql: str) -> int:
    """Give how many ``?`` a statement has outside of its texts and remarks."""
    return _TEXTS.sub("", sql).count("?")


def read_database_connection(fields: Fields, reader: SettingsReader) -> None:
    """Read the settings of a legacy Database connection. Its URL is a form with places for host, port and database."""
    form, driver, kind = fields.text("urlFormat"), fields.text("driverId"), fields.text("className")
    written = {name: fields.text(name) for name in _PLACES}
    if not spoken(form):
        known = ", ".join(_SPOKEN)
        message = f"databases of the driver '{driver or kind or form}' are not spoken here"
        fields.notes.refused(fields.element, message, f"those that are: {known}")
    if written["additional"]:
        fields.notes.differs(fields.element, "options of the platform's driver are left out")
    reader.set("url", *_filled(form, written, reader))
    reader.text("username", "username", fields.text("username"))
    password = fields.text("password")
    if password or reader.is_secret("password") or reader.is_given("password"):
        reader.text("password", "password", password, secret=True)
    options = fields_in(fields, "WriteOptions")
    if options is not None:
        options.only("writeSQLToFile", "false", why="statements are run, and not written to a file")
        options.shown("sqlFilePath")
        options.done()
    _pool(fields_in(fields, "AdapterPoolInfo"), reader, pooled=fields.flag("isPoolEnabled"))


def spoken(url: str) -> bool:
    """Tell whether a JDBC URL is one of a database that the connector speaks with."""
    return any(url.lower().startswith(f"jdbc:{kind}:") for kind in _SPOKEN)


def _filled(form: str, written: dict[str, str], reader: SettingsReader) -> tuple[str | Expression, ...]:
    parts: list[str | Expression] = []
    for number, piece in enumerate(re.split(r"\{([0-3])\}", form)):
        if number % 2 == 0:
            parts.extend([piece] if piece else [])
        elif _PLACES[int(piece)] != "additional":
            name = _PLACES[int(piece)]
            parts.extend(reader.part(name, written[name]))
    return tuple(parts)


def _pool(pool: Fields | None, reader: SettingsReader, *, pooled: bool) -> None:
    """Read how many connections there are. Idle ones are replaced and tried before use in any case."""
    if pool is None:
        return
    most = pool.whole("maxActive", -1)
    if pooled and most > 0:
        reader.set("connections", str(min(most, _MOST_CONNECTIONS)))
    pool.shown(
        "maxIdle", "minIdle", "exhaustedAction", "maxWait", "maxIdleTime", "testOnBorrow", "testOnReturn", "testIdle",
        "timeBetweenRuns", "numberOfTests", "validationQuery",
    )  # fmt: skip
    pool.done()
