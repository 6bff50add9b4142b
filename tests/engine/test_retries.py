"""Try/Catch with a policy of its own, and the platform's adjacent ones (reference 1.17)."""

from __future__ import annotations

import trio
from msgspec.structs import replace

from runtime.engine.positions import Position
from runtime.engine.retries import pause
from runtime.model.components import ProcessComponent
from runtime.model.platform_shapes import PlatformExceptionStep, PlatformMessageStep
from runtime.model.shapes import AnyShape, RetryPolicy, ReturnDocumentsStep, TryCatchStep
from runtime.sdk.connector import Call
from runtime.sdk.faults import ApplicationFault, NotSent
from tests.engine.platform.shapes import compiled, message, process
from tests.engine.processes import Steps
from tests.engine.runs import Run
from tests.engine.runs import compiled as compiled_native
from tests.engine.seen import batch, texts
from tests.engine.worlds import World

AT = Position(b"s", "y", 0)


def test_pauses_grow_and_are_bounded() -> None:
    """A pause is the last one times the factor, never longer than the longest; jitter takes a share of it away."""
    policy = RetryPolicy(times=9, wait=2.0, factor=3.0, longest=20.0)
    assert [pause(policy, number, AT) for number in range(1, 5)] == [2.0, 6.0, 18.0, 20.0]
    chancy = RetryPolicy(times=9, wait=2.0, factor=1.0, jitter=0.5)
    pauses = [pause(chancy, number, AT) for number in range(1, 50)]
    assert all(1.0 <= seconds <= 2.0 for seconds in pauses)
    assert len(set(pauses)) == 49
    assert pauses == [pause(chancy, number, AT) for number in range(1, 50)]
    assert pause(RetryPolicy(times=1_000, wait=1.0, factor=10.0), 1_000, AT) == 300.0


def retrying(policy: RetryPolicy) -> list[AnyShape]:
    """Give a process that calls within a Try with this policy; what is caught is marked."""
    steps = Steps()
    end = steps.returned()
    tried = steps.call("n", end, effect="keyed")
    steps.shapes.append(PlatformMessageStep(id="caught", text=message("caught"), to=end))
    steps.shapes.append(TryCatchStep(id="first", attempt=tried, caught="caught", policy=policy))
    return steps.shapes


def flaky(operation: str, call: Call, tries: int) -> bytes:
    """Refuse a document as many times as it says; one that begins with ! for good."""
    if call.content.startswith(b"!"):
        raise ApplicationFault("[400] Bad Request", status="400", body=b"", meta={})
    if tries < int(call.content):
        raise NotSent("connector.not-sent", "nobody answers")
    return b"done after " + call.content


async def test_what_may_be_tried_again_is_and_the_rest_is_caught_at_once(autojump_clock: object) -> None:
    """Documents are tried again while their failures are of the kinds that the policy names."""
    begun = trio.current_time()
    world = World(flaky)
    policy = RetryPolicy(times=3, wait=10.0, factor=2.0, only=("connector.not-sent",))
    made = compiled_native(retrying(policy), "first", world)
    ended = await Run(made, world, batch("2", "!1", "9")).go()
    assert texts(ended) == ["done after 2", "caught", "caught"]
    assert sorted(world.tries.values()) == [1, 3, 4]
    assert trio.current_time() - begun == 70.0


async def test_a_policy_survives_every_kill(autojump_clock: object) -> None:
    """Killed at any record, retries and their pauses go on where they were."""
    policy = RetryPolicy(times=3, wait=100.0, jitter=0.5)
    for kill_at in range(12):
        world = World(flaky)
        one = Run(compiled_native(retrying(policy), "first", world), world, batch("1", "2"))
        ended = await one.go_on(kill_at)
        assert not isinstance(ended, str)
        assert sorted(texts(ended)) == ["done after 1", "done after 2"]


async def test_the_outer_of_two_adjacent_tries_catches_both_kinds() -> None:
    """Where a Try path begins with another Try/Catch, an export's outer one catches whatever it is set to."""
    shapes: tuple[AnyShape, ...] = (
        TryCatchStep(id="outer", attempt="inner", caught="caught"),
        TryCatchStep(id="inner", attempt="halt", caught="end"),
        PlatformExceptionStep(id="halt", title="t", message=message("no")),
        PlatformMessageStep(id="caught", text=message("caught"), to="end"),
        ReturnDocumentsStep(id="end"),
    )
    native = process("p", "outer", *shapes)
    exported = replace(native, component=ProcessComponent(id="c"))
    for made, expected in ((exported, ["caught"]), (native, [])):
        world = World()
        assert texts(await Run(compiled([made], world), world, batch("1")).go()) == expected
