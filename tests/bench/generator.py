"""A load generator that is not the bottleneck: one epoll loop over plain sockets, in a process of its own.

``python -m tests.bench.generator PORT CONNECTIONS SECONDS DURABLE`` prints one line of JSON. Each connection sends one
request, reads its answer to the end, and sends the next; each request has a token of its own.
"""

from __future__ import annotations

import select
import socket
import sys
import time
from base64 import b64encode
from uuid import uuid4

import msgspec
from msgspec import Struct

from tests.bench.baselines import PATH
from tests.bench.load import request_bytes

BODY = msgspec.json.encode(
    {
        "token": "5d3c1a52-0f0e-4a3e-9b0f-6d7f0b6b1f11",
        "tenantId": "0c7b7f1e-5b7b-4b7e-8a39-3a6b1f1f7d10",
        "stateId": "b1f0a8d2-7c0b-49a7-9d0c-21f1f3b9c001",
        "callbackUri": "https://flow.manywho.com/api/run/1/response",
        "configurationValues": [],
        "inputs": [{"developerName": "Name", "contentValue": "Ada", "contentType": "ContentString"}],
        "outcomes": [],
    }
)
TOKEN = b"5d3c1a52-0f0e-4a3e-9b0f-6d7f0b6b1f11"
DURABLE = b"X-Boomi-Debug: true\r\n"  # this one run in general mode, which is durable from its start
AUTHORIZATION = f"Basic {b64encode(b'bench:bench').decode()}"  # as `servers` lets it in
READ = 65_536  # bytes


class Round(Struct, frozen=True, kw_only=True):
    """What one round measured. `busy` is how much of its core the generator used: near 1 it is what was measured."""

    requests: int
    errors: int
    seconds: float
    p50: float
    p99: float
    busy: float


class _Connection:
    """One connection, and the request that is on its way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.begun = 0.0
        self.data = b""

    def is_answered(self) -> bool:
        """Take in what has come; tell whether the answer is whole.

        Raises:
            ConnectionError: the server has hung up.
        """
        piece = self.socket.recv(READ)
        if not piece:
            raise ConnectionError("the server closed a connection")
        self.data += piece
        end = self.data.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = self.data[:end].lower()
        start = head.index(b"content-length:") + 15
        return len(self.data) >= end + 4 + int(head[start:].split(b"\r\n", 1)[0])


def run(port: int, connections: int, seconds: float, *, durable: bool) -> Round:
    """Send requests for so many seconds."""
    request = request_bytes(PATH, BODY)
    more = f"Authorization: {AUTHORIZATION}\r\n".encode() + (DURABLE if durable else b"")
    before, after = request.replace(b"\r\n\r\n", b"\r\n" + more + b"\r\n", 1).split(TOKEN)
    prefix, number, errors = str(uuid4())[:-12].encode(), 0, 0
    poll, places, times = select.epoll(), {}, []
    clock = time.perf_counter
    for _ in range(connections):
        connection = _Connection(port)
        places[connection.socket.fileno()] = connection
        poll.register(connection.socket, select.EPOLLIN)
    begun, used = clock(), time.process_time()
    until = begun + seconds
    for connection in places.values():
        connection.begun = clock()
        connection.socket.send(b"%s%s%012x%s" % (before, prefix, number, after))
        number += 1
    while (now := clock()) < until:
        for place, _ in poll.poll(0.1):
            connection = places[place]
            if connection.is_answered():
                now = clock()
                times.append(now - connection.begun)
                errors += not connection.data.startswith(b"HTTP/1.1 200")
                connection.data, connection.begun = b"", now
                connection.socket.send(b"%s%s%012x%s" % (before, prefix, number, after))
                number += 1
    spent = now - begun
    busy = (time.process_time() - used) / spent
    for connection in places.values():
        connection.socket.close()
    ordered = sorted(times) or [0.0]
    p50, p99 = (ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.99))
    return Round(requests=len(times), errors=errors, seconds=spent, p50=p50, p99=p99, busy=busy)


def main() -> None:
    """Run one round and print it."""
    port, connections, seconds, durable = sys.argv[1:]
    found = run(int(port), int(connections), float(seconds), durable=durable == "durable")
    print(msgspec.json.encode(found).decode())


if __name__ == "__main__":
    main()
