"""Flow Client: launches flows of a Flow tenant over its Run API (wire protocol D)."""

from __future__ import annotations

from connectors.flow_client.connection import open_connection
from connectors.flow_client.operations import OPERATIONS
from connectors.flow_client.settings import Settings
from runtime.sdk.connector import ConnectorSpec

CONNECTOR = ConnectorSpec(
    name="flow client",
    summary="launches flows of a Flow tenant",
    settings=Settings,
    operations=OPERATIONS,
    open=open_connection,
    secrets=("password", "api_key"),
)
