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

    With ``oauth2`` requests carry an access token of OAuth 2.0, which is fetched from `oauth_url` when one is needed:
    by the `grant` ``client credentials``, by ``password`` with `username` and `password`, or by ``refresh token`` with
    the `refresh_token` that a person was given once. `client_id` and `client_secret` are told as
    `client_authentication` says: as Basic credentials, or in the ``body``. `scope` is what the token shall allow,
    `oauth_parameters` a JSON object of what else the token server wants. Tokens stay in memory, and so does a refresh
    token that the server puts in the place of its own: after a restart the one that is set here is used again.

    `connect_timeout` bounds the connecting, `read_timeout` each silence of the server, `timeout` the whole call, its
    waiting for a free connection included. Certificates are verified against the system's store; redirects are not
    followed, so that credentials stay with the server they are for.
    """

    url: BaseUrl
    username: str = ""
    password: str = ""
    authentication: Literal["basic", "digest", "custom", "oauth2"] = "basic"
    headers: str = ""
    oauth_url: BaseUrl | Literal[""] = ""
    grant: Literal["client credentials", "password", "refresh token"] = "client credentials"
    client_id: str = ""
    client_secret: str = ""
    client_authentication: Literal["basic", "body"] = "basic"
    refresh_token: str = ""
    scope: str = ""
    oauth_parameters: str = ""
    connect_timeout: Duration = "10 s"
    read_timeout: Duration = "60 s"
    timeout: Duration = "2 min"
    connections: Annotated[int, Meta(ge=1, le=100, description="connections at once")] = 10
    queue: Annotated[int, Meta(ge=0, le=10_000, description="calls that may wait for a connection")] = 100
    response_limit: Size = "64 MiB"

    def __post_init__(self) -> None:
        """Tell what an authentication lacks.

        Raises:
            ValueError: without a value, as that may be secret.
        """
        if self.authentication != "oauth2":
            return
        wanted = {"oauth url": self.oauth_url, "client id": self.client_id}
        if self.grant == "password":
            wanted |= {"username": self.username, "password": self.password}
        elif self.grant == "refresh token":
            wanted["refresh token"] = self.refresh_token
        elif self.client_authentication == "basic":
            wanted["client secret"] = self.client_secret
        lacking = ", ".join(f"'{name}'" for name, value in wanted.items() if not value)
        if lacking:
            message = f"the authentication 'oauth2' with the grant '{self.grant}' needs {lacking}"
            raise ValueError(message)

    def __repr__(self) -> str:
        """Show no more than where it goes: everything else may be secret."""
        return f"Settings(url={self.url!r})"
