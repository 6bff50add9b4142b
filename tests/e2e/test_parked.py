"""A call that must not be made twice, and whose outcome nobody knows: it waits for a person, and its caller is told."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import trio

from tests.e2e.daemon import BUNDLES, installed
from tests.e2e.flow import Flow, token_of
from tests.flow.daemon import Settings
from tests.flow.peers import LONGEST_READ, call
from tests.patience import PATIENCE


class Backend:
    """Reads each request and cuts the connection; counts them."""

    def __init__(self) -> None:
        self.requests = 0
        self.port = 0

    async def serve(self, stream: trio.SocketStream) -> None:
        """Read one request."""
        async with stream:
            data = b""
            while b"\r\n\r\n" not in data:
                data += await stream.receive_some(LONGEST_READ)
            self.requests += data.startswith(b"POST /orders ")


@asynccontextmanager
async def backend_and_bundle(folder: Path) -> AsyncGenerator[Backend]:
    """Run a backend, with the bundle that calls it in `folder`."""
    backend = Backend()
    async with trio.open_nursery() as nursery:
        (listener,) = await nursery.start(partial(trio.serve_tcp, backend.serve, 0, host="127.0.0.1"), name="backend")
        backend.port = listener.socket.getsockname()[1]
        shutil.copytree(BUNDLES / "parking", folder / "parking")
        connection = folder / "parking" / "connections" / "backend.yaml"
        connection.write_text(re.sub(r":9\b", f":{backend.port}", connection.read_text(encoding="utf-8")), "utf-8")
        yield backend
        nursery.cancel_scope.cancel()


async def test_parked(tmp_path: Path) -> None:
    """WAIT, then a progress callback, then a fault when nobody decides; the call was made once, restarts included."""
    flow = Flow()
    bundles = tmp_path / "bundles"
    settings: Settings = {
        "callbacks": flow.settings,
        "bundles": {"folder": str(bundles)},
        "executions": {"park_answer_after": "3 s"},
    }
    async with backend_and_bundle(bundles) as backend, installed(tmp_path, settings) as daemon, flow.up():
        await daemon.start()
        message = flow.request("Order", Text="two of them")
        reply = await call(daemon.port, "/fs/Parking", message)
        assert (reply.status, reply.json["invokeType"]) == (200, "WAIT")
        progress, *_ = await flow.finished(token_of(message))
        assert progress.body["invokeType"] == "WAIT"
        assert "person" in progress.body["waitMessage"]
        await daemon.wait_logged("callback accepted")  # written down: it is not sent again
        await daemon.restart()
        with trio.fail_after(PATIENCE):
            await daemon.wait_gauge("nuclide_executions", "parked", 1)
        _, fault, *_ = await flow.finished(token_of(message), 2)
        assert fault.body["invokeType"] == "FORWARD"
        assert "operator" in fault.body["rootFaults"]["ProcessFault"]
        assert await daemon.stop() == 0
        counts = await daemon.counts()
        assert (counts["parked"], counts["callbacks held"], counts["callbacks due"]) == (1, 0, 0)
        assert backend.requests == 1
