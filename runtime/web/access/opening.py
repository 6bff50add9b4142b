"""What the listener needs of all this, made from the settings: a gate, TLS, and a task that follows the files."""

from __future__ import annotations

import ssl
from functools import partial
from ipaddress import ip_address

import structlog
import trio

from runtime.observe.metrics import Metrics
from runtime.settings import Settings
from runtime.web.access.failures import Misses
from runtime.web.access.files import Watched, read_users
from runtime.web.access.gate import AccessLimits, FlowGate
from runtime.web.access.tls import TlsFiles, server_context
from runtime.web.access.users import check_networks
from runtime.web.problem import Refusal

_log = structlog.get_logger("nuclide.access")


class Access:
    """Who is let in, and how the listener speaks; `follow` takes over what changes in the files of both."""

    def __init__(self, settings: Settings, refusal: Refusal, metrics: Metrics, failures: Misses | None = None) -> None:
        """Read the files; `failures` counts wrong guesses for several workers.

        Raises:
            SettingsError: a file cannot be read or used, or a network is none.
        """
        access = settings.access
        check_networks(access.trusted_proxies)
        self._users = Watched("users", (settings.users_file,), partial(read_users, settings.users_file))
        limits = AccessLimits(
            authentication=access.authentication,
            trusted_proxies=access.trusted_proxies,
            failures_per_minute=access.failures_per_minute,
            failures_at_once=access.failures_at_once,
            failures=failures,
        )
        self.gate = FlowGate(lambda: self._users.now, limits, refusal, metrics)
        self._certificates = _certificates(settings)
        _warn(settings)

    @property
    def secure(self) -> bool:
        """Whether the listener speaks TLS."""
        return self._certificates is not None

    def context(self) -> ssl.SSLContext:
        """Give the TLS context for the next connection."""
        if self._certificates is None:
            raise TypeError("the listener does not speak TLS")
        return self._certificates.now

    async def look(self) -> None:
        """Take over what has changed, now."""
        await self._users.look()
        if self._certificates is not None:
            await self._certificates.look()

    async def follow(self) -> None:
        """Follow the files, for ever."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._users.follow, name="follow the users")
            if self._certificates is not None:
                nursery.start_soon(self._certificates.follow, name="follow the certificates")


def _certificates(settings: Settings) -> Watched[ssl.SSLContext] | None:
    tls = settings.tls
    if tls.certificate is None or tls.key is None:
        return None
    required = settings.access.authentication == "certificate"
    files = TlsFiles(certificate=tls.certificate, key=tls.key, client_ca=tls.client_ca, required=required)
    return Watched("certificates", files.paths, partial(server_context, files))


def _warn(settings: Settings) -> None:
    host = settings.server.host
    if _is_loopback(host):
        return
    if settings.access.authentication == "none":
        _log.warning("anybody who reaches this address may call", host=host, setting="access.authentication")
    elif settings.tls.certificate is None:
        _log.warning("credentials reach this address in clear", host=host, setting="tls.certificate")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
