"""Which execution serves which token: a call that is repeated joins the first, or gets the same answer again."""

from __future__ import annotations

from collections import OrderedDict

import trio

from runtime.clock import Clock
from runtime.engine.ending import Ending, decode_ending, failed
from runtime.engine.hold import Hold
from runtime.engine.owed import Owed
from runtime.flow.handover import AnswerResult, AnswerWait
from runtime.model.journal import Status
from runtime.store.protocols import Journal

_FORGOTTEN = failed(
    Status.ERROR, "flow.answered", "This call was answered before, and its answer is not kept any more."
)


class Tokens:
    """The tokens of Flow calls: live ones, those answered lately, and those that the journal knows.

    At most `most` answers are remembered, each for `seconds`.
    """

    def __init__(self, journal: Journal, clock: Clock, nursery: trio.Nursery, *, most: int, seconds: float) -> None:
        self._journal = journal
        self._clock = clock
        self._nursery = nursery
        self._most = most
        self._seconds = seconds
        self._live: dict[str, Hold | Owed] = {}
        self._look_at = 0.0  # seconds since the epoch: before it no answer has to be forgotten
        self._answers: OrderedDict[str, tuple[float, str, Ending | bytes]] = OrderedDict()  # bytes: a complete FORWARD

    def begin(self, token: str, hold: Hold | Owed) -> None:
        """Note the hold of a call that begins, or what one can be made of."""
        self._live[token] = hold

    def end(self, token: str, hold: Hold | Owed | None) -> None:
        """Forget the hold of a call that has left memory."""
        if self._live.get(token) is hold:
            self._live.pop(token, None)

    def answered(self, token: str, execution: str, ending: Ending) -> None:
        """Remember the ending of a call for a while."""
        self._answers[token] = (self._clock.now() + self._seconds, execution, ending)
        if len(self._answers) > self._most:
            self._answers.popitem(last=False)

    def answered_at_once(self, token: str, now: float, execution: str, body: bytes) -> None:
        """Remember the FORWARD answer of a call that was complete at `now`, in seconds since the epoch."""
        answers = self._answers
        answers[token] = (now + self._seconds, execution, body)
        if len(answers) > self._most:
            answers.popitem(last=False)

    def known(self, token: str) -> Hold | None:
        """Give the hold of a call that is live or was answered lately."""
        live = self._live.get(token)
        if live is not None:
            return live.hold() if isinstance(live, Owed) else live
        self._forget(self._clock.now())
        answer = self._answers.get(token)
        if answer is None:
            return None
        ending = answer[2]
        whole = Ending(status=Status.COMPLETE, body=ending) if isinstance(ending, bytes) else ending
        return self._decided(answer[1], whole)

    def is_new(self, token: str, now: float) -> bool:
        """Tell whether no call has this token at `now`, in seconds since the epoch; False where the journal may."""
        if now >= self._look_at:
            self._forget(now)
        return token not in self._live and token not in self._answers and not self._journal.may_know(token)

    def _forget(self, now: float) -> None:
        answers = self._answers
        while answers and next(iter(answers.values()))[0] < now:
            answers.popitem(last=False)
        # What is remembered from here on lasts longer than this.
        self._look_at = next(iter(answers.values()))[0] if answers else now + self._seconds

    async def from_journal(self, token: str) -> Hold | None:
        """Give a hold on a call that only the journal knows; None when it does not."""
        row = await self._journal.by_token(token)
        if row is None:
            return None
        if not row.status.finished:
            return self._decided(row.id, None)
        answer = await self._journal.answer(row.id)
        return self._decided(row.id, _FORGOTTEN if answer is None else decode_ending(answer))

    def _decided(self, execution: str, ending: Ending | None) -> Hold:
        decision = AnswerWait() if ending is None else AnswerResult()
        return Hold.with_decision(execution, decision, ending, self._nursery)
