"""The same greeting by hand, behind the same check of credentials: ASGI for any server, and Quart.

Run as a module, on hypercorn's trio worker: ``python -m tests.bench.baselines asgi|quart PORT``.
"""

from __future__ import annotations

import sys
from typing import Any

import trio
from hypercorn.config import Config
from hypercorn.trio import serve

from tests.bench.greeting import PATH, greet, is_let_in


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
    authorization = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    status, answer = (200, greet(body)) if is_let_in(authorization) else (401, b"{}")
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


def quart() -> Any:  # noqa: ANN401 - the library has no types
    """Give the greeting as a Quart application."""
    from quart import Response, request
    from quart_trio import QuartTrio

    app = QuartTrio("baseline")

    @app.post(PATH)
    async def serve_greeting() -> Response:
        if not is_let_in(request.headers.get("Authorization", "").encode("latin-1")):
            return Response(b"{}", status=401, mimetype="application/json")
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
