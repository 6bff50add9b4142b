"""Logs: one event a line, with the execution, process and step that it belongs to.

The context is bound once and flows with the task: tasks started inside it inherit it, siblings do not see it.
"""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TextIO, cast

import msgspec
import structlog
from structlog.typing import FilteringBoundLogger as Logger

from runtime.observe.levels import NUMBERS, Level, Levels
from runtime.observe.redaction import redact, redact_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from structlog.typing import EventDict, Processor

__all__ = ["Logger", "configure", "context", "logger", "quiet", "running"]

running: ContextVar[Callable[[], Mapping[str, str]]] = ContextVar("running")
"""Tells which execution a task drives, and in which step that is; asked only when something is logged."""


def logger(name: str) -> Logger:
    """Give the logger of a module; it may be made at import, before `configure`, and then follows it."""
    return cast("Logger", structlog.get_logger(name))


def context(**values: str | int) -> AbstractContextManager[None]:
    """Bind values (`execution`, `process`, `step`, `attempt`, `worker`) to every event logged inside this context."""
    return cast("AbstractContextManager[None]", structlog.contextvars.bound_contextvars(**values))


def configure(level: Level, style: str, *, stream: TextIO | None = None) -> Levels:
    """Set the logs up, once, at the start of the daemon; give its levels, which may be changed later.

    Args:
        level: The least level that is logged: ``debug``, ``info``, ``warning`` or ``error``.
        style: ``json``, ``console``, or ``auto`` for console on a terminal and JSON lines elsewhere.
        stream: Where to; stdout when left out.
    """
    out: TextIO = stream or sys.stdout
    lines = style == "json" or (style == "auto" and not out.isatty())
    levels = Levels(level)
    structlog.configure(
        processors=[*_common(levels), *(_json() if lines else _console(colors=out.isatty()))],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.BytesLoggerFactory(out.buffer),
        cache_logger_on_first_use=True,
    )
    _adopt_standard_logging(NUMBERS[level])
    return levels


@contextmanager
def quiet() -> Iterator[None]:
    """Log nothing while the block runs."""
    before = structlog.get_config()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL), cache_logger_on_first_use=False
    )
    try:
        yield
    finally:
        structlog.configure(**before)


def _common(levels: Levels) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        _add_running,
        levels.keep,
        structlog.processors.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]


def _add_running(_logger: object, _method: str, event: EventDict) -> EventDict:
    tell = running.get(None)
    if tell is not None:
        for name, value in tell().items():
            if value:
                event.setdefault(name, value)
    return event


def _json() -> list[Processor]:
    # A traceback as plain text: a structured one would carry the local variables, and with them secrets.
    render = structlog.processors.JSONRenderer(serializer=_encode)
    return [structlog.processors.format_exc_info, redact_values, render]


def _console(*, colors: bool) -> list[Processor]:
    render = structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)
    return [structlog.processors.format_exc_info, redact_values, render, _to_bytes]


def _to_bytes(_logger: object, _method: str, line: Any) -> bytes:  # noqa: ANN401 - the renderer before it gives a str
    return str(line).encode(errors="replace")


def _encode(event: dict[str, Any], **_: object) -> bytes:
    return msgspec.json.encode(event, enc_hook=repr)


class _ToOurLog(logging.Handler):
    """Hands records of the standard library's logging, which our dependencies use, to our log."""

    def emit(self, record: logging.LogRecord) -> None:
        logger(record.name).log(record.levelno, record.getMessage(), exc_info=record.exc_info)


def _adopt_standard_logging(level: int) -> None:
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _ToOurLog)]:
        root.removeHandler(handler)
    root.addHandler(_ToOurLog())
    root.setLevel(max(level, logging.WARNING))  # below a warning, a dependency talks to its own developers
