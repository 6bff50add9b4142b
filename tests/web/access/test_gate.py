"""The laws of the gate before the Flow services."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import pytest
import trio
import trio.testing
from argon2 import PasswordHasher

from runtime.flow.who import BasicCredentials
from runtime.web.access import passwords, verifier
from runtime.web.access.gate import AccessLimits, FlowGate, TooOften, service_of
from runtime.web.access.users import User, Users
from runtime.web.exchange import Answer, Request
from runtime.web.problem import problem

RIGHT = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("right")


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a hash cost next to nothing: what it costs is no law of the gate."""
    for name, value in {"PASSES": 1, "MEMORY": 8, "LANES": 1}.items():
        monkeypatch.setattr(passwords, name, value)


USERS: Users = {
    "ada": User(password=RIGHT),
    "near": User(password=RIGHT, addresses=("10.0.0.0/8", "::1")),
    "one": User(password=RIGHT, services=("greeting",)),
    "none": User(password=RIGHT, addresses=()),
}
BASIC = AccessLimits(authentication="basic", trusted_proxies=("192.0.2.0/24",))


def basic(name: str, password: str) -> str:
    """Give the header of these credentials."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def request(
    *authorization: str,
    client: str | None = "10.1.1.1",
    path: str = "/fs/greeting/metadata",
    forwarded: str | None = None,
    certificate: str | None = None,
) -> Request:
    """Give a request with these Authorization headers."""
    headers = [(b"authorization", value.encode()) for value in authorization]
    if forwarded is not None:
        headers.append((b"x-forwarded-for", forwarded.encode()))
    return Request(
        method="POST",
        path=path,
        query=b"",
        headers=tuple(headers),
        body=b"",
        client=client,
        arrived=0.0,
        certificate=certificate,
    )


def gate(limits: AccessLimits = BASIC, users: Mapping[str, User] = USERS) -> FlowGate:
    """Give a gate."""
    return FlowGate(lambda: dict(users), limits, problem)


def status(answer: Answer | None) -> int:
    """Give the status of a refusal; 0 for none."""
    return 0 if answer is None else answer.status


WHO: dict[str, tuple[Request, int]] = {
    "right": (request(basic("ada", "right")), 0),
    "scheme in another case": (request(basic("ada", "right").replace("Basic", "bAsIc")), 0),
    "beside an identity": (request("ManyWhoUserId%3D1", basic("ada", "right")), 0),
    "joined with an identity": (request(f"{basic('ada', 'right')}, ManyWhoUserId%3D1"), 0),
    "nothing": (request(), 401),
    "an identity alone": (request("ManyWhoUserId%3D1"), 401),
    "wrong password": (request(basic("ada", "wrong")), 401),
    "unknown user": (request(basic("bob", "right")), 401),
    "no Base64": (request("Basic !!!"), 401),
    "no UTF-8": (request("Basic " + base64.b64encode(b"ada:\xff").decode()), 401),
    "no colon": (request("Basic " + base64.b64encode(b"ada").decode()), 401),
    "a password without end": (request(basic("ada", "x" * 10_000)), 401),
    "from its network": (request(basic("near", "right")), 0),
    "from its network, mapped": (request(basic("near", "right"), client="::ffff:10.1.1.1"), 0),
    "from elsewhere": (request(basic("near", "right"), client="203.0.113.1"), 403),
    "from nowhere": (request(basic("none", "right")), 403),
    "over a local socket": (request(basic("near", "right"), client=None), 403),
    "to its service": (request(basic("one", "right")), 0),
    "to its service, encoded": (request(basic("one", "right"), path="/fs/%67reeting/x"), 0),
    "to another": (request(basic("one", "right"), path="/fs/orders"), 403),
    "by a proxy, from its network": (
        request(basic("near", "right"), client="192.0.2.1", forwarded="1.1.1.1, 10.9.9.9"),
        0,
    ),
    "by a proxy, from elsewhere": (
        request(basic("near", "right"), client="192.0.2.1", forwarded="10.9.9.9, 1.1.1.1"),
        403,
    ),
    "by two proxies": (request(basic("near", "right"), client="192.0.2.1", forwarded="10.9.9.9, 192.0.2.2"), 0),
    "by somebody who says so": (request(basic("near", "right"), client="203.0.113.1", forwarded="10.9.9.9"), 403),
    "by a proxy that lies": (request(basic("near", "right"), client="192.0.2.1", forwarded="10.9.9.9, nonsense"), 403),
}


@pytest.mark.parametrize("who", WHO)
async def test_who_may_pass(who: str) -> None:
    """Only right credentials pass, only from where and to what their user may."""
    asked, wanted = WHO[who]
    answer = await gate()(asked)
    assert status(answer) == wanted
    if answer is not None and wanted == 401:
        assert dict(answer.headers)[b"www-authenticate"].startswith(b"Basic ")


async def test_a_changed_password_holds_at_once() -> None:
    """Credentials that were right are forgotten with the hash that they belonged to."""
    users = dict(USERS)
    it = FlowGate(lambda: users, BASIC, problem)
    assert await it(request(basic("ada", "right"))) is None
    users["ada"] = User(password=passwords.hash_password("other"))
    assert status(await it(request(basic("ada", "right")))) == 401
    del users["ada"]
    assert status(await it(request(basic("ada", "other")))) == 401


async def test_right_credentials_are_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second request with the same credentials costs no hash; wrong ones cost one each time, whoever they name."""
    hashed: list[str] = []

    def counting(known: str, password: str) -> bool:
        hashed.append(password)
        return password == "right" and known != ""

    def counting_first(_: str) -> str:
        hashed.append("nobody's")
        return RIGHT

    monkeypatch.setattr(verifier, "is_password", counting)
    monkeypatch.setattr(verifier, "hash_password", counting_first)
    it = gate()
    for _ in range(5):
        assert await it(request(basic("ada", "right"))) is None
    assert hashed == ["right"]
    for name in ("ada", "bob", "eve"):
        assert status(await it(request(basic(name, "wrong")))) == 401
    assert hashed == ["right", "wrong", "nobody's", "wrong"]


