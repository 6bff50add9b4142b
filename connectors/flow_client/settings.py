"""The settings of a connection to a Flow tenant."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from runtime.sdk.units import Duration

TenantUrl = Annotated[
    str,
    Meta(pattern=r"^https?://[^/?#@\s\\]+$", description="http:// or https:// and host, without a path"),
]


class Settings(Struct, frozen=True, kw_only=True):
    """Which tenant, and as whom.

    `username` and `password` are those of a flow user, and are sent only to flows that ask for a login. `api_key` is
    sent with every request (header ``x-boomi-flow-api-key``); with it, flows are found by the newer listing.
    `connect_timeout` bounds the connecting, `read_timeout` each silence of the engine, `timeout` the launching of a
    flow, but not the waiting for its end.
    """

    tenant: Annotated[str, Meta(min_length=1, description="the id of the tenant")]
    url: TenantUrl = "https://flow.manywho.com"
    username: str = ""
    password: str = ""
    api_key: str = ""
    connect_timeout: Duration = "10 s"
    read_timeout: Duration = "60 s"
    timeout: Duration = "2 min"
    connections: Annotated[int, Meta(ge=1, le=100, description="connections at once")] = 4

    def __repr__(self) -> str:
        """Show where it goes, and no credential."""
        return f"Settings(url={self.url!r}, tenant={self.tenant!r})"
