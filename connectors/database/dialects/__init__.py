"""What differs between the kinds of databases: one module each, chosen by the URL."""

from __future__ import annotations

from connectors.database.dialects.base import Dialect
from connectors.database.dialects.mariadb import MariaDb
from connectors.database.dialects.postgresql import PostgreSql
from connectors.database.dialects.sqlite import Sqlite
from connectors.database.settings import Settings, own_url

_KINDS: dict[str, type[Dialect]] = {"sqlite": Sqlite, "postgresql": PostgreSql, "mariadb": MariaDb}


def dialect_of(settings: Settings) -> Dialect:
    """Give what is particular to the database that the settings name."""
    return _KINDS[own_url(settings.url).partition(":")[0]](settings)