async def test_guessing_is_slowed_down_by_address(autojump_clock: trio.testing.MockClock) -> None:
    """After some failures an address is told to wait, which ends; known credentials and other addresses go on."""
    autojump_clock.autojump_threshold = 1
    it = gate(AccessLimits(authentication="basic", failures_per_minute=60, failures_at_once=3))
    assert await it(request(basic("ada", "right"))) is None
    assert [status(await it(request(basic("ada", str(guess))))) for guess in range(5)] == [401, 401, 401, 429, 429]
    answer = await it(request(basic("ada", "guess")))
    assert answer is not None
    assert int(dict(answer.headers)[b"retry-after"]) >= 1
    assert await it(request(basic("ada", "right"))) is None
    assert status(await it(request(basic("ada", "guess"), client="10.1.1.2"))) == 401
    await trio.sleep(2)
    assert status(await it(request(basic("ada", "guess")))) == 401


async def test_a_flood_of_guesses_takes_no_more_than_its_places() -> None:
    """Only so many callers wait for a hash; the others are told to come back, and nobody hangs."""
    it = gate(AccessLimits(authentication="basic", failures_per_minute=60, failures_at_once=1_000))
    seen: list[int] = []

    async def guess(number: int) -> None:
        seen.append(status(await it(request(basic("bob", str(number)), client=f"10.0.0.{number}"))))

    async with trio.open_nursery() as nursery:
        for number in range(verifier.QUEUED + 20):
            nursery.start_soon(guess, number)
    assert set(seen) == {401, 503}


CERTIFICATES: dict[str, tuple[Request, int]] = {
    "without": (request(), 403),
    "with credentials instead": (request(basic("ada", "right")), 403),
    "with one that no user narrows": (request(certificate="flow"), 0),
    "with a user's, from its network": (request(certificate="near"), 0),
    "with a user's, from elsewhere": (request(certificate="near", client="203.0.113.1"), 403),
}


@pytest.mark.parametrize("case", CERTIFICATES)
async def test_certificates(case: str) -> None:
    """A verified certificate passes; a user of its name narrows from where and to what."""
    asked, wanted = CERTIFICATES[case]
    assert status(await gate(AccessLimits(authentication="certificate"))(asked)) == wanted


async def test_nothing_is_asked_of_anybody_unless_it_is_set() -> None:
    """Without authentication everybody passes, even with wrong credentials."""
    assert await gate(AccessLimits())(request(basic("ada", "wrong"))) is None


