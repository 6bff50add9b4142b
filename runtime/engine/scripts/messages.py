"""What the daemon and a script's process say to each other, in frames of MessagePack with their length before them."""

from __future__ import annotations

from typing import BinaryIO, Literal

import msgspec
from msgspec import Struct

LENGTH = 4  # bytes of a frame's length, which bounds a batch to 4 GiB

Kind = Literal["python", "groovy", "javascript", "jsonata"]
PortKind = Literal["character", "integer", "float", "datetime"]


class Given(Struct, frozen=True, array_like=True):
    """A document on its way: `source` is its number in the batch that the script was given, None for a new one."""

    content: bytes
    properties: dict[str, str]
    meta: dict[str, str]
    source: int | None
    is_new: bool = False


class Input(Struct, frozen=True, array_like=True):
    """A variable that the script of a map function is given; `text` is None where nothing came."""

    name: str
    kind: PortKind
    text: str | None


class Variables(Struct, frozen=True, array_like=True):
    """What the script of a map function is given, and the names of what it leaves."""

    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]


class Job(Struct, frozen=True, array_like=True):
    """One call. `source` is the script itself; a process compiles what it has not seen.

    `check`: the script is imported and its function looked at, if one is named; nothing is called. `variables`: the
    script is that of a map function, and has no documents.
    """

    kind: Kind
    file: str
    function: str
    source: str
    documents: tuple[Given, ...]
    properties: dict[str, str]
    execution: dict[str, str]
    check: bool = False
    variables: Variables | None = None


class Done(Struct, frozen=True, array_like=True, tag="done"):
    """What a script gave back, the process properties that it set, and the lines that it logged (level, text)."""

    documents: tuple[Given, ...]
    changes: dict[str, str]
    lines: tuple[tuple[str, str], ...]
    values: dict[str, str | None] = {}  # what the script of a map function left


class Failed(Struct, frozen=True, array_like=True, tag="failed"):
    """Why a call gave nothing back, and in which line where that is known.

    `of_process`: the mistake is the script's own, not that of a document.
    """

    code: str
    message: str
    of_process: bool
    lines: tuple[tuple[str, str], ...]
    line: int | None = None


Answer = Done | Failed

_encoder = msgspec.msgpack.Encoder()
jobs = msgspec.msgpack.Decoder(Job)
answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def send(stream: BinaryIO, message: Job | Answer) -> None:
    """Write one frame."""
    data = _encoder.encode(message)
    stream.write(len(data).to_bytes(LENGTH, "big") + data)
    stream.flush()


def receive(stream: BinaryIO) -> bytes | None:
    """Read one frame; None where the other side has gone."""
    head = stream.read(LENGTH)
    if len(head) < LENGTH:
        return None
    data = stream.read(int.from_bytes(head, "big"))
    return data if len(data) == int.from_bytes(head, "big") else None
