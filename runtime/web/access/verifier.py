"""Whether credentials are right: Argon2 in a thread, and a memory of those that were.

A wrong name costs what a wrong password costs. The memory holds keyed digests, never a password; its key is this
process' own, and a changed hash is another entry.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable

import trio

from runtime.errors import Unavailable
from runtime.flow.who import BasicCredentials
from runtime.web.access.passwords import LONGEST, hash_password, is_password
from runtime.web.access.users import User, Users

AT_ONCE = 2  # hashes at once: each takes 64 MiB and a core for a moment
QUEUED = 32  # callers that may wait for one, some two seconds; beyond it they are told to come back
REMEMBERED = 1_000  # right credentials: far more than a listener has users


class Verifier:
    """Verifies credentials against the users of the moment."""

    def __init__(self, users: Callable[[], Users]) -> None:
        self._users = users
        self._key = secrets.token_bytes(32)
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self._slots = trio.CapacityLimiter(AT_ONCE)
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

    async def verified(self, credentials: BasicCredentials) -> User | None:
        """Give the user whose credentials these are; None when they are nobody's.

        Raises:
            Unavailable: too many callers wait to be verified.
        """
        if self._slots.statistics().tasks_waiting >= QUEUED:
            raise Unavailable("access.busy", "too many callers log in at once", retry_after=1.0)
        if len(credentials.password.encode()) > LONGEST:
            return None
        user = self._users().get(credentials.username)
        right = await trio.to_thread.run_sync(self._is_right, user, credentials.password, limiter=self._slots)
        if not right or user is None:
            return None
        self._right[self._digest(credentials, user)] = None
        if len(self._right) > REMEMBERED:
            self._right.popitem(last=False)
        return user

    def _is_right(self, user: User | None, password: str) -> bool:
        if user is not None:
            return is_password(user.password, password)
        if self._nobody is None:
            self._nobody = hash_password(secrets.token_urlsafe())
        is_password(self._nobody, password)
        return False

    def _digest(self, credentials: BasicCredentials, user: User) -> bytes:
        parts = (credentials.username, user.password, credentials.password)
        text = b"\0".join(part.encode() for part in parts)
        return hmac.digest(self._key, text, hashlib.sha256)
