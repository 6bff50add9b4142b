"""How a connector says what went wrong; what the engine may do next depends on the class alone."""

from __future__ import annotations

from runtime.errors import DocumentFault


class ApplicationFault(DocumentFault):
    """Raised when the target answered, and its answer is an error of its application (an HTTP 404, a refused row).

    The outcome is known: nothing is in doubt. `status` is the target's own code, as text; `body` is its answer, which
    becomes the document where the step continues on error responses.
    """

    def __init__(
        self,
        message: str,
        *,
        status: str,
        body: bytes = b"",
        meta: dict[str, str] | None = None,
        code: str = "connector.application-error",
    ) -> None:
        super().__init__(code, message)
        self.status = status
        self.body = body
        self.meta = meta or {}


class NotSent(DocumentFault):
    """Raised when the call certainly did not happen (connection refused, no slot, name not resolved)."""


class OutcomeUnknown(DocumentFault):
    """Raised when the call may or may not have happened (time-out or cut connection after sending)."""
