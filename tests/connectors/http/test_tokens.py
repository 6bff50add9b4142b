"""OAuth 2.0 against a token server and a server that takes its tokens, over real sockets."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

import msgspec
import pytest
import structlog
import trio
import trio.testing

from connectors.http import CONNECTOR
from connectors.http.operations import Composing, Reading, Writing
from connectors.http.settings import Settings
from connectors.http.tokens import EARLY, PAUSE
from runtime.sdk.connector import Connection
from runtime.sdk.contract import a_call, check_cancellation, expect_fault, expect_replies
from runtime.sdk.faults import ApplicationFault, NotSent
from tests.connectors.http.server import Answer, Seen, Server, running_server

SECRETS = ("s3cr3t", "pa55", "first-refresh", "second-refresh", "access-1", "access-2")


class Granting:
    """What a token server does: it counts tokens, and the other server takes the newest."""

    def __init__(self, issuer: Server, api: Server) -> None:
        self.issuer, self.api = issuer, api
        self.given = 0
        self.more: dict[str, object] = {"expires_in": 3600}
        issuer.answer = self._grant
        api.answer = self._serve

    @property
    def forms(self) -> list[dict[str, str]]:
        """The requests for tokens."""
        return [dict(parse_qsl(seen.body.decode())) for seen in self.issuer.seen]

    def _grant(self, _: Seen) -> Answer:
        self.given += 1
        body = {"access_token": f"access-{self.given}", "token_type": "Bearer", **self.more}
        return Answer(headers={"content-type": "application/json"}, body=json.dumps(body).encode())

    def _serve(self, seen: Seen) -> Answer:
        right = seen.headers.get("authorization") == f"Bearer access-{self.given}"
        return Answer(body=b"done") if right else Answer(401, body=b"who?")


@asynccontextmanager
async def granting(**settings: object) -> AsyncGenerator[tuple[Granting, Connection]]:
    """A connection to a server that takes tokens of another one."""
    async with running_server() as issuer, running_server() as api:
        given = {
            "url": api.url,
            "authentication": "oauth2",
            "oauth_url": issuer.url + "/token",
            "client_id": "shop:1",
            "client_secret": "s3cr3t",
            **settings,
        }
        async with CONNECTOR.open(msgspec.convert(given, Settings)) as connection:
            yield Granting(issuer, api), connection


async def get(connection: Connection) -> bytes:
    """Make a call that succeeds."""
    (reply,) = await expect_replies(connection, "get", a_call(Reading()))
    return reply.content


async def test_a_token_is_fetched_when_the_first_call_needs_it_and_serves_the_next_ones() -> None:
    """The client is told as Basic credentials, encoded as a form is (RFC 6749, 2.3.1, 4.4.2)."""
    async with granting(scope="read write", oauth_parameters='{"audience":"https://api"}') as (world, connection):
        assert world.issuer.seen == []
        assert [await get(connection) for _ in range(3)] == [b"done"] * 3
        (seen,) = world.issuer.seen
        assert (seen.method, seen.target) == ("POST", "/token")
        assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
        assert base64.b64decode(seen.headers["authorization"].removeprefix("Basic ")) == b"shop%3A1:s3cr3t"
        assert world.forms == [{"grant_type": "client_credentials", "scope": "read write", "audience": "https://api"}]


@pytest.mark.parametrize(
    ("settings", "form"),
    [
        (
            {"grant": "password", "username": "ann", "password": "pa55"},
            {"grant_type": "password", "username": "ann", "password": "pa55"},
        ),
        (
            {"grant": "refresh token", "refresh_token": "first-refresh"},
            {"grant_type": "refresh_token", "refresh_token": "first-refresh"},
        ),
    ],
)
async def test_each_grant_asks_in_its_own_words(settings: dict[str, str], form: dict[str, str]) -> None:
    """With the client in the body where that is said (RFC 6749, 4.3.2, 6); the API sees the token alone."""
    async with granting(client_authentication="body", **settings) as (world, connection):
        assert await get(connection) == b"done"
        assert world.forms == [{**form, "client_id": "shop:1", "client_secret": "s3cr3t"}]
        assert "authorization" not in world.issuer.seen[0].headers
        assert world.api.seen[0].headers["authorization"] == "Bearer access-1"


async def test_many_calls_at_once_want_one_token() -> None:
    """One request is under way; its token is everybody's."""
    async with granting() as (world, connection):
        async with trio.open_nursery() as nursery:
            for _ in range(10):
                nursery.start_soon(get, connection)
        assert world.given == 1


