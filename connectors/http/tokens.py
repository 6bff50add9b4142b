"""Access tokens of OAuth 2.0 (RFC 6749): fetched when a call needs one, kept in memory until shortly before their end.

However many calls want a token, one request is under way; its outcome is everybody's. Neither tokens nor what they are
asked for with stand in an error, and nothing of them is written anywhere.
"""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated
from urllib.parse import quote_plus, urlencode, urlsplit

import msgspec
import structlog
import trio
from msgspec import Meta, Struct
from msgspec.structs import replace

from connectors.http.border import Client, Exchanger, Limits, Request, Response, open_client
from connectors.http.settings import Settings
from connectors.http.target import texts_of
from runtime.sdk.faults import ApplicationFault, NotSent, OutcomeUnknown
from runtime.sdk.units import parse_duration

ANSWER = 256 * 1024  # bytes of a token server's answer: the largest tokens in use, with their claims, have some 64 KiB
EARLY = 60.0  # seconds before its end that a token is no longer used: clocks differ, and a call takes time to arrive
SHARE = 0.1  # and at most this part of its life, or one that lives a minute would never be used
UNSAID = 3600.0  # seconds that a token is kept whose server does not say how long it lives; a 401 ends it before
LONGEST = 86_400.0  # seconds that any is kept: what a server says beyond a day is asked for once a day
PAUSE = 10.0  # seconds without another token after a new one was refused: the server minds the caller, not the token
SHOWN = 200  # characters of what a token server says about an error

_log = structlog.get_logger("nuclide.connector.http")
_WORD = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,64}")  # an error code (RFC 6749, 5.2)
_SAYABLE = re.compile(r"[^\x20-\x7e]+")
_UNAUTHORIZED = 401
_OK = 200
_SERVER_ERRORS = 500


class _Granted(Struct, frozen=True):
    """What is read of a token server's answer (RFC 6749, 5.1)."""

    access_token: Annotated[str, Meta(pattern=r"^[\x21-\x7e]+$")]
    token_type: str = "bearer"  # noqa: S105 - a kind, not a token
    expires_in: float | str | None = None  # some servers write the number as a text
    refresh_token: str = ""


class _Refused(Struct, frozen=True):
    """An answer that is an error (RFC 6749, 5.2)."""

    error: str = ""
    error_description: str = ""


class _Token(Struct, frozen=True):
    text: str
    until: float  # on trio's clock


class _Flight:
    """A request for a token that is under way, and what became of it: neither where it was given up."""

    def __init__(self) -> None:
        self.over = trio.Event()
        self.text = ""
        self.fault: NotSent | None = None


@asynccontextmanager
async def open_tokens(settings: Settings, limits: Limits) -> AsyncGenerator[Tokens]:
    """Open the way to the token server, which is bounded as the calls are; nothing is sent before a token is wanted.

    Raises:
        NotSent: ``http.invalid-field``: the parameters of its requests are none.
    """
    texts_of(settings.oauth_parameters, "oauth_parameters")
    narrow = replace(limits, connections=1, response=min(limits.response, ANSWER))
    async with open_client(settings.oauth_url, {}, None, narrow) as client:
        yield Tokens(client, settings)


