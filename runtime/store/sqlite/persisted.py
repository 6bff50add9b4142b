"""Kept process properties and counters: what the tables are told, and asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runtime.errors import Changed, StoreError
from runtime.model.persisted import LARGEST_COUNT, Persist, Persisted, Unpersist, may_replace
from runtime.store.sqlite.border import first, rows

if TYPE_CHECKING:
    import apsw

    from runtime.store.cipher import Cipher

_KIND = "kept property"
_WHERE = "bundle = ? AND process = ? AND name = ?"


def persist(connection: apsw.Connection, cipher: Cipher, operation: Persist) -> None:
    """Keep a value.

    Raises:
        Changed: another one has been kept meanwhile.
    """
    key = (operation.bundle, operation.process, operation.name)
    found = first(connection, f"SELECT writer FROM persisted WHERE {_WHERE}", *key)  # noqa: S608 - a constant
    if not may_replace(operation, None if found is None else Persisted("", str(found[0]))):
        raise changed(operation)
    sealed = cipher.seal(operation.value.encode(), execution=_scope(*key), kind=_KIND)
    connection.execute("INSERT OR REPLACE INTO persisted VALUES (?, ?, ?, ?, ?)", (*key, sealed, operation.writer))


def changed(operation: Persist) -> Changed:
    """Give the error of a value that another execution has kept meanwhile."""
    message = f"another execution has kept '{operation.name}' of '{operation.process}' meanwhile"
    return Changed("store.changed", message)


def keep(connection: apsw.Connection, cipher: Cipher, operation: Persist | Unpersist) -> None:
    """Keep a property, or keep it no longer."""
    if isinstance(operation, Persist):
        persist(connection, cipher, operation)
    else:
        unpersist(connection, operation)


def unpersist(connection: apsw.Connection, operation: Unpersist) -> None:
    """Forget a value."""
    key = (operation.bundle, operation.process, operation.name)
    connection.execute(f"DELETE FROM persisted WHERE {_WHERE}", key)  # noqa: S608 - a constant


def persisted(connection: apsw.Connection, cipher: Cipher, bundle: str, process: str) -> dict[str, Persisted]:
    """Give what a process has kept."""
    sql = "SELECT name, sealed, writer FROM persisted WHERE bundle = ? AND process = ?"
    found: dict[str, Persisted] = {}
    for name, sealed, writer in rows(connection, sql, bundle, process):
        scope = _scope(bundle, process, str(name))
        found[str(name)] = Persisted(
            cipher.open(cast("bytes", sealed), execution=scope, kind=_KIND).decode(), str(writer)
        )
    return found


def keepers(connection: apsw.Connection) -> list[tuple[str, str]]:
    """Give the processes that have kept something."""
    found = rows(connection, "SELECT DISTINCT bundle, process FROM persisted ORDER BY bundle, process")
    return [(str(bundle), str(process)) for bundle, process in found]


def take_numbers(connection: apsw.Connection, *, counter: str, count: int) -> int:
    """Advance a counter.

    Raises:
        StoreError: it has no so many numbers left.
    """
    found = first(connection, "SELECT last FROM counters WHERE name = ?", counter)
    last = 0 if found is None else cast("int", found[0])
    if last + count > LARGEST_COUNT:
        raise StoreError("store.counter-full", f"the counter '{counter}' has reached {last}", hint="set it anew")
    connection.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (counter, last + count))
    return last + 1


def set_counter(connection: apsw.Connection, *, counter: str, following: int) -> None:
    """Set the number that a counter gives next."""
    connection.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (counter, following - 1))


def counters(connection: apsw.Connection) -> dict[str, int]:
    """Give the number that each counter gives next."""
    found = rows(connection, "SELECT name, last FROM counters ORDER BY name")
    return {str(name): cast("int", last) + 1 for name, last in found}


def _scope(bundle: str, process: str, name: str) -> str:
    return f"{bundle}\0{process}\0{name}"
