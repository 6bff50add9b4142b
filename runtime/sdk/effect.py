"""What a call does to the world: the one word that retry, recovery, dry run and replay read."""

from __future__ import annotations

from enum import StrEnum


class Effect(StrEnum):
    """Declared by every operation, never guessed.

    - PURE: reads only; may be called again at will.
    - IDEMPOTENT: calling again leaves the world as one call does.
    - KEYED: safe to call again with the same idempotency key, which the target honours.
    - ONCE: must not be called again unless it is known that it did not happen.
    """

    PURE = "pure"
    IDEMPOTENT = "idempotent"
    KEYED = "keyed"
    ONCE = "once"

    @property
    def repeatable(self) -> bool:
        """Whether a call whose outcome is unknown may be made again."""
        return self is not Effect.ONCE

    @property
    def needs_intent(self) -> bool:
        """Whether the intent is made durable before the call."""
        return self in {Effect.KEYED, Effect.ONCE}
