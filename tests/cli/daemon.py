"""A daemon that says what it is told to, on a real Unix socket; and the command, run in this process."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import msgspec
from click.testing import CliRunner, Result

from runtime.cli.main import main

Answers = Mapping[str, object]
"""What is answered, by target; a tuple is a status and a body, anything else the body of a 200."""


def nuclide(*arguments: str, stdin: str | None = None, **environ: str) -> Result:
    """Run the command with these arguments and variables."""
    return CliRunner().invoke(main, arguments, input=stdin, env=environ)


@contextmanager
def saying(folder: Path, answers: Answers) -> Iterator[str]:
    """Serve `answers` while the block runs; gives the path of the socket. Other targets are 404."""
    path = folder / "admin.sock"
    with _Server(str(path), answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield str(path)
        finally:
            server.shutdown()
            thread.join()
    path.unlink()


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    def __init__(self, path: str, answers: Answers) -> None:
        super().__init__(path, _Handler)
        self.answers = answers


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """Answer as the test wants it."""
        missing = {"title": "Not Found", "status": 404, "detail": "Nothing is served here", "instance": self.path}
        answer = self.server.answers.get(self.path, (404, missing))
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        """Take an order, and answer as the test wants it."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        """Give no address: a Unix socket has none."""
        return ""
