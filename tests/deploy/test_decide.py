"""What a look means: a table of situations."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.bundle.table import Claims
from runtime.deploy.decide import Broken, Deploy, Going, Held, Move, Remove, Restless, Seen, Sound, changes, decide
from runtime.errors import Place, Problem

BROKEN = Broken((Problem(code="bundle.syntax", message="no", place=Place()),))


def claims(source: str, bundle: str, *services: str) -> Claims:
    """Give what a bundle claims."""
    return Claims(source=source, bundle=bundle, services=tuple((name, Place(file=source)) for name in services))


def sound(source: str, bundle: str, digest: str = "1", *services: str) -> dict[str, Seen]:
    """Give a source as it is seen."""
    return {source: Sound(digest, claims(source, bundle, *services))}


def held(source: str, bundle: str, digest: str = "1", *services: str) -> dict[str, Held]:
    """Give a live bundle."""
    return {bundle: Held(digest, claims(source, bundle, *services))}


A1, A2 = sound("a", "A", "1", "x"), sound("a", "A", "2", "x")
LIVE_A = held("a", "A", "1", "x")

# live, seen -> bundle: (source, digest) that is live afterwards, sources refused, names of the actions
Situation = tuple[Mapping[str, Held], Mapping[str, Seen], dict[str, tuple[str, str]], set[str], list[str]]
SITUATIONS: dict[str, Situation] = {
    "nothing": ({}, {}, {}, set(), []),
    "added": ({}, A1, {"A": ("a", "1")}, set(), ["Deploy"]),
    "the same": (LIVE_A, A1, {"A": ("a", "1")}, set(), []),
    "replaced": (LIVE_A, A2, {"A": ("a", "2")}, set(), ["Deploy"]),
    "removed": (LIVE_A, {}, {}, set(), ["Remove"]),
    "broken from the start": ({}, {"a": BROKEN}, {}, {"a"}, []),
    "broken": (LIVE_A, {"a": BROKEN}, {"A": ("a", "1")}, {"a"}, []),
    "being written": (LIVE_A, {"a": Restless()}, {"A": ("a", "1")}, set(), []),
    "gone for a moment": (LIVE_A, {"a": Going()}, {"A": ("a", "1")}, set(), []),
    "renamed": (LIVE_A, sound("b", "A", "1", "x"), {"A": ("b", "1")}, set(), ["Move"]),
    "renamed and changed": (LIVE_A, sound("b", "A", "2", "x"), {"A": ("b", "2")}, set(), ["Deploy"]),
    "renamed, the old name just gone": (
        LIVE_A,
        {"a": Going(), **sound("b", "A", "1", "x")},
        {"A": ("b", "1")},
        set(),
        ["Move"],
    ),
    "copied": (LIVE_A, {**A1, **sound("b", "A", "1", "x")}, {"A": ("a", "1")}, {"b"}, []),
    "copied before it in the alphabet": (
        held("b", "A"),
        {**sound("a", "A", "2"), **sound("b", "A")},
        {"A": ("b", "1")},
        {"a"},
        [],
    ),
    "two newcomers claim one name": ({}, {**A1, **sound("b", "B", "1", "X")}, {"A": ("a", "1")}, {"b"}, ["Deploy"]),
    "a newcomer claims a live name": (
        held("b", "B", "1", "x"),
        {**A1, **sound("b", "B", "1", "x")},
        {"B": ("b", "1")},
        {"a"},
        [],
    ),
    "the name is free again": (LIVE_A, sound("b", "B", "1", "x"), {"B": ("b", "1")}, set(), ["Remove", "Deploy"]),
    "the name is given up": (
        {**LIVE_A, **held("b", "B", "1", "y")},
        {**sound("a", "A", "2", "y"), **sound("b", "B", "2", "z")},
        {"A": ("a", "2"), "B": ("b", "2")},
        set(),
        ["Deploy", "Deploy"],
    ),
    "a new version claims a live name": (
        {**LIVE_A, **held("b", "B", "1", "y")},
        {**A1, **sound("b", "B", "2", "x")},
        {"A": ("a", "1"), "B": ("b", "1")},
        {"b"},
        [],
    ),
    "the owner of the name is broken": (
        LIVE_A,
        {"a": BROKEN, **sound("b", "B", "1", "x")},
        {"A": ("a", "1")},
        {"a", "b"},
        [],
    ),
    "another bundle in the same source": (
        LIVE_A,
        sound("a", "C", "9", "x"),
        {"C": ("a", "9")},
        set(),
        ["Remove", "Deploy"],
    ),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_situations(situation: str) -> None:
    """Each look has one meaning."""
    live, seen, wanted, refused, steps = SITUATIONS[situation]
    plan = decide(live, seen)
    assert {name: (found.source, found.digest) for name, found in plan.live.items()} == wanted
    assert set(plan.refused) == refused
    assert [type(step).__name__ for step in changes(live, plan.live)] == steps


def test_what_is_going_has_one_heir() -> None:
    """Of two sources that come with a bundle that is going, one takes its name, and the other is told who has it."""
    plan = decide(LIVE_A, {"a": Going(), **sound("b", "A", "1"), **sound("c", "A", "1")})
    assert plan.live["A"].source == "b"
    assert set(plan.refused) == {"c"}


def test_a_refusal_names_who_has_the_name() -> None:
    """Whoever is refused for a name learns from whom, and where the name stands."""
    plan = decide(LIVE_A, {**A1, **sound("b", "B", "1", "x")})
    (problem,) = plan.refused["b"]
    assert ("'A' in 'a'" in problem.message, problem.place.file, problem.code) == (True, "b", "bundle.name-taken")


def test_steps_say_what_they_replace() -> None:
    """A replacement is one step, and knows what was there."""
    (step,) = changes(LIVE_A, decide(LIVE_A, A2).live)
    assert isinstance(step, Deploy)
    assert (step.replaces, step.held.digest) == ("1", "2")
    assert isinstance(changes(LIVE_A, {})[0], Remove)
    assert isinstance(changes(LIVE_A, held("b", "A", "1", "x"))[0], Move)


SOURCES, NAMES = st.sampled_from("abc"), st.sampled_from("ABC")


@st.composite
def looks(draw: st.DrawFn) -> dict[str, Seen]:
    """Give any look at three sources."""
    seen: dict[str, Seen] = {}
    for source in draw(st.sets(SOURCES)):
        services = draw(st.sets(st.sampled_from("xyz")))
        one = sound(source, draw(NAMES), draw(st.sampled_from("12")), *services)[source]
        seen[source] = draw(st.sampled_from([one, one, one, BROKEN, Restless(), Going()]))
    return seen


@given(st.lists(looks(), max_size=6))
def test_names_are_never_shared_and_nothing_flickers(history: list[dict[str, Seen]]) -> None:
    """After any history each name has one owner, a second look changes nothing, and what is sound is live or told."""
    live: dict[str, Held] = {}
    for seen in history:
        plan = decide(live, seen)
        services = [name for found in plan.live.values() for name, _ in found.claims.services]
        assert len(services) == len(set(services))
        assert all(name == found.claims.bundle and found.source in seen for name, found in plan.live.items())
        assert decide(plan.live, seen).live == plan.live
        for source, found in seen.items():
            if isinstance(found, Sound):
                taken = Held(found.digest, found.claims) in plan.live.values()
                assert taken != (source in plan.refused)
        live = plan.live
