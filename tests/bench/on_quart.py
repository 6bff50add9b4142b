"""The daemon with its Flow services as routes of Quart, as it would be without a front: what the front door spares.

``python -m tests.bench.on_quart run --config FILE``. Everything but the way in is the daemon's own.
"""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import trio

from runtime.cli.main import main
from runtime.daemon import serving
from runtime.daemon.parts import front_of
from runtime.web.asgi import AsgiApp
from runtime.web.exchange import Answer, Headers, Request, WholeExchange
from runtime.web.front import Front, Route, run_handler


class _Exchange(WholeExchange):
    """An exchange whose answer is given back to Quart."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.given = Answer(status=500)

    async def answer(self, answer: Answer) -> None:
        self.begin()
        self.given = answer
        await trio.lowlevel.checkpoint()

    async def stream(self, headers: Headers, pieces: Any) -> None:  # noqa: ANN401 - nothing of the bench streams
        raise NotImplementedError

    async def wait_gone(self) -> None:
        await trio.sleep_forever()


def quart_front(*given: Any, **more: Any) -> Front:  # noqa: ANN401 - whatever the daemon's own takes
    """Give a front that leaves everything to Quart."""
    route = front_of(*given, **more).route("/fs")
    if route is None:
        raise ValueError("the daemon serves no Flow services")
    return Front({}, _app(route))


def _app(route: Route) -> AsgiApp:
    from quart import Response, request
    from quart_trio import QuartTrio

    app = QuartTrio("nuclide.quart", static_folder=None)

    @app.route("/fs/<path:rest>", methods=["GET", "POST", "PUT"])
    async def serve(rest: str) -> Response:
        head = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in request.headers.items())
        body = await request.get_data()
        asked = Request(
            method=request.method,
            path=f"/fs/{rest}",
            query=request.query_string,
            headers=head,
            body=body if isinstance(body, bytes) else body.encode(),
            client=request.remote_addr,
            arrived=trio.current_time(),
        )
        refused = None if route.gate is None else await route.gate(asked)
        exchange = _Exchange(asked)
        if refused is None:
            await run_handler(route, exchange)
        answer = refused or exchange.given
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in answer.headers}
        return Response(answer.body, answer.status, headers)

    return app


if __name__ == "__main__":
    with patch.object(serving, "front_of", quart_front):
        main()
