"""Executions that a step begins and that nobody waits for (reference 1.8: Process Call without Wait).

Each is taken into the journal in the transaction of the step that begins it, under an id that follows from the step's
position: so it begins once, whenever its parent is killed, and goes on by itself whatever becomes of that. Nobody owns
it yet; recovery takes it over when there is a place for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runtime.errors import ProcessFault
from runtime.model.journal import Accept

MOST = 10_000  # executions that one run of a step begins: as many as the journal's queue takes at once

Making = Callable[[str, str, Mapping[str, str]], Accept]
"""Gives the operation that takes an execution in, from its id, its process and the properties it starts with."""


class Begun:
    """The executions that the running step begins. `tell` is told when they are in the journal."""

    def __init__(self, making: Making | None = None, told: Callable[[], None] = lambda: None) -> None:
        self._making = making
        self._told = told
        self._waiting: list[Accept] = []
        self._taken = False

    def copy(self) -> Begun:
        """Give one for a fiber."""
        return Begun(self._making, self._told)

    def add(self, identity: str, process: str, properties: Mapping[str, str]) -> None:
        """Begin an execution of a process when the step has run.

        Raises:
            ProcessFault: these are too many, or nothing here can begin executions.
        """
        if self._making is None:
            raise ProcessFault("process.not-begun", "no executions can be begun here")
        if len(self._waiting) >= MOST:
            message = f"one step begins at most {MOST} executions"
            raise ProcessFault("process.too-many", message, hint="combine documents, or wait for the process")
        self._waiting.append(self._making(identity, process, properties))

    def take(self) -> tuple[Accept, ...]:
        """Give what is to be begun since the last call."""
        taken, self._waiting = tuple(self._waiting), []
        self._taken = bool(taken)
        return taken

    def tell(self) -> None:
        """Tell that what was taken is in the journal."""
        if self._taken:
            self._taken = False
            self._told()
