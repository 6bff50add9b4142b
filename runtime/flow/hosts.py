"""Which hosts may be called back: a request must not make the server call an arbitrary address."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_URL = re.compile(r"[!-\[\]-~]{1,2048}", re.ASCII)  # visible ASCII without the backslash, which clients read as a slash
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_LOCAL = ("localhost", ".localhost", ".localdomain", ".internal", ".local")


@lru_cache(maxsize=512)  # an engine names the same address in call after call
def host_allowed(url: str, allow: tuple[str, ...]) -> bool:
    """Whether a callback may go to `url`.

    `allow` lists ``host``, ``host:port``, ``*.suffix`` or ``*.suffix:port``; without a port it means the scheme's own,
    with ``*`` any.
    A wildcard stands for names below the suffix, never for an address in digits or a name of this machine: those
    must be listed as they are. Only http and https, and no user name in front of the host.
    """
    target = _target(url)
    return target is not None and any(_matches(pattern.lower(), *target) for pattern in allow)


def _target(url: str) -> tuple[str, int, int] | None:
    """Give host, port and the scheme's default port; None for a URL that is not plainly one."""
    if not _URL.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    default = _DEFAULT_PORTS.get(parts.scheme)
    host = (parts.hostname or "").removesuffix(".")
    if default is None or not host or "@" in parts.netloc or "%" in parts.netloc:
        return None
    return (f"[{host}]" if ":" in host else host), default if port is None else port, default


def _matches(pattern: str, host: str, port: int, default: int) -> bool:
    wanted, colon, written = pattern.rpartition(":")
    if not colon or written.endswith("]"):  # no port, or the inside of an IPv6 address
        wanted, written = pattern, str(default)
    if written not in {str(port), "*"}:
        return False
    if not wanted.startswith("*."):
        return host == wanted.removesuffix(".")
    return host.endswith(wanted[1:]) and _is_public_name(host)


def _is_public_name(host: str) -> bool:
    # The last label of a name begins with a letter; of an address in any notation, with a digit.
    return _NAME.fullmatch(host) is not None and not host.endswith(_LOCAL)
