"""A Flow service that answers what a test wants, and keeps what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

Json = Any
Answer = Callable[[Json], "tuple[int, Json]"]
"""Gives the status and the body of an answer to a body that came."""


class Service:
    """The service: its address, and the requests it got as (path, headers, body), and by which methods."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[tuple[str, Mapping[str, str], Json]] = []
        self.methods: list[str] = []


@contextmanager
def serving(answers: Mapping[str, Answer]) -> Iterator[Service]:
    """Serve `answers`, by path below the service, while the block runs."""
    with _Server(answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.service
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.service = Service(f"http://127.0.0.1:{self.server_address[1]}/fs/trial")


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_PUT(self) -> None:
        """Answer as to a POST."""
        self.do_POST()

    def do_POST(self) -> None:
        """Answer as the test wants it."""
        content = self.rfile.read(int(self.headers["Content-Length"]))
        body = msgspec.json.decode(content) if self.headers["Content-Type"] == "application/json" else content
        path = self.path.removeprefix("/fs/trial/")
        self.server.service.methods.append(self.command)
        self.server.service.requests.append((path, dict(self.headers), body))
        status, answer = self.server.answers[path](body)
        sent = answer if isinstance(answer, bytes) else msgspec.json.encode(answer)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
