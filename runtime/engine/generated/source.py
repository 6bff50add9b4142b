"""Generated functions: what they are, and which of them a process has.

A function is only for what goes well. Where a document fails, a content grows beyond what stays in memory, or a step
raises, it leaves, and the driver runs the steps again from where the function began: no step in it has an effect,
nothing happens twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from runtime.engine.generated.attempts import Attempts

if TYPE_CHECKING:
    from runtime.engine.context import Context
    from runtime.engine.step import Step
    from runtime.model.document import Document

Told = Callable[[tuple[object, ...]], None]
Function = Callable[["Document", "Context", int, Told, Callable[[Any], None]], None]
"""Called with a document, the context and the most bytes of a content. What comes out of it is told as the number of an
exit and the document; what it has passed, as the number of a step and the time when it had ended.
"""


class NotFlatError(Exception):
    """Raised for a process that cannot be one function; its text says why, for people."""


class Exit(Struct, frozen=True):
    """Where a document leaves a function, at step `target`; what it `passed`, each with the path that it went there."""

    target: str
    passed: tuple[tuple[str, int], ...]


class Generated(Struct, frozen=True):
    """A generated function. `steps` are those that it passes, by number; no document passes more than `longest`.

    `exits` are in the order in which the driver would get there. `sets`: it may set properties of the execution, which
    have to be put back where it leaves. `alone`: what a document meets may depend on others, so there must be none.
    `attempts` remembers how its last documents fared. `traced`: of each step it tells what entered it and what it
    did (see `Passage`). `typed` does the same for documents that follow their profile: it reads Structs, and raises
    msgspec's DecodeError for any other; `typed_attempts` remembers how often.
    """

    source: str
    function: Function
    steps: tuple[Step, ...]
    longest: int
    exits: tuple[Exit, ...]
    sets: bool
    alone: bool
    attempts: Attempts = field(default_factory=Attempts)
    traced: bool = False
    typed: Function | None = None
    typed_attempts: Attempts = field(default_factory=Attempts)
