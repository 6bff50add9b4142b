"""What a step did: the documents it gave, those that failed, and what it changed.

An outcome is applied by the driver in the same way whether the step has just run or is remembered from the journal.
"""

from __future__ import annotations

from msgspec import Struct

from runtime.engine.batch import Batch
from runtime.engine.caches import CacheChange
from runtime.errors import Fault
from runtime.model.document import Document, Origins, merge_spans

MOST_ALIKE = 4_096  # documents of one failure: uniting origins that have gaps costs time with each of them


class Failure(Struct, frozen=True, array_like=True):
    """A document that could not go on, or `count` neighbours that could not for the same reason.

    `origins` tells the enclosing forks which of their documents it was.
    """

    origins: tuple[Origins, ...]
    code: str
    message: str
    count: int = 1


class Failures(list[Failure]):
    """Failures in the order of documents. Neighbours that fail alike are one: a million of them take no room."""

    def append(self, failed: Failure) -> None:
        """Add a failure."""
        last = self[-1] if self else None
        if (
            last is None
            or last.count >= MOST_ALIKE
            or last.message != failed.message
            or last.code != failed.code
            or len(last.origins) != len(failed.origins)
        ):
            super().append(failed)
            return
        origins = tuple(map(_united, last.origins, failed.origins))
        self[-1] = Failure(origins, last.code, last.message, last.count + failed.count)


def _united(those: Origins, these: Origins) -> Origins:
    """Unite origins; most begin where those before them end."""
    if those and len(these) == 1:
        start, stop = those[-1]
        first, last = these[0]
        if start <= first <= stop:
            return (*those[:-1], (start, max(stop, last)))
    return merge_spans([*those, *these])


class Ended(Struct, frozen=True, array_like=True):
    """An error of the process: it ends the run, unless a Try/Catch set to all errors encloses the step."""

    code: str
    message: str


class Outcome(Struct, frozen=True, kw_only=True):
    """What one run of one step did.

    `outputs` holds one batch for each path of the step, in the order of paths. `changes` are the dynamic process
    properties that it set, `cached` what it did to document caches, in order. `returned` is what it hands to the
    caller, `stop` ends the run as a success. `tracked` are names and values by which the execution is found.
    """

    outputs: tuple[Batch, ...] = ()
    failures: tuple[Failure, ...] = ()
    ended: Ended | None = None
    changes: dict[str, str] = {}
    cached: tuple[CacheChange, ...] = ()
    returned: Batch | None = None
    stop: bool = False
    tracked: tuple[tuple[str, str], ...] = ()

    @property
    def failed(self) -> int:
        """How many documents could not go on."""
        return sum(failure.count for failure in self.failures)


def failure(document: Document, fault: Fault) -> Failure:
    """Say that `document` failed by `fault`."""
    return Failure(document.origins, fault.code, fault.message)
