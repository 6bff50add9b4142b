from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from runtime.errors import StoreError
from runtime.store.cipher import Cipher
from runtime.store.files import READ_AHEAD, FileDocuments
from tests.store.examples import KEY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runtime.store.protocols import Documents


async def written(documents: Documents, *chunks: bytes, execution: str = "ex-1") -> str:
    """Write a file and give its name."""
    async with documents.create(execution) as writer:
        for chunk in chunks:
            await writer.write(chunk)
    return writer.name


async def chunks_of(documents: Documents, name: str, execution: str = "ex-1") -> list[bytes]:
    """Read a whole file."""
    return [chunk async for chunk in documents.read(execution, name)]


async def test_chunks_come_back_as_written(documents: Documents) -> None:
    """A file gives its chunks as they were written, empty ones too, as often as it is read."""
    chunks = [b"one", b"", b"two" * 1000]
    name = await written(documents, *chunks)
    assert await chunks_of(documents, name) == chunks
    assert await chunks_of(documents, name) == chunks
    assert await chunks_of(documents, await written(documents)) == []


async def test_large_file_is_read_in_parts(documents: Documents) -> None:
    """A file larger than what is read ahead comes back whole, and a reader may stop in the middle of it."""
    chunks = [bytes([number]) * (READ_AHEAD // 3) for number in range(8)]
    name = await written(documents, *chunks)
    assert await chunks_of(documents, name) == chunks
    async with aclosing(documents.read("ex-1", name)) as reading:
        assert await anext(reading) == chunks[0]


async def test_failed_write_leaves_no_file(documents: Documents) -> None:
    """A file whose writing failed is not there, in whole or in part."""
    names: list[str] = []

    async def fail() -> None:
        async with documents.create("ex-1") as writer:
            names.append(writer.name)
            await writer.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    with pytest.raises(StoreError, match=r"store\.missing"):
        await chunks_of(documents, names[0])


async def test_unfinished_file_is_not_there(documents: Documents) -> None:
    """Nobody reads a file before its last chunk is written."""
    async with documents.create("ex-1") as writer:
        await writer.write(b"half")
        with pytest.raises(StoreError, match=r"store\.missing"):
            await chunks_of(documents, writer.name)


async def test_only_files_that_are_there_are_synced(documents: Documents) -> None:
    """A record must not name a file that is missing: syncing it tells."""
    name = await written(documents, b"chunk")
    await documents.sync("ex-1", [name])
    await documents.sync("ex-1", [])
    with pytest.raises(StoreError, match=r"store\.missing"):
        await documents.sync("ex-1", [name, "other"])


async def test_erase_takes_one_execution(documents: Documents) -> None:
    """Erasing removes all files of one execution and no other's; it may be done twice."""
    name = await written(documents, b"chunk")
    other = await written(documents, b"chunk", execution="ex-2")
    await documents.erase("ex-1")
    await documents.erase("ex-1")
    with pytest.raises(StoreError, match=r"store\.missing"):
        await chunks_of(documents, name)
    assert await chunks_of(documents, other, "ex-2") == [b"chunk"]
    assert await chunks_of(documents, await written(documents, b"new")) == [b"new"]


async def test_sweep_keeps_what_is_needed(documents: Documents) -> None:
    """A sweep removes the files of all executions but those it is given."""
    kept = await written(documents, b"chunk")
    swept = await written(documents, b"chunk", execution="ex-2")
    await documents.sweep({"ex-1", "ex-3"})
    assert await chunks_of(documents, kept) == [b"chunk"]
    with pytest.raises(StoreError, match=r"store\.missing"):
        await chunks_of(documents, swept, "ex-2")


def files(folder: Path, key: bytes = KEY) -> FileDocuments:
    """Give the sealed files in a folder."""
    return FileDocuments(folder, Cipher(key))


def cut_off_end(data: bytes) -> bytes:
    """Leave the last chunk out, and the end mark."""
    return data[:100]


def without_end_mark(data: bytes) -> bytes:
    """Leave the end mark out: the file ends between two chunks."""
    return data[: -(5 + 29)]


def flip_bit(data: bytes) -> bytes:
    """Change one bit in the middle."""
    return data[:60] + bytes([data[60] ^ 1]) + data[61:]


def append(data: bytes) -> bytes:
    """Add something after the end mark."""
    return data + data


def exchange_chunks(data: bytes) -> bytes:
    """Exchange the first two chunks; they have the same size."""
    size = 5 + 29 + 100
    return data[size : 2 * size] + data[:size] + data[2 * size :]


def leave_out_chunk(data: bytes) -> bytes:
    """Leave the first chunk out."""
    return data[5 + 29 + 100 :]


def huge_length(data: bytes) -> bytes:
    """Let a chunk claim to have four gigabytes."""
    return data[:1] + b"\xff\xff\xff\xff" + data[5:]


@pytest.mark.parametrize(
    "damage", [cut_off_end, without_end_mark, flip_bit, append, exchange_chunks, leave_out_chunk, huge_length]
)
async def test_damage_is_noticed(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """A file that was cut, changed, reordered or lengthened is not taken for a whole one."""
    documents = files(tmp_path)
    name = await written(documents, b"1" * 100, b"2" * 100, b"3" * 100)
    path = tmp_path / "ex-1" / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(StoreError, match=r"store\.damaged"):
        await chunks_of(documents, name)


async def test_file_belongs_to_its_execution(tmp_path: Path) -> None:
    """A file that was put in another's place, or renamed, is not read."""
    documents = files(tmp_path)
    name = await written(documents, b"mine")
    other = await written(documents, b"yours", execution="ex-2")
    (tmp_path / "ex-1" / name).rename(tmp_path / "ex-2" / name)
    with pytest.raises(StoreError, match=r"store\.damaged"):
        await chunks_of(documents, name, "ex-2")
    (tmp_path / "ex-2" / other).rename(tmp_path / "ex-2" / "renamed")
    with pytest.raises(StoreError, match=r"store\.damaged"):
        await chunks_of(documents, "renamed", "ex-2")


async def test_drafts_of_a_crash_are_swept(tmp_path: Path) -> None:
    """What a crash left half written is removed, even of an execution that goes on."""
    documents = files(tmp_path)
    name = await written(documents, b"whole")
    draft = tmp_path / "ex-1" / "0123.part"
    draft.write_bytes(b"half")
    await files(tmp_path).sweep({"ex-1"})
    assert not draft.exists()
    assert await chunks_of(documents, name) == [b"whole"]


async def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    """Nobody but the owner of the state folder may look at a file or list its folder."""
    documents = files(tmp_path / "documents")
    name = await written(documents, b"chunk")
    assert (tmp_path / "documents" / "ex-1").stat().st_mode & 0o077 == 0
    assert (tmp_path / "documents" / "ex-1" / name).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("identity", ["../ex-1", "ex/1", "..", ".", ""])
async def test_names_do_not_lead_elsewhere(tmp_path: Path, identity: str) -> None:
    """An id that would name another place is refused by everything that takes one."""
    documents = files(tmp_path / "documents")
    (tmp_path / "documents").mkdir()
    with pytest.raises(ValueError, match="name of a file"):
        await written(documents, execution=identity)
    with pytest.raises(ValueError, match="name of a file"):
        await documents.erase(identity)
    with pytest.raises(ValueError, match="name of a file"):
        await chunks_of(documents, identity)
    with pytest.raises(ValueError, match="name of a file"):
        await documents.sync("ex-1", [identity])
    assert (tmp_path / "documents").exists()


async def test_disk_that_refuses_is_named(tmp_path: Path) -> None:
    """When the disk refuses, the error is a store's, with its code."""
    (tmp_path / "documents").write_bytes(b"a file where a folder belongs")
    with pytest.raises(StoreError, match=r"store\.disk"):
        await written(files(tmp_path / "documents"), b"chunk")
