"""Taking callbacks as an engine does, on a loopback address (wire protocol C.2)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import cast

import msgspec
from msgspec import Struct

from runtime.errors import HostError
from runtime.testkit.player.failures import Refused
from runtime.testkit.player.wire import ActionResponse, read

HOST = "127.0.0.1"
PORT = 9091  # of `nuclide flow listen`: the daemon's own plus one
PATH = "/api/run/1/response"  # an engine's
LARGEST = 64 * 1024 * 1024  # bytes of a callback
SLOWEST = 30.0  # seconds for a part of a callback to arrive
UNREAD = 1_000  # callbacks that nobody has looked at; beyond it the sender is told that we are busy


class Taken(Struct, frozen=True, kw_only=True):
    """A callback that arrived, and the status and word by which it is answered."""

    response: ActionResponse
    status: int
    word: str


Judge = Callable[[ActionResponse], tuple[HTTPStatus, str]]
"""Decides the status and the word by which a callback is answered."""


class Policy:
    """Answers every callback with one word, after it has refused the first `fail` with 503."""

    def __init__(self, word: str = "SUCCESS", fail: int = 0) -> None:
        self._word = word
        self._left = fail
        self._lock = threading.Lock()

    def __call__(self, _: ActionResponse) -> tuple[HTTPStatus, str]:
        """Judge a callback."""
        with self._lock:
            if self._left > 0:
                self._left -= 1
                return HTTPStatus.SERVICE_UNAVAILABLE, "BUSY"
        return HTTPStatus.OK, self._word


class OneToken:
    """Accepts the callbacks of one call until it has finished; a later or a strange one is told so."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._finished = False
        self._lock = threading.Lock()

    def __call__(self, response: ActionResponse) -> tuple[HTTPStatus, str]:
        """Judge a callback."""
        with self._lock:
            if response.token != self._token or self._finished:
                return HTTPStatus.OK, "TOKEN_COMPLETED"
            self._finished = not response.waits
            return HTTPStatus.OK, "SUCCESS"


class Listener:
    """Where callbacks arrive; `url` is what a call names as its callback address."""

    def __init__(self, url: str, arrived: Queue[Taken]) -> None:
        self.url = url
        self._arrived = arrived

    def take(self, seconds: float | None = None) -> Taken | None:
        """Wait for the next callback, for so many seconds; None when there was none."""
        try:
            return self._arrived.get(timeout=seconds)
        except Empty:
            return None


@contextmanager
def listening(judge: Judge, port: int = 0) -> Iterator[Listener]:
    """Take callbacks in threads while the block runs; port 0 lets the kernel choose.

    Raises:
        HostError: the port is taken.
    """
    arrived: Queue[Taken] = Queue(UNREAD)
    try:
        server = _Server((HOST, port), judge, arrived)
    except OSError as error:
        raise HostError("host.port-in-use", f"cannot listen on port {port} of {HOST}: {error.strerror}") from error
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="take callbacks")
    thread.start()
    try:
        yield Listener(f"http://{HOST}:{server.server_address[1]}{PATH}", arrived)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()  # waits until those that have arrived are answered


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, address: tuple[str, int], judge: Judge, arrived: Queue[Taken]) -> None:
        super().__init__(address, _Handler)
        self._judge = judge
        self._arrived = arrived
        self._taking = threading.Lock()

    def take(self, response: ActionResponse) -> tuple[HTTPStatus, str]:
        """Judge a callback and show it, before it is answered.

        Senders that wait for their answers are so shown in the order of their callbacks; whatever is judged is shown.
        """
        with self._taking:
            if self._arrived.full():
                return HTTPStatus.OK, "BUSY"
            status, word = self._judge(response)
            self._arrived.put_nowait(Taken(response=response, status=status, word=word))
        return status, word


class _Handler(BaseHTTPRequestHandler):
    timeout = SLOWEST

    def do_POST(self) -> None:
        """Take a callback."""
        if self.path.partition("?")[0] != PATH:
            self._answer(HTTPStatus.NOT_FOUND, f"callbacks go to {PATH}")
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST:
            self._answer(HTTPStatus.LENGTH_REQUIRED, f"the length must be declared, and {LARGEST} bytes at most")
            return
        try:
            response = read(self.rfile.read(int(length)), ActionResponse)
        except Refused as error:
            self._answer(HTTPStatus.BAD_REQUEST, error.message)
            return
        self._take(response)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the parent's
        """Say nothing: whoever listens prints what arrives."""

    def _take(self, response: ActionResponse) -> None:
        self._answer(*cast("_Server", self.server).take(response))

    def _answer(self, status: HTTPStatus, text: str) -> None:
        body = msgspec.json.encode(text)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
