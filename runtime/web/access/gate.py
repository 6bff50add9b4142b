"""The gate before the Flow services: whoever may not pass is told why, before the body is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from copy import copy
from typing import Literal
from urllib.parse import unquote

import structlog
import trio
from msgspec import Struct

from runtime.errors import NuclideError, Unavailable
from runtime.flow.who import BasicCredentials, parse_authorization
from runtime.observe.metrics import Metrics
from runtime.web.access.addresses import caller, source
from runtime.web.access.failures import Failures, Misses
from runtime.web.access.users import User, Users, may_call, may_come
from runtime.web.access.verifier import Verifier
from runtime.web.exchange import Answer, Request
from runtime.web.problem import Refusal

Authentication = Literal["none", "basic", "certificate"]
REALM = 'Basic realm="nuclide", charset="UTF-8"'
QUIET = 1.0  # seconds without another line about guesses that are refused unheard
ANYTHING = "*"  # what a path leads to that every user may call
MACHINE = "this machine"  # the address of callers over a Unix socket, in logs and among failures

Gate = Callable[[Request], Awaitable[Answer | None]]
"""Gives the refusal of a request, or None when it may pass. The body of the request is not there."""

_log = structlog.get_logger("nuclide.access")


class AccessLimits(Struct, frozen=True, kw_only=True):
    """Who is let in: by what, from which proxies, and how often an address may be wrong.

    `failures` counts that for several workers.
    """

    authentication: Authentication = "none"
    trusted_proxies: tuple[str, ...] = ()
    failures_per_minute: float = 10
    failures_at_once: int = 10
    failures: Misses | None = None


class TooOften(NuclideError):
    """Raised when an address has been wrong too often; it may try again after `wait` seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__("access.too-often", "Credentials from this address were wrong too often.")
        self.wait = wait


class _Guesses:
    """Counts the guesses of one address."""

    def __init__(self, failures: Misses, address: str) -> None:
        self._failures = failures
        self._source = source(address)

    def check(self) -> None:
        wait = self._failures.wait(self._source, trio.current_time())
        if wait > 0:
            raise TooOften(wait)

    def note_wrong(self) -> None:
        self._failures.note(self._source, trio.current_time())


