from __future__ import annotations

import errno
import os
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio
import trio.testing

from connectors.disk import CONNECTOR, files
from connectors.disk.settings import Settings
from runtime.sdk.connector import Call, Connection
from runtime.sdk.contract import a_call, check_cancellation, check_spec, expect_fault, expect_replies
from runtime.sdk.effect import Effect
from runtime.sdk.faults import ApplicationFault, NotSent, OutcomeUnknown
from tests.patience import PATIENCE


def call(operation: str, content: bytes = b"", *, deadline: float = float("inf"), **fields: Any) -> Call:  # noqa: ANN401 - texts
    """Give a call, its fields converted from texts as the engine does."""
    spec = CONNECTOR.operation(operation)
    assert spec is not None
    texts = {name: str(value) for name, value in fields.items()}
    return a_call(msgspec.convert(texts, spec.fields, strict=False), content, deadline=deadline)


class Target:
    """A connection to a folder, with its operations as one-liners."""

    def __init__(self, root: Path, connection: Connection) -> None:
        self.root = root
        self.connection = connection

    async def create(self, file: str, content: bytes = b"x", **fields: Any) -> dict[str, str]:  # noqa: ANN401 - texts
        """Make a file; the document goes on as it is."""
        (reply,) = await expect_replies(self.connection, "create", call("create", content, file=file, **fields))
        assert reply.content == content
        return reply.meta

    async def found(self, operation: str, **fields: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - texts
        """List or query; gives the documents, decoded."""
        replies = await expect_replies(self.connection, operation, call(operation, **fields))
        return [msgspec.json.decode(reply.content) for reply in replies]

    async def paths(self, operation: str, **fields: Any) -> list[str]:  # noqa: ANN401 - texts
        """List or query; gives the paths."""
        return [entry["path"] for entry in await self.found(operation, **fields)]

    async def refusal(self, operation: str, content: bytes = b"", **fields: Any) -> ApplicationFault:  # noqa: ANN401 - texts
        """Make a call that is refused."""
        return await expect_fault(self.connection, operation, call(operation, content, **fields), ApplicationFault)


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[Target]:
    """Give an open connection to a folder of its own, with a neighbour that is none of its business."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    settings = Settings(folder=str(root), size_limit="1 kB", entry_limit=20)
    async with CONNECTOR.open(settings) as connection:
        yield Target(root, connection)


def test_the_specification_is_complete() -> None:
    """A bundle, lint and an editor can read everything about this connector."""
    check_spec(CONNECTOR)


@pytest.mark.parametrize(
    ("operation", "if_exists", "effect"),
    [
        ("create", "overwrite", Effect.IDEMPOTENT),
        ("create", "unique", Effect.ONCE),
        ("create", "append", Effect.ONCE),
        ("create", "forbid", Effect.ONCE),
        ("create", None, Effect.ONCE),
        ("get", None, Effect.PURE),
        ("list", None, Effect.PURE),
        ("query", None, Effect.PURE),
        ("delete", None, Effect.IDEMPOTENT),
    ],
)
def test_an_effect_is_declared(operation: str, if_exists: str | None, effect: Effect) -> None:
    """What is not literal in the bundle has the most careful word."""
    spec = CONNECTOR.operation(operation)
    assert spec is not None
    assert spec.effect({"if_exists": if_exists}) is effect


def names(folder: Path) -> list[str]:
    """Give what is in a folder."""
    return [entry.name for entry in folder.iterdir()]


async def test_what_is_created_can_be_got(target: Target) -> None:
    """A file holds the document byte for byte, and says where, how large and how old it is."""
    content = bytes(range(256))
    assert await target.create("a.bin", content) == {"file": "a.bin", "size": "256"}
    os.utime(target.root / "a.bin", (0, 86_400))
    (reply,) = await target.connection.execute("get", call("get", file="a.bin"))
    assert reply.content == content
    identity = reply.meta.pop("identity")
    assert reply.meta == {"file": "a.bin", "size": "256", "modified": "1970-01-02T00:00:00Z"}
    (entry,) = await target.found("list")
    assert entry["identity"] == identity


async def test_a_file_is_not_overwritten_unasked(target: Target) -> None:
    """By default a file that is there stays as it is."""
    await target.create("a", b"first")
    assert (await target.refusal("create", b"second", file="a")).status == "exists"
    assert (target.root / "a").read_bytes() == b"first"


async def test_overwriting_again_changes_nothing(target: Target) -> None:
    """To overwrite puts the new content in the old one's place, as often as one likes."""
    for content in (b"first", b"second", b"second"):
        await target.create("a", content, if_exists="overwrite")
    assert (target.root / "a").read_bytes() == b"second"
    assert names(target.root) == ["a"]


async def test_a_unique_name_is_found(target: Target) -> None:
    """A name that is taken gets a number before its ending, and the reply says which."""
    named = [(await target.create("in.tar.gz", if_exists="unique"))["file"] for _ in range(3)]
    assert named == ["in.tar.gz", "in.tar-1.gz", "in.tar-2.gz"]
    assert [(await target.create(".env", if_exists="unique"))["file"] for _ in range(2)] == [".env", ".env-1"]


async def test_appending_adds_to_the_end(target: Target) -> None:
    """Appends make the file and then add to it, whole also when they come at once."""
    async with trio.open_nursery() as nursery:
        for letter in b"abcdefgh":
            made = call("create", bytes([letter]) * 100, file="log", if_exists="append")
            nursery.start_soon(target.connection.execute, "create", made)
    content = (target.root / "log").read_bytes()
    assert sorted(content[place : place + 100] for place in range(0, 800, 100)) == [
        bytes([x]) * 100 for x in b"abcdefgh"
    ]


async def test_folders_are_made_on_demand(target: Target) -> None:
    """A folder on the way must be there, unless it is asked for."""
    assert (await target.refusal("create", b"x", file="a/b/c")).status == "not-found"
    assert (await target.create("a/b/c", make_folders="true"))["file"] == "a/b/c"
    assert (await target.create("a/b/d", make_folders="true"))["file"] == "a/b/d"
    assert (target.root / "a" / "b" / "c").read_bytes() == b"x"


async def test_a_deletion_finds_nothing_twice(target: Target) -> None:
    """A file is deleted once; that there is none is no error, whether the folder is there or not."""
    await target.create("a")
    for file, deleted in (("a", "true"), ("a", "false"), ("no/such", "false")):
        (reply,) = await expect_replies(target.connection, "delete", call("delete", b"goes on", file=file))
        assert reply.content == b"goes on"
        assert reply.meta == {"file": file, "deleted": deleted}


async def test_a_folder_is_no_file(target: Target) -> None:
    """A folder is neither read nor replaced nor deleted."""
    (target.root / "d").mkdir()
    assert (await target.refusal("get", file="d")).status == "not-a-file"
    assert (await target.refusal("delete", file="d")).status == "not-a-file"
    assert (await target.refusal("create", file="d", if_exists="append")).status == "not-a-file"
    assert (await target.refusal("create", file="d", if_exists="overwrite")).status == "not-a-file"
    assert (await target.refusal("create", file="d")).status == "exists"
    assert (await target.refusal("get", file="none")).status == "not-found"


async def test_nobody_waits_at_a_pipe(target: Target) -> None:
    """A pipe or a device is not opened for reading or writing: it could wait for ever."""
    os.mkfifo(target.root / "pipe")
    with trio.fail_after(PATIENCE):
        assert (await target.refusal("get", file="pipe")).status == "not-a-file"
        assert (await target.refusal("create", file="pipe", if_exists="append")).status == "not-a-file"


async def test_a_list_is_in_order(target: Target) -> None:
    """A list gives the name, path, kind, size and time of each entry, in order; unfinished files are none."""
    (target.root / "d").mkdir()
    for name in ("b", "a", ".nuclide-1234"):
        (target.root / "d" / name).write_bytes(b"123")
        os.utime(target.root / "d" / name, (0, 0))
    (target.root / "d" / "c").symlink_to("a")
    (target.root / "d" / "e").mkdir()
    entries = await target.found("list", folder="d")
    assert [(entry["path"], entry["kind"]) for entry in entries] == [
        ("d/a", "file"), ("d/b", "file"), ("d/c", "link"), ("d/e", "folder")
    ]  # fmt: skip
    assert entries[0].pop("identity") != entries[1]["identity"]
    assert entries[0] == {"name": "a", "path": "d/a", "kind": "file", "size": 3, "modified": "1970-01-01T00:00:00Z"}
    assert await target.paths("list") == ["d"]


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({}, ["0.csv", "1.txt"]),
        ({"pattern": "*.csv"}, ["0.csv"]),
        ({"pattern": "**"}, ["0.csv", "1.txt", "a/2.csv", "a/b/3.csv", "a/b/c/4.CSV"]),
        ({"pattern": "**/*.csv"}, ["0.csv", "a/2.csv", "a/b/3.csv"]),
        ({"pattern": "a/**/[34].*"}, ["a/b/3.csv", "a/b/c/4.CSV"]),
        ({"pattern": "*/?.csv"}, ["a/2.csv"]),
        ({"pattern": "**/b/**/*"}, ["a/b/3.csv", "a/b/c/4.CSV"]),
        ({"pattern": "*.csv", "folder": "a"}, ["a/2.csv"]),
        ({"pattern": "**", "min_size": "2 B", "max_size": "3 B"}, ["a/2.csv", "a/b/3.csv"]),
        ({"pattern": "**", "modified_after": "1970-01-01T00:00:02Z"}, ["a/b/3.csv", "a/b/c/4.CSV"]),
        ({"pattern": "**", "modified_before": "1970-01-01T01:00:02+01:00"}, ["0.csv", "1.txt"]),
        ({"pattern": "/".join(["**"] * 30)}, ["0.csv", "1.txt", "a/2.csv", "a/b/3.csv", "a/b/c/4.CSV"]),
    ],
)
async def test_a_query_finds_by_pattern_size_and_time(target: Target, fields: dict[str, Any], paths: list[str]) -> None:
    """A query gives the files whose path, size and time fit, folder by folder."""
    for number, path in enumerate(["0.csv", "1.txt", "a/2.csv", "a/b/3.csv", "a/b/c/4.CSV"]):
        made = target.root / path
        made.parent.mkdir(exist_ok=True)
        made.write_bytes(b"x" * number)
        os.utime(made, (number, number))
    assert await target.paths("query", **fields) == paths


