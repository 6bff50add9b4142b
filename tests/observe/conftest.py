"""Logs as a test reads them."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import structlog

if TYPE_CHECKING:
    from collections.abc import Iterator


class Terminal(io.TextIOWrapper):
    """A text stream that keeps what is written; it is a terminal when told so."""

    def __init__(self, *, terminal: bool = False) -> None:
        self.bytes = io.BytesIO()
        self._terminal = terminal
        super().__init__(self.bytes, encoding="utf-8", write_through=True)

    def isatty(self) -> bool:
        """Say whether this is a terminal."""
        return self._terminal

    def text(self) -> str:
        """Give all that was written."""
        return self.bytes.getvalue().decode()

    def events(self) -> list[dict[str, Any]]:
        """Give what was written as JSON lines."""
        return [msgspec.json.decode(line) for line in self.text().splitlines()]


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Put the logs back as they were: setting them up is for the whole process."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
