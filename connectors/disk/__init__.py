"""Disk: files below one folder, reached without ever following a link."""

from __future__ import annotations

from connectors.disk.connection import open_connection
from connectors.disk.operations import OPERATIONS
from connectors.disk.settings import Settings
from runtime.sdk.connector import ConnectorSpec

CONNECTOR = ConnectorSpec(
    name="disk",
    summary="reads and writes files of a folder",
    settings=Settings,
    operations=OPERATIONS,
    open=open_connection,
)
