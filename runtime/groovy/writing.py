"""Lines of Python, each with the line of the script that it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Writer:
    """Collects lines at a depth of indentation."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, int]] = []
        self.depth = 0

    def line(self, text: str, origin: int) -> None:
        """Add a line that comes from line `origin` of the script."""
        self.lines.append(("    " * self.depth + text, origin))

    @contextmanager
    def indented(self, origin: int) -> Iterator[None]:
        """Indent what is written in the block; an empty one becomes ``pass``."""
        self.depth += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.line("pass", origin)
        self.depth -= 1

    @contextmanager
    def apart(self) -> Iterator[list[tuple[str, int]]]:
        """Write the block to lines of their own, for whoever asks to place."""
        kept, self.lines = self.lines, []
        gathered = self.lines
        try:
            yield gathered
        finally:
            self.lines = kept
