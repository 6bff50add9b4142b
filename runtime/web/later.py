"""An answer that comes by itself, when what it tells of is on the disk: nobody has to run until then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from runtime.web.exchange import Alike

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.web.exchange import Answer, Exchange

    Tell = Callable[[Answer | Alike], None]


class Later:
    """An answer to come. Whoever makes it calls `complete`, once; whoever sends it asks for it by `then`, once.

    Both are for the event loop's own thread. A group of writes completes the answers of all its calls in a row, so that
    none of them costs a task or an event. It is a handler as well, for who has a task to wait in. It has no time limit
    of its own: whoever makes it sees that it comes, as the journal tells of each write in the end, or that it failed.
    """

    __slots__ = ("_answer", "_tell")

    def __init__(self) -> None:
        self._answer: Answer | Alike | None = None
        self._tell: Tell | None = None

    def then(self, tell: Tell) -> None:
        """Have `tell` called with the answer, now if it is there; it must not raise, and nothing can take it back."""
        if self._answer is None:
            self._tell = tell
        else:
            tell(self._answer)

    def complete(self, answer: Answer | Alike) -> None:
        """Give the answer."""
        self._answer = answer
        if self._tell is not None:
            self._tell(answer)

    async def wait(self) -> Answer:
        """Wait for the answer, which may be given up: it comes all the same, and nobody is told."""
        if self._answer is None:
            task = trio.lowlevel.current_task()
            self.then(lambda _: trio.lowlevel.reschedule(task))

            def give_up(_: object) -> trio.lowlevel.Abort:
                self.then(_nobody)
                return trio.lowlevel.Abort.SUCCEEDED

            await trio.lowlevel.wait_task_rescheduled(give_up)
        if self._answer is None:
            raise AssertionError("who waits is woken by the answer")
        answer = self._answer
        return answer.at_length() if isinstance(answer, Alike) else answer

    async def __call__(self, exchange: Exchange) -> None:
        """Answer a request when the answer has come (see Handler)."""
        await exchange.answer(await self.wait())


def _nobody(_: Answer | Alike) -> None:
    """Tell nobody."""
