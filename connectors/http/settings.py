"""The settings of an HTTP connection."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from runtime.sdk.units import Duration, Size

BaseUrl = Annotated[
    str,
    Meta(
        pattern=r"^https?://[^/?#@\s\\]+(/[^?#\s\\]*)?$",
        description="http:// or https://, host, port and path; no user, query or fragment",
    ),
]


class Settings(Struct, frozen=True, kw_only=True):
    """How the server is reached.

    `url` is what the paths of operations are added to. `username` and `password` are sent as Basic credentials, or with
    another `authentication`: as an answer to the server's ``digest`` challenge, or, with ``custom``, only where an
    operation puts them. `headers` is a JSON object of texts, sent with every request.

    `connect_timeout` bounds the connecting, `read_timeout` each silence of the server, `timeout` the whole call, its
    waiting for a free connection included. Certificates are verified against the system's store; redirects are not
    followed, so that credentials stay with the server they are for.
    """

    url: BaseUrl
    username: str = ""
    password: str = ""
    authentication: Literal["basic", "digest", "custom"] = "basic"
    headers: str = ""
    connect_timeout: Duration = "10 s"
    read_timeout: Duration = "60 s"
    timeout: Duration = "2 min"
    connections: Annotated[int, Meta(ge=1, le=100, description="connections at once")] = 10
    queue: Annotated[int, Meta(ge=0, le=10_000, description="calls that may wait for a connection")] = 100
    response_limit: Size = "64 MiB"

    def __repr__(self) -> str:
        """Show no more than where it goes: everything else may be secret."""
        return f"Settings(url={self.url!r})"
