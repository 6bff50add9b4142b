"""What a kind of database must say of itself."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from msgspec import Struct

from connectors.database.settings import Settings, own_url
from connectors.database.sql import Syntax
from runtime.sdk.query import SqlDialect

Raw = Any  # a driver's own connection


class Refusal(Struct, frozen=True):
    """Why the database refused: a word to decide by, and a message that holds no value of a document."""

    status: str
    message: str


class Dialect(ABC):
    """One kind of database, as its driver shows it."""

    syntax: ClassVar[Syntax]
    driver: ClassVar[str]
    filters: ClassVar[SqlDialect | None] = None
    """How filters of Flow are written for it; None where its comparisons cannot follow their rule."""
    certain_until_commit: ClassVar[bool]
    """Whether a transaction whose commit was not sent is undone for certain, in every table."""
    upsert_names_key: ClassVar[bool] = True
    """Whether an upsert names the key that decides; where it does not, any unique key of the row decides."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def url(self) -> sa.URL:
        """Give the URL as SQLAlchemy takes it, with the driver and the credentials."""
        url = sa.make_url(own_url(self.settings.url)).set(drivername=self.driver)
        if not self.settings.username:
            return url
        return url.set(username=self.settings.username, password=self.settings.password or None)

    @abstractmethod
    def arguments(self) -> dict[str, Any]:
        """Give what the driver's `connect` is given beyond the URL: its time-outs, in seconds."""

    def prepare(self, raw: Raw) -> None:
        """Make a new connection of the driver ready."""
        return

    def marker(self, name: str) -> str:
        """Give the driver's marker for a parameter."""
        return f"%({name})s"

    def text(self, sql: str) -> str:
        """Escape what the driver would take for a marker."""
        return sql.replace("%", "%%")

    @abstractmethod
    def begin(self, connection: sa.Connection, *, read_only: bool) -> None:
        """Begin a transaction; a read-only one cannot write, whatever the statement says."""

    def adapt(self, value: object) -> object:
        """Give a value as the driver takes it, and exactly so.

        Raises:
            Unfit: the database cannot hold it exactly.
        """
        return value

    def duration(self, value: timedelta) -> object:
        """Give what a duration in a row is in JSON."""
        return value

    @abstractmethod
    def upsert(self, table: sa.TableClause, values: dict[str, Any], keys: Sequence[str]) -> sa.Executable:
        """Give the statement that adds a row, or changes the one that agrees with it in `keys`."""

    @abstractmethod
    def stop(self, raw: Raw, engine: sa.Engine) -> None:
        """End the statement that runs on a connection, from another thread.

        To stop what does not run does nothing. Errors of the driver may come through: the caller tries again.
        """

    def abandon(self, result: sa.CursorResult[Any], raw: Raw, engine: sa.Engine) -> None:
        """Leave the rest of a result where it is, so that closing it is quick."""
        return

    def cut(self, raw: Raw) -> None:
        """End the connection itself, after stopping has failed for long."""
        return

    @abstractmethod
    def refusal(self, error: BaseException) -> Refusal:
        """Say why the database refused, from the driver's error, without repeating any value."""


def words(name: str) -> str:
    """Give the words of a class name such as ``InvalidTextRepresentation``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
