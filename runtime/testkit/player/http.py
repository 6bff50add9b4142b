"""One request to a service; an address may carry the credentials of the connector: ``https://flow:secret@host``."""

from __future__ import annotations

from base64 import b64encode
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from msgspec import Struct

from runtime.testkit.player.failures import Misused, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    return send("POST", url, body, {"Content-Type": "application/json", **headers}, patience=patience)


def send(
    method: str,
    url: str,
    body: bytes | Iterator[bytes] | None,
    headers: Mapping[str, str],
    *,
    patience: float = ENGINE_PATIENCE,
) -> Reply:
    """Send a request; give the answer whatever its status. No wait is longer than `patience` seconds.

    Raises:
        Misused: `url` is not one of HTTP.
        NoAnswer: nobody answers there, or not in time.
    """
    connection, target, credentials = _connection(url, patience)
    known = ", ".join(text for text in (credentials, headers.get("Authorization", "")) if text)
    try:
        connection.request(method, target, body, {**headers, **({"Authorization": known} if known else {})})
        response = connection.getresponse()
        content = response.read(LARGEST_ANSWER + 1)
    except TimeoutError as error:
        raise NoAnswer("player.late", f"{shown(url)} has not answered within {patience:.0f} s") from error
    except (OSError, HTTPException) as error:
        reason = str(error) or type(error).__name__
        hint = "is the daemon running? `nuclide run` starts one" if isinstance(error, ConnectionRefusedError) else None
        raise NoAnswer("player.no-answer", f"nobody answers at {shown(url)}: {reason}", hint=hint) from error
    finally:
        connection.close()
    if len(content) > LARGEST_ANSWER:
        raise NoAnswer("player.too-large", f"the answer of {shown(url)} is larger than {LARGEST_ANSWER} bytes")
    return Reply(status=response.status, content_type=response.getheader("Content-Type", ""), body=content)


def shown(url: str) -> str:
    """Give an address without the credentials that it carries."""
    try:
        parts = urlsplit(url)
    except ValueError:  # no address at all, which whoever connects will say
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _connection(url: str, patience: float) -> tuple[HTTPConnection, str, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Misused("player.url", f"'{url}' is not an address: {error}") from error
    if parts.scheme not in {"http", "https"} or host is None:
        raise Misused("player.url", f"'{url}' is not an address", hint="such as http://127.0.0.1:9090/fs/greeting")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return kind(host, port, timeout=patience), target, _basic(parts.username, parts.password)


def _basic(username: str | None, password: str | None) -> str:
    if not username:
        return ""
    text = f"{unquote(username)}:{unquote(password or '')}"
    return f"Basic {b64encode(text.encode()).decode()}"
