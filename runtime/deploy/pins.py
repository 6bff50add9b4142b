"""Pins while sources are judged: a version that was rolled back is stood for by the one that was rolled back to."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
import trio

from runtime.bundle.table import claims_of
from runtime.deploy.candidates import Candidate, Reader
from runtime.deploy.decide import Seen, Sound
from runtime.deploy.history import History, rolled_back
from runtime.engine.deployment import Prepared
from runtime.errors import BundleError, Problem

_log = structlog.get_logger("nuclide.deploy")

Refused = dict[str, tuple[Problem, ...]]


def pinned(
    seen: dict[str, Seen], candidates: Mapping[str, Candidate], prepared: Mapping[str, Prepared], history: History
) -> tuple[dict[str, Seen], Refused]:
    """Give what is seen with each pinned version in its source's place, and which sources hold one that is held back.

    A pin ends with what has come since into its source.
    """
    held_back: Refused = {}
    for bundle, pin in list(history.pins.items()):
        stands_for = prepared.get(pin.digest)
        for source, found in seen.items():
            if not isinstance(found, Sound) or found.claims.bundle != bundle:
                continue
            if stands_for is None or candidates[source].digest != pin.instead:
                history.pins.pop(bundle, None)
                continue
            seen[source] = Sound(pin.digest, claims_of(source, stands_for.bundle))
            held_back[source] = (rolled_back(pin),)
    return seen, held_back


async def recall_pinned(history: History, reader: Reader) -> dict[str, Prepared]:
    """Prepare the versions that are pinned, by digest; a pin whose version cannot be used any more ends."""
    found: dict[str, Prepared] = {}
    for bundle, pin in list(history.pins.items()):
        try:
            prepared = await trio.to_thread.run_sync(reader.kept, pin.digest)
        except BundleError as error:
            _log.warning("a version that was rolled back to is of no use any more", bundle=bundle, error=str(error))
            prepared = None
        if prepared is None:
            del history.pins[bundle]
        else:
            found[pin.digest] = prepared
    return found
