"""What the admin API answers about what outlives executions; shared with those who read it."""

from __future__ import annotations

from runtime.web.admin_answers import Answer


class KeptProperty(Answer, frozen=True, kw_only=True):
    """A property that a process keeps for its next run.

    `value` stands there where it was asked for; `execution` has kept it, or a person where there is none.
    """

    bundle: str
    process: str
    name: str
    characters: int
    value: str | None = None
    execution: str | None = None


class KeptProperties(Answer, frozen=True, kw_only=True):
    """Kept properties, by bundle, process and name."""

    properties: tuple[KeptProperty, ...]


class Counter(Answer, frozen=True, kw_only=True):
    """A counter, and the number that it gives next."""

    counter: str
    next: int


class Counters(Answer, frozen=True, kw_only=True):
    """Counters by name."""

    counters: tuple[Counter, ...]
