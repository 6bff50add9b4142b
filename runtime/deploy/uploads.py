"""Bundles that come over the admin API, and orders to take one away: for whoever has no hand on the folder's machine.

What arrives is read aside as everything in the folder is read, and is put there only when nothing is wrong with it;
what then cannot serve all the same is taken back. So a refused upload leaves no trace but that in the history.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
import trio
from msgspec import Struct

from runtime.bundle.table import ARCHIVE
from runtime.clock import Clock
from runtime.deploy.arrivals import Arrival, file_of, write
from runtime.deploy.candidates import Candidate
from runtime.deploy.decide import Broken
from runtime.deploy.history import MOST_REASONS, Event
from runtime.deploy.live import Live
from runtime.deploy.look import fingerprint
from runtime.deploy.telling import DIGEST_SHOWN, line_of
from runtime.errors import BundleError, Problem, RequestError, Unavailable

AT_ONCE = 2  # uploads: each is read into memory, and its tests take a core

_log = structlog.get_logger("nuclide.deploy")


class Served(Struct, frozen=True):
    """A version that serves; `changed` is False where it did so before."""

    bundle: str
    version: str
    digest: str
    changed: bool


class Uploads:
    """Takes bundles into `folder`, and out of it; not when `allowed` is False."""

    def __init__(self, live: Live, folder: Path, clock: Clock, *, allowed: bool = True) -> None:
        self._live = live
        self._folder = folder
        self._clock = clock
        self._allowed = allowed
        self._arriving = 0

    async def put(self, bundle: str, pieces: AsyncGenerator[bytes], who: str) -> Served:
        """Have the archive that `pieces` are serve as `bundle`, in the place of what does now.

        Raises:
            BundleError: it is refused, and what served before serves on.
            RequestError: uploads are not allowed, the archive holds another bundle, or the folder does not take it.
            Unavailable: others arrive now.
        """
        self._check_allowed()
        if self._arriving >= AT_ONCE:
            raise Unavailable("deploy.uploads", f"{AT_ONCE} bundles arrive at once already; send it again")
        self._arriving += 1
        try:
            arrival = self._arrival(bundle)
            async with self._aside(arrival):
                await write(arrival.draft, pieces)
                return await self._serve(bundle, arrival, who)
        finally:
            self._arriving -= 1

    async def remove(self, bundle: str, who: str) -> str:
        """Take a live bundle out of the folder, and give the digest that served.

        Raises:
            RequestError: there is none of that name, it is not allowed, or the folder does not let go of it.
        """
        self._check_allowed()
        source = self._live.source(bundle)
        if source is None:
            raise RequestError("deploy.unknown-bundle", f"There is no bundle '{bundle}'", status=404)
        arrival = Arrival(self._folder / file_of(bundle), instead=self._folder / source)
        digest = ""
        async with self._aside(arrival):
            with trio.CancelScope(shield=True):
                digest = await self._live.withdraw(bundle, source, arrival.hide, who)
        _log.info("bundle was removed by order", bundle=bundle, source=source, who=who)
        return digest

    def _check_allowed(self) -> None:
        if not self._allowed:
            message = "This daemon takes bundles from its folder only"
            raise RequestError("deploy.uploads-off", message, status=403, hint="setting admin.uploads")

    def _arrival(self, bundle: str) -> Arrival:
        """Say where a bundle goes: an archive is replaced where it stands, a folder by an archive beside it."""
        source = self._live.source(bundle)
        if source is not None and source.lower().endswith(ARCHIVE) and (self._folder / source).is_file():
            return Arrival(self._folder / source)
        path = self._folder / file_of(bundle)
        other = self._live.holder(path.name)
        if other is not None and other != bundle:
            message = f"'{path.name}' already holds the bundle '{other}'"
            raise RequestError("deploy.name-taken", message, status=409, hint="rename that file, or this bundle")
        return Arrival(path, instead=None if source is None else self._folder / source)

    @asynccontextmanager
    async def _aside(self, arrival: Arrival) -> AsyncIterator[None]:
        try:
            await trio.to_thread.run_sync(arrival.make)
            yield
        except OSError as error:
            message = f"The folder of bundles {self._folder} does not take it: {error.strerror or error}"
            hint = "let the daemon's user write there (conf/README.md)"
            raise RequestError("deploy.folder", message, status=409, hint=hint) from error
        finally:
            with trio.CancelScope(shield=True):
                await trio.to_thread.run_sync(arrival.clear)

    async def _serve(self, bundle: str, arrival: Arrival, who: str) -> Served:
        candidate = await self._examined(arrival.draft)
        prepared = candidate.prepared
        if isinstance(candidate.seen, Broken) or candidate.digest is None or prepared is None:
            found_wrong = candidate.seen.problems if isinstance(candidate.seen, Broken) else ()
            await self._note_refusal(bundle, arrival, candidate, found_wrong, who)
            raise BundleError(found_wrong)
        if prepared.bundle.name != bundle:
            message = f"The archive holds the bundle '{prepared.bundle.name}', not '{bundle}'"
            raise RequestError("deploy.other-bundle", message, status=409, hint="send it to that name")
        found = Served(bundle, prepared.bundle.version, candidate.digest, changed=False)
        live = self._live.table.deployments.get(bundle)
        if live is not None and live.bundle.digest == candidate.digest:
            return found
        problems: tuple[Problem, ...] = ()
        with trio.CancelScope(shield=True):  # for as long as its connections take to open
            problems = await self._live.arrive(candidate, arrival, who)
        if problems:
            raise BundleError(problems)
        _log.info("bundle was sent", bundle=bundle, source=arrival.path.name, who=who)
        return Served(bundle, found.version, found.digest, changed=True)

    async def _examined(self, draft: Path) -> Candidate:
        reader = self._live.reader
        candidate = await trio.to_thread.run_sync(lambda: reader.read(draft, fingerprint(draft), None))
        if candidate is None:
            raise OSError("the draft has changed while it was read")
        return candidate

    async def _note_refusal(
        self, bundle: str, arrival: Arrival, candidate: Candidate, problems: tuple[Problem, ...], who: str
    ) -> None:
        lines = tuple(line_of(problem) for problem in problems[:MOST_REASONS])
        digest = None if candidate.digest is None else candidate.digest[:DIGEST_SHOWN]
        _log.error("sent bundle refused", bundle=bundle, digest=digest, who=who, problems=lines)
        self._live.history.add(
            Event(
                at=self._clock.now(),
                what="refused",
                source=arrival.path.name,
                bundle=bundle,
                digest=candidate.digest,
                who=who,
                reasons=lines,
            )
        )
        await self._live.history.keep()
