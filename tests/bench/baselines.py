"""The same greeting by hand: a bare ASGI application and a Quart application, both on hypercorn's trio worker.

Run as a module: ``python -m tests.bench.baselines asgi|quart PORT``.
"""

from __future__ import annotations

import sys
from typing import Any

import msgspec
import trio
from hypercorn.config import Config
from hypercorn.trio import serve

PATH = "/fs/greeting/actions/Greet"


def greet(body: bytes) -> bytes:
    """Answer a message action as a programmer would who needs nothing else."""
    request = msgspec.json.decode(body)
    inputs = {value["developerName"]: value["contentValue"] for value in request["inputs"]}
    output = {
        "developerName": "Message",
        "contentValue": f"Hello {inputs['Name']}",
        "contentType": "ContentString",
        "objectData": None,
        "typeElementDeveloperName": None,
    }
    answer = {
        "token": request["token"],
        "tenantId": request["tenantId"],
        "invokeType": "FORWARD",
        "culture": None,
        "annotations": {},
        "waitMessage": None,
        "outputs": [output],
        "selectedOutcomeId": None,
        "rootFaults": {},
        "valueFaults": [],
        "mode": None,
    }
    return msgspec.json.encode(answer)


async def asgi(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's own types are untyped dicts
    """Serve the greeting as a bare ASGI application."""
    if scope["type"] != "http":
        raise ValueError(scope["type"])  # a server goes on without what an application does not know
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    answer = greet(body)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


def quart() -> Any:  # noqa: ANN401 - the library has no types
    """Give the greeting as a Quart application."""
    from quart import Response, request
    from quart_trio import QuartTrio

    app = QuartTrio("baseline")

    @app.post(PATH)
    async def serve_greeting() -> Response:
        body = await request.get_data()
        return Response(greet(body if isinstance(body, bytes) else body.encode()), mimetype="application/json")

    return app


def main() -> None:
    """Serve one of the two until killed."""
    config = Config()
    config.bind = [f"127.0.0.1:{sys.argv[2]}"]
    config.accesslog = config.errorlog = None
    config.keep_alive_max_requests = 2**62  # as the daemon has it
    trio.run(serve, asgi if sys.argv[1] == "asgi" else quart(), config)


if __name__ == "__main__":
    main()
