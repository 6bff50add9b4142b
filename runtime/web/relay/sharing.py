"""Which worker serves a request that has come to this one, by the first rule that holds.

1. A token that a journal holds is that journal's, whatever its process was, and however many workers there were: what
   each journal may hold stands in memory that all see (`tokens`), and whoever may is asked.
2. A token that has been claimed, in memory that all see, is the claimant's. Any other is claimed now: by this worker
   for itself where its process never waits, which takes less than passing it on; for worker 1, the home, where only
   one can keep account of the process (kept values, gates); else for the worker that the token hashes to.
3. A call of data, files or the web whose process only one can keep account of is the home's.
4. A page of an answer belongs to the worker that keeps it, and its token hashes to that one.
5. What is deployed nowhere here is asked of a worker that serves something else in this moment, if there is one.
6. Everything else is served where it arrives.

All of it but the asking is decided without waiting.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Protocol

import msgspec
import trio
from msgspec import Struct

from runtime.clock import SECONDS
from runtime.engine.live_services import Bound, LiveAction, LiveFiles, LiveType
from runtime.engine.start import token_digest
from runtime.engine.table import Table
from runtime.errors import Unavailable
from runtime.flow import routes
from runtime.flow.who import parse_authorization
from runtime.host.claims import Claims
from runtime.host.crowd import HOME, Crowd
from runtime.web import ws_requests
from runtime.web.debug import wants_debug
from runtime.web.exchange import Alike, Answer, Exchange, Handler, Request
from runtime.web.flow_answers import refusal
from runtime.web.flow_door import FlowDoor
from runtime.web.front import Lane
from runtime.web.later import Later
from runtime.web.problem import problem
from runtime.web.relay.asking import Peer, request
from runtime.web.ws_door import EXECUTIONS, MORE, WebDoor

LOOKING = 1 * SECONDS  # for another worker to be done with a look at a claim, which takes microseconds
PAUSE = 0.001 * SECONDS
TOKENS = "/internal/tokens/"  # below it the digest of a token: 200 where the journal knows it
_FOUND, _MISSING = 200, 404


class Known(Protocol):
    """What tells which tokens a journal may hold; only its no is certain."""

    def may_hold(self, token: str) -> bool:
        """Tell whether a token may be there."""
        ...


class Others(Struct, frozen=True):
    """This worker among the others. `own` tells whether it has begun a call with a token; `claims` are of all.

    `ahead` gives the workers that serve something else than this one in this moment; `tokens` are those that each
    journal may hold.
    """

    crowd: Crowd
    number: int
    peers: Mapping[int, Peer]
    own: Callable[[str], Awaitable[bool]]
    ahead: Callable[[], tuple[int, ...]] = tuple
    tokens: Mapping[int, Known] = {}
    claims: Claims | None = None

    @property
    def perhaps(self) -> int:
        """Give the worker to ask for what is not here: this one, unless another serves something else just now."""
        return next((number for number in self.ahead() if number in self.peers), self.number)

    def may_be_known(self, digest: str) -> bool:
        """Tell whether a journal may hold a token; only its no is certain."""
        for known in self.tokens.values():  # noqa: SIM110 - a generator would cost as much again, for every call
            if known.may_hold(digest):
                return True
        return False

    async def holder(self, digest: str) -> int | None:
        """Give the worker whose journal holds a token, or that has begun a call with it.

        Raises:
            Unavailable: one that may hold it cannot be asked now.
        """
        for number, known in self.tokens.items():
            if known.may_hold(digest) and await self._knows(number, digest):
                return number
        return None

    async def _knows(self, number: int, digest: str) -> bool:
        if number == self.number:
            return await self.own(digest)
        return (await self.peers[number].ask(request("GET", TOKENS + digest))).status == _FOUND

    def claimed(self, digest: str, wanted: int) -> int | None:
        """Claim a token for a worker, if nobody has it; give whose it is. None: it cannot be told in this moment."""
        return wanted if self.claims is None else self.claims.claim(digest, wanted)


class _Called(Struct, rename="camel"):
    """What of a call decides whose it is."""

    token: str | None = None
    tenant_id: str | None = None


_called = msgspec.json.Decoder(_Called)


class Placed(Struct, frozen=True):
    """Whose a request is: whether it may be passed on again, and whether its body is passed on as it arrives."""

    number: int
    repeatable: bool = False
    streamed: bool = False


class Claim(Struct, frozen=True):
    """A call whose worker is not known yet: its token's digest, and who is to have it if nobody has."""

    digest: str
    wanted: int
    repeatable: bool