async def test_many_calls_at_once_learn_of_one_refusal() -> None:
    """It is not asked for again by each of them."""
    async with granting() as (world, connection):
        world.issuer.answer = lambda _: Answer(401, body=b'{"error":"invalid_client"}')
        world.issuer.release = trio.Event()
        faults: list[NotSent] = []

        async def refused() -> None:
            faults.append(await expect_fault(connection, "get", a_call(Reading()), NotSent))

        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(refused)
            await world.issuer.arrived.wait()
            await trio.testing.wait_all_tasks_blocked(0.01)
            world.issuer.release.set()
        assert {fault.code for fault in faults} == {"http.token-refused"}
        assert len(world.issuer.seen) == 1


async def test_a_token_is_renewed_before_it_expires(mock_clock: trio.testing.MockClock) -> None:
    """A minute before, so that none expires on its way."""
    async with granting() as (world, connection):
        await get(connection)
        mock_clock.jump(3600 - EARLY - 1)
        await get(connection)
        assert world.given == 1
        mock_clock.jump(2)
        await get(connection)
        assert world.given == 2


@pytest.mark.parametrize(("told", "kept"), [(None, True), ("900", True), (0, False), (-5, False), ("soon", True)])
async def test_what_a_server_says_of_a_tokens_life_may_be_nothing_or_a_text(told: object, kept: bool) -> None:  # noqa: FBT001
    """A token that has no life left serves the call that it was fetched for."""
    async with granting() as (world, connection):
        world.more = {} if told is None else {"expires_in": told}
        assert [await get(connection) for _ in range(2)] == [b"done", b"done"]
        assert world.given == (1 if kept else 2)


@pytest.mark.parametrize("operation", ["post", "platform request"])
async def test_a_token_that_is_no_longer_taken_is_fetched_anew_and_the_call_made_again(operation: str) -> None:
    """A 401 says that nothing was done: even a call that may be made once alone is made again, with its document."""
    fields = Writing() if operation == "post" else Composing(method="POST", send_document=True)
    async with granting() as (world, connection):
        await get(connection)
        world.given += 1  # somebody has withdrawn the first
        (reply,) = await expect_replies(connection, operation, a_call(fields, b"document"))
        assert reply.content == b"done"
        assert [seen.body for seen in world.api.seen[1:]] == [b"document", b"document"]
        assert len(world.issuer.seen) == 2


