"""The watched folder, on a real disk: whatever is done to it, the right version serves."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import trio
import trio.testing

from runtime.deploy import candidates
from runtime.deploy import watch as watching
from runtime.deploy.look import fingerprint
from runtime.engine.deployment import prepare
from tests.deploy.bundles import MISTAKE, Systems, bundle, swap_in, until, write, zipped
from tests.deploy.watched import QUIET, watched


async def test_added_changed_and_removed(tmp_path: Path) -> None:
    """A folder that comes, changes and goes is deployed, replaced and removed."""
    async with watched(tmp_path) as at:
        write(at.folder / "hello", bundle(text="1"))
        await at.until_live(hello="1")
        write(at.folder / "hello", bundle(text="2"))
        await at.until_live(hello="2")
        shutil.rmtree(at.folder / "hello")
        await at.until_live()
        assert at.live.table.services == {}


async def test_what_was_there_at_the_start_is_live_at_once(tmp_path: Path) -> None:
    """The daemon serves when it is ready, and does not wait for quiet time."""
    write(tmp_path / "bundles" / "hello", bundle())
    async with watched(tmp_path, quiet=60) as at:
        assert at.versions == {"hello": "1"}


async def test_a_mistake_changes_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """While a bundle has a mistake its last good version serves; the mistake is told with its place, logged once."""
    async with watched(tmp_path, rescan=0.3) as at:
        swap_in(at.folder / "hello", bundle(text="1"))
        await at.until_live(hello="1")
        before = at.live.table
        broken = bundle(text="2")["processes/say.yaml"].split("steps:")[0] + MISTAKE
        write(at.folder / "hello", {"processes/say.yaml": broken})
        await at.until_refused("hello")
        (problem,) = at.refused["hello"]
        assert problem.startswith("processes/say.yaml:5:5: ")
        assert at.live.table is before
        await trio.sleep(0.7)  # two rescans
        assert at.live.table is before
        swap_in(at.folder / "hello", bundle(text="3"))
        await at.until_live(hello="3")
        assert at.live.refused == {}
    assert capfd.readouterr().out.count("bundle refused") == 1


async def test_a_mistake_changes_nothing_through_a_restart(tmp_path: Path) -> None:
    """The last good version serves on when the daemon is started over a bundle that has a mistake."""
    async with watched(tmp_path) as at:
        write(at.folder / "hello", bundle(text="1"))
        await at.until_live(hello="1")
        write(at.folder / "hello", {"bundle.yaml": "name: hello"})
        await at.until_refused("hello")
    async with watched(tmp_path) as at:
        assert at.versions == {"hello": "1"}
        assert list(at.live.refused) == ["hello"]
        shutil.rmtree(at.folder / "hello")
        await at.until_live()
    async with watched(tmp_path) as at:
        assert at.versions == {}


async def test_a_bundle_that_is_written_while_the_daemon_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last good version serves until the new one is whole."""
    write(tmp_path / "bundles" / "hello", bundle(text="1"))
    async with watched(tmp_path) as at:
        assert at.versions == {"hello": "1"}
    looks = iter(((("", 0, 0, 0, 0),),))  # the first thing that is read has changed meanwhile
    monkeypatch.setattr(candidates, "fingerprint", lambda path: next(looks, None) or fingerprint(path))
    write(tmp_path / "bundles" / "hello", bundle(text="2"))
    async with watched(tmp_path) as at:
        assert at.versions == {"hello": "1"}
        await at.until_live(hello="2")


async def test_a_rename_is_no_deployment(tmp_path: Path) -> None:
    """A folder under another name is the same deployment, with the same connections."""
    async with watched(tmp_path) as at:
        swap_in(at.folder / "hello", bundle(system="one"))
        await at.until_live(hello="1")
        before = at.deployment()
        (at.folder / "hello").rename(at.folder / "other")
        await until(lambda: at.live.source("hello") == "other")
        assert at.deployment() is before
        assert at.systems.log == ["open one"]


async def test_a_copy_in_progress_is_not_read(tmp_path: Path, clock: trio.testing.MockClock) -> None:
    """While files keep coming nothing is read, however sound the first of them are."""
    quiet = 60.0
    async with watched(tmp_path, quiet=quiet, rescan=100 * quiet) as at:
        for count in range(8):
            write(at.folder / "hello", {**bundle(text=str(count)), f"tables/{count}.csv": "a,b"})
            await trio.sleep(QUIET)
            clock.jump(quiet / 2)
            await trio.sleep(QUIET)
            assert at.versions == {}
        clock.jump(quiet)
        await at.until_live(hello="7")
        assert at.deployment().bundle.digest


