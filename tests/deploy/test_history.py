"""What was deployed, and going back."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
from msgspec.structs import replace

from runtime.bundle.machine import Machine
from runtime.clock import SystemClock
from runtime.deploy.differing import differences
from runtime.deploy.history import MOST_EVENTS, Event, History, shown
from runtime.deploy.life import open_live
from runtime.deploy.trial import Outcomes, Trial, failing, guard_versions, on_trial
from runtime.errors import RequestError
from tests.deploy.bundles import MISTAKE, bundle, swap_in, until, write
from tests.deploy.watched import watched
from tests.engine.worlds import World


async def test_what_happens_to_bundles_is_kept(tmp_path: Path) -> None:
    """Deployments, refusals with their reasons and removals are there after a restart, each once, with who owned it."""
    async with watched(tmp_path) as at:
        write(at.folder / "hello", bundle(text="1"))
        await at.until_live(hello="1")
        swap_in(at.folder / "hello", {**bundle(text="2"), "processes/say.yaml": MISTAKE})
        await at.until_refused("hello")
        swap_in(at.folder / "hello", bundle(text="2"))
        await at.until_live(hello="2")
    history = History(tmp_path / "state")
    await history.recall()
    assert [(event.what, event.version) for event in history.events] == [
        ("deployed", "1"),
        ("refused", None),
        ("deployed", "2"),
    ]
    assert history.events[2].replaces == history.events[0].digest
    assert history.events[1].reasons
    assert all(event.who for event in history.events)


async def test_going_back_and_forth(tmp_path: Path) -> None:
    """An earlier version serves until its source holds another one, through a restart; the one held back says why."""
    async with watched(tmp_path) as at:
        for text in "12":
            swap_in(at.folder / "hello", bundle(text=text))
            await at.until_live(hello=text)
        second = at.deployment().bundle.digest
        await at.live.roll_back("hello", None, "ada ordered it")
        assert at.versions == {"hello": "1"}
        assert "ada ordered it" in at.refused["hello"][0]
    async with watched(tmp_path) as at:
        await at.until_live(hello="1")
        assert [event.what for event in at.live.history.events] == ["deployed", "deployed", "rolled back"]
        await at.live.roll_back("hello", second, "ada ordered it")
        assert at.versions == {"hello": "2"}
        assert at.refused == {}
        await at.live.roll_back("hello", None, "ada ordered it")
        swap_in(at.folder / "hello", bundle(text="3"))
        await at.until_live(hello="3")
        assert at.refused == {}


@pytest.mark.parametrize(("name", "to"), [("other", None), ("hello", None), ("hello", "0" * 64)])
async def test_what_is_not_there_is_not_gone_back_to(tmp_path: Path, name: str, to: str | None) -> None:
    """A bundle that is not live, one without an earlier version, and a version that is not kept are told."""
    async with watched(tmp_path) as at:
        write(at.folder / "hello", bundle())
        await at.until_live(hello="1")
        with pytest.raises(RequestError):
            await at.live.roll_back(name, to, "x")
        assert at.versions == {"hello": "1"}


TRIAL = Trial(seconds=600, executions=20, failures=0.5)
DEPLOYED = Event(at=0, what="deployed", source="hello", bundle="hello", digest="new", replaces="old")


def test_when_a_version_fails_too_often() -> None:
    """It is judged after enough executions, by its share of failures, and against the version before."""
    assert failing(TRIAL, Outcomes(20, 11), Outcomes())
    assert not failing(TRIAL, Outcomes(19, 19), Outcomes())
    assert not failing(TRIAL, Outcomes(20, 10), Outcomes())
    assert not failing(TRIAL, Outcomes(20, 20), Outcomes(100, 60))
    assert not failing(replace(TRIAL, failures=1.0), Outcomes(20, 20), Outcomes())


def test_what_is_on_trial() -> None:
    """Only a version that replaced another, not long ago, and was not rolled back itself."""
    assert on_trial((DEPLOYED,), "hello", TRIAL, 599) == DEPLOYED
    assert on_trial((DEPLOYED,), "hello", TRIAL, 601) is None
    assert on_trial((replace(DEPLOYED, replaces=None),), "hello", TRIAL, 1) is None
    assert on_trial((DEPLOYED, replace(DEPLOYED, what="refused")), "hello", TRIAL, 1) == DEPLOYED
    assert on_trial((DEPLOYED, replace(DEPLOYED, what="rolled back")), "hello", TRIAL, 1) is None


async def test_a_version_that_fails_is_rolled_back_by_itself(tmp_path: Path) -> None:
    """Once too many of its executions have failed, the version before serves again, and the log says why."""
    async with watched(tmp_path) as at, trio.open_nursery() as nursery:
        for text in "12":
            swap_in(at.folder / "hello", bundle(text=text))
            await at.until_live(hello=text)
        bad = at.deployment().bundle.digest

        def outcomes(digest: str) -> Outcomes:
            return Outcomes(20, 15) if digest == bad else Outcomes(100, 1)

        nursery.start_soon(guard_versions, at.live, outcomes, TRIAL, SystemClock())
        await until(lambda: at.versions == {"hello": "1"})
        assert "15 of its first 20 executions failed" in at.refused["hello"][0]
        nursery.cancel_scope.cancel()


def test_the_history_is_bounded_and_read_by_bundle() -> None:
    """The oldest events go; what is shown is the newest first, of one bundle or of all."""
    history = History(Path("nowhere"))
    for number in range(MOST_EVENTS + 10):
        history.add(replace(DEPLOYED, at=number, bundle="even" if number % 2 == 0 else "odd", digest=str(number)))
    assert len(history.events) == MOST_EVENTS
    assert [event.at for event in shown(history.events, "even", 2)] == [MOST_EVENTS + 8, MOST_EVENTS + 6]
    assert list(history.versions("odd"))[:2] == [str(MOST_EVENTS + 9), str(MOST_EVENTS + 7)]


def test_differences_are_told_as_people_read_them() -> None:
    """A changed line, a file that came or went, and one that is no text; equal files say nothing."""
    kept = {
        "old": {"a": b"same\n", "b": b"one\ntwo\n", "gone": b"x", "picture": b"\xff\x00"},
        "new": {"a": b"same\n", "b": b"one\n2\n", "come": b"y\n", "picture": b"\xff\x01"},
    }
    text = differences(kept.get, "old", "new")
    assert "-two\n+2\n" in text
    assert "+++ b/come" in text
    assert "--- a/gone" in text
    assert "Binary file picture differs" in text
    assert "same" not in text
    with pytest.raises(RequestError):
        differences(kept.get, "old", "lost")


async def test_a_history_that_cannot_be_read_begins_anew(tmp_path: Path) -> None:
    """What somebody has broken stops nothing."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "deployments.json").write_text("{")
    write(tmp_path / "bundles" / "hello", bundle())
    machine = Machine(None, {})
    async with open_live(World().catalogue(), tmp_path / "state", SystemClock(), machine=machine) as live:
        await live.begin(tmp_path / "bundles")
        assert set(live.table.deployments) == {"hello"}
