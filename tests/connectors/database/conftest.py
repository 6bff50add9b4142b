"""The three kinds of databases, as fixtures: SQLite always, the servers where they are installed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from connectors.database import CONNECTOR
from connectors.database.settings import Settings
from tests.connectors.database.servers import NoServer, mariadb, postgresql
from tests.connectors.database.target import Target


@pytest.fixture(scope="session")
def postgresql_settings() -> Iterator[Settings]:
    """Give a connection to PostgreSQL."""
    yield from _server(postgresql())


@pytest.fixture(scope="session")
def mariadb_settings() -> Iterator[Settings]:
    """Give a connection to MariaDB."""
    yield from _server(mariadb())


def _server(server: AbstractContextManager[Settings]) -> Iterator[Settings]:
    try:
        settings = server.__enter__()
    except NoServer as reason:
        pytest.skip(str(reason))
    try:
        yield settings
    finally:
        server.__exit__(None, None, None)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Give a connection to each kind of database in turn."""
    if request.param == "sqlite":
        return Settings(url=f"sqlite:///{tmp_path}/it.db", connections=4)
    found: Settings = request.getfixturevalue(f"{request.param}_settings")
    return found


@pytest.fixture
async def target(settings: Settings) -> AsyncIterator[Target]:
    """Give an open connection to each kind of database in turn."""
    async with CONNECTOR.open(settings) as connection:
        yield Target(settings, connection)
