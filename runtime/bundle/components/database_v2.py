"""The platform's Database V2 connector, in the words of the database connector (component XML, sections 6 and 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.components.database import spoken
from runtime.bundle.components.fields import Fields, fields_in
from runtime.bundle.components.made import Made
from runtime.bundle.components.sdk_fields import entries_of, named_fields
from runtime.model.parameters import Static

if TYPE_CHECKING:
    from runtime.bundle.components.library import Library
    from runtime.bundle.components.settings import SettingsReader

DATABASE_V2 = "officialboomi-X3979C-dbv2da-prod"

_ACTIONS = {"CREATE": "insert", "INSERT": "insert", "UPDATE": "update", "DELETE": "delete", "UPSERT": "upsert"}
_TYPES = {"CREATE": "InsertionType", "INSERT": "InsertionType", "UPDATE": "UpdateType", "DELETE": "DeleteType"}
_READING = frozenset(
    {"GetType", "INClause", "schemaName", "query", "linkElement", "maxRows", "maxFieldSize", "batchCount", "fetchSize"}
)
_WRITING = frozenset(
    {
        "InsertionType",
        "UpdateType",
        "DeleteType",
        "schemaName",
        "query",
        "joinTransaction",
        "CommitOption",
        "batchCount",
    }
)
_POOL = frozenset(
    {
        "minimumConnections", "maximumIdleTime", "whenExhaustedAction", "maximumWaitTime", "testOnBorrow",
        "testOnReturn", "testWhileIdle", "validationQuery",
    }
)  # fmt: skip


def read_database_v2(configuration: Fields, _: Library) -> Made | None:
    """Read an operation of Database V2. All that it works with comes from the document."""
    fields = fields_in(configuration, "GenericOperationConfig")
    if fields is None:
        configuration.notes.wrong(configuration.element, "a Database V2 operation has a 'GenericOperationConfig'")
        return None
    fields.text("operationType")
    action = fields.text("customOperationType") or fields.required("operationType")
    table, response = fields.text("objectTypeId"), fields.maybe("responseProfile")
    fields.shown("objectTypeName")
    values = named_fields(fields)
    options = fields_in(fields, "Options")
    if options is not None:
        options.children("QueryOptions")  # the columns that the editor knows
        options.done()
    fields.done()
    if action != "GET" and action not in _ACTIONS:
        fields.notes.refused(fields.element, f"the action '{action}' of Database V2 is not available here")
        return None
    given = {name: value.text("value") for name, value in values.items()}
    known = _READING if action == "GET" else _WRITING
    for name, value in values.items():
        value.done()
        if name not in known and given[name]:
            fields.notes.unknown(value.element, f"the field '{name}' is not understood")
    texts = _reading(given, table, fields) if action == "GET" else _changing(action, given, table, fields)
    operation = "platform query" if action == "GET" else "platform change"
    return Made(operation=operation, texts={name: Static(text) for name, text in texts.items()}, response=response)


def _reading(given: dict[str, str], table: str, fields: Fields) -> dict[str, str]:
    kind = _kind(given.get("GetType", "Standard Get"), fields)
    if given.get("linkElement"):
        fields.notes.refused(fields.element, "rows are not joined by a link element: order them, and combine after")
    if given.get("maxFieldSize"):
        fields.notes.differs(fields.element, "values are given whole: the maximum field size is not held to")
    if "schemaName" not in given:
        fields.notes.differs(fields.element, "without the field 'schemaName' the platform gives no rows; here it does")
    if kind == "standard" and not given.get("query", "").strip():
        fields.notes.wrong(fields.element, "the operation has no query")
    return {
        "kind": kind,
        "sql": given.get("query", "") if kind == "standard" else "",
        "table": table,
        "schema": given.get("schemaName", ""),
        "in_clause": given.get("INClause") or "false",
        "most_rows": given.get("maxRows") or "0",
        "batch_count": given.get("batchCount") or "0",
    }


def _changing(action: str, given: dict[str, str], table: str, fields: Fields) -> dict[str, str]:
    written = given.get(_TYPES.get(action, ""), "")
    kind = _kind(written, fields) if written else ("standard" if given.get("query", "").strip() else "dynamic")
    if given.get("joinTransaction") == "true":
        fields.notes.refused(fields.element, "each document is a transaction of its own: none can be joined")
    if given.get("CommitOption") == "Commit By Rows" and (given.get("batchCount") or "0") != "0":
        fields.notes.differs(fields.element, "each document is committed by itself, and not with those after it")
    if kind == "standard" and not given.get("query", "").strip():
        fields.notes.wrong(fields.element, "the operation has no query")
    return {
        "action": _ACTIONS[action],
        "kind": kind,
        "sql": given.get("query", "") if kind == "standard" else "",
        "table": table,
        "schema": given.get("schemaName", ""),
    }


def _kind(written: str, fields: Fields) -> str:
    word = written.partition(" ")[0].lower()
    if word not in {"standard", "dynamic"}:
        fields.notes.unknown(fields.element, f"an operation is standard or dynamic, not '{written}'")
        return "standard"
    return word


def read_database_v2_connection(fields: Fields, reader: SettingsReader) -> None:
    """Read the settings of a Database V2 connection. Its URL is one of JDBC."""
    values = named_fields(fields)
    given = {name: value.text("value") for name, value in values.items()}
    for name, value in values.items():
        if name == "CustomProperties":
            if entries_of(value):
                value.notes.differs(value.element, "options of the platform's driver are left out")
        elif name not in _KNOWN and given[name]:
            value.notes.unknown(value.element, f"the field '{name}' is not understood")
        value.done()
    url = given.get("url", "")
    if not url and not reader.is_given("url"):
        fields.notes.wrong(fields.element, "the connection has no url")
    elif url and not spoken(url):
        driver = given.get("className") or url
        hint = "those that are: postgresql, mysql, mariadb, sqlite"
        fields.notes.refused(fields.element, f"databases of the driver '{driver}' are not spoken here", hint)
    reader.text("url", "url", url)
    reader.text("username", "username", given.get("username", ""))
    password = given.get("password", "")
    if password or reader.is_secret("password") or reader.is_given("password") or reader.has_secret_of_type("password"):
        reader.text("password", "password", password, secret=True)
    if given.get("schemaName"):
        reader.text("schema", "schemaName", given["schemaName"])
    most = given.get("maximumConnections", "")
    if given.get("enablePooling") == "true" and most.isdecimal() and int(most) > 0:
        reader.set("connections", str(min(int(most), _MOST_CONNECTIONS)))


_MOST_CONNECTIONS = 100  # of a pool, as the database connector has it
_KNOWN = _POOL | {
    "url", "className", "username", "password", "schemaName", "connectTimeOut", "readTimeOut", "enablePooling",
    "maximumConnections",
}  # fmt: skip
