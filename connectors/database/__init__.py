"""Database: SQL on SQLite, PostgreSQL and MariaDB, one transaction for one document."""

from __future__ import annotations

from connectors.database.opening import open_connection
from connectors.database.operations import OPERATIONS
from connectors.database.settings import Settings
from runtime.sdk.connector import ConnectorSpec

CONNECTOR = ConnectorSpec(
    name="database",
    summary="reads and writes tables of SQLite, PostgreSQL and MariaDB",
    settings=Settings,
    operations=OPERATIONS,
    open=open_connection,
    secrets=("password",),
)
