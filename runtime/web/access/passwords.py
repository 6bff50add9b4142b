"""Passwords: the border to Argon2. Its functions take tens of milliseconds and megabytes: call them in a thread."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST = 1_024  # bytes: a header may carry more, and hashing it would cost more than anybody's password is worth

# RFC 9106, second recommendation: 64 MiB, three passes, so that four at once stay within a small machine's memory.
PASSES = 3
MEMORY = 64 * 1024  # KiB
LANES = 4


def hash_password(password: str) -> str:
    """Give the hash of a password, with its salt and costs in it."""
    return _hasher().hash(password)


def is_password(hashed: str, password: str) -> bool:
    """Tell whether a password belongs to a hash."""
    try:
        return _hasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY, parallelism=LANES)
