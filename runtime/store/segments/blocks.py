"""What stands in a segment: a head, and blocks, each a group of executions that became durable by one write.

A head names the segment by a number, which rises, and by a salt. A block is sealed for both and for its serial, which
rises over all segments, so it proves itself: what a torn write left, or an earlier use of the file, does not open. A
head that is overwritten takes the key of all that stands behind it along.

The form of a block is that of `Brief`: fields that are added there need defaults, or what a crash left is lost.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from struct import Struct as Layout
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from runtime.errors import StoreError
from runtime.model.journal import Brief
from runtime.store.cipher import OVERHEAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime.store.cipher import Cipher

PAGE: Final = 4096  # bytes: a head is one, and a block begins at one, so that no write touches what another has written

_MAGIC = b"nuclide segment1"
_HEAD = Layout(">16sQ16s")  # magic, number, salt
_BEFORE = Layout(">QI")  # serial, bytes of what is sealed
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[Brief, ...])


class Head(Struct, frozen=True):
    """Names a segment: `number` is higher than those of all before it, `salt` is 16 random bytes."""

    number: int
    salt: bytes

    def encode(self) -> bytes:
        """Give the first page of the segment."""
        return _HEAD.pack(_MAGIC, self.number, self.salt).ljust(PAGE, b"\0")

    @property
    def name(self) -> str:
        """What its blocks are sealed for."""
        return f"segment {self.number} {self.salt.hex()}"


class Block(Struct, frozen=True):
    """A block as it is found `at` a place of its segment, with `length` bytes up to the next one."""

    serial: int
    at: int
    length: int
    briefs: tuple[Brief, ...]


class Gap(Struct, frozen=True):
    """Where a block should stand, for another one follows: it is damaged."""

    at: int


def new_head(number: int) -> Head:
    """Give a head that was never used."""
    return Head(number, os.urandom(16))


def head_in(page: bytes) -> Head | None:
    """Give the head of a segment; None where there is none, or it was wiped."""
    if len(page) < _HEAD.size:
        return None
    magic, number, salt = _HEAD.unpack_from(page)
    return Head(number, salt) if magic == _MAGIC else None


def encoded(brief: Brief) -> bytes:
    """Give an execution as a part of a block.

    Raises:
        ValueError: it holds text that is none, half of a surrogate pair.
    """
    return _encoder.encode(brief)


def joined(parts: Sequence[bytes]) -> bytes:
    """Give the content of a block, still to be sealed."""
    return _encoder.encode([msgspec.Raw(part) for part in parts])


def length_of(content: bytes) -> int:
    """Give the bytes of a block: whole pages."""
    return -(-(_BEFORE.size + len(content) + OVERHEAD) // PAGE) * PAGE


def sealed(cipher: Cipher, head: Head, serial: int, content: bytes) -> bytes:
    """Give a block."""
    inner = cipher.seal(content, execution=head.name, kind=f"block {serial}")
    return (_BEFORE.pack(serial, len(inner)) + inner).ljust(length_of(content), b"\0")


def opened(cipher: Cipher, head: Head, data: bytes, at: int = 0) -> Block | None:
    """Give the block that stands at a place of `data`; None where there is none that is whole.

    Raises:
        StoreError: another version has written it, in a form that this one does not know (code ``store.newer-schema``).
    """
    begin = at + _BEFORE.size
    if begin > len(data):
        return None
    serial, length = _BEFORE.unpack_from(data, at)
    if not OVERHEAD < length <= len(data) - begin:
        return None
    try:
        content = cipher.open(data[begin : begin + length], execution=head.name, kind=f"block {serial}")
    except StoreError:
        return None
    try:
        return Block(serial, at, length_of(content), _decoder.decode(content))
    except msgspec.MsgspecError as error:
        raise StoreError(
            "store.newer-schema",
            f"a segment of the journal cannot be understood: {error}",
            hint="start the version that wrote it, and stop it without a kill",
        ) from error


def blocks_in(cipher: Cipher, head: Head, data: bytes) -> Iterator[Block | Gap]:
    """Give the blocks of a whole segment, and where one before another is missing.

    Raises:
        StoreError: as `opened` says.
    """
    at, missing = PAGE, None
    while at < len(data):
        block = opened(cipher, head, data, at)
        if block is None:
            missing = at if missing is None else missing
            at += PAGE
            continue
        if missing is not None:
            yield Gap(missing)
            missing = None
        yield block
        at += block.length