@pytest.mark.parametrize(
    "name", [".say.yaml.swp", "say.yaml~", "4913", "say.yaml.tmp", "#say.yaml#", ".DS_Store", "say.yaml___jb_tmp___"]
)
async def test_what_editors_write_is_no_change(tmp_path: Path, name: str) -> None:
    """The files that an editor writes beside the one it saves are no part of a bundle."""
    async with watched(tmp_path) as at:
        swap_in(at.folder / "hello", bundle(text="1"))
        await at.until_live(hello="1")
        before = at.live.table
        (at.folder / "hello" / "processes" / name).write_text("half of")
        (at.folder / name).write_text("half of")
        await trio.sleep(3 * QUIET)
        assert at.live.table is before
        assert at.live.refused == {}


async def test_an_editor_that_saves_by_renaming(tmp_path: Path) -> None:
    """A save that replaces a file by another is a change like any other."""
    async with watched(tmp_path) as at:
        write(at.folder / "hello", bundle(text="1"))
        await at.until_live(hello="1")
        for path, text in bundle(text="2").items():
            draft = at.folder / "hello" / f"{path}.tmp"
            draft.write_text(text)
            draft.rename(at.folder / "hello" / path)
        await at.until_live(hello="2")


async def test_an_archive_in_the_place_of_another(tmp_path: Path) -> None:
    """A .zip is deployed like its folder, whether it is replaced by a rename or written over in place."""
    path = tmp_path / "bundles" / "hello.zip"
    async with watched(tmp_path) as at:
        path.write_bytes(zipped(bundle(text="1")))
        await at.until_live(hello="1")
        draft = path.with_suffix(".zip.part")
        draft.write_bytes(zipped(bundle(text="2"), above="hello-2/"))
        draft.rename(path)
        await at.until_live(hello="2")
        content = zipped(bundle(text="3"))
        with path.open("wb") as file:
            for at_byte in range(0, len(content), 200):
                file.write(content[at_byte : at_byte + 200])
                file.flush()
                await trio.sleep(QUIET / 4)
                assert at.versions == {"hello": "2"}
        await at.until_live(hello="3")
        assert at.live.refused == {}
        path.write_bytes(content[:-100])
        await at.until_refused("hello.zip")
        assert at.versions == {"hello": "3"}
        path.unlink()
        await at.until_live()


async def test_a_folder_and_its_archive_are_one_version(tmp_path: Path) -> None:
    """An archive that takes the place of the folder it was made of changes nothing that is live."""
    async with watched(tmp_path) as at:
        write(at.folder / "hello", bundle())
        await at.until_live(hello="1")
        before = at.deployment()
        (at.folder / "hello.zip").write_bytes(zipped(bundle()))
        await at.until_refused("hello.zip")
        shutil.rmtree(at.folder / "hello")
        await until(lambda: at.live.source("hello") == "hello.zip")
        assert at.deployment() is before


async def test_a_share_without_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no event is ever told, the rescan finds every change, even one that keeps size and times."""

    async def silence(_folder: Path, _bell: object) -> None:
        await trio.sleep_forever()

    monkeypatch.setattr(watching, "_ring", silence)
    async with watched(tmp_path, rescan=0.3) as at:
        write(at.folder / "hello", bundle(text="1"))
        await at.until_live(hello="1")
        for path, text in bundle(text="2").items():
            file = at.folder / "hello" / path
            times = file.stat()
            file.write_text(text)
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
        await at.until_live(hello="2")


async def test_what_comes_to_rest_while_the_watch_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source whose quiet time ends between a look and the wait for the next one is read, and not forgotten."""
    monkeypatch.setattr(watching, "SHORTEST_PAUSE", 3 * QUIET)
    async with watched(tmp_path) as at:
        for text in "123":
            swap_in(at.folder / "hello", bundle(text=text))
            await at.until_live(hello=text)


