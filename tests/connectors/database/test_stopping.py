from __future__ import annotations

import msgspec
import pytest
import trio
import trio.testing

from connectors.database import CONNECTOR
from connectors.database.settings import Settings
from runtime.sdk.connector import Connection
from runtime.sdk.contract import expect_fault
from runtime.sdk.faults import ApplicationFault, NotSent, OutcomeUnknown
from tests.connectors.database.moments import LATER, jump, sent
from tests.connectors.database.target import Target, call
from tests.patience import PATIENCE

ENDLESS = {
    "sqlite": "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS n FROM n",
    "postgresql": "SELECT count(*) AS n FROM generate_series(1, 1000000000000)",
    "mariadb": "SELECT benchmark(1000000000000, md5('x')) AS n",
}
LONG = PATIENCE  # far below what the statements would take


def one_at_a_time(settings: Settings, **changes: object) -> Settings:
    """Give settings with a single connection, so that the next call gets the one that was stopped."""
    return msgspec.structs.replace(settings, connections=1, **changes)


async def works(connection: Connection) -> bool:
    """Whether the connection's one session is whole."""
    (reply,) = await connection.execute("query", call("query", sql="SELECT 1 AS one"))
    return reply.content == b'{"one":1}'


@pytest.mark.parametrize("operation", ["query", "statement"])
async def test_a_deadline_stops_the_statement(
    settings: Settings, operation: str, clock: trio.testing.MockClock, nursery: trio.Nursery
) -> None:
    """At its deadline a call is stopped in the database, and the connection that it had is whole."""
    sql = ENDLESS[settings.url.partition(":")[0]]
    async with CONNECTOR.open(one_at_a_time(settings)) as connection:
        nursery.start_soon(jump, clock, sent(connection, sql))
        made = call(operation, sql=sql, deadline=trio.current_time() + LATER)
        if operation == "statement" and "mariadb" in settings.url:  # a procedure of it may have committed
            await expect_fault(connection, operation, made, OutcomeUnknown)
        else:
            assert (await expect_fault(connection, operation, made, ApplicationFault)).status == "timeout"
        assert await works(connection)


async def test_the_time_out_of_the_connection_is_a_deadline(
    settings: Settings, clock: trio.testing.MockClock, nursery: trio.Nursery
) -> None:
    """A call without a deadline ends at the connection's time-out."""
    sql = ENDLESS[settings.url.partition(":")[0]]
    async with CONNECTOR.open(one_at_a_time(settings, timeout=f"{LATER} s")) as connection:
        nursery.start_soon(jump, clock, sent(connection, sql))
        made = call("query", sql=sql)
        assert (await expect_fault(connection, "query", made, ApplicationFault)).code == "database.timeout"


async def test_a_cancelled_call_stops_its_statement(settings: Settings) -> None:
    """A call that is cancelled has ended in the database before it ends here; nothing of it is left running."""
    sql = ENDLESS[settings.url.partition(":")[0]]
    async with CONNECTOR.open(one_at_a_time(settings)) as connection:
        with trio.fail_after(LONG):
            await cancelled(connection, "query", sql)
            assert await works(connection)


async def cancelled(connection: Connection, operation: str, sql: str) -> None:
    """Begin a call, and cancel it when its statement is on its way."""
    it_is = sent(connection, sql)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(connection.execute, operation, call(operation, sql=sql))
        await it_is.wait()
        nursery.cancel_scope.cancel()


async def test_many_cancellations_leave_the_connections_whole(settings: Settings) -> None:
    """However calls and cancellations meet, no cancellation reaches a later call, and no connection is lost."""
    async with CONNECTOR.open(msgspec.structs.replace(settings, connections=2)) as connection:

        async def impatient(patience: float) -> None:
            with trio.move_on_after(patience):
                await connection.execute("query", call("query", sql=ENDLESS[settings.url.partition(":")[0]]))

        with trio.fail_after(3 * LONG):
            for turn in range(5):
                async with trio.open_nursery() as nursery:
                    for place in range(4):
                        nursery.start_soon(impatient, 0.003 * (turn + 1) * (place + 1))
                async with trio.open_nursery() as nursery:
                    for _ in range(4):
                        nursery.start_soon(works, connection)


async def test_a_stopped_write_changes_nothing(settings: Settings) -> None:
    """What was written before a call was stopped is rolled back."""
    async with CONNECTOR.open(settings) as connection:
        target = Target(settings, connection)
        await target.table("id INTEGER PRIMARY KEY")
        endless = ENDLESS[target.kind]
        sql = f"INSERT INTO things (id) SELECT n FROM ({endless}) AS t"  # noqa: S608 - both are written above
        await cancelled(connection, "statement", sql)
        assert await target.rows("SELECT id FROM things") == []


async def test_who_waits_in_vain_sent_nothing(settings: Settings) -> None:
    """A call whose deadline comes while it waits for a connection, or had passed before, was certainly not sent."""
    async with CONNECTOR.open(one_at_a_time(settings)) as connection:
        sql = ENDLESS[settings.url.partition(":")[0]]
        with trio.fail_after(LONG):
            past = call("statement", sql=sql, deadline=trio.current_time() - 1)
            await expect_fault(connection, "statement", past, NotSent)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(connection.execute, "query", call("query", sql=sql))
                await trio.testing.wait_all_tasks_blocked()
                waiting = call("statement", sql=sql, deadline=trio.current_time() + 0.05)
                assert (await expect_fault(connection, "statement", waiting, NotSent)).code == "database.not-sent"
                nursery.cancel_scope.cancel()
            assert await works(connection)


async def test_the_queue_is_bounded(settings: Settings) -> None:
    """More calls than may wait are refused at once."""
    async with CONNECTOR.open(one_at_a_time(settings, queue=1)) as connection:
        sql = ENDLESS[settings.url.partition(":")[0]]
        with trio.fail_after(LONG):
            async with trio.open_nursery() as nursery:
                for _ in range(2):
                    nursery.start_soon(connection.execute, "query", call("query", sql=sql))
                    await trio.testing.wait_all_tasks_blocked()
                fault = await expect_fault(connection, "query", call("query", sql=sql), NotSent)
                assert fault.code == "database.queue-full"
                nursery.cancel_scope.cancel()


@pytest.mark.parametrize("limit", [{"row_limit": 1000}, {"response_limit": "10 kB"}])
async def test_a_result_is_bounded(settings: Settings, limit: dict[str, object]) -> None:
    """A result beyond the limits is refused as soon as it is, however much there would have been."""
    async with CONNECTOR.open(one_at_a_time(settings, **limit)) as connection:
        many = {
            "sqlite": "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
            "postgresql": "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
            "mariadb": "SELECT seq AS i FROM seq_1_to_1000000000",
        }[settings.url.partition(":")[0]]
        with trio.fail_after(LONG):
            fault = await expect_fault(connection, "query", call("query", sql=many), ApplicationFault)
            assert fault.code == "database.result-too-large"
            assert await works(connection)
