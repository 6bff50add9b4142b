"""The part of the admin API that is about versions: their history, going back, and what differs between two."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import trio
from msgspec import Meta

from runtime.deploy.differing import differences
from runtime.deploy.history import Event, shown
from runtime.deploy.live import Live
from runtime.deploy.watch import Bell
from runtime.errors import BundleError, RequestError
from runtime.web.api import Endpoint, Parameters
from runtime.web.deployment_answers import DeploymentEvent, DeploymentHistory, Differences, Looked, RolledBack


class HistoryQuery(Parameters, frozen=True, kw_only=True):
    """Chooses events; without a bundle, those of all."""

    bundle: str | None = None
    limit: Annotated[int, Meta(ge=1, le=500, description="How many at most")] = 50


class RollBack(Parameters, frozen=True, kw_only=True):
    """Orders a version back: that of the digest, or of its first characters; without one, the version before."""

    bundle: str
    who: Annotated[str, Meta(min_length=1, max_length=100)]
    to: str | None = None


class DiffQuery(Parameters, frozen=True, kw_only=True):
    """Names two versions of a bundle by the first characters of their digests; without them, the last two."""

    bundle: str
    older: str | None = None
    newer: str | None = None


def deployment_rows(live: Live, bell: Bell) -> tuple[Endpoint, ...]:
    """Give the endpoints."""
    reader = _Reader(live, bell)
    return (
        Endpoint(
            path="/api/history",
            summary="What was deployed, removed, refused and rolled back",
            parameters=HistoryQuery,
            answer=DeploymentHistory,
            handle=reader.history,
        ),
        Endpoint(
            path="/api/rollback",
            summary="Let an earlier version of a bundle serve again",
            method="POST",
            parameters=RollBack,
            answer=RolledBack,
            handle=reader.roll_back,
        ),
        Endpoint(
            path="/api/diff",
            summary="What differs between two versions of a bundle",
            parameters=DiffQuery,
            answer=Differences,
            handle=reader.diff,
        ),
        Endpoint(
            path="/api/look",
            summary="Look at the folder of bundles now",
            method="POST",
            answer=Looked,
            handle=reader.look,
        ),
    )


class _Reader:
    def __init__(self, live: Live, bell: Bell) -> None:
        self._live = live
        self._bell = bell

    async def history(self, query: HistoryQuery) -> DeploymentHistory:
        events = shown(self._live.history.events, query.bundle, query.limit)
        return DeploymentHistory(events=tuple(deployment_event(event) for event in events))

    async def roll_back(self, order: RollBack) -> RolledBack:
        to = None if order.to is None else self._version(order.bundle, order.to)
        try:
            digest = await self._live.roll_back(order.bundle, to, f"{order.who} ordered it")
        except BundleError as error:
            raise RequestError("deploy.unusable", str(error), status=409) from error
        return RolledBack(bundle=order.bundle, digest=digest)

    async def diff(self, query: DiffQuery) -> Differences:
        versions = list(self._live.history.versions(query.bundle))
        newer = versions[0] if query.newer is None and versions else self._version(query.bundle, query.newer or "")
        older = self._live.history.before(query.bundle, newer)
        if query.older is not None:
            older = self._version(query.bundle, query.older)
        if older is None:
            raise RequestError("deploy.no-version", f"'{query.bundle}' has had no other version", status=404)
        contents = self._live.contents
        text = await trio.to_thread.run_sync(differences, contents, older, newer)
        return Differences(older=older, newer=newer, diff=text)

    async def look(self, _: Parameters) -> Looked:
        self._bell.ring()
        return Looked()

    def _version(self, bundle: str, start: str) -> str:
        found = [digest for digest in self._live.history.versions(bundle) if start and digest.startswith(start)]
        if len(found) != 1:
            message = f"'{bundle}' has had {'no' if not found else 'more than one'} version '{start}'"
            raise RequestError("deploy.no-version", message, status=404, hint="nuclide history")
        return found[0]


def deployment_event(event: Event) -> DeploymentEvent:
    """Give an event as the API tells it."""
    return DeploymentEvent(
        at=datetime.fromtimestamp(event.at, UTC),
        what=event.what,
        source=event.source,
        bundle=event.bundle,
        version=event.version,
        digest=event.digest,
        replaces=event.replaces,
        who=event.who,
        reasons=event.reasons,
    )
