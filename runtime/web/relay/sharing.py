"""Which worker serves a request that has come to this one, by the first rule that holds.

1. A process of which only one worker can keep account (kept values, gates) is the home's, worker 1's, until the next
   start; a token that another worker knows already is that one's all the same: deployments may change the process.
2. A call that never waits is run where it arrives, after its token has been claimed for this worker in the memory that
   all share; what another has claimed is that one's.
3. Any other call with a token belongs to the worker that its token hashes to: so it begins once, wherever it comes.
4. A page of an answer belongs to the worker that keeps it, and its token hashes to that one.
5. What is deployed nowhere here is asked of a worker that serves something else in this moment, if there is one.
6. Everything else is served where it arrives.

When the number of workers has been changed, the tokens that are older stand
in journals that they do not hash to: these are known from the start on (`before`), and asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import msgspec
import trio
from msgspec import Struct

from runtime.clock import SECONDS
from runtime.engine.live_services import Bound, LiveAction, LiveFiles, LiveService, LiveType
from runtime.engine.start import token_digest
from runtime.engine.table import Table
from runtime.errors import Unavailable
from runtime.flow import routes
from runtime.flow.who import parse_authorization
from runtime.host.claims import Claims
from runtime.host.crowd import HOME, Crowd
from runtime.web import ws_requests
from runtime.web.debug import wants_debug
from runtime.web.exchange import Answer, Exchange, Request
from runtime.web.flow_answers import refusal
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

    `ahead` gives the workers that serve something else than this one in this moment.
    `before` are the tokens of each journal from before the number of workers changed.
    """

    crowd: Crowd
    number: int
    peers: Mapping[int, Peer]
    own: Callable[[str], Awaitable[bool]]
    ahead: Callable[[], tuple[int, ...]] = tuple
    before: Mapping[int, Known] = {}
    claims: Claims | None = None

    @property
    def perhaps(self) -> int:
        """Give the worker to ask for what is not here: this one, unless another serves something else just now."""
        return next((number for number in self.ahead() if number in self.peers), self.number)

    async def of_before(self, digest: str) -> int | None:
        """Give the worker whose journal holds a token from before the number of workers changed."""
        for number, known in self.before.items():
            if known.may_hold(digest) and await self.knows(number, digest):
                return number
        return None

    async def knows(self, number: int, digest: str) -> bool:
        """Tell whether a worker has begun a call with this token.

        Raises:
            Unavailable: it cannot be asked now.
        """
        if number == self.number:
            return await self.own(digest)
        return (await self.peers[number].ask(request("GET", TOKENS + digest))).status == _FOUND


class _Called(Struct, rename="camel"):
    """What of a call decides whose it is."""

    token: str | None = None
    tenant_id: str | None = None


_called = msgspec.json.Decoder(_Called)


class SharedFlow:
    """Serves ``/fs``: what is this worker's by its own door, the rest by passing it on."""

    def __init__(self, door: Callable[[Exchange], Awaitable[None]], table: Callable[[], Table], others: Others) -> None:
        self._door = door
        self._table = table
        self._others = others
        self._seen: Table | None = None
        self._single: set[tuple[str, str]] = set()
        self._waits: set[tuple[str, str]] = set()

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request."""
        asked, table = exchange.request, self._table()
        if table is not self._seen:
            self._note(table)
        number, repeatable, streamed = self._others.number, False, False
        match routes.match(table.routes, asked.method, asked.path):
            case routes.Action(service, action):
                try:
                    number, repeatable = await self._of_action(
                        asked, table.services[service.external_name], action.name
                    )
                except Unavailable as error:
                    await exchange.answer(refusal(503, asked.path, error.message))
                    return
            case routes.Data(service, _):
                number = self._of_processes(table.services[service.external_name].types)
            case routes.File(service, verb):
                number, streamed = self._of_processes(table.services[service.external_name].files), verb == "upload"
            case routes.Unknown():
                number = self._others.perhaps
            case _:
                pass
        if number == self._others.number:
            await self._door(exchange)
        else:
            peer = self._others.peers[number]
            await peer.pass_on(exchange, refusal, repeatable=repeatable, streamed=streamed)

    async def _of_action(self, asked: Request, service: LiveService, name: str) -> tuple[int, bool]:
        """Give the worker of a call, and whether it may be passed on again; what cannot be read is refused here."""
        live, others = service.actions[name], self._others
        if not isinstance(live, LiveAction):
            return others.number, False
        try:
            called = _called.decode(asked.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return others.number, False
        if not called.token:
            return others.number, False
        process = (live.deployment.bundle.name, live.action.process.process.name)
        waits, single = process in self._waits or wants_debug(asked), process in self._single
        holder, codec, repeatable = 0, live.action.codec, live.action.process.repeatable
        if others.claims is not None:
            key = "\0".join((codec.service, codec.action, called.tenant_id or "", called.token))
            holder = await self._claimed(others.claims, key, claim=not (waits or single))
        if holder:
            return holder, repeatable
        owner = others.crowd.owner_of(called.token)
        if others.before or (single and owner != HOME):
            digest = _digest(asked, called, live)
            found = await others.of_before(digest)
            if found is None and single and await others.knows(owner, digest):
                found = owner
            if found is not None:
                return found, repeatable
        return (HOME if single else owner), repeatable

    async def _claimed(self, claims: Claims, token: str, *, claim: bool) -> int:
        """Give the worker that has claimed a token, this one where it may and nobody else has; 0 for nobody.

        Raises:
            Unavailable: another worker has been looking at it for too long.
        """
        until = trio.current_time() + LOOKING
        while (holder := claims.claim(token, self._others.number) if claim else claims.holder(token)) is None:
            if trio.current_time() > until:
                raise Unavailable("web.claim", "whose call this is cannot be told now; it may be repeated")
            await trio.sleep(PAUSE)
        return holder

    def _note(self, table: Table) -> None:
        """Note the processes that are the home's, and those that may wait; they stay so until the next start."""
        self._seen = table
        for name, deployment in table.deployments.items():
            processes = deployment.processes.items()
            self._single.update((name, each) for each, process in processes if process.single)
            self._waits.update((name, each) for each, process in processes if not process.inline)

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


def _digest(asked: Request, called: _Called, live: LiveAction) -> str:
    codec = live.action.codec
    values = [value.decode("latin-1") for name, value in asked.headers if name == b"authorization"]
    tenant = called.tenant_id or parse_authorization(*values).who.tenant_id
    return token_digest(codec.service, codec.action, tenant, called.token or "")
