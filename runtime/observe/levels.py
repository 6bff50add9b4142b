"""How much is logged, for the daemon and for single processes: it can be changed while both run.

A change holds until it is taken back, its time is over or the daemon stops: what shall hold for good is a setting.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final, Literal, get_args

import structlog
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from structlog.typing import EventDict

Level = Literal["debug", "info", "warning", "error"]

NUMBERS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
MOST: Final = 1_000  # processes with a level of their own: far more than a person follows


class Rule(Struct, frozen=True):
    """A level that was set, and until when on the monotonic clock; None for as long as the daemon runs."""

    level: Level
    until: float | None = None


class Levels:
    """The level of the daemon, and those of processes by bundle and name. `chatty`: something logs at debug level."""

    def __init__(self, level: Level, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._setting: Level = level
        self._monotonic = monotonic
        self._all: Rule | None = None
        self._rules: dict[tuple[str, str], Rule] = {}
        self._refresh()

    @property
    def level(self) -> Level:
        """The level of what no rule of a process is about."""
        self._expire()
        return self._setting if self._all is None else self._all.level

    @property
    def rest(self) -> float | None:
        """For how many seconds that holds; None where no end is set."""
        return None if self._all is None or self._all.until is None else max(0.0, self._all.until - self._monotonic())

    def rules(self) -> dict[tuple[str, str], tuple[Level, float | None]]:
        """Give the levels of processes, and for how many seconds each holds."""
        self._expire()
        now = self._monotonic()
        return {
            key: (rule.level, None if rule.until is None else max(0.0, rule.until - now))
            for key, rule in sorted(self._rules.items())
        }

    def set(self, level: Level, process: tuple[str, str] | None = None, seconds: float | None = None) -> bool:
        """Set a level, for a process or for all that have none of their own; False when too many have one already."""
        rule = Rule(level, None if seconds is None else self._monotonic() + seconds)
        if process is None:
            self._all = rule
        elif process not in self._rules and len(self._rules) >= MOST:
            return False
        else:
            self._rules[process] = rule
        self._refresh()
        return True

    def reset(self, process: tuple[str, str] | None = None) -> None:
        """Take back what was set for a process; without one, everything."""
        if process is None:
            self._all = None
            self._rules.clear()
        else:
            self._rules.pop(process, None)
        self._refresh()

    def logs(self, level: int, bundle: object = None, process: object = None) -> bool:
        """Tell whether an event of this level is logged, which belongs to a process or to none."""
        if level < self._lowest:
            return False
        if not self._changed:
            return True
        self._expire()
        rule = self._rules.get((str(bundle), str(process))) if self._rules else None
        return level >= NUMBERS[self.level if rule is None else rule.level]

    def keep(self, _logger: object, method: str, event: EventDict) -> EventDict:
        """Drop an event that is not to be logged (a structlog processor); runs after the context has been merged in."""
        number = NUMBERS.get("error" if method in {"exception", "critical"} else method, logging.ERROR)
        if self.logs(number, event.get("bundle"), event.get("process")):
            return event
        raise structlog.DropEvent

    def _expire(self) -> None:
        if self._next is None or self._monotonic() < self._next:
            return
        now = self._monotonic()
        if self._all is not None and _is_over(self._all, now):
            self._all = None
        self._rules = {key: rule for key, rule in self._rules.items() if not _is_over(rule, now)}
        self._refresh()

    def _refresh(self) -> None:
        rules = [*self._rules.values(), *(() if self._all is None else (self._all,))]
        self._next = min((rule.until for rule in rules if rule.until is not None), default=None)
        base = self._setting if self._all is None else self._all.level
        self._lowest = min([NUMBERS[base], *(NUMBERS[rule.level] for rule in self._rules.values())])
        self._changed = bool(self._rules) or self._next is not None
        self.chatty = self._lowest == logging.DEBUG


def _is_over(rule: Rule, now: float) -> bool:
    return rule.until is not None and now >= rule.until
