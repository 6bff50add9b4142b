"""What takes callbacks in a bench: it accepts each as fast as it can. ``python -m tests.bench.sink PORT``."""

from __future__ import annotations

import asyncio
import sys
from typing import cast

ACCEPTED = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"SUCCESS"'


class _Taker(asyncio.Protocol):
    """Takes the callbacks of one connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass
        self._data = b""

    def data_received(self, data: bytes) -> None:
        """Accept every callback that is whole."""
        data = self._data + data
        accepted = 0
        while (end := data.find(b"\r\n\r\n")) >= 0:
            head = data[:end].lower()
            at = head.index(b"content-length:") + 15
            end += 4 + int(head[at:].split(b"\r\n", 1)[0])
            if len(data) < end:
                break
            data = data[end:]
            accepted += 1
        self._data = data
        self._transport.write(ACCEPTED * accepted)


async def serve(port: int) -> None:
    """Listen for ever."""
    server = await asyncio.get_running_loop().create_server(_Taker, "127.0.0.1", port, backlog=4_096)
    await server.serve_forever()


def main() -> None:
    """Serve until killed, on the fastest loop that is there."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(serve(int(sys.argv[1])))
    else:
        uvloop.run(serve(int(sys.argv[1])))


if __name__ == "__main__":
    main()
