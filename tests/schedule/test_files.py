"""Listeners for files, over the disk connector in a folder of the test and a store in memory."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from trio.testing import MockClock as Clock

from connectors.disk import CONNECTOR
from connectors.disk.settings import Settings
from runtime.engine.deployment import Deployment, prepare
from runtime.engine.executions import begin_process, open_executions
from runtime.engine.house import House
from runtime.engine.listeners import Pause
from runtime.engine.table import Table, table_of
from runtime.errors import StoreError, Unavailable
from runtime.model.bundle import Connection as Described
from runtime.model.document import Document
from runtime.model.file_listener import Afterwards, FileListener
from runtime.model.shapes import StopStep
from runtime.model.values import Template
from runtime.schedule.files import FileBook, FileListening
from runtime.schedule.files_decide import Entry, decide
from runtime.sdk.connector import Call, Catalogue, Connection, Reply
from runtime.sdk.faults import NotSent
from runtime.store.memory import MemoryStore
from runtime.store.note import Note
from tests.engine.houses import SETTINGS
from tests.engine.runs import bundle_of
from tests.engine.worlds import TrioClock

KEY = ("b", "p")
CATALOGUE = Catalogue({"disk": CONNECTOR})


class Place:
    """A daemon's worth of state that outlives it: the store, the notes, the folder. `taken` are contents by file."""

    def __init__(self, folder: Path, listener: FileListener) -> None:
        self.folder = folder / "in"
        self.folder.mkdir()
        self.note = Note(folder / "files.json", FileBook)
        self.store = MemoryStore()
        self.listener = listener
        self.taken: list[tuple[str, bytes]] = []
        self.refuses: Exception | None = None
        self.table: Table = table_of([])

    def write(self, name: str, content: str = "x", *, age: int = 0) -> None:
        """Write a file, so many seconds ago."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
        os.utime(path, ns=(0, (1_700_000_000 - age) * 10**9))

    @property
    def names(self) -> list[str]:
        """The files that are there."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[tuple[FileListening, House]]:
        """Start a daemon."""
        stop = StopStep(id="stop")
        bundle = bundle_of([stop], "stop")
        listening = replace(bundle.processes["p"], listener=self.listener)
        where = Described(name="inbox", connector="disk", settings={"folder": Template((str(self.folder),))})
        bundle = replace(bundle, name="b", processes={"p": listening}, connections={"inbox": where})
        opened = open_executions(self.store, TrioClock(), SETTINGS, owner="o", wake_outbox=lambda: None)
        async with CONNECTOR.open(Settings(folder=str(self.folder))) as connection, opened as house:
            self.table = table_of([Deployment(prepare(bundle, CATALOGUE), {"inbox": connection})])

            async def start(deployment: Deployment, process: str, document: Document, token: str) -> str:
                if self.refuses is not None:
                    raise self.refuses
                execution = await begin_process(house, deployment, process, (document,), {}, token=token)
                assert isinstance(document.content, bytes)
                self.taken.append((document.meta["file"], document.content))
                return execution

            listening_for = FileListening(self, CATALOGUE, house.listeners, TrioClock(), note=self.note, start=start)
            await listening_for.recall()
            yield listening_for, house


@pytest.fixture
def clock(mock_clock: Clock) -> Clock:
    """Time that stands still but for looks."""
    return mock_clock


