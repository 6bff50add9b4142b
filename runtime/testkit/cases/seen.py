"""What a case can be compared with."""

from __future__ import annotations

from msgspec import Struct

from runtime.testkit.cases.mocks import Asked
from runtime.testkit.cases.model import Told


class Message(Struct, frozen=True, kw_only=True):
    """An answer or a callback to Flow. `outputs` is one JSON object; `message` what a person is told."""

    kind: Told
    outputs: str = "{}"
    message: str = ""


class Seen(Struct, frozen=True, kw_only=True):
    """What one case did, and what was asked of its mocks. `troubles` are what no expectation can excuse."""

    status: str
    message: str = ""
    documents: tuple[bytes, ...] = ()
    properties: dict[str, str] = {}
    steps: tuple[str, ...] = ()
    requests: dict[str, tuple[Asked, ...]] = {}
    answer: Message | None = None
    callbacks: tuple[Message, ...] = ()
    lines: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