class SharedFlow:
    """Serves ``/fs``: what is this worker's by its own door, the rest by passing it on."""

    def __init__(self, door: FlowDoor, table: Callable[[], Table], others: Others) -> None:
        self._door = door
        self._table = table
        self._others = others

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request."""
        placed = self._placed(exchange.request)
        if isinstance(placed, Claim):
            try:
                placed = await self._asked(placed)
            except Unavailable as error:
                await exchange.answer(refusal(503, exchange.request.path, error.message))
                return
        await self._serve(placed, exchange)

    def decide(self, request: Request) -> Answer | Later | Handler:
        """Give the answer to a request of this worker, now or later, or what answers it; of any other, what does."""
        placed = self._placed(request)
        if isinstance(placed, Claim):
            return self
        if placed.number == self._others.number:
            return self._door.decide(request)
        return partial(self._serve, placed)

    def lane(self, request: Request) -> Lane | None:
        """Give what answers calls with the head of a request that are this worker's (see FlowDoor.lane)."""
        made, table = self._door.lane(request), self._table()
        called = routes.match(table.routes, request.method, request.path)
        if made is None or not isinstance(called, routes.Action):
            return None
        live = table.services[called.service.external_name].actions[called.action.name]
        return self._lane(made, request, live) if isinstance(live, LiveAction) else None

    def _lane(self, made: Lane, request: Request, live: LiveAction) -> Lane:
        """Give what answers calls whose tokens are this worker's: `_of_action` with what their head decides known."""
        others, codec, decode = self._others, live.action.codec, _called.decode
        number, claimed, may_be_known = others.number, others.claimed, others.may_be_known
        service, action, tenant, wanted = codec.service, codec.action, _tenant(request), self._wanted(request, live)

        def lane(body: bytes, arrived: float) -> Answer | Alike | Later | Handler | None:
            try:
                called = decode(body)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return None
            if not called.token:
                return None
            digest = token_digest(service, action, called.tenant_id or tenant, called.token)
            if may_be_known(digest) or claimed(digest, wanted(called.token)) != number:
                return None
            return made(body, arrived)

        return lane

    async def _serve(self, placed: Placed, exchange: Exchange) -> None:
        if placed.number == self._others.number:
            await self._door(exchange)
        else:
            peer = self._others.peers[placed.number]
            await peer.pass_on(exchange, refusal, repeatable=placed.repeatable, streamed=placed.streamed)

    def _placed(self, asked: Request) -> Placed | Claim:
        table, others = self._table(), self._others
        match routes.match(table.routes, asked.method, asked.path):
            case routes.Action(service, action):
                live = table.services[service.external_name].actions[action.name]
                return (
                    self._of_action(asked, asked.body, live) if isinstance(live, LiveAction) else Placed(others.number)
                )
            case routes.Data(service, _):
                return Placed(self._of_processes(table.services[service.external_name].types))
            case routes.File(service, verb):
                number = self._of_processes(table.services[service.external_name].files)
                return Placed(number, streamed=verb == "upload")
            case routes.Unknown():
                return Placed(others.perhaps)
            case _:
                return Placed(others.number)

    def _of_action(self, asked: Request, body: bytes, live: LiveAction) -> Placed | Claim:
        """Give the worker of a call, or what has to be asked for it; what cannot be read is refused here."""
        others = self._others
        try:
            called = _called.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Placed(others.number)
        if not called.token:
            return Placed(others.number)
        codec, process = live.action.codec, live.action.process
        digest = token_digest(codec.service, codec.action, called.tenant_id or asked.once(_tenant), called.token)
        wanted = self._wanted(asked, live)(called.token)
        number = None if others.may_be_known(digest) else others.claimed(digest, wanted)
        return Claim(digest, wanted, process.repeatable) if number is None else Placed(number, process.repeatable)

    def _wanted(self, asked: Request, live: LiveAction) -> Callable[[str], int]:
        """Give what tells which worker is to have a call if nobody has it, by its token."""
        process, number = live.action.process, self._others.number
        if process.single:
            return _home
        if process.inline and not asked.once(wants_debug):
            return lambda _: number
        return self._others.crowd.owner_of

    async def _asked(self, claim: Claim) -> Placed:
        """Give the worker of a call that may be known to a journal, or whose claim could not be looked at.

        Raises:
            Unavailable: it cannot be told now.
        """
        others, until = self._others, trio.current_time() + LOOKING
        number = await others.holder(claim.digest)
        while number is None:
            number = others.claimed(claim.digest, claim.wanted)
            if number is None:
                if trio.current_time() > until:
                    raise Unavailable("web.claim", "whose call this is cannot be told now; it may be repeated")
                await trio.sleep(PAUSE)
        return Placed(number, claim.repeatable)

    def _of_processes(self, kinds: Mapping[str, LiveType] | Mapping[str, LiveFiles]) -> int:
        """Give the worker of a call of data or files: these have no tokens."""
        bound = [one for kind in kinds.values() for one in kind.processes.values() if isinstance(one, Bound)]
        return HOME if any(one.process.single for one in bound) else self._others.number


