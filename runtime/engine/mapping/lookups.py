"""Looking things up in a table of the bundle (reference 1.3, Cross Reference Table with exact match)."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.engine.mapping.inputs import Compute, Options, text_in
from runtime.errors import DocumentFault
from runtime.model.bundle import LookupTable


def lookup(options: Options, tables: Mapping[str, LookupTable]) -> Compute:
    """Give the function that finds the input in a column and gives another column's cell; nothing when it is not there.

    The first row that matches wins.

    Raises:
        DocumentFault: ``map.invalid-option``: there is no such table or column; a linted bundle has none.
    """
    table = tables.get(options["table"])
    if table is None:
        raise DocumentFault("map.invalid-option", f"there is no table '{options['table']}'")
    source, target = _column(table, options["from"]), _column(table, options["to"])
    cells: dict[str, str] = {}
    for row in table.rows:
        cells.setdefault(row[source], row[target])
    return lambda inputs: cells.get(text_in(inputs[0]))


def _column(table: LookupTable, name: str) -> int:
    if name not in table.columns:
        raise DocumentFault("map.invalid-option", f"the table '{table.name}' has no column '{name}'")
    return table.columns.index(name)
