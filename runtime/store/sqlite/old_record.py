"""Brief records as they were written when each of them was a row: they go on being read until they are forgotten."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from runtime.model.record import BriefRecord, KindStep, Run, RunKind, SeenDocument, ShownDocument


class _Passed(Struct, frozen=True, array_like=True):
    """A step that a document has passed until `ended`; `document` is the place of what had entered it."""

    step: str
    name: str
    forks: bool
    goes_on: bool
    ended: float
    document: int | None


class _Old(Struct, frozen=True, array_like=True):
    """The record of one run of a function."""

    id: str
    bundle: str
    version: str
    process: str
    mode: str
    started_at: float
    status: str
    message: str | None
    at: float
    passed: tuple[_Passed, ...]
    documents: tuple[SeenDocument, ...]
    seen_left_out: int


_decoder = msgspec.json.Decoder(_Old)


def old_record(clear: bytes) -> BriefRecord:
    """Give the record that these bytes hold.

    Raises:
        msgspec.MsgspecError: they hold none.
    """
    old = _decoder.decode(clear)
    steps = tuple(KindStep(each.step, each.name, each.forks, each.goes_on) for each in old.passed)
    documents = [
        ShownDocument(each.id, each.size, each.content, each.properties, each.meta, each.cut) for each in old.documents
    ]
    run = Run(
        old.id,
        old.started_at,
        old.status,
        old.message,
        old.at,
        old.at,
        [each for number, passed in enumerate(old.passed) for each in (number, passed.ended)],
        [each.document for each in old.passed if each.document is not None],
        documents,
        old.seen_left_out,
    )
    return BriefRecord(RunKind(old.bundle, old.version, old.process, old.mode, steps), run)