def test_the_service_of_a_path() -> None:
    """It is the segment after /fs, decoded once."""
    assert [service_of(path) for path in ("/fs", "/fs/", "/fs/a%2Fb/c", "/fs/%2561")] == [None, None, "a/b", "%61"]


async def test_guesses_at_the_same_time_are_counted_like_those_one_after_another() -> None:
    """A guesser with many connections is heard no more often: at most one guess a place beyond what is allowed."""
    it = gate(AccessLimits(authentication="basic", failures_per_minute=1, failures_at_once=3))
    seen: list[int] = []

    async def guess(number: int) -> None:
        seen.append(status(await it(request(basic("ada", str(number))))))

    async with trio.open_nursery() as nursery:
        for number in range(verifier.QUEUED):
            nursery.start_soon(guess, number)
    assert 3 <= seen.count(401) < 3 + verifier.AT_ONCE
    assert seen.count(429) == verifier.QUEUED - seen.count(401)


async def test_an_address_with_another_port_is_the_same_guesser() -> None:
    """Proxies write ports, and a new connection has a new one."""
    it = gate(AccessLimits(authentication="basic", trusted_proxies=("192.0.2.0/24",), failures_at_once=3))
    asked = [
        request(basic("ada", str(port)), client="192.0.2.1", forwarded=f"203.0.113.9:{port}")
        for port in range(4000, 4005)
    ]
    assert [status(await it(each)) for each in asked] == [401, 401, 401, 429, 429]


async def test_a_client_comes_back_with_all_its_connections_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many requests bring the same right credentials at the same time, they cost one hash, and all pass."""
    hashed: list[str] = []

    def counting(known: str, password: str) -> bool:
        hashed.append(password)
        return password == "right" and known != ""

    monkeypatch.setattr(verifier, "is_password", counting)
    it = gate()
    seen: list[int] = []

    async def come() -> None:
        seen.append(status(await it(request(basic("ada", "right")))))

    async with trio.open_nursery() as nursery:
        for _ in range(4 * verifier.QUEUED):
            nursery.start_soon(come)
    assert set(seen) == {0}
    assert hashed == ["right"]


class _Barred:
    """May not guess."""

    def check(self) -> None:
        """Refuse."""
        raise TooOften(1.0)

    def note_wrong(self) -> None:
        """Never get there."""
        raise AssertionError


class _Free:
    """May guess."""

    def check(self) -> None:
        """Allow it."""

    def note_wrong(self) -> None:
        """Never get there: the credentials are right."""
        raise AssertionError


async def test_a_caller_that_may_not_guess_takes_nobody_with_it() -> None:
    """Those who wait for the verdict on the same credentials get it, although the one that began was sent away."""
    it = verifier.Verifier(lambda: USERS)
    credentials = BasicCredentials("ada", "right")
    seen: list[User | None] = []

    async def come() -> None:
        seen.append(await it.verified(credentials, _Free()))

    async def be_barred() -> None:
        with pytest.raises(TooOften):
            await it.verified(credentials, _Barred())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(be_barred)
        await trio.lowlevel.checkpoint()
        for _ in range(3):
            nursery.start_soon(come)
    assert seen == [USERS["ada"]] * 3


async def test_a_head_that_comes_again_is_judged_anew() -> None:
    """Law: what is kept of the head of a connection does not let a user in whose password is another by now."""
    users = dict(USERS)
    asked = FlowGate(lambda: users, BASIC, problem)
    again = request(basic("ada", "right"))
    assert [status(await asked(again)) for _ in range(2)] == [0, 0]
    users["ada"] = User(password=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("another"))
    assert status(await asked(again)) == 401
    del users["ada"]
    assert status(await asked(again)) == 401
    users["ada"] = USERS["ada"]
    assert status(await asked(again)) == 0


@pytest.mark.parametrize("case", WHO)
async def test_who_passes_by_a_look_would_have_been_let_in(case: str) -> None:
    """Law: nobody passes unasked whom the gate would refuse; right credentials do once known, from where they may."""
    asked, (made, expected) = gate(), WHO[case]
    assert not asked.passes(made)
    assert status(await asked(made)) == expected
    assert asked.passes(made) == (expected == 0)


def test_without_authentication_everybody_passes() -> None:
    """Law: where nobody is asked, nobody has to stop."""
    assert gate(AccessLimits()).passes(request())
