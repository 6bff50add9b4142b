"""One POST to a service."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from runtime.testkit.player.failures import Misused, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGINE_PATIENCE = 60.0  # seconds after which an engine gives a service up (wire protocol C.3)
LARGEST_ANSWER = 64 * 1024 * 1024  # bytes; four times the largest body that a daemon takes by default


class Reply(Struct, frozen=True, kw_only=True):
    """What came back."""

    status: int
    content_type: str
    body: bytes


def post(url: str, body: bytes, headers: Mapping[str, str], *, patience: float = ENGINE_PATIENCE) -> Reply:
    """Send a JSON body; give the answer whatever its status. No wait is longer than `patience` seconds.

    Raises:
        Misused: `url` is not one of HTTP.
        NoAnswer: nobody answers there, or not in time.
    """
    connection, target = _connection(url, patience)
    try:
        connection.request("POST", target, body, {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        content = response.read(LARGEST_ANSWER + 1)
    except TimeoutError as error:
        raise NoAnswer("player.late", f"{url} has not answered within {patience:.0f} s") from error
    except (OSError, HTTPException) as error:
        reason = str(error) or type(error).__name__
        hint = "is the daemon running? `nuclide run` starts one" if isinstance(error, ConnectionRefusedError) else None
        raise NoAnswer("player.no-answer", f"nobody answers at {url}: {reason}", hint=hint) from error
    finally:
        connection.close()
    if len(content) > LARGEST_ANSWER:
        raise NoAnswer("player.too-large", f"the answer of {url} is larger than {LARGEST_ANSWER} bytes")
    return Reply(status=response.status, content_type=response.getheader("Content-Type", ""), body=content)


def _connection(url: str, patience: float) -> tuple[HTTPConnection, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Misused("player.url", f"'{url}' is not an address: {error}") from error
    if parts.scheme not in {"http", "https"} or host is None:
        raise Misused("player.url", f"'{url}' is not an address", hint="such as http://127.0.0.1:9090/fs/greeting")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    return kind(host, port, timeout=patience), f"{parts.path}?{parts.query}" if parts.query else parts.path
