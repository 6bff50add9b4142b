"""Versions that are not live any more, for the executions that began on them."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
import trio
from msgspec.structs import replace

from runtime.bundle.sources import read_sources
from runtime.deploy.history import KEPT_VERSIONS
from runtime.deploy.versions import Noted, Versions
from runtime.errors import HostError
from runtime.model.journal import Accept, ExecutionRow, Status
from tests.deploy.bundles import Systems, bundle, swap_in, until, write
from tests.deploy.watched import watched


def row(digest: str) -> ExecutionRow:
    """Give an execution that began on this version."""
    return ExecutionRow(
        id=f"ex-{digest[:8]}",
        bundle="hello",
        version="1",
        digest=digest,
        process="Say",
        mode="general",
        status=Status.RUNNING,
        started_at=0.0,
        owner="one",
        epoch=1,
        lease_until=1e12,
    )


async def test_a_replaced_version_is_found_again_and_closes_when_unused(tmp_path: Path) -> None:
    """An execution of a replaced version finds it after a restart; its connections are open just as long."""
    async with watched(tmp_path) as at:
        swap_in(at.folder / "hello", bundle(text="1", system="one"))
        await at.until_live(hello="1")
        old = row(at.deployment().bundle.digest)
        await at.store.journal.commit([Accept(old, b"")])
        swap_in(at.folder / "hello", bundle(text="2", system="two"))
        await at.until_live(hello="2")
        await until(lambda: at.systems.open == ["two"])
    async with watched(tmp_path) as at:
        found: list[object] = []

        async def use() -> None:
            deployment = await at.live.find(old)
            assert deployment is not None
            with deployment.held():
                found.append(deployment)
                await until(lambda: len(found) == 10)
                assert sorted(at.systems.open) == ["one", "two"]

        async with trio.open_nursery() as nursery:
            for _ in range(10):
                nursery.start_soon(use)
        assert (len(set(found)), at.versions) == (1, {"hello": "2"})
        await until(lambda: at.systems.open == ["two"])
        assert await at.live.find(replace(old, digest="0" * 64)) is None


async def test_versions_go_when_nothing_needs_them(tmp_path: Path) -> None:
    """Of many versions the newest stay, to go back to, and those that an unfinished execution began on."""
    async with watched(tmp_path) as at:
        digests: list[str] = []
        for text in "123456789":
            swap_in(at.folder / "hello", bundle(text=text))
            await at.until_live(hello=text)
            digests.append(at.deployment().bundle.digest)
            if text == "2":
                await at.store.journal.commit([Accept(row(digests[1]), b"")])
        await until(lambda: at.live.statistics().draining == 0)
        await at.live.forget_unneeded(at.store.journal)
        kept = {path.stem for path in (tmp_path / "state" / "versions").glob("*.zip")}
        assert kept == {digests[1], *digests[-KEPT_VERSIONS:]}


async def test_a_state_folder_that_refuses(tmp_path: Path) -> None:
    """A version that cannot be kept is not deployed: its executions could not go on after a restart."""
    (tmp_path / "state").write_text("a file in the place of the folder")
    async with watched(tmp_path, rescan=0.3) as at:
        write(at.folder / "hello", bundle())
        await at.until_refused("hello")
        assert "[deploy.versions]" in at.refused["hello"][0]
        (tmp_path / "state").unlink()
        await at.until_live(hello="1")


async def test_connections_that_fail_while_they_are_open(tmp_path: Path) -> None:
    """A connector whose background task fails harms no other bundle, and is opened anew."""
    systems = Systems()
    async with watched(tmp_path, systems, rescan=0.3) as at:
        write(at.folder / "hello", bundle(system="one"))
        write(at.folder / "other", bundle("other", system="two"))
        await at.until_live(hello="1", other="1")
        before = at.deployment()
        systems.fail("one")
        await until(lambda: systems.log.count("open one") == 2)
        await until(lambda: at.deployment() is not before)
        assert systems.log.count("open two") == 1


def test_a_kept_version_is_the_version(tmp_path: Path) -> None:
    """What is kept has the digest of what was read, and every byte of it."""
    sources, _ = read_sources(write(tmp_path / "hello", {**bundle(), "tables/deep/t.csv": "é,\n"}))
    versions = Versions(tmp_path / "state")
    versions.keep(sources)
    path = versions.path(sources.digest)
    assert path is not None
    assert read_sources(path)[0] == sources


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version is kept whole or not at all."""
    sources, _ = read_sources(write(tmp_path / "hello", bundle()))
    versions = Versions(tmp_path / "state")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(HostError, match="No space left"):
        versions.keep(sources)
    assert list((tmp_path / "state" / "versions").iterdir()) == []


def test_a_damaged_note_is_no_note(tmp_path: Path) -> None:
    """When what was live cannot be read, the watched folder alone decides."""
    versions = Versions(tmp_path / "state")
    assert versions.noted() == {}
    versions.note({"hello": Noted("hello", "1")})
    assert versions.noted() == {"hello": Noted("hello", "1")}
    (tmp_path / "state" / "versions" / "live.json").write_text("{")
    assert versions.noted() == {}
