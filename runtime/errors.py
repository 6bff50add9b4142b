"""The error tree: one class for each thing that the reader of an error can do about it.

Every error carries a stable dotted code (``bundle.unknown-key``), a message, the place it concerns and a hint that
names the cure. Codes are part of the product: they are searched for, so they never change their meaning.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Severity = Literal["error", "warning"]


class Place(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where something is wrong; every part may be unknown. Lines and columns count from 1."""

    bundle: str | None = None
    process: str | None = None
    step: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Give ``file:line:column`` when a file is known, else ``bundle/process/step``."""
        if self.file is not None:
            parts = [self.file, *(str(n) for n in (self.line, self.column) if n is not None)]
            return ":".join(parts)
        return "/".join(part for part in (self.bundle, self.process, self.step) if part)


class NuclideError(Exception):
    """Raised when something is wrong that a person can act upon; the subclass says who and how."""

    def __init__(self, code: str, message: str, *, place: Place | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        """Give one line: place, message, code, hint."""
        where = f"{self.place}: " if self.place is not None and str(self.place) else ""
        cure = f" ({self.hint})" if self.hint else ""
        return f"{where}{self.message} [{self.code}]{cure}"


class SettingsError(NuclideError):
    """Raised when a setting is unknown, of the wrong type or contradicts another: the operator edits it."""


class HostError(NuclideError):
    """Raised when the machine is in the way (port in use, folder not writable): the operator frees it."""


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One finding in a bundle. `excerpt` is the offending line of the file, without its line end.

    An `error` refuses the bundle, a `warning` is only told.
    """

    code: str
    message: str
    place: Place
    hint: str | None = None
    excerpt: str | None = None
    severity: Severity = "error"

    def __str__(self) -> str:
        """Give the finding as an editor shows it, with the offending line below when it is known."""
        cure = f" ({self.hint})" if self.hint else ""
        line = f"\n    {self.excerpt}" if self.excerpt else ""
        kind = "warning: " if self.severity == "warning" else ""
        return f"{self.place}: {kind}{self.message} [{self.code}]{cure}{line}"


class BundleError(NuclideError):
    """Raised when a bundle cannot be deployed; `problems` holds every finding, in the order of files and lines."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(first.code, first.message + more, place=first.place, hint=first.hint)
        self.problems = problems


class RequestError(NuclideError):
    """Raised when a caller must change its request; `status` is the HTTP status of the answer (400 to 499, or 501)."""

    def __init__(
        self, code: str, message: str, *, status: int = 400, place: Place | None = None, hint: str | None = None
    ) -> None:
        super().__init__(code, message, place=place, hint=hint)
        self.status = status


class Unavailable(NuclideError):
    """Raised when the runtime cannot take work now; the caller repeats after `retry_after` seconds."""

    def __init__(self, code: str, message: str, *, retry_after: float = 1.0, hint: str | None = None) -> None:
        super().__init__(code, message, hint=hint)
        self.retry_after = retry_after


class StoreError(NuclideError):
    """Raised when the journal or a document cannot be written or read: the operator looks at the disk."""


class Fenced(StoreError):
    """Raised when another owner has taken the execution over: the loser stops at once and writes nothing more."""


class Changed(StoreError):
    """Raised when a kept value is not the one any more that its writer began with; nothing was written."""


class TokenTaken(StoreError):
    """Raised when a Flow call is already known; `execution` is the id of the one that serves it."""

    def __init__(self, execution: str) -> None:
        super().__init__("store.token-taken", f"this token is served by {execution}")
        self.execution = execution


class Fault(NuclideError):
    """Base of what goes wrong inside a process: its builder, or the system it calls, must change something."""


class DocumentFault(Fault):
    """Raised when one document cannot go on; its siblings do (reference: engine model 0.5)."""


class ProcessFault(Fault):
    """Raised when the whole run must end, unless a Try/Catch set to all errors encloses it."""
