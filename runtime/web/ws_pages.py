"""Pages of long answers that have not been asked for yet (behaviour 106): in memory, for a while, within a size."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from msgspec import Struct

from runtime.web.exchange import Headers

TOKEN = 16  # bytes: nobody guesses a token


class Page(Struct, frozen=True):
    """One page, ready to be sent."""

    body: bytes
    headers: Headers = ()


class PageLimits(Struct, frozen=True, kw_only=True):
    """How long a page waits to be asked for, in seconds, and the bytes of all of them together."""

    time: float = 600.0
    size: int = 64 * 1024 * 1024


def page_token() -> str:
    """Give a token that nobody guesses."""
    return secrets.token_hex(TOKEN)


class Pages:
    """Pages by their tokens. Each is kept until it is forgotten, so that a request for it may be repeated."""

    def __init__(
        self,
        limits: PageLimits,
        now: Callable[[], float],
        left_out: Callable[[], None],
        token: Callable[[], str] = page_token,
    ) -> None:
        self._limits = limits
        self._token = token
        self._now = now
        self._left_out = left_out
        self._kept: dict[str, tuple[float, str, Page]] = {}  # in the order in which they were kept
        self._size = 0

    def keep(self, path: str, page: Page) -> str:
        """Keep a page for those who ask at `path`; give its token. The oldest go where there is no room."""
        token = self._token()
        self._forget()
        self._kept[token] = (self._now() + self._limits.time, path, page)
        self._size += len(page.body)
        while self._size > self._limits.size and self._kept:
            self._drop(next(iter(self._kept)))
            self._left_out()
        return token

    def take(self, path: str, token: str) -> Page | None:
        """Give a page; None where there is none, or not any more."""
        self._forget()
        found = self._kept.get(token)
        return None if found is None or found[1] != path else found[2]

    def _forget(self) -> None:
        now = self._now()
        for token in [token for token, (until, _, _) in self._kept.items() if until <= now]:
            self._drop(token)

    def _drop(self, token: str) -> None:
        self._size -= len(self._kept.pop(token)[2].body)