async def test_a_caller_that_is_not_welcome_is_told_so_and_no_token_server_is_flooded(
    mock_clock: trio.testing.MockClock,
) -> None:
    """A new token that is refused as well gives the 401; for a while no other one is fetched for it."""
    async with granting() as (world, connection):
        world.api.answer = lambda _: Answer(401, body=b"not you")
        for _ in range(4):
            fault = await expect_fault(connection, "get", a_call(Reading()), ApplicationFault)
            assert (fault.status, fault.body) == ("401", b"not you")
        assert world.given == 2
        mock_clock.jump(PAUSE + 1)
        await expect_fault(connection, "get", a_call(Reading()), ApplicationFault)
        assert world.given == 3


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (
            Answer(400, body=b'{"error":"invalid_scope","error_description":"no such\\nscope"}'),
            "refused",
            "no such scope",
        ),
        (Answer(403, body=b"<html>"), "refused", "[403]"),
        (Answer(503, body=b"{}"), "unavailable", "in trouble"),
        (Answer(429, body=b"{}"), "unavailable", "in trouble"),
        (Answer(cut=True), "unavailable", "gave no answer"),
        (Answer(body=b'{"access_token":""}'), "invalid", "no access token"),
        (Answer(body=b'{"access_token":"a\\r\\nx-evil: 1"}'), "invalid", "no access token"),
        (Answer(body=b'{"access_token":"a","token_type":"mac"}'), "invalid", "another type"),
        (Answer(body=b"x" * 300_000), "invalid", "has more than"),
    ],
)
async def test_no_token_is_no_call(answer: Answer, code: str, says: str) -> None:
    """Nothing of the call was sent, so that it may be repeated; the error says why, and whose it is."""
    async with granting() as (world, connection):
        world.issuer.answer = lambda _: answer
        fault = await expect_fault(connection, "post", a_call(Writing(), b"x"), NotSent)
        assert (fault.code, world.api.seen) == (f"http.token-{code}", [])
        assert says in fault.message


async def test_nothing_secret_stands_in_an_error_or_in_the_settings() -> None:
    """Not even where the token server repeats it."""
    settings = {"grant": "refresh token", "refresh_token": "first-refresh"}
    async with granting(**settings) as (world, connection):
        body = b'{"error":"invalid_grant","error_description":"first-refresh of s3cr3t is used"}'
        world.issuer.answer = lambda _: Answer(400, body=body)
        fault = await expect_fault(connection, "get", a_call(Reading()), NotSent)
        assert not any(secret in f"{fault} {fault.__cause__}" for secret in SECRETS)
        assert fault.code == "http.token-refused"


async def test_a_refresh_token_that_is_replaced_is_used_and_that_is_told() -> None:
    """It is kept in memory alone, so whoever reads the log learns that a restart will need the newest one."""
    async with granting(grant="refresh token", refresh_token="first-refresh") as (world, connection):
        world.more = {"expires_in": 0, "refresh_token": "second-refresh"}
        with structlog.testing.capture_logs() as told:
            await get(connection)
            await get(connection)
        assert [form["refresh_token"] for form in world.forms] == ["first-refresh", "second-refresh"]
        (event,) = told
        assert (event["event"], event["log_level"]) == ("refresh token replaced", "warning")
        assert not any(secret in str(event) for secret in SECRETS)


async def test_a_cancelled_fetch_leaves_the_connection_usable() -> None:
    """At each of its checkpoints; who waits for it fetches instead."""
    async with granting(connections=1) as (world, connection):
        world.more = {"expires_in": 0}
        assert await check_cancellation(connection, "get", a_call(Reading())) > 5
    async with granting() as (world, connection):
        world.issuer.release = trio.Event()
        async with trio.open_nursery() as nursery:
            first = trio.CancelScope()

            async def given_up() -> None:
                with first:
                    await get(connection)

            nursery.start_soon(given_up)
            await world.issuer.arrived.wait()
            nursery.start_soon(get, connection)
            await trio.testing.wait_all_tasks_blocked(0.01)
            first.cancel()
            world.issuer.release.set()
        assert world.api.seen[-1].headers["authorization"] == f"Bearer access-{world.given}"


@pytest.mark.parametrize(
    ("lacks", "settings"),
    [
        ("'oauth url'", {"client_id": "a", "client_secret": "b"}),
        ("'client id', 'client secret'", {"oauth_url": "https://a"}),
        ("'username', 'password'", {"oauth_url": "https://a", "client_id": "a", "grant": "password"}),
        ("'refresh token'", {"oauth_url": "https://a", "client_id": "a", "grant": "refresh token"}),
    ],
)
def test_settings_that_cannot_give_a_token_are_told(lacks: str, settings: dict[str, str]) -> None:
    """When the connection is read, and by name."""
    with pytest.raises(msgspec.ValidationError, match=lacks):
        msgspec.convert({"url": "https://a", "authentication": "oauth2", **settings}, Settings)