async def look(files: FileListening, clock: Clock, times: int = 1) -> None:
    """Look as often as that, whatever the pace."""
    for _ in range(times):
        clock.jump(10)
        for due in list(files.due()):
            await files.look(*due)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place whose files are moved away."""
    return Place(tmp_path, FileListener(connection="inbox", files="*.csv", afterwards="move", moved_to="done"))


async def test_each_stable_file_begins_one_execution_the_oldest_first(place: Place, clock: Clock) -> None:
    """With its content as the document; names that do not fit and folders stay where they are."""
    place.write("b.csv", "two", age=5)
    place.write("a.csv", "three")
    place.write("c.csv", "one", age=9)
    place.write("c.txt")
    place.write("sub/d.csv")
    async with place.open() as (files, house):
        await look(files, clock)
        assert place.taken == []
        await look(files, clock, 3)
        heard = house.listeners.heard(*KEY)
        assert heard is not None
        assert heard.calls == 3
    assert place.taken == [("c.csv", b"one"), ("b.csv", b"two"), ("a.csv", b"three")]
    assert place.names == ["c.txt", "done/a.csv", "done/b.csv", "done/c.csv", "sub/d.csv"]
    rows = await place.store.journal.executions()
    assert [row.status.finished for row in rows] == [True] * 3


async def test_a_file_that_is_still_written_is_left_alone(place: Place, clock: Clock) -> None:
    """Until it is the same at two looks."""
    async with place.open() as (files, _):
        for length in range(1, 5):
            place.write("a.csv", "x" * length, age=10 - length)
            await look(files, clock)
        assert place.taken == []
        await look(files, clock)
        assert place.taken == [("a.csv", b"xxxx")]


async def test_at_most_so_many_begin_at_one_look(place: Place, clock: Clock) -> None:
    """The others follow at the next ones."""
    place.listener = replace(place.listener, most=2)
    for number in range(5):
        place.write(f"{number}.csv")
    async with place.open() as (files, _):
        await look(files, clock)
        for count in (2, 4, 5):
            await look(files, clock)
            assert len(place.taken) == count


async def test_files_that_stay_are_taken_once_through_restarts_and_again_when_changed(
    tmp_path: Path, clock: Clock
) -> None:
    """And one that was removed and comes again is another file; all of that while the daemon is away, too."""
    place = Place(tmp_path, FileListener(connection="inbox", changed=True))
    place.write("a", "1")
    async with place.open() as (files, _):
        await look(files, clock, 4)
    async with place.open() as (files, _):
        await look(files, clock, 3)
    assert place.taken == [("a", b"1")]
    place.write("a", "22", age=1)
    async with place.open() as (files, _):
        await look(files, clock, 3)
        (place.folder / "a").unlink()
        await look(files, clock)
        place.write("a", "333", age=2)
        await look(files, clock, 3)
    assert [content for _, content in place.taken] == [b"1", b"22", b"333"]
    assert place.names == ["a"]


class Failing:
    """A connection that can do all but put files away."""

    def __init__(self, inner: Connection) -> None:
        self._inner = inner

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Do it, or say that it was not done."""
        if operation in {"delete", "move"}:
            raise NotSent("disk.not-done", "the disk is away")
        return await self._inner.execute(operation, call)


@pytest.mark.parametrize(("afterwards", "left"), [("keep", ["a"]), ("delete", []), ("move", ["done/a"])])
async def test_no_file_is_taken_twice_whatever_is_lost_between_its_beginning_and_its_end(
    tmp_path: Path, clock: Clock, afterwards: Afterwards, left: list[str]
) -> None:
    """The journal knows the token, where neither the notes nor the folder do."""
    moved = "done" if afterwards == "move" else ""
    place = Place(tmp_path, FileListener(connection="inbox", afterwards=afterwards, moved_to=moved))
    place.write("a", "1")
    async with place.open() as (files, house):
        connections = next(iter(place.table.deployments.values())).connections
        connections["inbox"] = Failing(connections["inbox"])
        await look(files, clock, 2)
        assert (house.listeners.troubles == {}) is (afterwards == "keep")
    assert (place.taken, place.names) == ([("a", b"1")], ["a"])
    (tmp_path / "files.json").unlink()
    async with place.open() as (files, _):
        await look(files, clock, 3)
    assert (place.taken, place.names) == ([("a", b"1")], left)
    assert len(await place.store.journal.executions()) == 1


