from __future__ import annotations

import pytest
import trio
import trio.testing

from connectors.http import CONNECTOR
from connectors.http.operations import Reading, Writing
from connectors.http.settings import Settings
from runtime.sdk.contract import a_call, check_cancellation, check_deadline, check_spec
from tests.connectors.http.server import Answer, running_server


def test_the_specification_is_complete() -> None:
    """Everything that people, lint and the engine read is there."""
    check_spec(CONNECTOR)


@pytest.mark.parametrize(("operation", "fields"), [("get", Reading()), ("post", Writing())])
async def test_a_cancelled_call_leaves_the_connection_usable(operation: str, fields: object) -> None:
    """At each of its checkpoints, even with a single slot."""
    async with running_server() as server, CONNECTOR.open(Settings(url=server.url, connections=1)) as connection:
        assert await check_cancellation(connection, operation, a_call(fields, b"{}")) > 3


async def test_a_call_ends_at_its_deadline(mock_clock: trio.testing.MockClock) -> None:
    """Before sending it is certain that nothing happened, afterwards it is not."""
    async with running_server() as server:
        server.answer = lambda _: Answer(silent=True)
        async with CONNECTOR.open(Settings(url=server.url)) as connection:
            await check_deadline(
                connection,
                "post",
                lambda deadline: a_call(Writing(), b"{}", deadline=deadline),
                server.arrived,
                lambda: mock_clock.jump(10),
            )
