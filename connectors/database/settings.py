"""The settings of a database connection."""

from __future__ import annotations

import re
from typing import Annotated

from msgspec import Meta, Struct

from runtime.sdk.units import Duration, Size

DatabaseUrl = Annotated[
    str,
    Meta(
        pattern=(
            r"^(sqlite:////[^?#]+|jdbc:sqlite:/[^?#]+"
            r"|jdbc:(postgresql|mariadb|mysql)://[^/?#@\s]*/[^/?#;\s]+([?;]\S*)?"
            r"|(postgresql|mariadb)://(?!.*[?&](user|passw|sslpassw))[^/?#@\s]*/[^/?#@\s]+(\?[^#\s]*)?)$"
        ),
        description=(
            "sqlite:////folder/file.db, postgresql://host:5432/name or mariadb://host:3306/name, or the same as a JDBC "
            "URL, whose options are left out; user and password are settings of their own"
        ),
        max_length=1_000,
    ),
]


class Settings(Struct, frozen=True, kw_only=True):
    """How the database is reached.

    `url` names kind, host and database; what follows ``?`` goes to the driver (``sslmode=verify-full``).
    `schema` is where the platform's operations look for tables whose operation names no other one.
    `connect_timeout` bounds the connecting, `timeout` a whole call, its waiting for a free connection included; what
    still runs then is stopped in the database. `connections` are kept open and shared by all calls; `queue` more calls
    may wait for one. `idle_limit` is the age at which a connection is replaced, because firewalls forget silent ones.
    `row_limit` and `response_limit` bound what one call may give: its rows are held in memory.
    """

    url: DatabaseUrl
    username: str = ""
    password: str = ""
    schema: str = ""
    connect_timeout: Duration = "10 s"
    timeout: Duration = "2 min"
    connections: Annotated[int, Meta(ge=1, le=100, description="connections at once")] = 8
    queue: Annotated[int, Meta(ge=0, le=10_000, description="calls that may wait for a connection")] = 100
    idle_limit: Duration = "30 min"
    row_limit: Annotated[int, Meta(ge=1, le=10_000_000, description="rows that one call may give")] = 100_000
    response_limit: Size = "64 MiB"

    def __repr__(self) -> str:
        """Show no more than where it goes: everything else may be secret."""
        return f"Settings(url={self.url!r})"


def own_url(url: str) -> str:
    """Give the URL in our own form: a JDBC URL without its options, which belong to another driver."""
    if not url.startswith("jdbc:"):
        return url
    kind, _, rest = url.removeprefix("jdbc:").partition(":")
    if kind == "sqlite":
        return f"sqlite:///{rest}"
    place = re.split("[?;]", rest, maxsplit=1)[0]
    return f"{'mariadb' if kind == 'mysql' else kind}:{place}"
