"""What a caller may do wrong, and what it is told: as Flow reads it, at once, and without harm to anyone else."""

from __future__ import annotations

from pathlib import Path

import msgspec
import trio
from msgspec.structs import replace

from tests.e2e.daemon import installed
from tests.e2e.flow import BASE, Flow, ask, text_of
from tests.flow.daemon import Settings
from tests.flow.peers import LONGEST_READ, call
from tests.flow.replay import Message
from tests.patience import PATIENCE

LIMIT = 64 * 1024  # bytes, of a body
KIND = "x-manywho-service-problem-kind"


def _broken(flow: Flow) -> dict[str, tuple[Message, int, str]]:
    """Give messages with the status and a part of the message that answer them."""
    good = flow.request("Quick", Text="x")
    fields = msgspec.json.decode(good.body)
    elsewhere = msgspec.json.encode({**fields, "callbackUri": "http://169.254.169.254/latest/meta-data"})
    without_token = msgspec.json.encode({**fields, "token": ""})
    wrong_type = msgspec.json.encode({**fields, "inputs": [{"developerName": "Seconds", "contentValue": "soon"}]})
    return {
        "no JSON": (replace(good, body=b'{"token": '), 400, "JSON"),
        "no UTF-8": (replace(good, body=good.body.replace(b"canary", b"\xff\xfe")), 400, "JSON"),
        "another form": (replace(good, body=b'[{"token": "t"}]'), 400, "wrong form"),
        "empty": (replace(good, body=b""), 400, "JSON"),
        "deep": (replace(good, body=b'{"token": "t", "inputs": ' + b"[" * 60_000), 400, "wrong form"),
        "no token": (replace(good, body=without_token), 400, "token"),
        "wrong type": (replace(good, body=wrong_type), 400, "Seconds"),
        "unknown action": (replace(good, path="/actions/Nothing"), 404, "Nothing"),
        "wrong method": (replace(good, method="PUT"), 405, "POST"),
        "too large": (replace(good, body=good.body + b" " * LIMIT), 400, str(LIMIT)),
        "callback elsewhere": (replace(good, body=elsewhere), 400, "callback address"),
        "slow without address": (flow.request("Light", callback=False, Seconds=5), 504, "callback address"),
    }


CASES = sorted(_broken(Flow()))


async def test_told_what_is_wrong(tmp_path: Path) -> None:
    """Each mistake is answered with its status and a ServiceProblem whose message says what it is."""
    flow = Flow()
    settings: Settings = {"callbacks": flow.settings, "server": {"body_limit": f"{LIMIT // 1024} KiB"}}
    async with installed(tmp_path, settings) as daemon, flow.up():
        await daemon.start()
        broken = _broken(flow)
        for name in CASES:
            message, status, part = broken[name]
            reply = await ask(daemon.port, message)
            assert (name, reply.status) == (name, status)
            assert reply.headers[KIND] == "service", name
            assert reply.json["statusCode"] == status, name
            assert part in reply.json["message"], name
        assert "Traceback" not in daemon.logged()
        reply = await ask(daemon.port, flow.request("Quick", Text="still here"))
        assert text_of(reply.json) == "still here"


async def test_deep_everywhere(tmp_path: Path) -> None:
    """A hundred thousand brackets are refused, wherever they stand, and end nothing."""
    flow = Flow()
    async with installed(tmp_path, {"callbacks": flow.settings}) as daemon:
        await daemon.start()
        for body in (b"[" * 100_000, b'{"a":' * 100_000, b'{"inputs":' + b"[" * 100_000 + b"]" * 100_000 + b"}"):
            for path in ("/actions/Quick", "/metadata", "/data", "/file"):
                reply = await call(daemon.port, BASE, Message(method="POST", path=path, headers={}, body=body))
                assert reply.status in {200, 400, 404, 501}  # a description reads no body
        assert "Traceback" not in daemon.logged()
        assert (await daemon.get("/readyz")).status == 200


async def test_slow_body(tmp_path: Path) -> None:
    """A body that does not come to its end is given up with 408."""
    settings: Settings = {"server": {"body_timeout": "300 ms"}}
    head = f"POST {BASE}/actions/Quick HTTP/1.1\r\nhost: h\r\ncontent-length: 100\r\n\r\n".encode()
    async with installed(tmp_path, settings) as daemon:
        await daemon.start()
        async with await trio.open_tcp_stream("127.0.0.1", daemon.port) as stream:
            await stream.send_all(head + b'{"token"')
            received = b""
            with trio.fail_after(PATIENCE):
                while piece := await stream.receive_some(LONGEST_READ):
                    received += piece
        assert received.startswith(b"HTTP/1.1 408 ")
        assert KIND.encode() in received.lower()
