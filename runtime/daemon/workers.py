"""The daemon as several processes: what has to be known and held before there are any, and then the supervisor."""

from __future__ import annotations

import os
import time
from contextlib import AbstractContextManager, nullcontext

import structlog

from runtime.daemon.post import Post
from runtime.host.activation import inherited
from runtime.host.agreement import Agreement
from runtime.host.claims import Claims
from runtime.host.crowd import FOLDER, Crowd, Ledger, crowd_of, ledger_file, next_ledger
from runtime.host.lock import state_lock
from runtime.host.supervisor import Supervisor
from runtime.settings import Settings
from runtime.store.cipher import open_cipher
from runtime.store.note import Note
from runtime.store.sqlite import JOURNAL, tokens_in
from runtime.store.sqlite.known_tokens import KnownTokens
from runtime.web.sockets import bind_shared

_log = structlog.get_logger("nuclide.supervisor")


def crowd_lock(settings: Settings) -> AbstractContextManager[None]:
    """Hold what several workers have; a daemon that was always alone has nothing to hold."""
    folder = settings.state.folder / FOLDER
    return state_lock(folder) if settings.server.workers > 1 or folder.is_dir() else nullcontext()


def prepared(settings: Settings) -> Post:
    """Give the post of the first worker; the tokens of other journals are read where the number has been changed.

    Nobody works on any journal meanwhile. Whoever holds the lock of the crowd may ask.

    Raises:
        StoreError: a journal, or the note of how many workers there were, cannot be read.
    """
    state, workers = settings.state.folder, settings.server.workers
    crowd = crowd_of(state, workers, JOURNAL)
    if crowd.is_alone:
        return Post(crowd=crowd)
    open_cipher(state, os.environ)  # the key is made once, before several want it
    note = Note(ledger_file(state), Ledger)
    before = note.read()
    if before is None:  # a daemon that was always alone keeps no note, and one that never was has had no other number
        before = Ledger(workers=1 if (state / JOURNAL).exists() else workers)
    ledger = next_ledger(before, workers, time.time(), settings.history.keep_for)
    note.write(ledger)
    return Post(crowd=crowd, before=_tokens(crowd) if ledger.before else {})


def supervised(settings: Settings, post: Post) -> int | Post:
    """Supervise the workers and give the exit code; in the process of a worker give its post.

    Raises:
        HostError: the port cannot be had.
    """
    workers, server = settings.server.workers, settings.server
    handed = inherited()
    listeners = [handed] * workers if handed else bind_shared(server.host, server.port, workers)
    flow = settings.flow
    claims = Claims(flow.repeated_answers * workers, flow.repeated_answers_for)
    _log.info("starting", workers=workers)
    agreement = Agreement(workers)
    placed = Supervisor(listeners, drain=settings.executions.drain, agreement=agreement).run()
    if isinstance(placed, int):
        return placed
    return Post(
        crowd=post.crowd,
        number=placed.number,
        before=post.before,
        claims=claims,
        agreement=agreement,
        placed=placed,
    )


def _tokens(crowd: Crowd) -> dict[int, KnownTokens]:
    return {number: tokens_in(crowd.folder(number)) for number in crowd.numbers}
