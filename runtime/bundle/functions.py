"""A map function as written: its name, its inputs, its own options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.findings import suggest
from runtime.bundle.keys import as_scalar, has_value
from runtime.bundle.known import find
from runtime.expressions.patterns import pattern_mistake
from runtime.model.maps import FUNCTIONS, LOOKUP, MATCHES, Call, call_mistake

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.keys import Keys
    from runtime.model.bundle import LookupTable
    from runtime.model.maps import Source


def read_call(
    keys: Keys, inputs: tuple[Source, ...], tables: Mapping[str, LookupTable | None], own: Mapping[str, int]
) -> Call | None:
    """Read ``function: name`` with its options, which are literal texts, from a table whose ``of`` has been read.

    `own` are functions of the map's own, with how many inputs each has.
    """
    name = keys.text("function", required=True)
    if name is None:
        return None
    if name in own:
        return _own_call(name, keys, inputs, own[name])
    spec = FUNCTIONS.get(name)
    if spec is None:
        keys.findings.unknown("unknown-function", "function", name, [*FUNCTIONS, *own], keys.place_of("function"))
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
        _check_lookup(keys, tables, len(inputs))
    return call


def _own_call(name: str, keys: Keys, inputs: tuple[Source, ...], takes: int) -> Call:
    if len(inputs) != takes:
        message = f"the function '{name}' of this map takes {takes} inputs, not {len(inputs)}"
        keys.findings.add("function", message, keys.place)
    keys.done(also=("default",))
    return Call(name, inputs)


def _check_lookup(keys: Keys, tables: Mapping[str, LookupTable | None], inputs: int) -> None:
    """Hold a lookup to the tables of the bundle and their columns."""
    table = find(keys.scalar("table"), "table", tables, keys.findings)
    for key in ("from", "to"):
        written = keys.scalar(key)
        names = [] if written is None else written.text.split(",") if key == "from" else [written.text]
        for name in (one.strip() for one in names):
            if table is not None and written is not None and name not in table.columns:
                message = f"the table '{table.name}' has no column '{name}'"
                keys.findings.add("unknown-reference", message, written.place, suggest(name, table.columns))
        if key == "from" and written is not None and len(names) != inputs:
            message = f"there are {inputs} inputs, and 'from' names {len(names)} columns"
            keys.findings.add("function", message, written.place, "name a column for each input, with commas")
    match = keys.scalar("match")
    if match is not None and match.text not in MATCHES:
        hint = suggest(match.text, MATCHES)
        keys.findings.add("unknown-value", f"'{match.text}' is not a value of 'match'", match.place, hint)
    elif match is not None and match.text == "regex" and table is not None:
        _check_patterns(keys, table)


def _check_patterns(keys: Keys, table: LookupTable) -> None:
    written = keys.scalar("from")
    names = {name.strip() for name in (written.text.split(",") if written is not None else ())}
    for number, row in enumerate(table.rows, 1):
        for name, cell in zip(table.columns, row, strict=True):
            mistake = pattern_mistake(cell) if name in names else None
            if mistake is not None:
                message = f"row {number} of the table '{table.name}' holds no regular expression: {mistake}"
                keys.findings.add("function", message, keys.place)
