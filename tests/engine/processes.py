"""Processes under test, written from their ends backwards: each method makes a shape and gives its id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from runtime.errors import Place
from runtime.model.shapes import (
    AnyShape,
    Assignment,
    BranchStep,
    CombineStep,
    ConnectorStep,
    DecisionStep,
    ExceptionStep,
    MapStep,
    MessageStep,
    ReturnDocumentsStep,
    ScriptStep,
    SetPropertiesStep,
    SplitStep,
    StopStep,
    TryCatchStep,
    WaitStep,
)
from runtime.model.values import Expression
from tests.engine.graphs import text

Scope = Literal["document", "process"]
Trigger = Literal["document errors", "all errors"]


class Steps:
    """The shapes of one process. An id that a method was given may be led to before its shape is made."""

    def __init__(self) -> None:
        self.shapes: list[AnyShape] = []

    def _add(self, kind: type[Any], identity: str | None = None, **fields: object) -> str:
        shape = kind(id=identity or f"s{len(self.shapes)}", **fields)
        self.shapes.append(shape)
        return str(shape.id)

    def call(
        self,
        note: str,
        to: str | None = None,
        *,
        effect: str = "pure",
        on_error: str = "fail",
        concurrency: int | None = None,
        identity: str | None = None,
    ) -> str:
        """Call the world; it sees the note, computed for each document."""
        return self._add(
            ConnectorStep,
            identity,
            connection="world",
            operation=effect,
            fields={"note": text(note)},
            on_error_response=on_error,
            concurrency=concurrency,
            to=to,
        )

    def set(self, to: str | None, scope: Scope, name: str, value: str, *, identity: str | None = None) -> str:
        """Set one property."""
        return self._add(SetPropertiesStep, identity, assignments=(Assignment(scope, name, text(value)),), to=to)

    def message(self, to: str | None, value: str, *, combine: bool = False) -> str:
        """Replace the content by a text."""
        return self._add(MessageStep, text=text(value), combine=combine, to=to)

    def map(self, to: str | None, name: str) -> str:
        """Map each document."""
        return self._add(MapStep, map=name, to=to)

    def decide(self, condition: str, yes: str | None, no: str | None, *, identity: str | None = None) -> str:
        """Divide by a condition."""
        return self._add(DecisionStep, identity, condition=Expression(condition, Place()), yes=yes, no=no)

    def branch(self, *paths: str | None, identity: str | None = None) -> str:
        """Send every document down every path."""
        return self._add(BranchStep, identity, paths=paths)

    def attempt(
        self, attempt: str | None, caught: str | None, *, retries: int = 0, trigger: Trigger = "document errors"
    ) -> str:
        """Try a path, and catch what fails on it."""
        return self._add(TryCatchStep, attempt=attempt, caught=caught, retries=retries, trigger=trigger)

    def fail(self, message: str, *, stop: Literal["document", "process"] = "document") -> str:
        """Raise an exception."""
        return self._add(ExceptionStep, title=text("t"), message=text(message), stop=stop)

    def stop(self, *, goes_on: bool) -> str:
        """Stop this path, or everything."""
        return self._add(StopStep, continue_=goes_on)

    def returned(self) -> str:
        """Return what arrives."""
        return self._add(ReturnDocumentsStep)

    def split(self, to: str | None, *element: str, keep_wrapper: bool = False) -> str:
        """Split JSON."""
        return self._add(SplitStep, element=element, keep_wrapper=keep_wrapper, to=to)

    def combine(self, to: str | None, *element: str) -> str:
        """Combine JSON."""
        return self._add(CombineStep, element=element, to=to)

    def wait(self, to: str | None, duration: str) -> str:
        """Wait."""
        return self._add(WaitStep, duration=text(duration), to=to)

    def script(self, to: str | None, file: str) -> str:
        """Call a script."""
        return self._add(ScriptStep, file=file, to=to)


def python(*lines: str) -> str:
    """Give a script whose function has these lines as its body."""
    return "\n    ".join(("async def process(documents, context):", *lines))


def json_list(items: Sequence[object]) -> bytes:
    """Give a JSON list of items as they print."""
    return f"[{','.join(map(str, items))}]".encode()
