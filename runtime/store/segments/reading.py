"""What segments hold: one block of them, or all that a crash has left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.errors import StoreError
from runtime.store.segments.ahead import Standing, standing
from runtime.store.segments.blocks import Block, Gap, blocks_in, opened
from runtime.store.segments.segment import SIZE, Place, Segment, found

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runtime.store.cipher import Cipher

_NAME = "segment-"


class Damaged(Struct, frozen=True):
    """A place of a segment where a block has stood that cannot be opened."""

    path: Path
    at: int


class Left(Struct, frozen=True):
    """What was found. `blocks` are those after a serial, in their order; `number` and `serial` are the highest ones."""

    segments: tuple[Segment, ...]
    blocks: tuple[Standing, ...]
    damaged: tuple[Damaged, ...]
    number: int
    serial: int


def paths_in(folder: Path) -> list[Path]:
    """Give the segments of a folder, which need not be there."""
    return sorted(folder.glob(f"{_NAME}*"))


def path_of(folder: Path, number: int) -> Path:
    """Give the file that is made for the head of a number."""
    return folder / f"{_NAME}{number:08}"


def block_at(cipher: Cipher, place: Place) -> Block:
    """Give the block at a place. It waits for a disk that has it in memory, most often.

    Raises:
        StoreError: it is damaged (code ``store.damaged``), or the disk refuses (``store.disk``).
    """
    head = place.segment.head
    block = None if head is None else opened(cipher, head, place.segment.read(place.at, place.length))
    if block is None or block.serial != place.serial:
        raise StoreError(
            "store.damaged",
            f"{place.segment.path}: the block at {place.at} cannot be opened",
            hint="it was altered on disk; what was answered is not kept",
        )
    return block


def left_in(folder: Path, cipher: Cipher, home: int) -> Left:
    """Give what the segments of a folder hold that is not in the tables, which hold all up to the serial `home`.

    All segments are open then; a daemon may work on them, whose blocks come and go.

    Of two blocks with one serial the one in the later segment counts: of the other, nobody knew that it was written.

    Raises:
        StoreError: the disk refuses, or another version has written a block (see `opened`).
    """
    paths = paths_in(folder)
    segments = [segment for path in paths if (segment := _found(path)) is not None]
    named = [int(number) for path in paths if (number := path.name.removeprefix(_NAME)).isdecimal()]
    blocks: dict[int, Standing] = {}
    damaged: list[Damaged] = []
    for segment in sorted(segments, key=_number):
        for each in _blocks(segment, cipher):
            if isinstance(each, Gap):
                damaged += [Damaged(segment.path, each.at)] if segment.stands() else []
            elif each.serial > home:
                blocks[each.serial] = standing(Place(segment, each.at, each.length, each.serial), each.briefs)
    for block in blocks.values():
        block.place.segment.held += 1
    return Left(
        segments=tuple(segments),
        blocks=tuple(blocks[serial] for serial in sorted(blocks)),
        damaged=tuple(damaged),
        number=max([*named, *map(_number, segments)], default=0),
        serial=max(blocks, default=home),
    )


def _found(path: Path) -> Segment | None:
    """Open a segment; None where a daemon has removed it since it was listed."""
    try:
        return found(path)
    except StoreError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise


def _blocks(segment: Segment, cipher: Cipher) -> Iterator[Block | Gap]:
    return iter(()) if segment.head is None else blocks_in(cipher, segment.head, segment.read(0, SIZE))


def _number(segment: Segment) -> int:
    return 0 if segment.head is None else segment.head.number
