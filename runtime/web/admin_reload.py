"""The part of the admin API that reads again what stands in files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from runtime.web.admin_answers import Reloaded
from runtime.web.api import Endpoint, Parameters


def reload_row(again: Callable[[], Awaitable[None]]) -> Endpoint:
    """Give the endpoint."""

    async def reload(_: Parameters) -> Reloaded:
        await again()
        return Reloaded()

    return Endpoint(
        path="/api/reload",
        summary="Read users, certificates, values and bundles again; it ends a safe start",
        method="POST",
        answer=Reloaded,
        handle=reload,
    )
