"""How what was seen differs from what a case expects: one line a difference."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from runtime.testkit.cases.patterns import Any, Json, Like, Text, mismatches

if TYPE_CHECKING:
    from runtime.testkit.cases.mocks import Asked
    from runtime.testkit.cases.model import Callback, Case
    from runtime.testkit.cases.patterns import Pattern
    from runtime.testkit.cases.seen import Message, Seen


def judge(case: Case, seen: Seen) -> tuple[str, ...]:
    """Give every difference; none when the case passes."""
    expect = case.expect
    return (
        *seen.troubles,
        *_status(case, seen),
        *(_documents(expect.documents, seen.documents) if expect.documents is not None else ()),
        *(line for name, wanted in expect.properties.items() for line in _property(name, wanted, seen)),
        *_steps(expect.steps, seen.steps),
        *(f"'{step}' was reached" for step in expect.not_reached if step in seen.steps),
        *(line for step, wanted in expect.requests.items() for line in _requests(step, wanted, seen.requests)),
        *_answer(case, seen.answer),
        *(_callbacks(expect.callbacks, seen.callbacks) if expect.callbacks is not None else ()),
    )


def _status(case: Case, seen: Seen) -> Iterator[str]:
    expect = case.expect
    if seen.status != expect.status:
        told = f": {seen.message}" if seen.message else ""
        yield f"the execution is {seen.status}{told}; wanted {expect.status}"
    elif expect.message is not None and expect.message not in seen.message:
        yield f"the message is '{seen.message}'; wanted one with '{expect.message}'"


def _documents(wanted: Sequence[Pattern], found: Sequence[bytes]) -> Iterator[str]:
    if len(wanted) != len(found):
        yield f"{len(found)} documents are returned; wanted {len(wanted)}"
    for number, (pattern, document) in enumerate(zip(wanted, found, strict=False), start=1):
        yield from mismatches(pattern, document, f"document {number}")


def _property(name: str, wanted: Pattern, seen: Seen) -> Iterator[str]:
    yield from mismatches(wanted, seen.properties.get(name), f"the property '{name}'")


def _steps(wanted: Sequence[str], reached: Sequence[str]) -> Iterator[str]:
    """Say which step is the first that was not reached after those before it."""
    rest = iter(reached)
    for number, step in enumerate(wanted):
        if step not in rest:
            after = f" after '{wanted[number - 1]}'" if number else ""
            yield f"'{step}' is not reached{after}; reached: {', '.join(reached) or 'none'}"
            return


def _requests(step: str, wanted: Sequence[Pattern], asked: dict[str, tuple[Asked, ...]]) -> Iterator[str]:
    found = asked.get(step, ())
    if len(wanted) != len(found):
        yield f"'{step}' makes {len(found)} calls; wanted {len(wanted)}"
    for number, (pattern, call) in enumerate(zip(wanted, found, strict=False), start=1):
        where = f"call {number} of '{step}'"
        if not isinstance(pattern, Json) or not isinstance(pattern.value, dict):
            yield from mismatches(pattern, call.fields["document"], f"{where}: document")
            continue
        for name, value in pattern.value.items():
            yield from mismatches(_as_text(value), call.fields.get(name), f"{where}: {name}")


def _as_text(value: object) -> Pattern:
    """Give the pattern of one field: a text is compared as it is, not as JSON in quotes."""
    if isinstance(value, Any | Like):
        return value
    if isinstance(value, str):
        return Text(value)
    return Json(value)


def _answer(case: Case, answer: Message | None) -> Iterator[str]:
    expect = case.expect
    if expect.answer is None and expect.outputs is None:
        return
    if answer is None:
        yield "nobody is answered: the case has no 'request'"
        return
    if expect.answer is not None and answer.kind != expect.answer:
        yield f"the answer is {answer.kind}{_said(answer)}; wanted {expect.answer}"
    elif expect.outputs is not None:
        yield from mismatches(expect.outputs, answer.outputs, "the outputs")


def _callbacks(wanted: Sequence[Callback], found: Sequence[Message]) -> Iterator[str]:
    if len(wanted) != len(found):
        kinds = ", ".join(f"{message.kind}{_said(message)}" for message in found)
        yield f"{len(found)} callbacks are due{f' ({kinds})' if kinds else ''}; wanted {len(wanted)}"
    for number, (callback, message) in enumerate(zip(wanted, found, strict=False), start=1):
        where = f"callback {number}"
        if callback.kind is not None and message.kind != callback.kind:
            yield f"{where} is {message.kind}{_said(message)}; wanted {callback.kind}"
            continue
        if callback.outputs is not None:
            yield from mismatches(callback.outputs, message.outputs, f"{where}: outputs")
        if callback.message is not None and callback.message not in message.message:
            yield f"{where} tells {json.dumps(message.message)}; wanted one with '{callback.message}'"


def _said(message: Message) -> str:
    return f" ({message.message})" if message.message else ""
