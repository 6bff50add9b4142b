"""Look-ups of maps: in cross reference tables, in rows of their own, in document caches (section 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.components.data_components import read_rows
from runtime.bundle.components.fields import Fields, fields_in
from runtime.bundle.components.library import find
from runtime.model.platform_maps import BuiltIn, CacheLookup, TableLookup, TablePort

if TYPE_CHECKING:
    from runtime.bundle.components.library import Library
    from runtime.model.platform_maps import Work


def cross_reference(fields: Fields, library: Library) -> Work:
    """Read a look-up in a cross reference table; columns are written from 1."""
    table = fields.required("crossRefTableId")
    found = find(table, "cross reference table", library.tables, library.components, fields)
    width = len(found.columns) if found is not None else None
    return TableLookup(
        inputs=_table_ports(fields, "Input", width),
        outputs=_table_ports(fields, "Output", width),
        table=table,
        skip_without_input=fields.flag("skipLookupIfNoInputs"),
    )


def simple_lookup(fields: Fields, _: Library) -> Work:
    """Read a look-up in rows that stand in the map itself."""
    holder = fields_in(fields, "CrossRefTableObj")
    table = holder.child("CrossRefTable") if holder is not None else None
    inputs, outputs = _table_ports(fields, "Input", None), _table_ports(fields, "Output", None)
    if holder is None or table is None:
        fields.notes.wrong(fields.element, "the look-up has no table")
        return BuiltIn(function="")
    holder.done()
    rows = read_rows(Fields(table, fields.notes)).rows
    return TableLookup(inputs=inputs, outputs=outputs, rows=rows)


def cache_lookup(fields: Fields, library: Library) -> Work:
    """Read a look-up of elements of one cached document."""
    cache, index = fields.required("docCache"), fields.key("cacheIndex")
    found = library.cache(cache, fields)
    if found is not None and all(one.id != index for one in found.indexes):
        fields.notes.wrong(fields.element, f"the document cache '{found.name}' has no index {index}")
    return CacheLookup(
        cache=cache,
        index=index,
        inputs=_pairs(fields, "Input", "index", "keyId"),
        outputs=_pairs(fields, "Output", "index", "key"),
    )


def _table_ports(fields: Fields, tag: str, width: int | None) -> tuple[TablePort, ...]:
    found = tuple(TablePort(key, column - 1) for key, column in _pairs(fields, tag, "index", "refId"))
    if width is not None and not all(0 <= port.column < width for port in found):
        fields.notes.wrong(fields.element, f"the table has columns 1 to {width}")
    return found


def _pairs(fields: Fields, tag: str, first: str, second: str) -> tuple[tuple[int, int], ...]:
    found = []
    for element in fields.children(tag):
        inner = Fields(element, fields.notes)
        inner.text("name")
        found.append((inner.key(first), inner.key(second)))
        inner.done()
    return tuple(found)