async def test_sizes_are_bounded(target: Target) -> None:
    """A file or a document beyond the limit is refused, and nothing of it is left."""
    (target.root / "large").write_bytes(b"x" * 1001)
    assert (await target.refusal("get", file="large")).code == "disk.too-large"
    assert (await target.refusal("create", b"x" * 1001, file="new")).code == "disk.too-large"
    assert names(target.root) == ["large"]


async def test_a_list_is_bounded(target: Target) -> None:
    """More entries than allowed are refused, in one folder or in many together."""
    for number in range(7):
        for folder in ("a", "b", "c"):
            (target.root / folder).mkdir(exist_ok=True)
            (target.root / folder / str(number)).touch()
    assert len(await target.paths("list", folder="a")) == 7
    assert (await target.refusal("query", pattern="**")).code == "disk.too-many"


async def test_names_that_are_no_text_do_not_break_a_list(target: Target) -> None:
    """A name that is no UTF-8 is shown as far as it can be."""
    with open(os.fsencode(target.root) + b"/\xff", "wb"):  # noqa: ASYNC230, PTH123 - a name that pathlib has no text for
        pass
    assert await target.paths("list") == ["\ufffd"]


async def test_a_time_beyond_the_calendar_does_not_break_a_list(target: Target) -> None:
    """A file from the year 10000 is listed with the last time there is."""
    (target.root / "late").touch()
    os.utime(target.root / "late", ns=(0, (int(datetime.max.replace(tzinfo=UTC).timestamp()) + 10) * 10**9))
    (entry,) = await target.found("list")
    assert entry["modified"][:4] in {"9999", "2446"}  # some file systems end earlier


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Without the connection's folder nothing happens."""
    async with CONNECTOR.open(Settings(folder=str(tmp_path / "none"))) as connection:
        for operation, made in (
            ("get", call("get", file="a")),
            ("delete", call("delete", file="a")),
            ("list", call("list")),
        ):
            assert (await expect_fault(connection, operation, made, NotSent)).code == "disk.no-folder"


