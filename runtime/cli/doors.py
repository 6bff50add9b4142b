"""The two ways to a daemon: its Unix socket, and the port of its admin API with the token.

The token is never an argument, which every user of a machine can read, and never goes over a network in clear.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from runtime.cli.failures import Unreachable
from runtime.errors import Place, SettingsError

if TYPE_CHECKING:
    from http.client import HTTPConnection
    from ssl import SSLContext

LONGEST_TOKEN = 4096  # bytes that are read of a file: a larger one is another file
_PORTS = {"http": 80, "https": 443}


class Door(Protocol):
    """A way to a daemon. `base` stands before every path, `headers` go with every request."""

    @property
    def base(self) -> str:
        """Give the path below which the daemon's own begin."""
        ...

    @property
    def headers(self) -> dict[str, str]:
        """Give the headers."""
        ...

    def connect(self, timeout: float) -> HTTPConnection:
        """Give a connection that is opened by its first request; every wait ends after `timeout` seconds."""
        ...

    def unreachable(self, error: Exception) -> Unreachable:
        """Give what to tell when nobody answers."""
        ...


class SocketDoor:
    """The daemon's socket, for its own user."""

    base = ""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.headers: dict[str, str] = {}

    def connect(self, timeout: float) -> HTTPConnection:
        """Give a connection."""
        from runtime.cli.unix_http import UnixConnection

        return UnixConnection(self._path, timeout)

    def unreachable(self, error: Exception) -> Unreachable:
        """Give what to tell."""
        message, hint = f"the daemon does not answer: {error}", None
        if isinstance(error, FileNotFoundError | ConnectionRefusedError):
            message, hint = "no daemon runs here", "start one with `nuclide run`, or name its settings with --config"
        elif isinstance(error, PermissionError):
            message, hint = "this user may not ask the daemon", "run the command as the daemon's own user"
        return Unreachable("cli.no-daemon", message, place=Place(file=str(self._path)), hint=hint)


class UrlDoor:
    """The port of the admin API. `ca` holds the certificates that its own must come from; else the machine's do.

    Raises:
        SettingsError: the address is none, or the token would go over a network in clear.
    """

    def __init__(self, url: str, token: str, ca: Path | None = None) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise _wrong(url, str(error)) from error
        if parts.scheme not in _PORTS or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
            raise _wrong(url, "it is no address of a server")
        if parts.scheme == "http" and not _is_loopback(parts.hostname):
            raise _wrong(url, "the token would be sent in clear", "use https://, or a tunnel to 127.0.0.1")
        self._url = url
        self._host = parts.hostname
        self._port = port or _PORTS[parts.scheme]
        self._tls = parts.scheme == "https"
        self._ca = ca
        self.base = parts.path.rstrip("/")
        self.headers = {"Authorization": f"Bearer {token}"}

    def connect(self, timeout: float) -> HTTPConnection:
        """Give a connection.

        Raises:
            SettingsError: the file of certificates cannot be used.
        """
        from http.client import HTTPConnection, HTTPSConnection

        if not self._tls:
            return HTTPConnection(self._host, self._port, timeout=timeout)
        return HTTPSConnection(self._host, self._port, timeout=timeout, context=self._context())

    def unreachable(self, error: Exception) -> Unreachable:
        """Give what to tell."""
        from ssl import SSLCertVerificationError

        hint = "is [admin] port set there, and reachable from here?"
        if isinstance(error, SSLCertVerificationError):
            hint = "name the certificates that its own comes from with --ca"
        message = f"the daemon does not answer: {error}"
        return Unreachable("cli.no-daemon", message, place=Place(file=self._url), hint=hint)

    def _context(self) -> SSLContext:
        import ssl

        try:
            return ssl.create_default_context(cafile=self._ca)
        except (OSError, ssl.SSLError) as error:
            raise SettingsError("cli.ca", f"{self._ca} cannot be used: {error}") from error


def read_token(file: Path | None, given: str | None) -> str:
    """Give the token: that in a file, or the one given by the environment.

    Raises:
        SettingsError: there is none.
    """
    hint = "name the file that holds it with --token-file, or set NUCLIDE_TOKEN"
    if file is None:
        token = given or ""
    else:
        try:
            with file.open("rb") as opened:
                token = opened.read(LONGEST_TOKEN).decode("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError("cli.token", f"the token cannot be read: {error}", hint=hint) from error
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise SettingsError("cli.token", "the admin API of a port wants its token", hint=hint)
    return token


def _wrong(url: str, why: str, hint: str = "https://HOST:PORT") -> SettingsError:
    return SettingsError("cli.url", f"'{url}' cannot be used: {why}", hint=hint)


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
