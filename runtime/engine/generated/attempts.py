"""Whether a generated function is worth its attempt: one that is left costs its run, and the driver's after it."""

from __future__ import annotations

IN_A_ROW = 8  # documents for which it was left: it may be left for the next ones, too
REST = 100  # documents that go to the driver at once then, before one is tried again: what that costs is a hundredth


class Attempts:
    """Remembers how the last documents of one function fared."""

    __slots__ = ("_left", "_rest")

    def __init__(self) -> None:
        self._left = self._rest = 0

    def due(self) -> bool:
        """Whether the next document is to be tried."""
        if self._rest > 0:
            self._rest -= 1
            return False
        return True

    def succeeded(self) -> None:
        """Note that the function has run to its end."""
        self._left = 0

    def failed(self) -> None:
        """Note that the function was left, or that nothing could be made of what it gave."""
        self._left += 1
        if self._left >= IN_A_ROW:
            self._rest = REST
