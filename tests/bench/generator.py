"""Load that is not the bottleneck: wrk where it is installed, else one epoll loop over plain sockets.

Either is a process of its own on a core of its own, and sends one request after another over each connection, each with
a token of its own. ``python -m tests.bench.generator PORT CONNECTIONS SECONDS REQUEST`` is the loop.
"""

from __future__ import annotations

import os
import select
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import msgspec
from msgspec import Struct

from tests.bench.greeting import AUTHORIZATION, BODY, DURABLE, PATH, TOKEN
from tests.bench.load import request_bytes
from tests.bench.pinning import CHECKOUT, LOAD_CORE, pinned

SCRIPT = Path(__file__).parent / "wrk.lua"
PREFIX = 24  # characters of a token that are those of its round
READ = 65_536  # bytes


class Round(Struct, frozen=True, kw_only=True):
    """What one round measured; times are milliseconds.

    `busy` is how much of its core the generator used: near 1 it is what was measured.
    """

    requests: int
    errors: int
    seconds: float
    p50: float
    p99: float
    busy: float = 0.0


def name() -> str:
    """Give what makes the load here."""
    return "wrk" if shutil.which("wrk") else "the loop of tests/bench/generator.py"


def run(port: int, connections: int, seconds: float, folder: Path, *, durable: bool, bound: bool = True) -> Round:
    """Send greetings for so many seconds; `folder` is for the request as a file. Not `bound`, it takes any core."""
    file = folder / ("durable" if durable else "plain")
    file.write_bytes(request_bytes(PATH, BODY, headers={"Authorization": AUTHORIZATION, **_more(durable=durable)}))
    if shutil.which("wrk"):
        options = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s", str(SCRIPT)]
        address = f"http://127.0.0.1:{port}{PATH}"
        command = ["wrk", *options, address, "--", str(file), TOKEN.decode(), str(uuid4())[:PREFIX]]
    else:
        command = [sys.executable, "-m", "tests.bench.generator", str(port), str(connections), str(seconds), str(file)]
    process = subprocess.Popen(
        [*(pinned(LOAD_CORE) if bound else ()), *command], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    with process:
        output = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    found = msgspec.json.decode(output.strip().splitlines()[-1], type=Round)
    return msgspec.structs.replace(found, busy=(used.ru_utime + used.ru_stime) / found.seconds)


def _more(*, durable: bool) -> dict[str, str]:
    return dict([DURABLE]) if durable else {}


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


def loop(port: int, connections: int, seconds: float, request: bytes) -> Round:
    """Send a request over and over for so many seconds."""
    before, after = request.split(TOKEN)
    prefix, number, errors = str(uuid4())[:PREFIX].encode(), 0, 0
    poll, places, times = select.epoll(), {}, []
    clock = time.perf_counter
    for _ in range(connections):
        connection = _Connection(port)
        places[connection.socket.fileno()] = connection
        poll.register(connection.socket, select.EPOLLIN)
    begun = clock()
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
    for connection in places.values():
        connection.socket.close()
    ordered = sorted(times) or [0.0]
    p50, p99 = (ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.99))
    return Round(requests=len(times), errors=errors, seconds=spent, p50=p50, p99=p99)


def main() -> None:
    """Run one round of the loop and print it."""
    port, connections, seconds, file = sys.argv[1:]
    found = loop(int(port), int(connections), float(seconds), Path(file).read_bytes())
    print(msgspec.json.encode(found).decode())


if __name__ == "__main__":
    main()
