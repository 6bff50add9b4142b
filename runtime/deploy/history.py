"""What has been deployed, removed, refused and rolled back: kept in the state folder, the newest last.

A pin holds a version back: while its source still holds the version that was rolled back, another one serves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import structlog
import trio
from msgspec import Struct

from runtime.errors import Place, Problem, StoreError
from runtime.store.note import Note

MOST_EVENTS = 500  # kept: some months of a busy machine, and a file that is written in a millisecond
ROLLED_BACK = "bundle.rolled-back"
KEPT_VERSIONS = 5  # of each bundle: what one rolls back to is seldom older
MOST_REASONS = 20  # of one refusal; the status has them all while it lasts

_log = structlog.get_logger("nuclide.deploy")

What = Literal["deployed", "removed", "refused", "rolled back"]


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened to a bundle, or to a source that holds none that can be told.

    `at` is in seconds since the epoch. `who` owns the source's files, or has given the order. `replaces` is the digest
    that served before.
    """

    at: float
    what: What
    source: str
    bundle: str | None = None
    version: str | None = None
    digest: str | None = None
    replaces: str | None = None
    who: str | None = None
    reasons: tuple[str, ...] = ()


class Pin(Struct, frozen=True, kw_only=True):
    """Serve `digest` as long as the source of the bundle holds `instead`."""

    digest: str
    instead: str
    reason: str


class Kept(Struct, frozen=True, kw_only=True):
    """All that is kept."""

    events: tuple[Event, ...] = ()
    pins: dict[str, Pin] = {}


class History:
    """The events and the pins of one state folder. A disk that refuses is logged: deployments go on without it."""

    def __init__(self, state: Path) -> None:
        self._note = Note(state / "deployments.json", Kept)
        self._events: list[Event] = []
        self.pins: dict[str, Pin] = {}

    @property
    def events(self) -> tuple[Event, ...]:
        """The events, oldest first."""
        return tuple(self._events)

    async def recall(self) -> None:
        """Read what was kept."""
        try:
            kept = await trio.to_thread.run_sync(self._note.read)
        except StoreError as error:
            _log.error("the history of deployments cannot be read; it begins anew", error=str(error))
            return
        if kept is not None:
            self._events, self.pins = list(kept.events), dict(kept.pins)

    def add(self, event: Event) -> None:
        """Add an event, unless it says what the last one of its bundle has said: a restart is no event."""
        last = next((each for each in reversed(self._events) if _subject(each) == _subject(event)), None)
        if last is not None and (last.what, last.digest) == (event.what, event.digest):
            return
        self._events.append(event)
        del self._events[:-MOST_EVENTS]

    async def keep(self) -> None:
        """Write down what has changed."""
        kept = Kept(events=self.events, pins=dict(self.pins))
        try:
            await trio.to_thread.run_sync(self._note.write, kept)
        except StoreError as error:
            _log.warning("the history of deployments cannot be kept now", error=str(error))

    def versions(self, bundle: str) -> Iterator[str]:
        """Give the digests that have served as a bundle, each once, the newest first."""
        seen: set[str] = set()
        for event in reversed(self._events):
            if event.bundle == bundle and event.digest and event.what in {"deployed", "rolled back"}:
                if event.digest not in seen:
                    yield event.digest
                seen.add(event.digest)

    def before(self, bundle: str, digest: str) -> str | None:
        """Give the version that served before this one, or None."""
        held_back = {pin.instead for pin in self.pins.values()}
        return next((each for each in self.versions(bundle) if each != digest and each not in held_back), None)

    @property
    def needed(self) -> set[str]:
        """The versions that one may want to go back to."""
        bundles = {event.bundle for event in self._events if event.bundle is not None}
        recent = {digest for bundle in bundles for digest in list(self.versions(bundle))[:KEPT_VERSIONS]}
        return recent | {pin.digest for pin in self.pins.values()}


def _subject(event: Event) -> str:
    return event.bundle or event.source


def owner(path: Path) -> str | None:
    """Give who owns a source, by name where the machine knows it; None when it cannot be seen. It asks the disk."""
    try:
        return path.owner()
    except KeyError:
        return str(path.stat().st_uid)
    except OSError:
        return None


def shown(events: Sequence[Event], bundle: str | None, limit: int) -> tuple[Event, ...]:
    """Give the newest events, of one bundle or of all, the newest first."""
    chosen = [event for event in reversed(events) if bundle in {None, event.bundle}]
    return tuple(chosen[:limit])


def rolled_back(pin: Pin) -> Problem:
    """Give why a source is not live whose version was rolled back."""
    message = f"this version was rolled back: {pin.reason}"
    return Problem(code=ROLLED_BACK, message=message, place=Place(), hint="put another version in its place")
