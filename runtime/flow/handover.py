"""The hand-over of a slow call: who answers it, when, and what must be on disk before (promises 1 and 2).

A pure state machine. `step` takes an event and gives the next state and what the shell must do; the shell reports back
with further events. One machine stands for one token. Callers that repeat the token share it: the shell answers each,
reports `AnswerSent` for the first that got its answer and `CallerGone` when the last has gone.

=============  ==============================  =====================================================================
state          on disk                         meaning
=============  ==============================  =====================================================================
Held           nothing that promises a result  the work runs, the caller waits and may repeat its call
Committing     being written                   the Sync Timeout has passed; WAIT must not be written yet
Waiting        the call                        the work runs on, the result will go by callback
Recording      the call; its result being      the work has ended after the hand-over
               written as a callback
Recorded       the callback, held back         WAIT has not been written yet
Sending        the callback, released          the outbox owns the rest
Answered       nothing                         the result, or a refusal, is the answer itself
Abandoned      nothing                         nobody asks any more; the work is being stopped
Lost           as before the crash             a new process knows only what was on disk
=============  ==============================  =====================================================================

The store promises that what it reports as failed is not on disk, now or later.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

# --- states -------------------------------------------------------------------------------------------------------


class Held(Struct, frozen=True):
    """The caller holds the request."""


class Committing(Struct, frozen=True, kw_only=True):
    """The call is being made durable. `finished`: its result is here already; `gone`: nobody waits for the answer."""

    finished: bool = False
    gone: bool = False


class Waiting(Struct, frozen=True, kw_only=True):
    """The call is durable. `released`: WAIT has been written, or there is nobody to write it to."""

    released: bool = False


class Recording(Struct, frozen=True, kw_only=True):
    """The result is being made durable. `held`: as a callback held back; `released`: it may be sent by now."""

    held: bool
    released: bool


class Recorded(Struct, frozen=True):
    """The callback is durable and held back until WAIT has been written."""


class Sending(Struct, frozen=True):
    """The outbox sends the callback until it is acknowledged, refused for good or expired."""


class Answered(Struct, frozen=True):
    """The call was answered with its result, or refused."""


class Abandoned(Struct, frozen=True):
    """The caller went away before the hand-over."""


class Lost(Struct, frozen=True):
    """The process that held the call is gone; where nothing was durable, there is not even this state."""


State = Held | Committing | Waiting | Recording | Recorded | Sending | Answered | Abandoned | Lost

# --- events -------------------------------------------------------------------------------------------------------


class SyncTimeout(Struct, frozen=True):
    """The Sync Timeout has passed since the request arrived."""


class Finished(Struct, frozen=True):
    """The work has ended, with documents or with a fault; the shell keeps the result."""


class Durable(Struct, frozen=True):
    """What the last `MakeDurable` or `RecordResult` asked for is on disk."""


class DurableFailed(Struct, frozen=True):
    """It could not be written, and will not be."""


class AnswerSent(Struct, frozen=True):
    """The answer's last byte was handed to the network."""


class CallerGone(Struct, frozen=True):
    """The connection ended before the answer was written."""


class Recovered(Struct, frozen=True, kw_only=True):
    """A process has taken the call over from its journal. `result`: its callback is there as well."""

    result: bool


Event = SyncTimeout | Finished | Durable | DurableFailed | AnswerSent | CallerGone | Recovered

# --- commands -----------------------------------------------------------------------------------------------------


class MakeDurable(Struct, frozen=True):
    """Write the call, its finished steps and its intents in one commit; report `Durable` or `DurableFailed`."""


class RecordResult(Struct, frozen=True, kw_only=True):
    """Write the result and its callback in one commit, held back unless `released`; report as above.

    Asked for again after `DurableFailed`: the shell waits a little before it tries.
    """

    released: bool


class ReleaseCallback(Struct, frozen=True):
    """Let the outbox send the callback that is held back. Recovery does it again should it be lost."""


class AnswerResult(Struct, frozen=True):
    """Answer with the result: FORWARD, or the fault of the process."""


class AnswerWait(Struct, frozen=True):
    """Answer WAIT; report `AnswerSent` or `CallerGone`."""


class AnswerFault(Struct, frozen=True, kw_only=True):
    """Answer with a failure of ours; the caller may repeat its call."""

    status: int


class CancelExecution(Struct, frozen=True):
    """Stop the work at its next step boundary."""


class ResumeExecution(Struct, frozen=True):
    """Go on with the work where the journal ends."""


Command = (
    MakeDurable
    | RecordResult
    | ReleaseCallback
    | AnswerResult
    | AnswerWait
    | AnswerFault
    | CancelExecution
    | ResumeExecution
)
Step = tuple[State, tuple[Command, ...]]

NOT_DURABLE = AnswerFault(status=503)  # the store cannot take work now: the caller is right, and may try again


def step(state: State, event: Event) -> Step:
    """Give the next state and what must be done; an event that means nothing in this state changes nothing."""
    match state:
        case Held():
            return _held(state, event)
        case Committing():
            return _committing(state, event)
        case Waiting():
            return _waiting(state, event)
        case Recording():
            return _recording(state, event)
        case Recorded():
            return (Sending(), (ReleaseCallback(),)) if _is_release(event) else (state, ())
        case Lost() if isinstance(event, Recovered):
            # Whoever was to be answered has lost the connection: nothing can be in the callback's way.
            return (Sending(), (ReleaseCallback(),)) if event.result else (Waiting(released=True), (ResumeExecution(),))
        case _:
            return state, ()


def _held(state: Held, event: Event) -> Step:
    match event:
        case DurableFailed():  # what the work needs written before it goes on
            return Answered(), (NOT_DURABLE,)
        case SyncTimeout():
            return Committing(), (MakeDurable(),)
        case Finished():
            return Answered(), (AnswerResult(),)
        case CallerGone():
            return Abandoned(), (CancelExecution(),)
        case _:
            return state, ()


def _committing(state: Committing, event: Event) -> Step:
    match event:
        case Finished():
            return replace(state, finished=True), ()
        case CallerGone():
            return replace(state, gone=True), ()
        case Durable():
            return _handed_over(state)
        case DurableFailed():
            return _not_handed_over(state)
        case _:
            return state, ()


def _handed_over(state: Committing) -> Step:
    answer: tuple[Command, ...] = () if state.gone else (AnswerWait(),)
    if state.finished:
        return Recording(held=not state.gone, released=state.gone), (*answer, RecordResult(released=state.gone))
    return Waiting(released=state.gone), answer


def _not_handed_over(state: Committing) -> Step:
    if state.gone:
        return Abandoned(), () if state.finished else (CancelExecution(),)
    if state.finished:  # nothing has been promised, so the result itself is still the best answer
        return Answered(), (AnswerResult(),)
    return Answered(), (NOT_DURABLE, CancelExecution())


def _waiting(state: Waiting, event: Event) -> Step:
    if isinstance(event, Finished):
        recording = Recording(held=not state.released, released=state.released)
        return recording, (RecordResult(released=state.released),)
    return (Waiting(released=True), ()) if _is_release(event) else (state, ())


def _recording(state: Recording, event: Event) -> Step:
    match event:
        case Durable() if not state.released:
            return Recorded(), ()
        case Durable():
            return Sending(), (ReleaseCallback(),) if state.held else ()
        case DurableFailed():
            return replace(state, held=not state.released), (RecordResult(released=state.released),)
        case _:
            return (replace(state, released=True), ()) if _is_release(event) else (state, ())


def _is_release(event: Event) -> bool:
    return isinstance(event, AnswerSent | CallerGone)
