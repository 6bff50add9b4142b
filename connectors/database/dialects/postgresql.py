"""PostgreSQL, by psycopg: values travel apart from the statement."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from connectors.database.dialects.base import Dialect, Raw, Refusal, words
from connectors.database.sql import POSTGRESQL
from runtime.sdk.units import parse_duration

STOP_WAIT = 5.0  # seconds for the server to take the request to stop; it is asked again afterwards
SILENCE = 60  # seconds after which a server that acknowledges nothing is gone: twice a usual fail-over

_BY_STATE = {  # by the beginning of the SQLSTATE (PostgreSQL, appendix A), the longest first
    "23505": "duplicate",
    "23503": "reference",
    "23502": "null",
    "23514": "check",
    "57014": "timeout",
    "42501": "denied",
    "25006": "read-only",
    "55P03": "conflict",
    "23": "constraint",
    "22": "value",
    "40": "conflict",
    "42": "statement",
    "53": "full",
}
_SAFE_STATES = ("42", "25006", "57014", "40", "55P03", "53", "22001", "22012")  # texts without values


class PostgreSql(Dialect):
    """A database of a PostgreSQL server."""

    syntax = POSTGRESQL
    driver: ClassVar[str] = "postgresql+psycopg"
    filters = "postgresql"
    certain_until_commit: ClassVar[bool] = True

    def arguments(self) -> dict[str, Any]:
        """Give libpq's time-outs: a connection whose server is gone ends within a minute, even while it is silent."""
        return {
            "connect_timeout": max(2, round(parse_duration(self.settings.connect_timeout))),  # libpq's least is 2
            "keepalives_idle": SILENCE // 2,
            "keepalives_interval": SILENCE // 6,
            "keepalives_count": 3,
            "tcp_user_timeout": SILENCE * 1_000,
            "application_name": "nuclide",
        }

    def begin(self, connection: sa.Connection, *, read_only: bool) -> None:
        """Begin a transaction that is read-only or not; SQLAlchemy takes it back with the connection."""
        connection.execution_options(postgresql_readonly=read_only)

    def upsert(self, table: sa.TableClause, values: dict[str, Any], keys: Sequence[str]) -> sa.Executable:
        """Give an insertion with a conflict clause for the keys."""
        insertion = postgresql.insert(table).values(values)
        others = {name: insertion.excluded[name] for name in values if name not in keys}
        if not others:
            return insertion.on_conflict_do_nothing(index_elements=list(keys))
        return insertion.on_conflict_do_update(index_elements=list(keys), set_=others)

    def stop(self, raw: Raw, engine: sa.Engine) -> None:
        """Ask the server to end what runs on this connection."""
        raw.cancel_safe(timeout=STOP_WAIT)

    def cut(self, raw: Raw) -> None:
        """Shut the socket down: who waits for it gets an error."""
        with socket.socket(fileno=os.dup(raw.fileno())) as wire:
            wire.shutdown(socket.SHUT_RDWR)

    def refusal(self, error: BaseException) -> Refusal:
        """Decide by the SQLSTATE; name constraint and column, and repeat only messages that cannot hold a value."""
        state = getattr(error, "sqlstate", None)
        if state is None:  # the driver itself refuses
            return Refusal("failed", f"the driver refused the statement: {words(type(error).__name__)}")
        status = next((word for prefix, word in _BY_STATE.items() if state.startswith(prefix)), "failed")
        diagnosis = getattr(error, "diag", None)
        if diagnosis is not None and diagnosis.message_primary and state.startswith(_SAFE_STATES):
            return Refusal(status, f"{diagnosis.message_primary} ({state})")
        parts = [
            f"{what} '{name}'"
            for what, name in (
                ("constraint", getattr(diagnosis, "constraint_name", None)),
                ("table", getattr(diagnosis, "table_name", None)),
                ("column", getattr(diagnosis, "column_name", None)),
            )
            if name
        ]
        where = f": {', '.join(parts)}" if parts else ""
        return Refusal(status, f"{words(type(error).__name__)}{where} ({state})")
