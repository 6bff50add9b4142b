"""Looking things up in a table of the bundle (reference 1.3, Cross Reference Table)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from runtime.engine.mapping.inputs import Compute, Options, text_in
from runtime.engine.mapping.tables import Match, finder
from runtime.errors import DocumentFault
from runtime.model.bundle import LookupTable


def lookup(options: Options, tables: Mapping[str, LookupTable]) -> Compute:
    """Give the function that finds its inputs in columns and gives another column's cell; nothing when it is not there.

    The first row that matches all wins. Without a word on how, cells match exactly, case included.

    Raises:
        DocumentFault: ``map.invalid-option``: there is no such table or column, or not one for each input; a linted
            bundle has none. ``pattern.invalid``: a cell is no regular expression.
    """
    table = tables.get(options["table"])
    if table is None:
        raise DocumentFault("map.invalid-option", f"there is no table '{options['table']}'")
    sources = [_column(table, name) for name in columns_asked(options)]
    target, find = _column(table, options["to"]), _finder(table, sources, options)

    def look(inputs: Sequence[object]) -> object:
        row = find([text_in(one) for one in inputs])
        return None if row is None else row[target]

    return look


def columns_asked(options: Options) -> list[str]:
    """Give the names of the columns that hold the inputs."""
    return [name.strip() for name in options["from"].split(",")]


def _finder(
    table: LookupTable, sources: Sequence[int], options: Options
) -> Callable[[Sequence[str]], tuple[str, ...] | None]:
    match = options.get("match")
    if match is None:
        rows: dict[tuple[str, ...], tuple[str, ...]] = {}
        for row in table.rows:
            rows.setdefault(tuple(row[column] for column in sources), row)
        return lambda inputs: rows.get(tuple(inputs))
    ways: dict[str, Match] = {"exact": "exact", "wildcard": "wildcard", "regex": "regex"}
    if match not in ways:
        raise DocumentFault("map.invalid-option", f"'{match}' is no way to match: {', '.join(ways)} are")
    return finder(table.rows, sources, ways[match])


def _column(table: LookupTable, name: str) -> int:
    if name not in table.columns:
        raise DocumentFault("map.invalid-option", f"the table '{table.name}' has no column '{name}'")
    return table.columns.index(name)
