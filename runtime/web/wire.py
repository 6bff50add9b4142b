"""One connection's transport, with what must be known to bound it: who is late, idle, gone, or being served."""

from __future__ import annotations

import errno
import socket
import ssl
from contextlib import suppress

import trio
from msgspec import Struct

from runtime.web.access.tls import HANDSHAKE, subject_of

PIECE = 64 * 1024  # bytes; a slow reader that still reads finishes one well within any send time-out
_THROWN_AWAY = 64  # pieces that a socket may hold; more is sent meanwhile, by who would have us read for ever
FAREWELL = 1.0  # seconds for a caller to read to the end; closing sooner may destroy the answer on its way


class Patience(Struct, frozen=True, kw_only=True):
    """How long a caller may take, in seconds: for a request head, for a piece of an answer, without a request."""

    head: float
    send: float
    idle: float


class Wire(trio.abc.HalfCloseableStream):
    """A socket stream that remembers since when it waits, and can be ended by a task that does not own it.

    A deadline object for each read and each send, and a timer task for each pause between requests, would cost more
    than the request itself, so one sweeper looks at all wires instead (`is_late`, `is_stuck`, `is_idle`). The server
    above shields its sends from cancellation: `cut` is what ends those.

    Whoever serves the wire does so inside `life`, which is cancelled once no request is running and either the caller
    has hung up or the house lets nobody begin another (`let_go`). Between two tasks that serve it the wire has no life
    that could end (`live` begins another); then `is_leaving` tells.
    """

    def __init__(self, stream: trio.SocketStream, raw: socket.socket | None = None) -> None:
        """Take over a stream; `raw` is the socket beneath it, for what needs no waiting."""
        self.life = trio.CancelScope()
        self.multiplexed = False  # HTTP/2: bytes between requests are no half of a request head
        self.holding = False  # what is sent is kept back, to go out in one piece with what follows (or with `flush`)
        self.owned = False  # its owner closes the socket, after a `farewell`: whoever serves the wire only ends it
        self.certificate: str | None = None  # the name in the verified certificate of the caller
        self.hung_up = False  # the caller has closed its end, or the connection is broken
        self._now = now = trio.lowlevel.current_clock().current_time  # without two calls, three times a request
        self._socket = stream.socket
        self._stream: trio.SocketStream | trio.SSLStream[trio.SocketStream] = stream
        self._plain = stream
        self.raw = raw  # the socket beneath, for what needs no waiting; None where its bytes are not the protocol's
        self.moved = now()  # when something happened last, on trio's clock
        self._unread = b""
        self._held = b""
        self._over = False
        self._last = False
        self._requests = 0
        self._answers = 0
        self._head_since: float | None = None
        self._sending_since: float | None = None

    @property
    def socket(self) -> trio.socket.SocketType:
        """The socket; hypercorn asks it for the addresses of both ends."""
        return self._socket

    async def secure(self, context: ssl.SSLContext) -> None:
        """Shake hands over TLS; what is sent and received from now on is encrypted.

        Raises:
            trio.BrokenResourceError: the caller speaks something else, or is not let in.
            trio.TooSlowError: it takes longer than `HANDSHAKE`.
        """
        stream = trio.SSLStream(self._plain, context, server_side=True, https_compatible=True)
        with trio.fail_after(HANDSHAKE):
            await stream.do_handshake()
        self._stream = stream
        self.raw = None  # its bytes are not those of the protocol
        self.certificate = subject_of(stream.getpeercert())

    @property
    def is_secure(self) -> bool:
        """Whether what is sent and received is encrypted."""
        return isinstance(self._stream, trio.SSLStream)

    def live(self) -> trio.CancelScope:
        """Begin another life of the wire, for the next task that serves it."""
        self.life = trio.CancelScope()
        return self.life

    @property
    def is_leaving(self) -> bool:
        """Whether no request is running, and none may follow."""
        return (self.hung_up or self._last) and self._requests == 0

    def has_hung_up(self) -> bool:
        """Tell whether the caller has closed its end, or the connection is broken."""
        return self.hung_up

    def look(self) -> bool:
        """Tell whether the caller has closed its end by now, without waiting; over TLS only what a read has found."""
        if self.raw is not None and not self.hung_up and not self._unread:
            try:
                if not self.raw.recv(1, socket.MSG_PEEK):
                    self._hang_up()
            except BlockingIOError:
                pass
            except OSError:
                self._hang_up()
        return self.hung_up

    def unread(self, data: bytes) -> None:
        """Put back bytes that were read, for the next reader: how a connection is handed on."""
        self._unread = data + self._unread

    def head_began(self, arrived: float) -> None:
        """Note that a part of a request has been read by somebody else, at `arrived`; its first one counts."""
        if self._head_since is None:
            self._head_since = arrived

    def head_ended(self, now: float) -> None:
        """Note that somebody else has answered a request, and what came of it is no part of one any more."""
        self._head_since = None
        self.moved = now

    def has_begun(self, now: float, seconds: float) -> bool:
        """Tell whether a part of a request, and no more, has been here for so long."""
        return self._head_since is not None and now - self._head_since >= seconds

    def request_began(self) -> float:
        """Note that a whole request head is there; give the time of its first byte on trio's clock."""
        arrived = self._now() if self._head_since is None else self._head_since
        self._head_since = None
        self._requests += 1
        return arrived

    def request_ended(self) -> None:
        """Note that a request needs the connection no more."""
        self._requests -= 1
        self.moved = self._now()
        self._end_if_unused()

    def answer_began(self) -> None:
        """Note that a request waits for a part of its answer to be sent."""
        self._answers += 1
        self.moved = self._now()

    def answer_ended(self) -> None:
        """Note that this part has been sent, or given up."""
        self._answers -= 1
        self.moved = self._now()

    def is_late(self, now: float, patience: Patience) -> bool:
        """Tell whether a request head, or the caller's taking of a piece, has been on its way for too long."""
        late_head = self._head_since is not None and now - self._head_since > patience.head
        late_send = self._sending_since is not None and now - self._sending_since > patience.send
        return late_head or late_send

    def is_stuck(self, now: float, patience: Patience) -> bool:
        """Tell whether every request waits to send, yet nothing has been on its way for too long.

        Over HTTP/2 that is a caller who opens no window, or hypercorn itself: it forgets those who wait when the
        connection has gone.
        """
        waiting = 0 < self._answers == self._requests and self._sending_since is None
        return waiting and now - self.moved > patience.send

    def is_idle(self, now: float, patience: Patience) -> bool:
        """Tell whether there has been no request, nor a part of one, for too long."""
        return self._requests == 0 and self._head_since is None and now - self.moved > patience.idle

    def let_go(self) -> None:
        """Allow what runs to finish, and no other request: an idle wire ends at once."""
        self._last = True
        self._end_if_unused()

    def cut(self) -> None:
        """Close the socket under whoever uses it: their waits end with trio.ClosedResourceError."""
        self._socket.close()

    async def farewell(self, *, waits: bool = True) -> None:
        """Throw away what the caller still sends, until it closes too; with `waits` for `FAREWELL` seconds at most.

        To close on unread bytes, or to be sent more afterwards, resets the connection: the caller would lose what it
        has not read yet, the answer to its last request.
        """
        if not waits:
            self.part()
        elif not self.hung_up:
            self._end_sending()
            with trio.move_on_after(FAREWELL), suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                while await self._plain.receive_some(PIECE):
                    pass

    def part(self) -> None:
        """Throw away what the caller has sent so far: a `farewell` that does not wait."""
        if self.hung_up:
            return
        self._end_sending()
        if self.raw is not None:
            with suppress(OSError):
                for _ in range(_THROWN_AWAY):
                    if not self.raw.recv(PIECE):
                        break

    def _end_sending(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    async def flush(self) -> None:
        """Send what was kept back; raises as trio.SocketStream does."""
        await self.send_all(b"")

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send all of `data`, piece by piece; raises as trio.SocketStream does."""
        if self.holding:
            self._held += data
            return
        if self._held:
            data, self._held = self._held + data, b""
        with memoryview(data) as view:
            try:
                for start in range(0, len(view), PIECE):
                    self._sending_since = self._now()
                    await self._stream.send_all(view[start : start + PIECE])
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                self._hang_up()
                raise
            finally:
                self._sending_since = None
                self.moved = self._now()

    async def send_quickly(self, data: bytes) -> None:
        """Send all of `data`, without a turn of the loop where the socket takes it at once; raises as `send_all`.

        For one sender at a time, and nothing may be kept back.
        """
        sent = self.send_now(data)
        if sent < len(data):
            await self.send_all(data[sent:])

    def send_now(self, data: bytes) -> int:
        """Send what the socket takes at once, give how many bytes that were; raises as `send_all`. For one sender."""
        if self.raw is None:
            return 0
        try:
            return self.raw.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            self._hang_up()
            raise _as_trio(error) from error

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Receive what there is; ``b""`` at the end. Raises as trio.SocketStream does."""
        if self._over:
            raise trio.ClosedResourceError("the conversation is over")
        if self._unread:
            await trio.lowlevel.checkpoint()
            data, self._unread = self._unread, b""
        else:
            try:
                if self.raw is not None:
                    data = await _received(self.raw, max_bytes or PIECE)
                else:
                    data = bytes(await self._stream.receive_some(max_bytes))
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                self._hang_up()
                raise
            if not data:
                self._hang_up()
        if data and self._requests == 0 and self._head_since is None and not self.multiplexed:
            self._head_since = self._now()
        return data

    def _hang_up(self) -> None:
        self.hung_up = True
        self._end_if_unused()

    def _end_if_unused(self) -> None:
        if self.is_leaving:
            self.life.cancel()

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until a send is likely to go through at once."""
        await self._stream.wait_send_all_might_not_block()

    async def send_eof(self) -> None:
        """Say that nothing more will be sent; TLS cannot without closing, so there it says nothing."""
        if isinstance(self._stream, trio.SocketStream):
            await self._stream.send_eof()

    async def aclose(self) -> None:
        """Close both ways; where the wire is owned, only say that nothing more is sent or given out."""
        if not self.owned:
            await self._stream.aclose()
            return
        if not self._over and self._socket.fileno() >= 0:
            self._over = True
            self._end_sending()
            trio.lowlevel.notify_closing(self._socket)  # who reads now does so no longer
        await trio.lowlevel.checkpoint()


async def _received(raw: socket.socket, most: int) -> bytes:
    """Receive as trio.SocketStream does, with less between the loop and the socket: a third of a small request."""
    while raw.fileno() >= 0:
        await trio.lowlevel.wait_readable(raw)
        try:
            return raw.recv(most)
        except BlockingIOError:
            continue
        except OSError as error:
            raise _as_trio(error) from error
    raise trio.ClosedResourceError("this socket was closed")


def _as_trio(error: OSError) -> trio.BrokenResourceError | trio.ClosedResourceError:
    if error.errno in {errno.EBADF, errno.ENOTSOCK}:
        return trio.ClosedResourceError("this socket was closed")
    return trio.BrokenResourceError(f"socket connection broken: {error}")
