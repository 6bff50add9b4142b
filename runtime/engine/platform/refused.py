"""What the engine cannot run of a platform component, found when it is compiled and never later."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from runtime.errors import BundleError, Place, Problem

REFUSED = "bundle.not-runnable"

Made = TypeVar("Made")


class Refused(Exception):
    """Raised while a shape is compiled: the engine cannot run what it asks for; the text says what, and why."""


class Refusals:
    """Collects what is refused in a bundle, so that its builder learns everything at once."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def attempt(self, where: str, place: Place, make: Callable[[], Made]) -> Made | None:
        """Give what `make` makes; what it refuses is noted as said of `where`, and gives None."""
        try:
            return make()
        except Refused as refused:
            self._problems.append(Problem(code=REFUSED, message=f"{where} cannot run: {refused}", place=place))
            return None

    def check(self) -> None:
        """Pass if nothing was refused.

        Raises:
            BundleError: with everything that was.
        """
        if self._problems:
            raise BundleError(tuple(self._problems))