class FlowGate:
    """Lets requests to ``/fs/<service>`` pass, or gives their refusal.

    `standing` gives what stays the same as long as who passes does, and from where, and to what.
    """

    def __init__(
        self, users: Callable[[], Users], limits: AccessLimits, refusal: Refusal, metrics: Metrics | None = None
    ) -> None:
        self._named: Callable[[str], str | None] = service_of
        self._users = users
        self.standing: Callable[[], object] = users
        self._limits = limits
        self._refusal = refusal
        self._metrics = metrics
        self._verifier = Verifier(users)
        alone = Failures(limits.failures_per_minute, limits.failures_at_once)
        self._failures: Misses = alone if limits.failures is None else limits.failures
        self._told_until = 0.0
        self._header_digest = self._digest_of

    def beside(self, refusal: Refusal, named: Callable[[str], str | None]) -> FlowGate:
        """Give a gate for other addresses: the same users and the same count of failures, refusals in another form.

        `named` gives what a path leads to, as the services of a user name it; `ANYTHING` for what all may call.
        """
        other = copy(self)
        other._refusal, other._named = refusal, named  # noqa: SLF001 - another one of its own kind
        return other

    async def __call__(self, request: Request) -> Answer | None:
        """Give the refusal of a request, or None."""
        match self._limits.authentication:
            case "none":
                return None
            case "basic":
                return await self._basic(request)
            case "certificate":
                return self._certificate(request)

    def passes(self, request: Request) -> bool:
        """Tell whether a request may pass, where that is known by a look; who may not is told why by the gate."""
        if self._limits.authentication == "none":
            return True
        if self._limits.authentication == "basic":
            known = self._verifier.recalled(request.once(self._header_digest))
            user = None if known is None else known[1]
        else:
            user = None if request.certificate is None else self._users().get(request.certificate)
        return user is not None and self._comes_from_there(request, user) and self._may_call(request, user)

    async def _basic(self, request: Request) -> Answer | None:
        digest = request.once(self._header_digest)
        recalled = self._verifier.recalled(digest)
        if recalled is not None:
            return self._within_reach(request, *recalled)
        values = [value.decode("latin-1") for value in _authorizations(request)]
        credentials = parse_authorization(*values).basic
        if credentials is None:
            return self._unknown(request, "This service wants a user name and a password.")
        user = self._verifier.remembered(credentials)
        if user is None:
            address = caller(request, self._limits.trusted_proxies) or MACHINE
            try:
                user = await self._verifier.verified(credentials, _Guesses(self._failures, address))
            except TooOften as error:
                return self._too_often(request, address, error)
            except Unavailable as error:
                return self._later(request, 503, error.message, error.retry_after)
            if user is None:
                return self._wrong(request, credentials, address)
        if digest:
            self._verifier.recall(digest, credentials.username, user)
        return self._within_reach(request, credentials.username, user)

    def _digest_of(self, request: Request) -> bytes:
        """Give a digest of what a request says of who calls, in whatever many headers; none where it says nothing."""
        values = _authorizations(request)
        return self._verifier.digest(b"\0".join(values)) if values else b""  # no header holds a NUL

    def _certificate(self, request: Request) -> Answer | None:
        if request.certificate is None:
            self._count("no certificate")
            return self._refusal(403, request.path, "This service wants a client certificate.")
        user = self._users().get(request.certificate)
        return None if user is None else self._within_reach(request, request.certificate, user)

    def _within_reach(self, request: Request, name: str, user: User) -> Answer | None:
        if not self._comes_from_there(request, user):
            address = caller(request, self._limits.trusted_proxies)
            self._count("address")
            _log.warning("a user may not call from here", user=name, address=address or MACHINE)
            return self._refusal(403, request.path, f"The user {name} may not call from this address.")
        if not self._may_call(request, user):
            self._count("service")
            return self._refusal(403, request.path, f"The user {name} may not call this service.")
        return None

    def _comes_from_there(self, request: Request, user: User) -> bool:
        return user.addresses is None or may_come(user, caller(request, self._limits.trusted_proxies))

    def _may_call(self, request: Request, user: User) -> bool:
        if user.services is None:
            return True
        service = self._named(request.path)
        return service == ANYTHING or may_call(user, service)

    def _unknown(self, request: Request, message: str) -> Answer:
        answer = self._refusal(401, request.path, message)
        return Answer(
            status=answer.status,
            body=answer.body,
            headers=(*answer.headers, (b"www-authenticate", REALM.encode())),
        )

    def _wrong(self, request: Request, credentials: BasicCredentials, address: str) -> Answer:
        self._count("wrong")
        _log.warning("wrong credentials", user=credentials.username[:64], address=address)
        return self._unknown(request, "The user name or the password is wrong.")

    def _too_often(self, request: Request, address: str, error: TooOften) -> Answer:
        self._count("too often")
        now = trio.current_time()
        if now >= self._told_until:  # a flood of guesses is counted, and must not become a flood of lines
            self._told_until = now + QUIET
            _log.warning("wrong credentials too often", address=address, wait_seconds=round(error.wait, 1))
        return self._later(request, 429, error.message, error.wait)

    def _later(self, request: Request, status: int, message: str, wait: float) -> Answer:
        answer = self._refusal(status, request.path, message)
        later = (b"retry-after", str(max(1, round(wait + 0.5))).encode())
        return Answer(status=answer.status, body=answer.body, headers=(*answer.headers, later))

    def _count(self, reason: str) -> None:
        if self._metrics is not None:
            self._metrics.refused_callers.of(reason).inc()


def _authorizations(request: Request) -> list[bytes]:
    return [value for name, value in request.headers if name == b"authorization"]


def service_of(path: str) -> str | None:
    """Give the external name of the service that a path leads to; None where it leads to none."""
    parts = path.split("/")
    return unquote(parts[2]) if len(parts) > 2 and parts[2] else None  # noqa: PLR2004 - "", "fs", the name
