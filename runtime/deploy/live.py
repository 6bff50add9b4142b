"""The live table, and the rounds that bring it up to what the watched folder holds.

In a round the sources that have changed are read in a thread, what follows is decided, new versions are opened, and
then the table is swapped in one assignment. Until that assignment nothing of a round can be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

import structlog
import trio
from msgspec.structs import replace

from runtime.bundle.table import claims_of
from runtime.clock import Clock
from runtime.deploy.arrivals import Arrival
from runtime.deploy.candidates import Candidate, Reader, fingerprints, seen_of
from runtime.deploy.decide import Broken, Held, Plan, changes, decide
from runtime.deploy.figures import LiveStatistics, Round
from runtime.deploy.history import History, Pin, owner
from runtime.deploy.look import UNSEEN, Fingerprint, fingerprint, look
from runtime.deploy.pins import pinned, recall_pinned
from runtime.deploy.swapping import Change, Swapping
from runtime.deploy.telling import DIGEST_SHOWN, PROBLEMS_LOGGED, Telling, line_of
from runtime.deploy.versions import InUse, Noted, Versions
from runtime.engine.deployment import Deployment, Prepared
from runtime.engine.table import Table
from runtime.errors import BundleError, HostError, Problem, RequestError
from runtime.model.journal import ExecutionRow

_log = structlog.get_logger("nuclide.deploy")


class Live:
    """What is deployed. `table` is replaced whole; `refused` says which sources are not live, and why."""

    def __init__(self, reader: Reader, versions: Versions, swapping: Swapping, history: History, clock: Clock) -> None:
        self._swapping = swapping
        self._again = False  # another worker has seen something else
        self.refused: dict[str, BundleError] = {}
        self.reader = reader
        self._versions = versions
        self._openings = swapping.openings
        self.history = history
        self._clock = clock
        self._telling = Telling(history, clock)
        self._held: dict[str, Held] = {}
        self._candidates: dict[str, Candidate] = {}
        self._prepared: dict[str, Prepared] = {}
        self._turn = trio.Lock()  # one look or one refresh at a time

    @property
    def table(self) -> Table:
        """What serves."""
        return self._swapping.table

    def statistics(self) -> LiveStatistics:
        """Give figures for metrics and status."""
        return LiveStatistics(
            live=len(self._held),
            refused=len(self.refused),
            draining=len(self._openings.digests - {held.digest for held in self._held.values()}),
            deployed_at=self._swapping.changed_at,
        )

    def source(self, bundle: str) -> str | None:
        """Give the folder or archive that a live bundle came from; None while that is being decided."""
        held = self._held.get(bundle)
        return None if held is None else held.source

    def holder(self, source: str) -> str | None:
        """Give the live bundle that came from a folder or archive."""
        return next((bundle for bundle, held in self._held.items() if held.source == source), None)

    async def begin(self, folder: Path) -> None:
        """Make live what `folder` holds when the daemon starts, and the last good version of what has mistakes."""
        begun = trio.current_time()
        noted = await trio.to_thread.run_sync(self._versions.noted)
        await self.history.recall()
        self._prepared |= await recall_pinned(self.history, self.reader)
        try:
            looked = await trio.to_thread.run_sync(look, folder)
        except OSError as error:
            _log.warning("the folder of bundles cannot be read", folder=str(folder), error=str(error))
            looked, unseen = {}, {note.source for note in noted.values()}
        else:
            unseen = set()
        torn = await self._read(folder, looked)
        for bundle, note in noted.items():
            await self._recall(bundle, note)
        await self._settle(begun, restless=unseen | torn, starting=True)

    async def round(
        self,
        folder: Path,
        at_rest: Mapping[str, Fingerprint],
        *,
        restless: Collection[str] = (),
        going: Collection[str] = (),
        anew: bool = False,
    ) -> Round:
        """Take in what is at rest in `folder`.

        `restless` sources still change, `going` ones may come back; a source in none of the three has gone for good.
        With `anew` every source is read, even one that looks as it did.
        """
        changed = {
            source: found
            for source, found in at_rest.items()
            if anew or source not in self._candidates or self._candidates[source].fingerprint != found
        }
        known = self._candidates.keys() | {held.source for held in self._held.values()}
        gone = known - {*at_rest, *restless, *going}
        if not changed and not gone and not self._again:
            return Round(swapped=False)
        async with self._turn:
            begun = trio.current_time()
            torn = await self._read(folder, changed, anew=anew)
            for source in gone:
                self._candidates.pop(source, None)
            swapped = await self._settle(begun, restless={*restless, *torn}, going=going, again=True)
        return Round(swapped=swapped, torn=frozenset(torn), again=self._again)

    async def refresh(self) -> bool:
        """Give what is live the values that this machine has now; say whether anything has changed by it.

        Only bundles whose values are others are opened anew; executions go on with those that they began with. Values
        that cannot be had, or do not open, change nothing and are logged.
        """
        changed = False
        async with self._turn:
            for bundle, held in list(self._held.items()):
                try:
                    changed = await self._renew(held.digest) or changed
                except BundleError as error:
                    lines = [line_of(problem) for problem in error.problems[:PROBLEMS_LOGGED]]
                    _log.error("new values are refused, and the old ones hold", bundle=bundle, problems=lines)
            if changed:
                self._swapping.swap(self._held, fingerprints(self._candidates))
        return changed

    def retry(self) -> None:
        """Have what is refused read anew at the next look: what it lacked of this machine may have come."""
        for source, candidate in self._candidates.items():
            if isinstance(candidate.seen, Broken):
                self._candidates[source] = replace(candidate, fingerprint=UNSEEN)

    async def reopen(self, bundle: str) -> None:
        """Open the connections of a live bundle anew, with the values of now; executions end on those they began with.

        Raises:
            RequestError: there is no such bundle.
            BundleError: they cannot be opened; the old ones are used on.
        """
        async with self._turn:
            held = self._held.get(bundle)
            if held is None or not await self._renew(held.digest, anew=True):
                raise RequestError("deploy.unknown-bundle", f"There is no bundle '{bundle}'", status=404)
            self._swapping.swap(self._held, fingerprints(self._candidates))

    async def _renew(self, digest: str, *, anew: bool = False) -> bool:
        deployment = self._openings.get(digest)
        prepared = await trio.to_thread.run_sync(self.reader.kept, digest)
        if deployment is None or prepared is None:
            return False
        before = deployment.prepared
        if not anew and (prepared.settings, prepared.properties) == (before.settings, before.properties):
            return False
        await self._openings.reopen(prepared, self)
        self._prepared[digest] = prepared
        _log.info(
            "bundle is opened anew" if anew else "bundle has new values",
            bundle=prepared.bundle.name,
            digest=digest[:DIGEST_SHOWN],
        )
        return True

    async def roll_back(self, bundle: str, to: str | None, reason: str) -> str:
        """Let an earlier version of a bundle serve again, until its source holds another one; give its digest.

        Raises:
            RequestError: there is no such bundle, no earlier version, or it is not kept any more.
            BundleError: the version cannot be used any more.
        """
        async with self._turn:
            held = self._held.get(bundle)
            source = None if held is None else self._candidates.get(held.source)
            if held is None or source is None or source.digest is None:
                raise RequestError("deploy.unknown-bundle", f"There is no bundle '{bundle}' to roll back", status=404)
            digest = to or self.history.before(bundle, held.digest)
            prepared = None
            if digest is not None:
                prepared = await trio.to_thread.run_sync(self.reader.kept, digest)
            if digest is None or prepared is None or prepared.bundle.name != bundle:
                raise RequestError("deploy.no-version", f"No earlier version of '{bundle}' is kept", status=404)
            if digest == source.digest:
                self.history.pins.pop(bundle, None)
            else:
                self.history.pins[bundle] = Pin(digest=digest, instead=source.digest, reason=reason)
            self._prepared[digest] = prepared
            await self._settle(trio.current_time(), restless=())
            return digest

    async def arrive(self, candidate: Candidate, arrival: Arrival, who: str) -> tuple[Problem, ...]:
        """Have what was read aside serve from its place; give why it cannot, and then nothing has changed.

        Raises:
            OSError: the folder does not take it.
        """
        source, going = arrival.path.name, () if arrival.instead is None else (arrival.instead.name,)
        async with self._turn:
            before = self._candidates.get(source)
            await trio.to_thread.run_sync(arrival.place)
            found = await trio.to_thread.run_sync(fingerprint, arrival.path)
            self._candidates[source] = replace(candidate, fingerprint=found)
            if candidate.prepared is not None and candidate.digest is not None:
                self._prepared.setdefault(candidate.digest, candidate.prepared)
            self._telling.who[source] = who
            await self._settle(trio.current_time(), restless=(), going=going)
            refused = self.refused.get(source)
            if refused is None:
                await trio.to_thread.run_sync(arrival.hide)
                for name in going:
                    self._candidates.pop(name, None)
                self._swapping.swap(self._held, fingerprints(self._candidates))
                return ()
            await trio.to_thread.run_sync(arrival.take_back)
            del self._candidates[source]
            if before is not None:
                self._candidates[source] = before
            await self._settle(trio.current_time(), restless=(), going=going)
            return refused.problems

    async def withdraw(self, bundle: str, source: str, hide: Callable[[], None], who: str) -> str:
        """Have a bundle serve no more whose source `hide` takes out of the folder; give the digest that served.

        Raises:
            RequestError: it is not served from there.
            OSError: the folder does not let go of it.
        """
        async with self._turn:
            held = self._held.get(bundle)
            if held is None or held.source != source:
                raise RequestError("deploy.unknown-bundle", f"There is no bundle '{bundle}'", status=404)
            await trio.to_thread.run_sync(hide)
            self._candidates.pop(source, None)
            self._telling.who[source] = who
            await self._settle(trio.current_time(), restless=())
            return held.digest

    def contents(self, digest: str) -> Mapping[str, bytes] | None:
        """Give the files of a kept version; None when it is not kept. It waits for the disk."""
        return self.reader.contents(digest)

    async def find(self, row: ExecutionRow) -> Deployment | None:
        """Give the version that an execution began on: an open one, or one that was kept.

        Whoever uses it holds it before the next checkpoint: it may close when nobody does.

        Raises:
            BundleError: the kept version cannot be opened any more.
        """
        deployment = self._openings.get(row.digest)
        if deployment is not None:
            return deployment
        prepared = await trio.to_thread.run_sync(self.reader.kept, row.digest)
        if prepared is None:
            return None
        deployment = await self._openings.open(prepared, row.id)
        deployment.let_go(row.id)
        return deployment

    async def forget_unneeded(self, journal: InUse) -> None:
        """Remove kept versions that nothing needs: neither what is live or seen, nor an unfinished execution."""
        before = self._openings.digests  # an execution may become a row, and leave memory, while the journal is asked
        needed = before | await journal.digests_in_use() | self._openings.digests
        needed |= {held.digest for held in self._held.values()}
        needed |= {candidate.digest for candidate in self._candidates.values() if candidate.digest is not None}
        needed |= self.history.needed
        try:
            await trio.to_thread.run_sync(self._versions.forget, needed)
        except HostError as error:
            _log.warning("old versions are kept", error=str(error))

    async def _read(self, folder: Path, looked: Mapping[str, Fingerprint], *, anew: bool = False) -> set[str]:
        """Read sources in a thread; give those that have changed while they were read."""
        torn: set[str] = set()
        for source, found in looked.items():
            known = self._candidates.get(source)
            if known is not None and isinstance(known.seen, Broken) and (anew or known.fingerprint == UNSEEN):
                known = None  # what it lacked may have come: a connector, a value of the machine, a system
            work = partial(self.reader.read, folder / source, found, known)
            candidate = await trio.to_thread.run_sync(work, abandon_on_cancel=True)
            if candidate is None:
                torn.add(source)
                continue
            self._candidates[source] = candidate
            self._telling.who[source] = await trio.to_thread.run_sync(owner, folder / source)
            if candidate.prepared is not None and candidate.digest is not None:
                self._prepared.setdefault(candidate.digest, candidate.prepared)
        return torn

    async def _recall(self, bundle: str, note: Noted) -> None:
        """Count a bundle as held that was live before the daemon stopped, if its version can still be used."""
        prepared = self._prepared.get(note.digest)
        if prepared is None:
            try:
                prepared = await trio.to_thread.run_sync(self.reader.kept, note.digest)
            except BundleError as error:
                _log.warning("the last good version cannot be used any more", bundle=bundle, error=str(error))
        if prepared is not None:
            self._prepared[note.digest] = prepared
            self._held[bundle] = Held(note.digest, claims_of(note.source, prepared.bundle))

    async def _settle(
        self,
        begun: float,
        *,
        restless: Collection[str],
        going: Collection[str] = (),
        starting: bool = False,
        again: bool = False,
    ) -> bool:
        """Decide, open what shall be live, and swap; what cannot be opened is left out, and decided again.

        With `again` nothing has changed, and `_again` is set, where another worker has seen something else.
        """
        before = {} if starting else self._held
        while True:
            seen, held_back = pinned(
                seen_of(self._candidates, restless, going), self._candidates, self._prepared, self.history
            )
            plan = decide(self._held, seen)
            plan = Plan(plan.live, plan.refused | held_back)
            wanted = {held.digest: self._prepared[held.digest] for held in plan.live.values()}
            unopened = await self._openings.open_all(wanted, self)
            if not unopened:
                break
            self._leave_out(unopened)
        looked = fingerprints(self._candidates)
        if starting:
            change = self._swapping.swap(plan.live, looked)
        else:
            change = await self._swapping.change(plan.live, looked, again=again)
        self._again = change is Change.AGAIN
        if self._again:
            return False
        told = self._refuse(plan, restless)
        if self._held != plan.live or starting:
            actions = changes(before, plan.live)
            self._held = plan.live
            self._telling.done(actions, self._prepared, begun)
            told = told or bool(actions)
        if told:
            with trio.CancelScope(shield=True):  # what serves by now is written down, though the daemon stops
                await self._note()
                await self.history.keep()
        self._openings.let_go(self, but={held.digest for held in self._held.values()})
        self._forget_prepared()
        return change is Change.SWAPPED

    def _leave_out(self, unopened: Mapping[str, BundleError]) -> None:
        """Count what could not be opened as broken; without a digest it is tried again when everything is read anew."""
        for source, candidate in self._candidates.items():
            if candidate.digest is not None and candidate.digest in unopened:
                broken = Broken(unopened[candidate.digest].problems)
                self._candidates[source] = Candidate(candidate.fingerprint, None, broken)
        for bundle, held in list(self._held.items()):
            if held.digest in unopened:
                _log.error("a live bundle cannot be opened", bundle=bundle, error=str(unopened[held.digest]))
                del self._held[bundle]

    def _refuse(self, plan: Plan, restless: Collection[str]) -> bool:
        """Note the refusals, and tell those that are new; say whether there were any."""
        kept = {source: error for source, error in self.refused.items() if source in restless}
        self.refused = kept | {source: BundleError(problems) for source, problems in plan.refused.items()}
        return self._telling.refused(plan, self._candidates, self.refused)

    async def _note(self) -> None:
        noted = {bundle: Noted(held.source, held.digest) for bundle, held in self._held.items()}
        try:
            await trio.to_thread.run_sync(self._versions.note, noted)
        except HostError as error:
            _log.warning("what is live could not be noted", error=str(error))

    def _forget_prepared(self) -> None:
        needed = {held.digest for held in self._held.values()}
        needed |= {candidate.digest for candidate in self._candidates.values() if candidate.digest is not None}
        needed |= {pin.digest for pin in self.history.pins.values()}
        self._prepared = {digest: prepared for digest, prepared in self._prepared.items() if digest in needed}
