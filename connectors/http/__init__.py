"""HTTP: one request for one document, over a small pool of connections."""

from __future__ import annotations

from connectors.http.connection import open_connection
from connectors.http.operations import OPERATIONS
from connectors.http.settings import Settings
from runtime.sdk.connector import ConnectorSpec

CONNECTOR = ConnectorSpec(
    name="http",
    summary="calls a server over HTTP",
    settings=Settings,
    operations=OPERATIONS,
    open=open_connection,
    secrets=("password", "headers", "client_secret", "refresh_token"),
)
