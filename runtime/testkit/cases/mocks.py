"""The connection that a test gives to a step: it answers as the test says, notes what was asked, and reaches nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
import trio
from msgspec import Struct

from runtime.sdk.connector import Call, Reply
from runtime.sdk.faults import ApplicationFault, NotSent, OutcomeUnknown
from runtime.testkit.cases.model import MockAnswer, MockFault
from runtime.testkit.cases.patterns import mismatches


class Asked(Struct, frozen=True):
    """One call: its fields as texts, the content of its document among them as ``document``."""

    fields: dict[str, str]


class Mock:
    """Answers the calls of one step. `asleep` is told when a call begins (+1) and ends (-1) to be slow."""

    def __init__(self, step: str, answers: Sequence[MockAnswer], asleep: Callable[[int], None]) -> None:
        self.asked: list[Asked] = []
        self.unanswered: list[str] = []
        self._step = step
        self._answers = list(answers)
        self._asleep = asleep

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Answer a call by the first answer that fits and is not used up.

        Raises:
            ApplicationFault, NotSent, OutcomeUnknown: the test says so.
            NotSent: nothing was said of this call.
        """
        fields = texts(call)
        self.asked.append(Asked(fields))
        answer = self._take(fields)
        if answer is None:
            self.unanswered.append(f"the call {len(self.asked)} of '{self._step}' meets no answer: {_line(fields)}")
            raise NotSent("test.no-answer", self.unanswered[-1])
        if answer.delay:
            self._asleep(1)
            try:
                await trio.sleep(answer.delay)
            finally:
                self._asleep(-1)
        else:
            await trio.lowlevel.checkpoint()
        if answer.fault is not None:
            raise _fault(answer.fault, answer.meta)
        documents = (call.content,) if answer.documents is None else answer.documents
        return tuple(Reply(document, dict(answer.meta)) for document in documents)

    def _take(self, fields: Mapping[str, str]) -> MockAnswer | None:
        for number, answer in enumerate(self._answers):
            if all(not any(mismatches(wanted, fields.get(name), name)) for name, wanted in answer.fits.items()):
                if not answer.repeats:
                    del self._answers[number]
                return answer
        return None


def texts(call: Call) -> dict[str, str]:
    """Give the fields of a call as a bundle writes them; those that have no value are left out."""
    plain = msgspec.to_builtins(call.fields)
    found = plain.items() if isinstance(plain, dict) else ()
    fields = {str(name).replace("_", " "): _text(value) for name, value in found if value not in (None, "", {}, [])}
    return {**fields, "document": call.content.decode("utf-8", "replace")}


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def _fault(fault: MockFault, meta: Mapping[str, str]) -> Exception:
    match fault.kind:
        case "application":
            return ApplicationFault(fault.message, status=fault.status, body=fault.body, meta=dict(meta))
        case "not sent":
            return NotSent("test.not-sent", fault.message)
        case "unknown":
            return OutcomeUnknown("test.unknown-outcome", fault.message)


def _line(fields: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {text[:60]}" for name, text in fields.items())
