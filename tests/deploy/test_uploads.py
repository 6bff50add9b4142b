"""Bundles that are sent: they serve, or leave no trace but in the history; and what is ordered away is gone."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from runtime.clock import SystemClock
from runtime.deploy.uploads import AT_ONCE, Uploads
from runtime.errors import BundleError, RequestError, Unavailable
from tests.deploy.bundles import Systems, bundle, write, zipped
from tests.deploy.watched import Watched, watched


def stored(path: Path) -> None:
    """Put the archive of a bundle into the folder."""
    path.parent.mkdir()
    path.write_bytes(zipped(bundle()))


async def pieces(content: bytes) -> AsyncGenerator[bytes]:
    """Give a content as a slow line brings it."""
    for at in range(0, len(content), 100):
        yield content[at : at + 100]


def uploads(at: Watched, *, allowed: bool = True) -> Uploads:
    """Give what takes bundles into the folder."""
    return Uploads(at.live, at.folder, SystemClock(), allowed=allowed)


def told(at: Watched) -> list[tuple[str, str | None]]:
    """Give what the history tells, and of whom."""
    return [(event.what, event.who) for event in at.live.history.events]


async def test_what_was_sent_serves_when_that_is_answered(tmp_path: Path) -> None:
    """It is in the folder whole, serves at once, and the history says who sent it; sent again it changes nothing."""
    async with watched(tmp_path) as at:
        sent = await uploads(at).put("hello", pieces(zipped(bundle(text="sent"))), "ada")
        assert (sent.changed, at.versions) == (True, {"hello": sent.version})
        assert [path.name for path in at.folder.iterdir()] == ["hello.zip"]
        again = await uploads(at).put("hello", pieces(zipped(bundle(text="sent"))), "bob")
        assert (again.changed, again.digest) == (False, sent.digest)
        assert told(at) == [("deployed", "ada")]
        newer = await uploads(at).put("hello", pieces(zipped(bundle(text="newer"))), "bob")
        assert at.deployment().bundle.digest == newer.digest
        assert told(at) == [("deployed", "ada"), ("deployed", "bob")]


async def test_what_was_sent_takes_the_place_of_a_folder(tmp_path: Path) -> None:
    """The archive stands there, the folder does not, and nothing is refused meanwhile."""
    write(tmp_path / "bundles" / "hi", bundle())
    async with watched(tmp_path) as at:
        sent = await uploads(at).put("hello", pieces(zipped(bundle(text="sent"))), "ada")
        assert at.deployment().bundle.digest == sent.digest
        assert [path.name for path in at.folder.iterdir()] == ["hello.zip"]
        assert at.live.source("hello") == "hello.zip"
        assert (at.refused, told(at)[-1]) == ({}, ("deployed", "ada"))


async def test_what_was_sent_takes_the_place_of_an_archive_of_any_name(tmp_path: Path) -> None:
    """The file of that bundle is replaced where it stands."""
    stored(tmp_path / "bundles" / "other.zip")
    async with watched(tmp_path) as at:
        sent = await uploads(at).put("hello", pieces(zipped(bundle(text="sent"))), "ada")
        assert at.deployment().bundle.digest == sent.digest
        assert [path.name for path in at.folder.iterdir()] == ["other.zip"]


HOSTILE = {
    "no archive": b"PK",
    "a way out": zipped({"../bundle.yaml": "name: hello\nversion: 1\n"}),
    "a bomb": zipped({"bundle.yaml": "name: hello\nversion: 1\n", "tables/a.csv": "a" * 17_000_000}),
    "a mistake": zipped({"bundle.yaml": "nam: hello\nversion: 1\n"}),
}


@pytest.mark.parametrize("case", HOSTILE)
async def test_what_is_refused_changes_nothing(tmp_path: Path, case: str) -> None:
    """It is told what is wrong; folder and table are as they were, and the history has it with who sent it."""
    stored(tmp_path / "bundles" / "hello.zip")
    async with watched(tmp_path) as at:
        before, content = at.deployment(), (at.folder / "hello.zip").read_bytes()
        with pytest.raises(BundleError) as refused:
            await uploads(at).put("hello", pieces(HOSTILE[case]), "ada")
        assert refused.value.problems
        assert at.deployment() is before
        assert [path.name for path in at.folder.iterdir()] == ["hello.zip"]
        assert (at.folder / "hello.zip").read_bytes() == content
        assert told(at)[-1] == ("refused", "ada")


@pytest.mark.parametrize("held_by", ["folder", "archive", "nobody"])
async def test_what_does_not_open_is_taken_back(tmp_path: Path, held_by: str) -> None:
    """A bundle without mistakes whose system is away is refused, and what was there before is there again."""
    systems = Systems()
    systems.refusing.add("broken")
    if held_by == "folder":
        write(tmp_path / "bundles" / "hello", bundle())
    elif held_by == "archive":
        stored(tmp_path / "bundles" / "hello.zip")
    else:
        (tmp_path / "bundles").mkdir()
    async with watched(tmp_path, systems) as at:
        names, versions = sorted(path.name for path in at.folder.iterdir()), at.versions
        with pytest.raises(BundleError) as refused:
            await uploads(at).put("hello", pieces(zipped(bundle(text="sent", system="broken"))), "ada")
        assert "system" in str(refused.value)
        assert (at.versions, at.refused) == (versions, {})
        assert sorted(path.name for path in at.folder.iterdir()) == names
        assert told(at)[-1] == ("refused", "ada")


async def test_an_archive_of_another_bundle_is_refused(tmp_path: Path) -> None:
    """Whoever sends says what; a mix-up overwrites nothing."""
    async with watched(tmp_path) as at:
        with pytest.raises(RequestError, match="holds the bundle 'hello', not 'bye'"):
            await uploads(at).put("bye", pieces(zipped(bundle())), "ada")
        assert list(at.folder.iterdir()) == []


async def test_a_bundle_is_ordered_away(tmp_path: Path) -> None:
    """It serves no more when that is answered, its folder is gone, and the history says who ordered it."""
    write(tmp_path / "bundles" / "hi", bundle())
    async with watched(tmp_path) as at:
        digest = at.deployment().bundle.digest
        assert await uploads(at).remove("hello", "ada") == digest
        assert (at.versions, list(at.folder.iterdir())) == ({}, [])
        assert told(at)[-1] == ("removed", "ada")
        with pytest.raises(RequestError, match="no bundle 'hello'"):
            await uploads(at).remove("hello", "ada")


async def test_a_folder_that_takes_nothing_is_told(tmp_path: Path) -> None:
    """The daemon's user may not write there, say: the answer names the folder, the reason and the cure."""
    async with watched(tmp_path) as at:
        away = Uploads(at.live, tmp_path / "away", SystemClock())
        with pytest.raises(RequestError, match=r"away does not take it: No such file") as refused:
            await away.put("hello", pieces(zipped(bundle())), "ada")
        assert refused.value.hint is not None


async def test_uploads_are_bounded_and_can_be_turned_off(tmp_path: Path) -> None:
    """One too many is told to come again, one that breaks off leaves nothing, and a setting refuses all."""
    async with watched(tmp_path) as at:
        taking = uploads(at)

        async def one_more(depth: int) -> AsyncGenerator[bytes]:
            yield b"PK"
            await taking.put("hello", one_more(depth + 1), "ada")

        with pytest.raises(Unavailable, match=f"{AT_ONCE} bundles arrive"):
            await taking.put("hello", one_more(1), "ada")
        assert list(at.folder.iterdir()) == []
        with pytest.raises(RequestError, match="from its folder only"):
            await uploads(at, allowed=False).put("hello", pieces(b""), "ada")
        with pytest.raises(RequestError, match="from its folder only"):
            await uploads(at, allowed=False).remove("hello", "ada")
