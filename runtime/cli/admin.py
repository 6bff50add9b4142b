"""The client of the admin API: one question at a time, through the daemon's socket or its port."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from runtime.cli.failures import Failed

if TYPE_CHECKING:
    from runtime.cli.doors import Door
    from runtime.errors import Problem
    from runtime.web.admin_answers import ProblemDetails

T = TypeVar("T")

PATIENCE = 10.0  # seconds for an answer; a daemon that works gives it in a hundredth of one
OK = 200


class NotThere(Failed):
    """Raised when the daemon does not know what was asked for."""


class Refused(Failed):
    """Raised when the daemon refuses a bundle; `problems` says why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("cli.refused", "the bundle was refused; what served before serves on")
        self.problems = problems


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

    def put(self, answer: type[T], *path: str, body: bytes, within: float, **parameters: object) -> T:
        """Give the answer to ``PUT /api/<path>?<parameters>`` with a .zip, which may take `within` seconds.

        Raises:
            Unreachable, NotThere, Failed: as `get` says; Refused: the bundle has problems.
        """
        target = "/api/" + "/".join(quote(part, safe="") for part in path)
        asked = self._ask("PUT", f"{target}?{urlencode(parameters)}", body, kind="application/zip", within=within)
        return _read(answer, *asked)

    def _ask(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        *,
        kind: str = "application/json",
        within: float = PATIENCE,
    ) -> tuple[int, bytes]:
        from http.client import HTTPException

        headers = dict(self._door.headers)
        if body is not None:
            headers["Content-Type"] = kind
        connection = self._door.connect(within)
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
        refused = _refusal(body)
    except msgspec.MsgspecError as error:
        raise Failed(
            "cli.other-version", f"the daemon's answer cannot be read: {error}", hint="is it of another version?"
        ) from error
    if refused.problems:
        raise Refused(refused.problems)
    raise (NotThere if status == 404 else Failed)("cli.refused", refused.detail)  # noqa: PLR2004 - not found


def _refusal(body: bytes) -> ProblemDetails:
    from runtime.web.admin_answers import ProblemDetails

    return msgspec.json.decode(body, type=ProblemDetails)