class Tokens:
    """The access token of one connection. A refresh token that the server replaces lives as long."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._timeout = parse_duration(settings.timeout)
        self._refresh = settings.refresh_token
        self._token: _Token | None = None
        self._flight: _Flight | None = None
        self._doubted = -PAUSE

    async def token(self, deadline: float, *, not_this: str = "") -> str:
        """Give a token that can be used now: the one that is there, or a new one. `not_this` is one that was refused.

        Raises:
            NotSent: ``http.token-refused``: the token server will not give one; ``http.token-unavailable``: it cannot
                be reached in time, or is in trouble; ``http.token-invalid``: what it gives is none.
        """
        while True:
            held, now = self._token, trio.current_time()
            taken = not_this and now >= self._doubted + PAUSE
            if held is not None and held.until > now and not (taken and held.text == not_this):
                return held.text
            flight = self._flight
            if flight is None:
                return await self._fetch(min(deadline, now + self._timeout))
            with trio.CancelScope(deadline=deadline) as scope:
                await flight.over.wait()
            if scope.cancelled_caught:
                raise NotSent("http.token-unavailable", "no access token came before the deadline")
            if flight.fault is not None:
                raise NotSent(flight.fault.code, flight.fault.message, hint=flight.fault.hint)
            if flight.text:
                return flight.text

    def doubt(self) -> None:
        """Note that a token was refused that had just been given: for a while another one would not help."""
        self._doubted = trio.current_time()

    async def _fetch(self, deadline: float) -> str:
        flight = self._flight = _Flight()
        try:
            granted = await self._granted(deadline)
        except NotSent as fault:
            if trio.current_time() < deadline:  # one that has run out of time says nothing about the others
                flight.fault = fault
            raise
        else:
            flight.text = granted.access_token
            self._token = _Token(flight.text, trio.current_time() + _usable(granted.expires_in))
            return flight.text
        finally:
            self._flight = None
            flight.over.set()

    async def _granted(self, deadline: float) -> _Granted:
        try:
            response = await self._client.exchange(self._request(), deadline)
        except (NotSent, OutcomeUnknown) as fault:
            raise NotSent("http.token-unavailable", f"the token server gave no answer: {fault.message}") from None
        except ApplicationFault as fault:
            raise NotSent("http.token-invalid", f"the token server: {fault.message}") from None
        if response.status != _OK:
            raise self._refused(response)
        try:
            granted = _GRANTED.decode(response.content)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            raise NotSent("http.token-invalid", "the token server's answer holds no access token") from None
        if granted.token_type.lower() != "bearer":
            raise NotSent("http.token-invalid", "the token server gives tokens of another type than Bearer")
        self._note(granted.refresh_token)
        return granted

    def _request(self) -> Request:
        settings = self._settings
        form = {**texts_of(settings.oauth_parameters, "oauth_parameters"), **self._grant()}
        if settings.scope:
            form["scope"] = settings.scope
        headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
        if settings.client_authentication == "basic":
            pair = f"{quote_plus(settings.client_id)}:{quote_plus(settings.client_secret)}"  # RFC 6749, 2.3.1
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = settings.client_id
            if settings.client_secret:
                form["client_secret"] = settings.client_secret
        url = urlsplit(settings.oauth_url)
        return Request(method="POST", target=url.path or "/", headers=headers, content=urlencode(form).encode())

    def _grant(self) -> dict[str, str]:
        settings = self._settings
        match settings.grant:
            case "password":
                return {"grant_type": "password", "username": settings.username, "password": settings.password}
            case "refresh token":
                return {"grant_type": "refresh_token", "refresh_token": self._refresh}
            case _:
                return {"grant_type": "client_credentials"}

    def _refused(self, response: Response) -> NotSent:
        """Say that no token was given, with the server's own word for it, and its text unless that repeats a secret."""
        try:
            told = _REFUSED.decode(response.content)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            told = _Refused()
        word = told.error if _WORD.fullmatch(told.error) else ""
        text = _SAYABLE.sub(" ", told.error_description)[:SHOWN]
        secrets = (self._settings.client_secret, self._settings.password, self._settings.refresh_token, self._refresh)
        if any(secret and secret in f"{told.error} {told.error_description}" for secret in secrets):
            word = text = ""
        reason = ": ".join(part for part in (f"[{response.status}] {response.reason}".rstrip(), word, text) if part)
        if response.status >= _SERVER_ERRORS or response.status in _PASSING:
            return NotSent("http.token-unavailable", f"the token server is in trouble: {reason}")
        hint = _ROTATED if word == "invalid_grant" and self._settings.grant == "refresh token" else None
        return NotSent("http.token-refused", f"the token server gives no token: {reason}", hint=hint)

    def _note(self, refresh: str) -> None:
        """Keep a refresh token that replaces the one that was used, and tell that it cannot be kept for longer."""
        if self._settings.grant != "refresh token" or not refresh or refresh == self._refresh:
            return
        self._refresh = refresh
        _log.warning(
            "refresh token replaced",
            server=urlsplit(self._settings.oauth_url).netloc,
            kept="in memory, until the connection is closed",
            hint="let the token server give refresh tokens that stay, or give the newest one before each restart",
        )


class Authorized:
    """A client whose requests carry an access token. One that the server no longer takes is fetched anew, once."""

    def __init__(self, client: Exchanger, tokens: Tokens) -> None:
        self._client = client
        self._tokens = tokens

    async def exchange(self, request: Request, deadline: float) -> Response:
        """Send and read as `Client.exchange`; a 401 says that nothing was done, so the request may be sent again.

        Raises:
            NotSent: as `Tokens.token`; nothing of the request was sent, or only what was refused.
            ApplicationFault, OutcomeUnknown: as `Client.exchange`.
        """
        token = await self._tokens.token(deadline)
        response = await self._client.exchange(_with(request, token), deadline)
        if response.status != _UNAUTHORIZED:
            return response
        another = await self._tokens.token(deadline, not_this=token)
        if another == token:
            return response
        response = await self._client.exchange(_with(request, another), deadline)
        if response.status == _UNAUTHORIZED:
            self._tokens.doubt()
        return response


_PASSING = {408, 425, 429}  # statuses of a server that would answer otherwise later
_ROTATED = (
    "the refresh token is used up or withdrawn: give a new one as the secret; "
    "a server that replaces refresh tokens with each use takes the one that was given only once"
)
_GRANTED = msgspec.json.Decoder(_Granted)
_REFUSED = msgspec.json.Decoder(_Refused)


def _with(request: Request, token: str) -> Request:
    return replace(request, headers={**request.headers, "authorization": f"Bearer {token}"})


def _usable(told: float | str | None) -> float:
    """Give the seconds that a token is used for."""
    try:
        life = UNSAID if told is None else float(told)
    except ValueError:
        life = UNSAID
    life = min(life, LONGEST) if life > 0 else 0.0  # what is no number is not more than 0
    return life - min(EARLY, life * SHARE)