async def test_the_second_to_claim_a_name_waits_for_it(tmp_path: Path) -> None:
    """A name has one owner; who is refused for it is deployed as soon as the owner has gone."""
    async with watched(tmp_path) as at:
        write(at.folder / "one", bundle("one", service="Greetings"))
        await at.until_live(one="1")
        write(at.folder / "another", bundle("another", service="greetings"))
        await at.until_refused("another")
        assert "belongs to the bundle 'one' in 'one'" in at.refused["another"][0]
        assert at.versions == {"one": "1"}
        shutil.rmtree(at.folder / "one")
        await at.until_live(another="1")
        assert at.live.refused == {}


async def test_the_folder_itself_goes_and_comes_back(tmp_path: Path) -> None:
    """What cannot be seen changes nothing: a share that is away takes nothing down."""
    async with watched(tmp_path, rescan=0.2) as at:
        write(at.folder / "hello", bundle(text="1"))
        await at.until_live(hello="1")
        at.folder.rename(tmp_path / "away")
        await trio.sleep(0.5)
        assert at.versions == {"hello": "1"}
        write(at.folder / "hello", bundle(text="2"))
        await at.until_live(hello="2")


async def test_a_stop_is_quick(tmp_path: Path) -> None:
    """The thread that waits for events ends with the watch."""
    async with watched(tmp_path):
        await trio.sleep(QUIET)
        begun = trio.current_time()
    assert trio.current_time() - begun < 4.0  # the thread's own turn would take five seconds


async def test_a_mistake_of_ours_harms_one_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bundle on which the runtime itself fails is refused; the others go on."""

    def failing(made: object, *rest: object) -> object:
        if getattr(made, "name", "") == "bad":
            raise KeyError("a mistake")
        return prepare(made, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(candidates, "prepare", failing)
    async with watched(tmp_path) as at:
        write(at.folder / "bad", bundle("bad"))
        await at.until_refused("bad")
        write(at.folder / "good", bundle("good"))
        await at.until_live(good="1")


async def test_connections_open_before_the_swap_and_close_after_the_last_user(tmp_path: Path) -> None:
    """A replaced version keeps its connections until the last execution on it has ended."""
    systems = Systems()
    async with watched(tmp_path, systems) as at:
        write(at.folder / "hello", bundle(text="1", system="one"))
        await at.until_live(hello="1")
        first, execution = at.deployment(), object()
        first.hold(execution)
        write(at.folder / "hello", bundle(text="2", system="two"))
        await at.until_live(hello="2")
        assert systems.open == ["one", "two"]
        assert at.live.statistics().draining == 1
        first.let_go(execution)
        await until(lambda: systems.open == ["two"])
        assert systems.log == ["open one", "open two", "close one"]
        assert at.live.statistics().draining == 0
    assert systems.open == []


async def test_a_version_that_comes_back_while_it_is_in_use(tmp_path: Path) -> None:
    """To go back to a version that still has executions is to make that very deployment live again."""
    async with watched(tmp_path) as at:
        swap_in(at.folder / "hello", bundle(text="1", system="one"))
        await at.until_live(hello="1")
        first, execution = at.deployment(), object()
        first.hold(execution)
        swap_in(at.folder / "hello", bundle(text="2", system="two"))
        await at.until_live(hello="2")
        swap_in(at.folder / "hello", bundle(text="1", system="one"))
        await at.until_live(hello="1")
        assert at.deployment() is first
        first.let_go(execution)
        await until(lambda: at.systems.open == ["one"])


@pytest.mark.parametrize("how", ["refusing", "silent"])
async def test_a_connection_that_does_not_open(tmp_path: Path, how: str) -> None:
    """A version whose connections do not open changes nothing, and is tried again when everything is read anew."""
    systems = Systems()
    async with watched(tmp_path, systems, rescan=0.3, open_within=0.2) as at:
        write(at.folder / "hello", bundle(text="1", system="one"))
        write(at.folder / "other", bundle("other"))
        await at.until_live(hello="1", other="1")
        getattr(systems, how).add("two")
        write(at.folder / "hello", bundle(text="2", system="two"))
        await at.until_refused("hello")
        assert at.refused["hello"][0].endswith("[bundle.connection-not-open]")
        assert (at.versions, systems.open) == ({"hello": "1", "other": "1"}, ["one"])
        getattr(systems, how).clear()
        await at.until_live(hello="2", other="1")
        await until(lambda: systems.open == ["two"])