async def test_a_cancelled_call_leaves_the_connection_usable(target: Target) -> None:
    """Cancelled at whatever checkpoint, a call leaves the connection and the folder whole."""
    await check_cancellation(target.connection, "create", call("create", b"x", file="a", if_exists="overwrite"))
    await check_cancellation(target.connection, "query", call("query", pattern="**"))
    assert names(target.root) == ["a"]


async def test_a_call_after_its_deadline_does_nothing(target: Target) -> None:
    """A call whose deadline has passed is not made."""
    made = call("create", b"x", file="a", deadline=trio.current_time() - 1)
    await expect_fault(target.connection, "create", made, NotSent)
    assert names(target.root) == []


@pytest.mark.parametrize(
    ("failure", "status"),
    [(("write", errno.ENOSPC), "full"), (("fsync", errno.EIO), "failed"), (("rename", errno.EACCES), "denied")],
)
async def test_a_failed_write_changes_nothing(
    target: Target, monkeypatch: pytest.MonkeyPatch, failure: tuple[str, int], status: str
) -> None:
    """Where the disk fails before a file is in place, the old one is there and nothing else."""
    await target.create("a", b"old")

    def fail(*_args: object, **_names: object) -> None:
        raise OSError(failure[1], "as the test says")

    with monkeypatch.context() as patch:
        patch.setattr(os, failure[0], fail)
        assert (await target.refusal("create", b"new", file="a", if_exists="overwrite")).status == status
    assert (target.root / "a").read_bytes() == b"old"
    assert names(target.root) == ["a"]


