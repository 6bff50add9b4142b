"""The laws of durable calls that are answered by one commit: told when it is on the disk, and otherwise as executions.

Nobody can tell afterwards which way a call took: not by answers, faults, repeats, lines, documents, records, rows,
counts or replays.
"""

from __future__ import annotations

import pytest
import trio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from trio.testing import wait_all_tasks_blocked

from runtime.engine.durable_express import Settled, durable_express_of
from runtime.engine.ending import Ending
from runtime.engine.generated.attempts import IN_A_ROW
from runtime.engine.listeners import Pause
from runtime.engine.log import ExecutionLog
from runtime.engine.recorders import LEFT
from runtime.engine.records import decode
from runtime.engine.replay import ReplayOrder, replay
from runtime.errors import RequestError, StoreError, Unavailable
from runtime.flow.handover import NOT_DURABLE, AnswerResult, SyncTimeout
from runtime.model.journal import Brief, Status
from runtime.model.process import Mode, Options
from runtime.model.shapes import (
    AnyShape,
    Assignment,
    MessageStep,
    ReturnDocumentsStep,
    SetPropertiesStep,
    WaitStep,
)
from runtime.model.values import Template
from runtime.observe.redaction import MASK
from runtime.store.protocols import Done
from tests.engine.durably import GENERAL, Kind, greeting, kept_of, message_of, opened, told
from tests.engine.generated.test_agreement import graphs
from tests.engine.graphs import Graph, Node, text
from tests.engine.houses import bundle, call, failing
from tests.engine.test_express import ANSWER, FAILS, KEY


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no machine be so slow that others get a turn while a process runs, or its records are overdue."""
    monkeypatch.setattr("runtime.engine.context.PACE", 1e9)
    monkeypatch.setattr(ExecutionLog, "_overdue", lambda _: False)


messages = st.lists(st.sampled_from(["a", "b" * 60, 7, None]), min_size=1, max_size=IN_A_ROW + 2)
kinds = st.builds(Kind, st.sampled_from(["general", "bridge", "debug"]), st.booleans(), st.booleans())


@given(graphs, messages, st.sampled_from(["answer", "end"]), kinds)
@example([("exception", "document")], ["a"] * (IN_A_ROW + 2), "answer", Kind())
@example([("set", "process"), ("return",)], ["a", "a"], "answer", Kind())
@example([("branch", [[("set", "document")], [("set", "process")]])], ["a"], "answer", Kind())
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
async def test_nobody_can_tell(nodes: list[Node], given_messages: list[object], then: str, kind: Kind) -> None:
    """What is left, and what was told, is that of executions, whatever the process does."""
    graph = Graph()
    end = ReturnDocumentsStep(id="end")
    answer = MessageStep(id="answer", text=ANSWER, to="end")
    first = graph.block(nodes, then)
    chosen: Mode = "low latency" if kind.mode == "debug" else kind.mode  # type: ignore[assignment]
    made = bundle([*graph.shapes, answer, end], first, Options(mode=chosen, track=("p", "password")))
    one, other = [await told(made, given_messages, kind, express=express) for express in (True, False)]
    assert one == other


async def test_what_goes_well_makes_no_execution_and_is_told_after_its_commit() -> None:
    """A call that goes well is one commit, before which nobody is told; one that fails is an execution."""
    async with opened(greeting()) as house:
        commits, told = list[list[str]](), list[Settled]()
        house.store.journal.before_commit = lambda made: commits.append([type(each).__name__ for each in made])
        assert house.submit(call(), told)
        assert (commits, told, house.house.live) == ([], [], {})
        await wait_all_tasks_blocked()
        assert commits == [["Brief"]]
        assert message_of(told[0]) == "so"
    async with opened(bundle([FAILS], "e", GENERAL)) as house:
        assert not house.submit(call(), told)


async def test_who_repeats_the_token_meanwhile_joins() -> None:
    """A caller that repeats the token before the commit gets the same answer, after it; one that comes later, too."""
    async with opened(greeting()) as house:
        told: list[Settled] = []
        assert house.submit(call(), told)
        assert not house.submit(call(), told), "it joins the first"
        hold = await house.begin(call())
        assert not hold.is_decided or told
        await hold.decided.wait()
        assert hold.ending == told[0].ending
        assert hold.execution == told[0].execution
        assert (await house.begin(call())).execution == hold.execution
        assert len(await house.store.journal.executions()) == 1
        assert house.house.tokens._live == {}


async def test_who_joined_and_has_no_more_time_gets_the_result(autojump_clock: object) -> None:
    """When the Sync Timeout of a caller that joined passes during a slow commit, its answer is the result, no WAIT."""
    async with opened(greeting()) as house:
        waiting: list[Done] = []
        house.store.journal.submit = lambda brief, done: waiting.append(done)  # type: ignore[method-assign]
        told: list[Settled] = []
        assert house.submit(call(), told)
        joined, gone = await house.begin(call()), await house.begin(call())
        joined.post(SyncTimeout())
        gone.leave()
        await wait_all_tasks_blocked()
        assert not joined.is_decided
        waiting[0](None)
        await joined.decided.wait()
        assert joined.ending == told[0].ending
        assert isinstance(joined.decision, AnswerResult)


@pytest.mark.parametrize("timed_out", [True, False])
async def test_a_refused_commit_promises_nothing(*, timed_out: bool, autojump_clock: object) -> None:
    """Where the disk refuses, all who wait are told so, the record says that it left, and the call may be repeated."""
    async with opened(greeting()) as house:
        house.store.journal.before_commit = failing(Brief)
        told: list[Settled] = []
        assert house.submit(call(), told)
        joined = await house.begin(call())
        if timed_out and not joined.is_decided:
            joined.post(SyncTimeout())
        await joined.decided.wait()
        assert told[0].ending is None
        assert joined.decision == NOT_DURABLE
        await house.recorders.flush()
        assert [house.recorders.at_length(record).status for record in house.files.kept] == [LEFT]
        assert await house.store.journal.executions() == []
        assert house.house.ended == {}
        house.store.journal.before_commit = None
        again = await house.ask(call(), express=True)
        assert again[0] is not None
        assert again[1] != told[0].execution


async def test_a_damaged_journal_is_told_as_of_an_execution() -> None:
    """What no disk that comes back can mend ends a call in an error, whichever way it took."""

    def damaged(_: object) -> None:
        raise StoreError("store.damaged", "the journal is damaged")

    endings: list[Ending | None] = []
    for express in (True, False):
        async with opened(greeting()) as house:
            house.store.journal.before_commit = damaged
            endings.append((await house.ask(call(), express=express))[0])
            assert house.house.ended == {"error": 1}
    assert endings[0] is not None
    assert endings[0] == endings[1]


async def test_a_full_queue_is_for_executions() -> None:
    """Where the journal takes no more now, the call has to be an execution, which waits for its place."""

    def full(brief: object, done: object) -> None:
        raise StoreError("store.queue-full", "10 operations wait")

    async with opened(greeting()) as house:
        house.store.journal.submit = full  # type: ignore[method-assign]
        told: list[Settled] = []
        assert not house.submit(call(), told)
        assert told == []
        assert house.house.tokens._live == {}
        assert (await house.ask(call(), express=True))[0] is not None


async def test_a_paused_listener_and_a_disk_in_trouble_refuse() -> None:
    """Neither lets a new call in, whichever way it would take."""
    async with opened(greeting()) as house:
        house.house.listeners.paused[KEY] = Pause(since=0.0, by="ada")
        with pytest.raises(Unavailable):
            await house.ask(call(), express=True)
        house.house.listeners.paused.clear()
        house.store.trouble = lambda: "it is full"  # type: ignore[method-assign]
        with pytest.raises(Unavailable):
            await house.ask(call(), express=True)


async def test_replays_from_the_start_and_from_a_step(autojump_clock: object) -> None:
    """A replay from a step takes over what the function gave before it, and runs the rest."""
    shapes: list[AnyShape] = [
        SetPropertiesStep(id="s", assignments=(Assignment("process", "p", text("${document.Message}")),), to="m"),
        MessageStep(id="m", text=text('{"Message": "${process.p}"}'), to="r"),
        ReturnDocumentsStep(id="r"),
    ]
    async with opened(bundle(shapes, "s", GENERAL)) as house:
        _, identity = await house.ask(call("hi"), express=True)
        for step in (None, "m", "r"):
            order = ReplayOrder(execution=identity, who="ada", step=step)
            again = await replay(house.house, order, house.deployment, house.deployment)
            await trio.sleep(1)
            row = await house.store.journal.execution(again)
            assert row is not None
            assert row.status is Status.COMPLETE
            kept = [decode(data) for data in await house.store.journal.records(again)]
            original = (await kept_of(house, replace(row, id=identity)))[2]
            assert kept == original, "the steps before are taken over, those after give the same"
        gone = ReplayOrder(execution=identity, who="ada", step="m")
        with pytest.raises(RequestError, match="step-not-reached"):
            await replay(house.house, gone, None, house.deployment)


@pytest.mark.parametrize(
    "options",
    [
        Options(mode="low latency"),
        Options(mode="general", deadline=5.0),
        Options(mode="general", simultaneous="queue"),
        Options(mode="general", run_dates=True),
    ],
)
async def test_what_needs_an_execution_has_one(options: Options) -> None:
    """What is limited in time, kept in turn or remembered afterwards is an execution; low latency has another way."""
    async with opened(greeting(options)) as house:
        assert durable_express_of(house.house, house.deployment, house.action, debug=False) is None


async def test_who_cannot_be_called_back_has_an_execution() -> None:
    """A caller without an address does not wait for a slow disk beyond its time, so its work has a task."""
    async with opened(greeting()) as house:
        assert not house.submit(call(callback=None), [])


async def test_a_process_that_waits_has_an_execution() -> None:
    """Whoever may have to wait is an execution."""
    shapes: list[AnyShape] = [WaitStep(id="w", duration=Template(("1 s",)), to="r"), ReturnDocumentsStep(id="r")]
    async with opened(bundle(shapes, "w", GENERAL)) as house:
        assert durable_express_of(house.house, house.deployment, house.action, debug=False) is None


async def test_secrets_of_the_machine_stand_in_no_record() -> None:
    """Documents and tracked values are masked before they are written for people, as those of executions are."""
    async with opened(greeting(Options(mode="general", track=("p",)))) as house:
        house.deployment.known.add("open-sesame")
        made = replace(call("say open-sesame"), properties={"p": "open-sesame"})
        _, identity = await house.ask(made, express=True)
        await house.recorders.flush()
        assert "sesame" not in str(house.files.kept)
        assert MASK in str(house.files.kept)
        assert await house.store.journal.tracked(identity) == [("p", MASK)]
