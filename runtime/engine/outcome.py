"""What a step did: the documents it gave, those that failed, and what it changed.

An outcome is applied by the driver in the same way whether the step has just run or is remembered from the journal.
"""

from __future__ import annotations

from msgspec import Struct

from runtime.engine.batch import Batch
from runtime.engine.caches import CacheChange
from runtime.errors import Fault
from runtime.model.document import Document, Origins


class Failure(Struct, frozen=True, array_like=True):
    """A document that could not go on. `origins` tells the enclosing forks which of their documents it was."""

    origins: tuple[Origins, ...]
    code: str
    message: str


class Ended(Struct, frozen=True, array_like=True):
    """An error of the process: it ends the run, unless a Try/Catch set to all errors encloses the step."""

    code: str
    message: str


class Outcome(Struct, frozen=True, kw_only=True):
    """What one run of one step did.

    `outputs` holds one batch for each path of the step, in the order of paths. `changes` are the dynamic process
    properties that it set, `cached` what it did to document caches, in order. `returned` is what it hands to the
    caller, `stop` ends the run as a success.
    """

    outputs: tuple[Batch, ...] = ()
    failures: tuple[Failure, ...] = ()
    ended: Ended | None = None
    changes: dict[str, str] = {}
    cached: tuple[CacheChange, ...] = ()
    returned: Batch | None = None
    stop: bool = False


def failure(document: Document, fault: Fault) -> Failure:
    """Say that `document` failed by `fault`."""
    return Failure(document.origins, fault.code, fault.message)
