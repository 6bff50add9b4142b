from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.flow import handover as h
from tests.flow.handover_world import explore

EVENTS: list[h.Event] = [
    h.SyncTimeout(),
    h.Finished(),
    h.Durable(),
    h.DurableFailed(),
    h.AnswerSent(),
    h.CallerGone(),
    h.Recovered(result=False),
    h.Recovered(result=True),
]


def _run(*events: h.Event) -> tuple[h.State, list[h.Command]]:
    state: h.State = h.Held()
    told: list[h.Command] = []
    for event in events:
        state, commands = h.step(state, event)
        told += commands
    return state, told


def _answer_after_all(state: h.State, event: h.Event) -> h.Step:
    if state == h.Committing(finished=True) and event == h.Durable():
        return h.Recording(held=True, released=False), (h.AnswerResult(), h.RecordResult(released=False))
    return h.step(state, event)


def _when(
    state: h.State,
    event: h.Event,
    in_state: type[h.State],
    on_event: type[h.Event],
    following: h.State,
    *commands: h.Command,
) -> h.Step:
    if isinstance(state, in_state) and isinstance(event, on_event):
        return following, commands
    return h.step(state, event)


def _replaced(state: h.State, event: h.Event, wrong: h.Command, *commands: h.Command) -> h.Step:
    following, told = h.step(state, event)
    return following, tuple(each for one in told for each in (commands if one == wrong else (one,)))


class TestEveryInterleaving:
    """The promises, in every world that can be."""

    def test_the_promises_hold(self) -> None:
        """In every order of events, with crashes and failed commits anywhere, the promises hold.

        No token is silent once WAIT may have been seen, no two finishing results differ, no callback overtakes its
        answer, nobody waits for ever.
        """
        worlds = explore(h.step)
        reached = {type(world.state) for world in worlds}
        assert reached >= {h.Committing, h.Waiting, h.Recording, h.Recorded, h.Sending, h.Answered, h.Abandoned, h.Lost}
        assert len(worlds) > 150

    @pytest.mark.parametrize(
        ("law", "mistake"),
        [
            (
                "before the call is durable",
                lambda s, e: _when(s, e, h.Held, h.SyncTimeout, h.Waiting(), h.AnswerWait()),
            ),
            ("overtake", lambda s, e: _replaced(s, e, h.RecordResult(released=False), h.RecordResult(released=True))),
            ("silent", lambda s, e: _replaced(s, e, h.ReleaseCallback())),
            ("silent", lambda s, e: _when(s, e, h.Committing, h.Finished, s)),
            ("silent", lambda s, e: _when(s, e, h.Recording, h.DurableFailed, h.Answered())),
            ("silent", lambda s, e: _replaced(s, e, h.ResumeExecution())),
            ("two finishing", _answer_after_all),
            ("never answered", lambda s, e: _replaced(s, e, h.AnswerFault(status=503))),
            ("before there is one", lambda s, e: _replaced(s, e, h.MakeDurable(), h.AnswerResult())),
        ],
    )
    def test_a_broken_machine_is_caught(self, law: str, mistake: Callable[[h.State, h.Event], h.Step]) -> None:
        """The walk is no formality: each of these mistakes breaks a law that it names."""
        with pytest.raises(AssertionError, match=law):
            explore(mistake)


class TestTheUsualWays:
    """The machine as people speak of it."""

    def test_fast(self) -> None:
        """A call that finishes in time is answered with its result, and nothing is written."""
        assert _run(h.Finished(), h.AnswerSent()) == (h.Answered(), [h.AnswerResult()])

    def test_slow(self) -> None:
        """A slow call is made durable, answered WAIT, and its result goes to the outbox at once."""
        state, told = _run(h.SyncTimeout(), h.Durable(), h.AnswerSent(), h.Finished(), h.Durable())
        assert told == [h.MakeDurable(), h.AnswerWait(), h.RecordResult(released=True)]
        assert state == h.Sending()

    def test_finished_during_the_commit(self) -> None:
        """A result that comes during the hand-over still goes by callback, held back until WAIT is written."""
        state, told = _run(h.SyncTimeout(), h.Finished(), h.Durable(), h.Durable(), h.AnswerSent())
        assert told == [h.MakeDurable(), h.AnswerWait(), h.RecordResult(released=False), h.ReleaseCallback()]
        assert state == h.Sending()

    def test_the_caller_goes(self) -> None:
        """A caller that goes before the hand-over stops its work; after it, the work goes on."""
        assert _run(h.CallerGone(), h.Finished()) == (h.Abandoned(), [h.CancelExecution()])
        _, told = _run(h.SyncTimeout(), h.CallerGone(), h.Durable(), h.Finished())
        assert told == [h.MakeDurable(), h.RecordResult(released=True)]

    def test_the_store_fails(self) -> None:
        """When the hand-over cannot be written the call is refused and stopped, or answered if its result is there."""
        assert _run(h.SyncTimeout(), h.DurableFailed())[1][1:] == [h.NOT_DURABLE, h.CancelExecution()]
        assert _run(h.SyncTimeout(), h.Finished(), h.DurableFailed())[1][1:] == [h.AnswerResult()]

    def test_recovery(self) -> None:
        """A recovered call goes on, or sends what was recorded; nobody is left to answer."""
        assert h.step(h.Lost(), h.Recovered(result=False)) == (h.Waiting(released=True), (h.ResumeExecution(),))
        assert h.step(h.Lost(), h.Recovered(result=True)) == (h.Sending(), (h.ReleaseCallback(),))

    @given(st.lists(st.sampled_from(EVENTS), max_size=12))
    def test_any_event_is_taken(self, events: list[h.Event]) -> None:
        """No order of events, possible or not, makes the machine fail or answer twice."""
        _, told = _run(*events)
        answers = [each for each in told if isinstance(each, h.AnswerResult | h.AnswerWait | h.AnswerFault)]
        assert len(answers) <= 1