async def test_a_paused_listener_takes_nothing_and_goes_on_where_it_was(place: Place, clock: Clock) -> None:
    """Files that come meanwhile are taken when it goes on."""
    async with place.open() as (files, house):
        house.listeners.paused[KEY] = Pause(since=0.0, by="ann")
        place.write("a.csv")
        await look(files, clock, 3)
        assert place.taken == []
        house.listeners.paused.clear()
        await look(files, clock, 2)
        assert len(place.taken) == 1


@pytest.mark.parametrize("error", [Unavailable("a.b", "full"), StoreError("a.b", "disk")])
async def test_what_cannot_begin_now_is_tried_again_and_told(place: Place, clock: Clock, error: Exception) -> None:
    """The file stays; the listener says why, until it works."""
    place.write("a.csv")
    async with place.open() as (files, house):
        place.refuses = error
        await look(files, clock, 3)
        assert house.listeners.troubles[KEY] == error.message  # type: ignore[attr-defined] # both have one
        assert place.names == ["a.csv"]
        place.refuses = None
        await look(files, clock)
        assert house.listeners.troubles == {}
        assert place.names == ["done/a.csv"]


async def test_a_folder_that_is_not_there_is_told_until_it_is(place: Place, clock: Clock) -> None:
    """Nothing ends because of it."""
    place.listener = replace(place.listener, folder="later")
    async with place.open() as (files, house):
        await look(files, clock, 2)
        assert "'later': there is no such file or folder" in house.listeners.troubles[KEY]
        place.write("later/a.csv")
        await look(files, clock, 2)
        assert (house.listeners.troubles, len(place.taken)) == ({}, 1)


async def test_a_file_that_cannot_be_read_holds_up_no_other(place: Place, clock: Clock) -> None:
    """It stays, stands behind the others, and the listener says so."""
    place.listener = replace(place.listener, most=1)
    place.write("bad.csv", "x" * 3_000, age=9)
    place.write("good.csv")
    async with place.open() as (files, house):
        deployment = next(iter(place.table.deployments.values()))
        async with CONNECTOR.open(Settings(folder=str(place.folder), size_limit="2 kB")) as narrow:
            deployment.connections["inbox"] = narrow
            await look(files, clock, 4)
        assert place.taken == [("good.csv", b"x")]
        assert house.listeners.troubles[KEY] == "cannot be taken: bad.csv"


async def test_what_is_there_before_the_first_look_can_be_left(tmp_path: Path, clock: Clock) -> None:
    """Only what comes after it is taken, which later starts of the daemon do not forget."""
    place = Place(tmp_path, FileListener(connection="inbox", initial=False))
    place.write("old")
    async with place.open() as (files, _):
        await look(files, clock, 3)
    place.write("new")
    async with place.open() as (files, _):
        await look(files, clock, 3)
    assert [name for name, _ in place.taken] == ["new"]


_AFTERWARDS: list[Afterwards] = ["keep", "delete"]
NAMES = st.sampled_from(["a", "b", "c"])


@given(
    st.lists(st.dictionaries(NAMES, st.sampled_from("12")), max_size=12),
    st.sampled_from(_AFTERWARDS),
    st.booleans(),
    st.booleans(),
)
def test_no_file_is_taken_twice_and_none_before_it_is_stable(
    folders: list[dict[str, str]],
    afterwards: Afterwards,
    changed: bool,  # noqa: FBT001 - drawn
    initial: bool,  # noqa: FBT001 - drawn
) -> None:
    """Whatever comes and goes: what a look takes was there, the same, at the look before, and was not settled."""
    listener = FileListener(connection="c", afterwards=afterwards, changed=changed, initial=initial)
    seen: dict[str, str] = {}
    done: dict[str, str] | None = None
    before: dict[str, str] = {}
    for folder in folders:
        entries = [Entry(name, name, "file", "", identity) for name, identity in folder.items()]
        made = decide(listener, entries, seen=seen, done=done)
        for one in made.take:
            assert before.get(one.name) == one.identity
            assert (done or {}).get(one.name) != one.identity
        assert made.done.keys() <= folder.keys()
        seen, done = made.seen, {**made.done, **{one.path: one.identity for one in made.take}}
        before = folder