async def test_a_folder_that_is_not_on_the_disk_is_in_doubt(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the folder cannot be brought to the disk after the file, nobody knows what a power cut leaves."""
    real, calls = os.fsync, []

    def fail_second(file: int) -> None:
        calls.append(file)
        if len(calls) > 1:
            raise OSError(errno.EIO, "as the test says")
        real(file)

    monkeypatch.setattr(os, "fsync", fail_second)
    await expect_fault(target.connection, "create", call("create", b"x", file="a"), OutcomeUnknown)


async def test_a_failed_append_is_taken_back(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """An append that fails in the middle leaves the file as it was."""
    await target.create("a", b"old")
    monkeypatch.setattr(files, "PIECE", 2)
    real, calls = os.write, []

    def fail_second(file: int, content: memoryview) -> int:
        calls.append(file)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "as the test says")
        return real(file, content)

    monkeypatch.setattr(os, "write", fail_second)
    fault = await target.refusal("create", b"new content", file="a", if_exists="append")
    assert fault.status == "full"
    assert (target.root / "a").read_bytes() == b"old"


def in_pieces(pieces: list[bytes], **fields: Any) -> Call:  # noqa: ANN401 - texts
    """Give a creation whose content is too large for memory."""

    async def given() -> AsyncGenerator[bytes]:
        for piece in pieces:
            await trio.lowlevel.checkpoint()
            yield piece

    return msgspec.structs.replace(call("create", **fields), pieces=given)


@pytest.mark.parametrize("if_exists", ["forbid", "unique", "overwrite", "append"])
async def test_a_large_document_is_written_piece_by_piece(target: Target, if_exists: str) -> None:
    """What is too large for memory becomes the same file, and the document goes on without being read."""
    made = in_pieces([b"one ", b"", b"two ", b"three"], file="big", if_exists=if_exists)
    (reply,) = await expect_replies(target.connection, "create", made)
    assert (reply.unchanged, reply.content, reply.meta["size"]) == (True, b"", "13")
    assert (target.root / "big").read_bytes() == b"one two three"


@pytest.mark.parametrize("if_exists", ["forbid", "append"])
async def test_a_large_document_has_a_limit(target: Target, if_exists: str) -> None:
    """Beyond the limit nothing of it stays, however much was written."""
    (target.root / "log").write_bytes(b"kept")
    file = "log" if if_exists == "append" else "big"
    made = in_pieces([b"x" * 600] * 3, file=file, if_exists=if_exists)
    fault = await expect_fault(target.connection, "create", made, ApplicationFault)
    assert fault.code == "disk.too-large"
    assert [path.name for path in target.root.iterdir()] == ["log"]
    assert (target.root / "log").read_bytes() == b"kept"


async def test_a_large_document_that_stops_coming_leaves_nothing(target: Target) -> None:
    """A call that is cancelled while it waits for the next piece takes back what it has written."""

    async def stuck() -> AsyncGenerator[bytes]:
        yield b"begun"
        await trio.sleep_forever()

    made = msgspec.structs.replace(call("create", file="big"), pieces=stuck)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(target.connection.execute, "create", made)
        while not list(target.root.iterdir()):  # noqa: ASYNC110 - a thread writes: there is no event
            await trio.sleep(0.001)
        nursery.cancel_scope.cancel()
    assert list(target.root.iterdir()) == []
