"""The fields of operations and connections that connectors built with the platform's kit have: by id, or as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.components.fields import Fields, fields_in
from runtime.model.parameters import Static

if TYPE_CHECKING:
    from runtime.bundle.components.made import Table
    from runtime.bundle.components.xml import Element
    from runtime.model.parameters import Parameter


def named_fields(fields: Fields) -> dict[str, Fields]:
    """Give the ``field`` elements by their id."""
    found: dict[str, Fields] = {}
    for element in fields.children("field"):
        inner = Fields(element, fields.notes)
        name = inner.required("id")
        if name in found:
            fields.notes.wrong(element, f"the field '{name}' stands here twice")
        found[name] = inner
    return found


def entries_of(field: Fields | None) -> Table:
    """Read a table of names and values; encrypted ones cannot be read."""
    holder = fields_in(field, "customProperties") if field is not None else None
    if field is not None:
        field.text("value")
    if holder is None:
        return ()
    entries = tuple(_entry(element, holder) for element in holder.children("properties"))
    holder.done()
    return entries


def _entry(element: Element, holder: Fields) -> tuple[str, Parameter]:
    fields = Fields(element, holder.notes)
    fields.only("encrypted", "false", why="encrypted values cannot be read outside of the platform")
    entry = (fields.required("key"), Static(fields.text("value")))
    fields.done()
    return entry
