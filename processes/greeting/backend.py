"""The system behind the `greeting` bundle: a catalogue of three items, as slow as you ask it to be.

    GET /items/<sku>?delay=<seconds>  ->  {"sku": "A1", "name": "Apple", "price": 0.50}, or 404

It needs nothing but Python: ``python processes/greeting/backend.py``.
"""

from __future__ import annotations

import json
import sys
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

HOST, PORT = "127.0.0.1", 9191  # another port may be the first argument
LONGEST_DELAY = 300.0  # seconds: long enough to see a WAIT, short enough for nobody to wonder
ITEMS = {"A1": ("Apple", 0.5), "B2": ("Bread", 3.2), "C3": ("Cheese", 7.95)}


class Catalogue(BaseHTTPRequestHandler):
    """Answers one request at a time for each connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Give an item."""
        address = urlsplit(self.path)
        time.sleep(_delay(address.query))
        sku = unquote(address.path).removeprefix("/items/")
        if sku in ITEMS:
            name, price = ITEMS[sku]
            self._answer(HTTPStatus.OK, {"sku": sku, "name": name, "price": price})
        else:
            self._answer(HTTPStatus.NOT_FOUND, {"error": f"there is no item {sku}"})

    def log_message(self, *_: object) -> None:
        """Say nothing: the daemon's log is the one to read."""

    def _answer(self, status: HTTPStatus, value: dict[str, object]) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _delay(query: str) -> float:
    try:
        seconds = float(parse_qs(query).get("delay", ["0"])[0])
    except ValueError:
        return 0.0
    return min(seconds, LONGEST_DELAY) if seconds > 0 else 0.0  # "nan" is not above 0


def main() -> None:
    """Serve until the process ends."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    with ThreadingHTTPServer((HOST, port), Catalogue) as server:
        server.daemon_threads = True
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
