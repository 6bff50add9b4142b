"""The client of the admin API: one question at a time, over the daemon's Unix socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from runtime.cli.failures import Failed, Unreachable
from runtime.errors import Place

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")

PATIENCE = 10.0  # seconds for an answer; a daemon that works gives it in a hundredth of one
OK = 200


class NotThere(Failed):
    """Raised when the daemon does not know what was asked for."""


class Admin:
    """Asks the daemon that listens at `socket`."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def get(self, answer: type[T], *path: str, **parameters: object) -> T:
        """Give the answer to ``GET /api/<path>?<parameters>``; parameters that are None are left out.

        Raises:
            Unreachable: no daemon answers at the socket.
            NotThere: there is nothing under this path.
            Failed: the daemon refuses to answer, or does not answer as this version of the command expects.
        """
        given = {name: value for name, value in parameters.items() if value is not None}
        target = "/api/" + "/".join(quote(part, safe="") for part in path)
        return _read(answer, *self._ask("GET", f"{target}?{urlencode(given)}" if given else target))

    def post(self, answer: type[T], path: str, order: object) -> T:
        """Give the answer to ``POST /api/<path>`` with `order` as JSON.

        Raises:
            Unreachable, NotThere, Failed: as `get` says.
        """
        return _read(answer, *self._ask("POST", f"/api/{path}", msgspec.json.encode(order)))

    def _ask(self, method: str, target: str, body: bytes | None = None) -> tuple[int, bytes]:
        from http.client import HTTPException

        from runtime.cli.unix_http import UnixConnection

        connection = UnixConnection(self._socket, PATIENCE)
        try:
            connection.request(method, target, body, {} if body is None else {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, HTTPException) as error:
            raise _unreachable(self._socket, error) from error
        finally:
            connection.close()


def _read(answer: type[T], status: int, body: bytes) -> T:
    try:
        if status == OK:
            return msgspec.json.decode(body, type=answer)
        detail = _detail(body)
    except msgspec.MsgspecError as error:
        raise Failed(
            "cli.other-version", f"the daemon's answer cannot be read: {error}", hint="is it of another version?"
        ) from error
    raise (NotThere if status == 404 else Failed)("cli.refused", detail)  # noqa: PLR2004 - not found


def _detail(body: bytes) -> str:
    from runtime.web.admin_answers import ProblemDetails

    return msgspec.json.decode(body, type=ProblemDetails).detail


def _unreachable(socket: Path, error: Exception) -> Unreachable:
    message, hint = f"the daemon does not answer: {error}", None
    if isinstance(error, FileNotFoundError | ConnectionRefusedError):
        message, hint = "no daemon runs here", "start one with `nuclide run`, or name its settings with --config"
    elif isinstance(error, PermissionError):
        message, hint = "this user may not ask the daemon", "run the command as the daemon's own user"
    return Unreachable("cli.no-daemon", message, place=Place(file=str(socket)), hint=hint)
