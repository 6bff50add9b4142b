"""A map function as written: its name, its inputs, its own options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.findings import suggest
from runtime.bundle.keys import as_scalar, has_value
from runtime.bundle.known import find
from runtime.model.maps import FUNCTIONS, LOOKUP, Call, call_mistake

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.keys import Keys
    from runtime.model.bundle import LookupTable
    from runtime.model.maps import Source


def read_call(keys: Keys, inputs: tuple[Source, ...], tables: Mapping[str, LookupTable | None]) -> Call | None:
    """Read ``function: name`` with its options, which are literal texts, from a table whose ``of`` has been read."""
    name = keys.text("function", required=True)
    if name is None:
        return None
    spec = FUNCTIONS.get(name)
    if spec is None:
        keys.findings.unknown("unknown-function", "function", name, FUNCTIONS, keys.place_of("function"))
        return None
    known = [option.name for option in spec.options]
    options: dict[str, str] = {}
    for key, node in keys.rest():
        if key.text not in known:
            message = f"the function '{name}' has no option '{key.text}'"
            keys.findings.add("unknown-key", message, key.place, suggest(key.text, [*known, "of", "default"]))
            continue
        scalar = as_scalar(node, key.text, keys.findings) if has_value(key, node, keys.findings) else None
        if scalar is None:
            continue
        if scalar.marks:
            keys.findings.add("wrong-type", f"the option '{key.text}' cannot be computed", scalar.marks[0])
        options[key.text] = scalar.text
    call = Call(name, inputs, options)
    mistake = call_mistake(call)
    if mistake is not None:
        keys.findings.add("function", mistake, keys.place)
    elif name == LOOKUP:
        _check_lookup(keys, tables)
    return call


def _check_lookup(keys: Keys, tables: Mapping[str, LookupTable | None]) -> None:
    """Hold a lookup to the tables of the bundle and their columns."""
    table = find(keys.scalar("table"), "table", tables, keys.findings)
    for key in ("from", "to"):
        column = keys.scalar(key)
        if table is not None and column is not None and column.text not in table.columns:
            message = f"the table '{table.name}' has no column '{column.text}'"
            keys.findings.add("unknown-reference", message, column.place, suggest(column.text, table.columns))
