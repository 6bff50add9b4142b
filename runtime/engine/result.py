"""How an execution ended, for whoever asked for it."""

from __future__ import annotations

from msgspec import Struct

from runtime.engine.batch import Batch
from runtime.model.journal import Status


class Result(Struct, frozen=True, kw_only=True):
    """The end of an execution. `returned` are the batches that reached Return Documents, in order.

    `failed` counts the documents whose error nothing caught, and those of the step whose error ended the process; the
    execution's status is then ERROR (reference 3.3), and `code` and `message` are those of the first.
    """

    status: Status
    returned: tuple[Batch, ...] = ()
    code: str | None = None
    message: str | None = None
    failed: int = 0
