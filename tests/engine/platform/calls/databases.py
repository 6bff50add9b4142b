"""Database components under test: connections to files of SQLite, profiles, operations, and the tables themselves."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests.bundle.components.exports import component
from tests.engine.platform.calls.exported import operation

_FORMATS = {
    "character": "<ProfileCharacterFormat/>",
    "number": "<ProfileNumberFormat/>",
    "datetime": '<ProfileDateFormat dateFormat="yyyy-MM-dd HH:mm"/>',
}

Column = tuple[int, str, str]  # key, name, data type


def made(folder: Path, *statements: str) -> Path:
    """Make a database, and run statements in it."""
    path = folder / "it.db"
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    """Give what a query finds."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def connection(path: Path | str, form: str = "jdbc:sqlite:{2}", more: str = "") -> bytes:
    """A legacy Database connection."""
    return component(
        "connector-settings",
        "connection",
        f'<DatabaseConnectionSettings xmlns="" driverId="custom" className="org.sqlite.JDBC" host="db" port="5432"'
        f' dbname="{path}" additional="" username="" password="" urlFormat="{form}" isPoolEnabled="false" {more}>'
        '<WriteOptions sqlFilePath="" writeSQLToFile="false"/><AdapterPoolInfo maxActive="-1" maxIdle="-1" minIdle="0"'
        ' exhaustedAction="1" maxWait="0" maxIdleTime="0" testOnBorrow="false" testOnReturn="false" testIdle="false"'
        ' timeBetweenRuns="0" numberOfTests="0" validationQuery=""/></DatabaseConnectionSettings>',
        name="Store",
        more='subType="database"',
    )


def _element(tag: str, column: Column, more: str = "") -> str:
    key, name, kind = column
    return (
        f'<{tag} dataType="{kind}" isMappable="true" isNode="true" key="{key}" name="{name}" {more}><DataFormat>'
        f"{_FORMATS[kind]}</DataFormat></{tag}>"
    )


def statement(
    kind: str,
    columns: Sequence[Column] = (),
    sql: str = "",
    *,
    key: int = 2,
    table: str = "",
    procedure: str = "",
    parameters: Sequence[Column] = (),
    conditions: Sequence[tuple[Column, str]] = (),
) -> str:
    """A statement of a profile."""
    tested = "".join(_element("DBCondition", one, f'conditionOperator="{word}"') for one, word in conditions)
    return (
        f'<DBStatement isNode="true" key="{key}" name="Statement" statementType="{kind}" tableName="{table}"'
        f' storedProcedure="{procedure}"><DBFields isNode="true" key="{key + 1}" name="Fields" type="result_set">'
        f"{''.join(_element('DatabaseElement', one) for one in columns)}</DBFields>"
        f'<DBParameters isNode="true" key="{key + 800}" name="Parameters">'
        f"{''.join(_element('DBParameter', one) for one in parameters)}</DBParameters>"
        f'<DBConditions isNode="true" key="{key + 900}" name="Conditions">{tested}</DBConditions>'
        f"<sql>{sql}</sql></DBStatement>"
    )


def profile(execution: str, *statements: str, identity: str = "rows") -> bytes:
    """A database profile."""
    return component(
        "profile.db",
        identity,
        '<DatabaseProfile xmlns="" strict="true" version="2"><ProfileProperties><DatabaseGeneralInfo'
        f' executionType="{execution}"/></ProfileProperties><DataElements>{"".join(statements)}</DataElements>'
        "</DatabaseProfile>",
        name="Rows",
    )


def get(attributes: str = 'batchCount="0" maxRows="0"', link: str = "") -> bytes:
    """A Get by the profile ``rows``."""
    body = f'<DatabaseGetAction {attributes}><ReadProfile profileId="rows" {link}/></DatabaseGetAction>'
    return component("connector-action", "operation", operation(body), more='subType="database"')


def send(attributes: str = 'batchCount="0" commitOption="commitprofile" enableBatching="true"') -> bytes:
    """A Send by the profile ``rows``."""
    body = f'<DatabaseSendAction {attributes}><WriteProfile profileId="rows"/></DatabaseSendAction>'
    return component("connector-action", "operation", operation(body), more='subType="database"')
