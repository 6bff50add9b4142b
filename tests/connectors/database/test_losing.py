from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import closing

import msgspec
import psycopg
import pytest
import trio
import trio.testing

from connectors.database import CONNECTOR
from connectors.database.settings import Settings
from runtime.sdk.contract import expect_fault
from runtime.sdk.faults import ApplicationFault, NotSent, OutcomeUnknown
from tests.connectors.database.moments import LATER, jump, sent
from tests.connectors.database.servers import PASSWORD, USERNAME
from tests.connectors.database.target import Target, call
from tests.patience import PATIENCE
from tests.ports import free_port

# Where a session is lost, SQLAlchemy lets go of psycopg's cursor with the connection, without closing it.
pytestmark = pytest.mark.filterwarnings("ignore:.*ServerCursor.*:ResourceWarning")

LONG = PATIENCE


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Let such cursors go while their warning is expected, and not in a later test."""
    yield
    gc.collect()


OTHERS = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'nuclide'"


def end_sessions(settings: Settings) -> None:
    """End every session of the connector, as a restart of the server would."""
    with psycopg.connect(settings.url, user=USERNAME, password=PASSWORD, autocommit=True) as admin:
        admin.execute(OTHERS)


@pytest.fixture
def short(postgresql_settings: Settings) -> Settings:
    """Give a connection with one session to PostgreSQL."""
    return msgspec.structs.replace(postgresql_settings, connections=1)


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
async def test_a_server_that_is_not_there_got_nothing(kind: str) -> None:
    """Where no connection can be made, the call certainly did not happen."""
    settings = Settings(url=f"{kind}://127.0.0.1:{free_port()}/it", username="u", password="hush-hush")
    async with CONNECTOR.open(settings) as connection:
        with trio.fail_after(LONG):
            fault = await expect_fault(connection, "statement", call("statement", sql="SELECT 1"), NotSent)
    assert fault.code == "database.not-connected"
    assert "hush" not in repr(fault)


async def test_a_wrong_password_is_not_shown(postgresql_settings: Settings, mariadb_settings: Settings) -> None:
    """A refused login is told without the password."""
    for settings in (postgresql_settings, mariadb_settings):
        async with CONNECTOR.open(msgspec.structs.replace(settings, password="hush-hush")) as connection:
            fault = await expect_fault(connection, "query", call("query", sql="SELECT 1"), NotSent)
        assert fault.code == "database.not-connected"
        assert "hush" not in f"{fault!r} {fault.__cause__!r}"
    assert "hush" not in repr(msgspec.structs.replace(settings, password="hush-hush"))


async def test_a_connection_that_broke_while_idle_is_replaced(short: Settings) -> None:
    """A restart of the server between two calls is not felt by the second one."""
    async with CONNECTOR.open(short) as connection:
        target = Target(short, connection)
        assert await target.rows("SELECT 1 AS one") == [{"one": 1}]
        await trio.to_thread.run_sync(end_sessions, short)
        assert await target.rows("SELECT 1 AS one") == [{"one": 1}]


@pytest.mark.parametrize("operation", ["query", "insert", "statement"])
async def test_a_connection_that_breaks_is_told_by_what_is_certain(short: Settings, operation: str) -> None:
    """A row whose commit was not sent is not there for certain; of a free statement nobody knows."""
    async with CONNECTOR.open(short) as connection:
        target = Target(short, connection)
        await target.table("id INTEGER PRIMARY KEY")
        made = {
            "query": call("query", sql="SELECT pg_sleep(100)"),
            "statement": call("statement", sql="SELECT pg_sleep(100)"),
            "insert": call("insert", {"id": 1}, table="things"),
        }[operation]
        with psycopg.connect(short.url, user=USERNAME, password=PASSWORD) as holder:
            if operation == "insert":  # waits for this row's fate
                holder.execute("INSERT INTO things (id) VALUES (1)")
            with trio.fail_after(LONG):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(end_when_running, short)
                    if operation == "statement":
                        await expect_fault(connection, operation, made, OutcomeUnknown)
                    else:
                        assert (await expect_fault(connection, operation, made, NotSent)).code == "database.rolled-back"
            holder.rollback()
        assert await target.rows("SELECT id FROM things") == []


async def end_when_running(settings: Settings) -> None:
    """End the connector's session once the server says that it runs the statement, and nothing that comes before."""
    asked = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nuclide' AND state = 'active'"
        " AND query ~ '^(SELECT pg_sleep|FETCH|INSERT)'"
    )
    with closing(psycopg.connect(settings.url, user=USERNAME, password=PASSWORD, autocommit=True)) as admin:
        while True:
            (running,) = admin.execute(asked).fetchone() or (0,)
            if running:
                admin.execute(OTHERS)
                return
            await trio.lowlevel.checkpoint()


async def test_a_row_that_another_holds_is_waited_for_until_the_deadline(
    short: Settings, clock: trio.testing.MockClock, nursery: trio.Nursery
) -> None:
    """A write that waits for a lock is stopped at its deadline, and nothing of it is left."""
    async with CONNECTOR.open(short) as connection:
        target = Target(short, connection)
        await target.table("id INTEGER PRIMARY KEY")
        with psycopg.connect(short.url, user=USERNAME, password=PASSWORD) as holder:
            holder.execute("INSERT INTO things (id) VALUES (1)")
            nursery.start_soon(jump, clock, sent(connection, "INSERT"))
            made = call("insert", {"id": 1}, table="things", deadline=trio.current_time() + LATER)
            assert (await expect_fault(connection, "insert", made, ApplicationFault)).status == "timeout"
        await target.rows("SELECT id FROM things")


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("sqlite:////folder/with space/file.db", True),
        ("postgresql://host:5432/name?sslmode=verify-full", True),
        ("mariadb://host/name", True),
        ("sqlite:///relative.db", False),
        ("sqlite://", False),
        ("postgresql://user@host/name", False),
        ("postgresql://user:word@host/name", False),
        ("postgresql://host/name?sslmode=require&password=x", False),
        ("postgresql://host/name?user=x", False),
        ("oracle://host/name", False),
    ],
)
def test_a_url_holds_no_credentials(url: str, fits: bool) -> None:  # noqa: FBT001 - the table's last column
    """A URL names a database and nothing that must be hidden; a password is a setting of its own."""
    try:
        msgspec.convert({"url": url}, Settings, strict=False)
    except msgspec.ValidationError:
        assert not fits
    else:
        assert fits
