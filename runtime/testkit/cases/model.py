"""What a file in ``tests/`` says: cases of one process, what their calls are answered, and what is expected of them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from runtime.errors import Place
from runtime.testkit.cases.patterns import Pattern

FaultKind = Literal["application", "not sent", "unknown"]
Told = Literal["forward", "wait", "fault"]
Outcome = Literal["complete", "error", "parked", "cancelled"]


class MockFault(Struct, frozen=True, kw_only=True):
    """What goes wrong in a call: the target's own error, no call at all, or one of which nobody knows."""

    kind: FaultKind
    message: str
    status: str = "500"
    body: bytes = b""


class MockAnswer(Struct, frozen=True, kw_only=True):
    """One answer: documents (None: that of the call itself) or a fault, `delay` virtual seconds after the call.

    It fits calls whose fields have the texts of `fits`. One that repeats answers any number of calls, another but one.
    """

    documents: tuple[bytes, ...] | None = None
    meta: dict[str, str] = {}
    fault: MockFault | None = None
    delay: float = 0.0
    fits: dict[str, Pattern] = {}
    repeats: bool = False


class Callback(Struct, frozen=True, kw_only=True):
    """What is expected of a callback; None asks nothing."""

    kind: Told | None = None
    outputs: Pattern | None = None
    message: str | None = None


class Expectation(Struct, frozen=True, kw_only=True):
    """What a case asks of its execution; None asks nothing.

    `steps` must be reached in this order, others may lie between; those in `not_reached` must not. `requests` are all
    calls of each step named, in order. `message` and the messages of callbacks need only be contained.
    """

    status: Outcome = "complete"
    message: str | None = None
    documents: tuple[Pattern, ...] | None = None
    properties: dict[str, Pattern] = {}
    steps: tuple[str, ...] = ()
    not_reached: tuple[str, ...] = ()
    requests: dict[str, tuple[Pattern, ...]] = {}
    answer: Told | None = None
    outputs: Pattern | None = None
    callbacks: tuple[Callback, ...] | None = None


class Case(Struct, frozen=True, kw_only=True):
    """One case. `request` is the document of a call by Flow; without one the process starts with `documents`.

    `mocks` are the answers to the calls of each step, by its address (`runtime.testkit.cases.steps`).
    """

    name: str
    process: str
    request: bytes | None = None
    documents: tuple[bytes, ...] = ()
    properties: dict[str, str] = {}
    configuration: dict[str, str] = {}
    mocks: dict[str, tuple[MockAnswer, ...]] = {}
    expect: Expectation = Expectation()
    place: Place = Place()


class Suite(Struct, frozen=True, kw_only=True):
    """The cases of one file; `extensions` are the values that this machine would give."""

    file: str
    extensions: dict[str, str] = {}
    cases: tuple[Case, ...] = ()
