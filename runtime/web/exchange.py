"""One request and its one answer, whatever server speaks the wire: all that the rest of the house knows of HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Protocol, TypeVar, cast

from msgspec import Struct

from runtime.errors import NuclideError

Headers = tuple[tuple[bytes, bytes], ...]

Made = TypeVar("Made")


class CallerGone(NuclideError):
    """Raised when the caller has left before its answer was handed over: there is nobody to tell."""

    def __init__(self) -> None:
        super().__init__("web.caller-gone", "The caller left before it was answered")


class Request(Struct, frozen=True, kw_only=True):
    """A request with its whole body, or without any where its route reads it as it arrives (`Exchange.pieces`).

    `path` is the raw path of the target, still percent-encoded, because an encoded slash belongs to a name and not to
    the route. `query` is what follows the question mark. Header names are in lower case. `client` is the peer's
    address, None over a Unix socket. `arrived` is trio's clock at the first byte: the time that a Sync Timeout counts
    from. `certificate` is the name in the caller's verified client certificate. `made` is shared by requests of one
    connection whose heads are the same (see `once`).
    """

    method: str
    path: str
    query: bytes
    headers: Headers
    body: bytes
    client: str | None
    arrived: float
    certificate: str | None = None
    made: dict[Callable[..., Any], Any] = {}

    def once(self, make: Callable[[Request], Made]) -> Made:
        """Give what `make` makes of the head alone: method, path, query and headers, which callers mostly repeat."""
        made = self.made.get(make)
        if made is None:
            made = self.made[make] = make(self)
        return cast("Made", made)

    def header(self, name: str) -> str | None:
        """Give the first header called `name` (in any case), or None."""
        wanted = name.lower().encode("latin-1")
        for key, value in self.headers:
            if key == wanted:
                return value.decode("latin-1")
        return None


class Answer(Struct, frozen=True, kw_only=True):
    """What is sent back. `content-length` is added when `headers` does not name it; HEAD sends no body."""

    status: int
    body: bytes = b""
    headers: Headers = ()


class Kind(Struct, frozen=True, eq=False):
    """What many answers have in common: a status that has a body, headers, and the name of one more, the last one."""

    status: int
    headers: Headers
    name: bytes


class Alike(Struct, frozen=True, gc=False):
    """An answer of a kind: the value of the one header that it has for itself, in which no line can end, and its body.

    It is for the answers that are given oftenest: what they have in common is written once.
    """

    kind: Kind
    value: bytes
    body: bytes

    def at_length(self) -> Answer:
        """Give it as any other."""
        kind = self.kind
        return Answer(status=kind.status, body=self.body, headers=(*kind.headers, (kind.name, self.value)))


class Exchange(Protocol):
    """A request that waits for its answer."""

    @property
    def request(self) -> Request:
        """The request, wholly read unless its route reads the body as it arrives."""
        ...

    def pieces(self) -> AsyncGenerator[bytes]:
        """Give the body of a request whose route reads it as it arrives, once; else the whole body as one piece.

        Raises:
            RequestError: it is too large, or too slow.
            CallerGone: the caller has left before its end.
        """
        ...

    @property
    def answered(self) -> bool:
        """Whether an answer has been begun: from then on no other can be sent."""
        ...

    async def answer(self, answer: Answer) -> None:
        """Send `answer`; return when its bytes have been handed to the transport.

        Raises CallerGone when the peer has left, RuntimeError when the request has been answered already.
        """
        ...

    async def stream(self, headers: Headers, pieces: AsyncGenerator[bytes]) -> None:
        """Answer 200 with a body that is sent piece by piece, until `pieces` end.

        Raises CallerGone when the peer leaves, which is noticed at the next piece; RuntimeError as `answer` does.
        """
        ...

    async def wait_gone(self) -> None:
        """Return when the caller leaves before its answer is complete; once that is complete, wait to be cancelled.

        Made to run beside the work; may be cancelled and called again, and by several tasks at once.
        """
        ...


class WholeExchange:
    """What exchanges have in common whose request was wholly read before its handler runs."""

    __slots__ = ("answered", "request")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.answered = False

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Give the whole body as one piece."""
        yield self.request.body

    def begin(self) -> None:
        """Note that an answer begins; raises RuntimeError when one has begun already."""
        if self.answered:
            raise RuntimeError("a request is answered once")
        self.answered = True


Handler = Callable[[Exchange], Awaitable[None]]
