"""The client of the admin API: one question at a time, through the daemon's socket or its port."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from runtime.cli.failures import Failed

if TYPE_CHECKING:
    from runtime.cli.doors import Door

T = TypeVar("T")

PATIENCE = 10.0  # seconds for an answer; a daemon that works gives it in a hundredth of one
OK = 200


class NotThere(Failed):
    """Raised when the daemon does not know what was asked for."""


class Admin:
    """Asks the daemon behind a door."""

    def __init__(self, door: Door) -> None:
        self._door = door

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

        headers = dict(self._door.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection = self._door.connect(PATIENCE)
        try:
            connection.request(method, f"{self._door.base}{target}", body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, HTTPException) as error:
            raise self._door.unreachable(error) from error
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
