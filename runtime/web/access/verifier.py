"""Whether credentials are right: Argon2 in a thread, and a memory of those that were.

A wrong name costs what a wrong password costs. The memory holds keyed digests, never a password; its key is this
process' own, and a changed hash is another entry. The same credentials at the same time are one trial, so that a client
with many connections is not refused for coming back all at once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

import trio
from msgspec import Struct

from runtime.errors import Unavailable
from runtime.flow.who import BasicCredentials
from runtime.web.access.passwords import LONGEST, hash_password, is_password
from runtime.web.access.users import User, Users

AT_ONCE = 2  # hashes at once: each takes 64 MiB and a core for a moment
QUEUED = 32  # different credentials that may wait for one, some two seconds; beyond it callers are told to come back
REMEMBERED = 1_000  # right credentials: far more than a listener has users


class Guesses(Protocol):
    """Who counts what a caller guesses. Both are asked when its turn has come: guesses at the same time count, too."""

    def check(self) -> None:
        """Raise what the caller is told when it may not guess now."""
        ...

    def note_wrong(self) -> None:
        """Note a wrong guess."""
        ...


class _Trial(Struct):
    """Credentials that are being verified; `right` is None until that is known, and for ever when it was given up."""

    done: trio.Event
    right: bool | None = None


class Verifier:
    """Verifies credentials against the users of the moment."""

    def __init__(self, users: Callable[[], Users]) -> None:
        self._users = users
        self._key = secrets.token_bytes(32)
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self._headers: OrderedDict[bytes, tuple[str, str]] = OrderedDict()  # name and hash that a header belongs to
        self._trials: dict[bytes, _Trial] = {}
        self._turns = trio.CapacityLimiter(AT_ONCE)
        self._threads = trio.CapacityLimiter(AT_ONCE)
        self._nobody: str | None = None

    def remembered(self, credentials: BasicCredentials) -> User | None:
        """Give the user whose credentials these are known to be, without hashing; None when that is not known."""
        user = self._users().get(credentials.username)
        if user is None:
            return None
        digest = self._digest(credentials, user)
        if digest not in self._right:
            return None
        self._right.move_to_end(digest)
        return user

    def digest(self, header: bytes) -> bytes:
        """Give what a header is known by."""
        return hashlib.blake2b(header, key=self._key, digest_size=32).digest()

    def recalled(self, digest: bytes) -> tuple[str, User] | None:
        """Give the name and the user whose credentials a header is known to hold, by its digest; None else."""
        name, hashed = self._headers.get(digest, ("", ""))
        user = self._users().get(name)
        return None if user is None or user.password != hashed else (name, user)

    def recall(self, digest: bytes, name: str, user: User) -> None:
        """Note whose right credentials the header with this digest holds."""
        self._headers[digest] = (name, user.password)
        if len(self._headers) > REMEMBERED:
            self._headers.popitem(last=False)

    async def verified(self, credentials: BasicCredentials, guesses: Guesses) -> User | None:
        """Give the user whose credentials these are; None when they are nobody's. Raises what `guesses` raises, too.

        Raises:
            Unavailable: too many callers wait to be verified.
        """
        if len(credentials.password.encode()) > LONGEST:
            guesses.check()
            guesses.note_wrong()
            return None
        user = self._users().get(credentials.username)
        digest = self._digest(credentials, user)
        while (trial := self._trials.get(digest)) is not None:
            await trial.done.wait()
            if trial.right is not None:
                return user if trial.right else None
        right = await self._try(credentials, user, digest, guesses)
        return user if right else None

    async def _try(self, credentials: BasicCredentials, user: User | None, digest: bytes, guesses: Guesses) -> bool:
        if self._turns.statistics().tasks_waiting >= QUEUED:
            raise Unavailable("access.busy", "too many callers log in at once", retry_after=1.0)
        trial = self._trials[digest] = _Trial(trio.Event())
        try:
            async with self._turns:
                guesses.check()
                right = await trio.to_thread.run_sync(self._is_right, user, credentials.password, limiter=self._threads)
                if right:
                    self._remember(digest)
                else:
                    guesses.note_wrong()
                trial.right = right
        finally:
            del self._trials[digest]
            trial.done.set()
        return right

    def _remember(self, digest: bytes) -> None:
        self._right[digest] = None
        if len(self._right) > REMEMBERED:
            self._right.popitem(last=False)

    def _is_right(self, user: User | None, password: str) -> bool:
        if user is not None:
            return is_password(user.password, password)
        if self._nobody is None:
            self._nobody = hash_password(secrets.token_urlsafe())  # costs what a comparison costs: one is enough
        else:
            is_password(self._nobody, password)
        return False

    def _digest(self, credentials: BasicCredentials, user: User | None) -> bytes:
        # A hash holds no NUL and is never empty, so no name or password can shift the parts into those of another.
        parts = ("" if user is None else user.password, credentials.username, credentials.password)
        text = b"\0".join(part.encode() for part in parts)
        return hmac.digest(self._key, text, hashlib.sha256)
