"""The desks: the admin API of each worker's journal, of this one and of the others, asked alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import trio

from runtime.clock import SECONDS
from runtime.errors import RequestError, Unavailable
from runtime.web.admin_answers import ProblemDetails
from runtime.web.api import Endpoint, Parameters
from runtime.web.exchange import Answer
from runtime.web.relay.asking import Peer, request

PATIENCE = 3 * SECONDS  # for a worker that is being replaced; a command waits ten for its answer
PROMPT = 1 * SECONDS  # for a worker to say whether it is ready: one that is slower does not serve its callers either


class Desks:
    """The desks by number; `own` is that of this process, whose endpoints are called without a detour.

    `daemon` is the process that an operator knows, where it is not this one.
    """

    def __init__(self, own: int, peers: Mapping[int, Peer], *, daemon: int | None = None) -> None:
        self.own = own
        self.daemon = daemon
        self._peers = peers

    @property
    def numbers(self) -> tuple[int, ...]:
        """All of them, in order."""
        return tuple(sorted((self.own, *self._peers)))

    def close(self) -> None:
        """End the connections that nobody uses."""
        for peer in self._peers.values():
            peer.close()

    async def ask(self, number: int, endpoint: Endpoint, given: Parameters) -> Any:  # noqa: ANN401 - the endpoint's type
        """Give what one desk answers.

        Raises:
            RequestError: it refuses.
            Unavailable: it cannot answer now.
        """
        if number == self.own:
            return await endpoint.handle(given)
        answer = await self._peers[number].ask(_request(endpoint, given), patience=PATIENCE)
        if answer.status == HTTPStatus.OK:
            return msgspec.json.decode(answer.body, type=endpoint.answer)
        raise _refused(answer)

    async def all(
        self, endpoint: Endpoint, given: Parameters, numbers: Iterable[int] | None = None
    ) -> tuple[dict[int, Any], set[int]]:
        """Give what the desks answer, all asked at once, and those that are away.

        Raises:
            RequestError: one refuses.
        """
        answers: dict[int, Any] = {}
        away: set[int] = set()
        refused: list[RequestError] = []

        async def one(number: int) -> None:
            try:
                answers[number] = await self.ask(number, endpoint, given)
            except Unavailable:
                away.add(number)
            except RequestError as error:
                refused.append(error)

        async with trio.open_nursery() as nursery:
            for number in self.numbers if numbers is None else numbers:
                nursery.start_soon(one, number, name=f"ask worker {number}")
        if refused:
            raise refused[0]
        return dict(sorted(answers.items())), away

    async def texts(self, path: str, own: bytes) -> dict[int, bytes]:
        """Give what each worker answers under a path that is no endpoint's; those that are away are left out."""
        found = await self._answers(path, PATIENCE)
        good = {number: answer.body for number, answer in found.items() if answer.status == HTTPStatus.OK}
        return {self.own: own} | good

    async def unready(self, path: str) -> dict[int, str]:
        """Give the other workers that are not ready, and why; one that is being replaced is left out."""
        found: dict[int, Answer] = {}
        with trio.move_on_after(PROMPT) as late:
            found = await self._answers(path, 0.0)
        if late.cancelled_caught:
            return dict.fromkeys(self._peers, "a worker does not answer")
        return {number: answer.body.decode() for number, answer in found.items() if answer.status != HTTPStatus.OK}

    async def _answers(self, path: str, patience: float) -> dict[int, Answer]:
        found: dict[int, Answer] = {}

        async def one(number: int, peer: Peer) -> None:
            with suppress(Unavailable):
                found[number] = await peer.ask(request("GET", path), patience=patience)

        async with trio.open_nursery() as nursery:
            for number, peer in self._peers.items():
                nursery.start_soon(one, number, peer, name=f"ask worker {number}")
        return found


def _request(endpoint: Endpoint, given: Parameters) -> Any:  # noqa: ANN401 - a Request
    values: dict[str, object] = {name: value for name, value in msgspec.to_builtins(given).items() if value is not None}
    if endpoint.method == "POST":
        return request("POST", endpoint.path, body=values)
    path = endpoint.path
    for name in endpoint.in_path:
        path = path.replace(f"{{{name}}}", quote(str(values.pop(name)), safe=""))
    query = urlencode({name: _text(value) for name, value in values.items()})
    return request("GET", path, query=query)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refused(answer: Answer) -> RequestError | Unavailable:
    try:
        detail = msgspec.json.decode(answer.body, type=ProblemDetails).detail
    except msgspec.MsgspecError:
        detail = f"the worker answers {answer.status}"
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unavailable("web.worker-busy", detail)
    return RequestError("web.refused", detail, status=answer.status)
