"""A small world around the hand-over machine, walked through exhaustively: every order of events, every crash.

The world keeps what the machine cannot see: the disk, the wire, the caller and the work. Each rule of the promises is
asserted on every transition; `explore` visits every world that can be reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from runtime.flow import handover as h

StepFunction = Callable[[h.State, h.Event], h.Step]
Reply = Literal["wait", "result", "refusal"]

CRASHES = 2  # a crash, and one in the middle of the recovery from it
FAILURES = 2  # commits that fail: one at the hand-over, one at the end


class World(Struct, frozen=True, kw_only=True):
    """Everything there is. `life` counts processes; the work of each life ends with a content of its own."""

    state: h.State | None = h.Held()  # None: no process knows the call
    disk: Literal["nothing", "call", "held", "released"] = "nothing"
    content: int | None = None  # of the callback on disk
    committing: Literal["call", "held", "released"] | None = None
    releasing: bool = False
    working: bool = True
    stopping: bool = False
    timed_out: bool = False
    caller: Literal["waiting", "answered", "gone"] = "waiting"
    writing: Reply | None = None  # an answer on its way: from here on the caller may have seen it
    seen: frozenset[str] = frozenset()  # finishing results, and "wait", that may have reached the tenant
    life: int = 0
    failures: int = 0


def explore(step: StepFunction) -> set[World]:
    """Visit every reachable world, asserting the promises in each; AssertionError names the broken one."""
    start = World()
    known, waiting = {start}, [start]
    while waiting:
        world = waiting.pop()
        progress = list(_progress(world, step))
        if not progress:
            _check_end(world)
        for following in (*progress, *_mishaps(world, step)):
            _check(following)
            if following not in known:
                known.add(following)
                waiting.append(following)
    return known


def _progress(world: World, step: StepFunction) -> Iterator[World]:
    """What happens by itself, in any order, sooner or later."""
    if world.state is None:
        return
    if not world.timed_out and world.life == 0:
        yield _tell(replace(world, timed_out=True), h.SyncTimeout(), step)
    if world.working:
        yield _tell(replace(world, working=False), h.Finished(), step)
    if world.writing is not None:
        yield _tell(replace(world, caller="answered", writing=None), h.AnswerSent(), step)
    if world.committing is not None:
        yield _tell(_landed(world), h.Durable(), step)
    if world.releasing:
        yield replace(world, releasing=False, disk="released")
    if isinstance(world.state, h.Lost):
        yield _tell(world, h.Recovered(result=world.disk != "call"), step)


def _mishaps(world: World, step: StepFunction) -> Iterator[World]:
    """What may happen, or never: a caller that goes, a commit that fails, a process that dies."""
    if world.state is not None and world.caller == "waiting":
        yield _tell(replace(world, caller="gone", writing=None), h.CallerGone(), step)
    if world.committing is not None and world.failures < FAILURES:
        yield _tell(replace(world, committing=None, failures=world.failures + 1), h.DurableFailed(), step)
    if world.life < CRASHES:
        yield from _crashes(world)


def _crashes(world: World) -> Iterator[World]:
    """The process dies; a commit under way is on disk afterwards, or it is not."""
    outcomes = {world} if world.committing is None else {world, _landed(world)}
    for left in outcomes:
        yield replace(
            left,
            state=h.Lost() if left.disk in {"call", "held"} else None,
            committing=None,
            releasing=False,
            working=False,
            stopping=False,
            caller="answered" if left.caller == "answered" else "gone",
            writing=None,
            life=left.life + 1,
        )


def _landed(world: World) -> World:
    if world.committing is None or world.committing == "call":
        return replace(world, committing=None, disk="call")
    return replace(world, committing=None, disk=world.committing, content=world.life)


def _tell(world: World, event: h.Event, step: StepFunction) -> World:
    assert world.state is not None
    state, commands = step(world.state, event)
    world = replace(world, state=state)
    for command in commands:
        world = _obey(world, command)
    return world


def _obey(world: World, command: h.Command) -> World:
    match command:
        case h.MakeDurable():
            return _commit(world, "call")
        case h.RecordResult():
            assert not world.working, "a result is recorded before there is one"
            return _commit(world, "released" if command.released else "held")
        case h.ReleaseCallback():
            assert world.disk == "held" or world.life, "there is no callback to release"
            return replace(world, releasing=True)
        case h.AnswerResult():
            assert not world.working, "a result is answered before there is one"
            return _answer(world, "result", f"result {world.life}")
        case h.AnswerWait():
            assert world.disk != "nothing", "WAIT is answered before the call is durable"
            return _answer(world, "wait", "wait")
        case h.AnswerFault():
            return _answer(world, "refusal", "refusal")
        case h.CancelExecution():
            return replace(world, stopping=True)
        case h.ResumeExecution():
            assert not world.working, "the work runs twice"
            return replace(world, working=True)


def _commit(world: World, what: Literal["call", "held", "released"]) -> World:
    assert world.committing is None, "two commits at once"
    return replace(world, committing=what)


def _answer(world: World, reply: Reply, seen: str) -> World:
    assert world.caller == "waiting", "an answer goes to nobody"
    assert world.writing is None, "two answers"
    return replace(world, writing=reply, seen=world.seen | {seen})


def _check(world: World) -> None:
    finishing = world.seen - {"wait"}
    if world.disk == "released":
        assert world.caller != "waiting", "a callback may overtake the answer"
        finishing |= {f"result {world.content}"}
    assert len(finishing) <= 1, f"two finishing results: {sorted(finishing)}"
    if world.disk in {"held", "released"}:
        assert "refusal" not in world.seen, "a refused call is called back"


def _check_end(world: World) -> None:
    """Nothing more happens by itself."""
    if world.disk != "nothing" or "wait" in world.seen:
        assert world.disk == "released", "a token stays silent after WAIT"
    assert world.caller != "waiting", "a caller is never answered"
