"""A route that answers in every way there is: at once, by itself later, by a handler, by a lane."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import trio

from runtime.web.exchange import Answer, Request
from runtime.web.front import Route
from runtime.web.later import Later
from runtime.web.problem import problem
from tests.web.house import echo

if TYPE_CHECKING:
    from collections import Counter

    from runtime.web.exchange import Handler
    from runtime.web.front import Lane

WAYS = 4  # in which a request is answered: the length of its body says how


def mixed_route(ways: Counter[str] | None = None, *, handler: Handler = echo, seen: list[str] | None = None) -> Route:
    """Give a route that echoes bodies, and counts in which way, those that a lane answers, too.

    `seen` takes the paths of requests that `handler` does not serve. Who says `X-Refuse` is refused at its gate; who
    says `X-Asked` passes, but only there.
    """
    turns = itertools.count(1)

    def count(way: str) -> None:
        if ways is not None:
            ways[way] += 1

    def lane(request: Request) -> Lane | None:
        return None if request.header("x-asked") else answer

    def answer(body: bytes, _arrived: float) -> Answer | Later | Handler | None:
        found = _answered(body)
        if not isinstance(found, Answer | Later):
            return None
        if not next(turns) % 3:
            count("by a lane's handler")
            return handler
        count("by lane")
        return found

    def decide(request: Request) -> Answer | Later | Handler:
        found = _answered(request.body)
        if seen is not None and isinstance(found, Answer | Later):
            seen.append(request.path)
        count("at once" if isinstance(found, Answer) else "later" if isinstance(found, Later) else "by a handler")
        return found if isinstance(found, Answer | Later) else handler

    return Route(handler=handler, oversize=400, gate=_gate, passes=_passes, decide=decide, lane=lane)


async def _gate(request: Request) -> Answer | None:
    return problem(401, request.path, "no") if request.header("x-refuse") else None


def _passes(request: Request) -> bool:
    return request.header("x-refuse") is None and request.header("x-asked") is None


def _answered(body: bytes) -> Answer | Later | Handler:
    answer = Answer(status=200, body=body)
    match len(body) % WAYS:
        case 1:
            later = Later()
            trio.lowlevel.current_trio_token().run_sync_soon(later.complete, answer)
            return later
        case 2:
            return echo
        case _:
            return answer
