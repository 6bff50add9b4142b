"""What the admin API answers about work that a person settles; shared with those who read it."""

from __future__ import annotations

from runtime.web.admin_answers import Answer, ExecutionSummary, Time


class ParkedExecution(Answer, frozen=True, kw_only=True):
    """An execution that waits for a person. `steps` are those whose calls are in doubt."""

    execution: ExecutionSummary
    steps: tuple[str, ...]


class ParkedExecutions(Answer, frozen=True, kw_only=True):
    """Executions that wait for a person, newest first."""

    parked: tuple[ParkedExecution, ...]


class Decided(Answer, frozen=True, kw_only=True):
    """What was decided, and of which steps."""

    execution: str
    decision: str
    steps: tuple[str, ...]


class AuditEntry(Answer, frozen=True, kw_only=True):
    """Something that a person has done."""

    at: Time
    who: str
    what: str
    execution: str
    detail: str


class AuditTrail(Answer, frozen=True, kw_only=True):
    """What persons have done, newest first."""

    entries: tuple[AuditEntry, ...]


class DamageFound(Answer, frozen=True, kw_only=True):
    """Something that is not as it was written."""

    what: str
    execution: str | None = None


class JournalReport(Answer, frozen=True, kw_only=True):
    """What a check has looked at, in numbers, and what is damaged."""

    schema: int
    payloads: int
    files: int
    damage: tuple[DamageFound, ...]
