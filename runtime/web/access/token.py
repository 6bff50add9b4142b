"""The token of the admin API's port: one secret in a file, taken over when the file changes."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from pathlib import Path

import structlog

from runtime.errors import SettingsError
from runtime.observe.metrics import Metrics
from runtime.web.access.addresses import caller
from runtime.web.access.users import FILE_MODE
from runtime.web.exchange import Answer, Request
from runtime.web.problem import problem

SHORTEST = 32  # characters: nobody guesses as many, so that guesses need no limit
LONGEST = 4096  # bytes that are read: a file that is larger is another file
CHALLENGE = b'Bearer realm="nuclide admin"'

TokenSource = Callable[[], bytes]
"""Gives the token of the moment."""

_HINT = "(umask 77; head -c 32 /dev/urandom | base64 > {path}), and chown it to the daemon's user"
_log = structlog.get_logger("nuclide.access")


def read_token(path: Path) -> bytes:
    """Give the token that stands in a file.

    Raises:
        SettingsError: the file cannot be read, others may read it, or it holds no token.
    """
    hint = _HINT.format(path=path)
    try:
        with path.open("rb") as file:
            token = file.read(LONGEST).strip()
        mode = path.stat().st_mode
    except OSError as error:
        message = f"the admin port wants a token, and {path} cannot be read: {error.strerror}"
        raise SettingsError("access.token", message, hint=hint) from error
    if mode & FILE_MODE:
        raise SettingsError(
            "access.token-open", f"{path} can be read by others than its owner", hint=f"chmod 600 {path}"
        )
    if len(token) < SHORTEST or not token.isascii() or b" " in token or b"\n" in token:
        message = f"{path} holds no token of at least {SHORTEST} characters without blanks"
        raise SettingsError("access.token", message, hint=hint)
    return token


class TokenGate:
    """Lets requests with the right token pass, or gives their refusal."""

    def __init__(self, token: TokenSource, metrics: Metrics | None = None) -> None:
        self._token = token
        self._metrics = metrics

    async def __call__(self, request: Request) -> Answer | None:
        """Give the refusal of a request, or None."""
        given = [value for name, value in request.headers if name == b"authorization"]
        if len(given) == 1 and self._is_right(given[0]):
            return None
        if given:
            if self._metrics is not None:
                self._metrics.refused_callers.of("token").inc()
            _log.warning("a wrong token on the admin port", address=caller(request, ()))
        answer = problem(401, request.path, "The admin API wants its token: Authorization: Bearer …")
        return Answer(
            status=answer.status, body=answer.body, headers=(*answer.headers, (b"www-authenticate", CHALLENGE))
        )

    def _is_right(self, value: bytes) -> bool:
        scheme, _, token = value.partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(), self._token())
