"""What the admin API tells of log levels."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Level = Literal["debug", "info", "warning", "error"]


class Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of these answers."""


class ProcessLevel(Answer, frozen=True, kw_only=True):
    """The level of one process (``bundle/process``); `seconds` for how long yet, None until the daemon stops."""

    process: str
    level: Level
    seconds: float | None = None


class LogLevels(Answer, frozen=True, kw_only=True):
    """The level of the daemon, the one that its settings name, and those of single processes."""

    level: Level
    setting: Level
    seconds: float | None
    processes: tuple[ProcessLevel, ...]
