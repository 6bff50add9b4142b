"""The daemon as several processes: what has to be known and held before there are any, and then the supervisor."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from mmap import mmap

import structlog

from runtime.daemon.post import Post
from runtime.host.activation import inherited
from runtime.host.agreement import Agreement
from runtime.host.claims import Claims
from runtime.host.crowd import FOLDER, crowd_of
from runtime.host.lock import state_lock
from runtime.host.misses import SharedFailures
from runtime.host.supervisor import Supervisor
from runtime.settings import Settings
from runtime.store.cipher import open_cipher
from runtime.store.sqlite import JOURNAL, note_tokens
from runtime.store.sqlite.known_tokens import KnownTokens
from runtime.web.sockets import bind_shared

_log = structlog.get_logger("nuclide.supervisor")


def crowd_lock(settings: Settings) -> AbstractContextManager[None]:
    """Hold what several workers have; a daemon that was always alone has nothing to hold."""
    folder = settings.state.folder / FOLDER
    return state_lock(folder) if settings.server.workers > 1 or folder.is_dir() else nullcontext()


def prepared(settings: Settings) -> Post:
    """Give the post of the first worker; what is known of the tokens of all journals is seen by all workers.

    Nobody works on any journal meanwhile. Whoever holds the lock of the crowd may ask.

    Raises:
        StoreError: a journal that more workers have left behind cannot be read.
    """
    state, workers = settings.state.folder, settings.server.workers
    crowd = crowd_of(state, workers, JOURNAL)
    if crowd.is_alone:
        return Post(crowd=crowd)
    cipher = open_cipher(state, os.environ)  # the key is made once, before several want it
    tokens = {number: KnownTokens(memory=mmap(-1, KnownTokens.SIZE)) for number in crowd.numbers}
    for number in crowd.left:  # each worker notes those of its own journal before it serves
        note_tokens(crowd.folder(number), cipher, tokens[number])
    return Post(crowd=crowd, tokens=tokens)


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
    agreement, access = Agreement(workers), settings.access
    failures = SharedFailures(access.failures_per_minute, access.failures_at_once)
    placed = Supervisor(listeners, drain=settings.executions.drain, agreement=agreement).run()
    if isinstance(placed, int):
        return placed
    return Post(
        crowd=post.crowd,
        number=placed.number,
        tokens=post.tokens,
        claims=claims,
        agreement=agreement,
        failures=failures,
        placed=placed,
    )