class SharedWeb:
    """Serves ``/ws``, as `SharedFlow` does ``/fs``. `knows` tells whether an execution is in the worker's journal."""

    def __init__(self, door: WebDoor, knows: Callable[[str], Awaitable[bool]], others: Others) -> None:
        self._door = door
        self._knows = knows
        self._others = others

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request."""
        asked = exchange.request
        if asked.path.startswith(EXECUTIONS):
            await self._status(exchange)
            return
        number, repeatable = self._of(asked)
        if number == self._others.number:
            await self._door(exchange)
        else:
            await self._others.peers[number].pass_on(exchange, problem, repeatable=repeatable)

    def _of(self, asked: Request) -> tuple[int, bool]:
        """Give the worker of a request, and whether it may be passed on again."""
        found = self._door.find(asked)
        if isinstance(found, Answer):
            return self._others.perhaps if found.status == _MISSING else self._others.number, False
        more = dict(ws_requests.pairs_of(asked)).get(MORE)
        if more is not None:
            return self._others.crowd.owner_of(more), True
        single = found.endpoint.bound.process.single
        return (HOME if single else self._others.number), False

    async def _status(self, exchange: Exchange) -> None:
        """Tell how an execution stands, in whichever journal it is."""
        asked = exchange.request
        if not await self._knows(asked.path.removeprefix(EXECUTIONS)):
            for peer in self._others.peers.values():
                try:
                    answer = await peer.ask(asked)
                except Unavailable as error:
                    answer = problem(503, asked.path, error.message)
                if answer.status != _MISSING:
                    await exchange.answer(answer)
                    return
        await self._door(exchange)


def page_token_of(others: Others, token: Callable[[], str]) -> Callable[[], str]:
    """Give what makes tokens that hash to this worker; a journal that is only finished makes any."""

    def made() -> str:
        while others.crowd.owner_of(found := token()) != others.number <= others.crowd.workers:
            pass
        return found

    return made


def _home(_token: str) -> int:
    return HOME


def _tenant(asked: Request) -> str:
    """Give the tenant that the head of a request names, or nothing."""
    values = [value.decode("latin-1") for name, value in asked.headers if name == b"authorization"]
    return parse_authorization(*values).who.tenant_id or ""
