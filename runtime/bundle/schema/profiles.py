"""Profiles of documents that are no JSON as schemas: one form for each format."""

from __future__ import annotations

from runtime.bundle.formats import ELEMENT
from runtime.bundle.schema.words import Schema, flag, names, ref, table

_WORDS = (
    "text, number, date or boolean; `required`; how many characters, 1..10; the mask of a number or date (in quotes)."
)


def profile_schema() -> Schema:
    """Give the schema of a profile."""
    return {
        "title": "Profile",
        "description": "How a document that is no JSON is written.",
        "anyOf": [_delimited(), _positional(), _xml(), _database()],
    }


def profile_definitions() -> dict[str, Schema]:
    """Give the definitions of what an element is."""
    pattern = ELEMENT.replace("?P<", "?<")
    return {
        "said": {"type": "string", "pattern": f"^\\s*{pattern}\\s*$", "description": _WORDS},
        "element": {
            "anyOf": [
                ref("said"),
                names(
                    "Elements", ref("element"), description="Elements below, `@name` an attribute, `.` its own text."
                ),
            ]
        },
    }


def _records(what: str) -> Schema:
    return names("Records", names("Columns", ref("said", _WORDS)), description=what)


def _head(format_: str, **more: Schema) -> dict[str, Schema]:
    return {"format": {"const": format_}, "description": ref("text"), **more}


def _lines() -> dict[str, Schema]:
    return {
        "headers": flag("Whether the first line names the columns."),
        "records": _records("Each kind of line with its columns, in their order."),
        "told by": names("Told by", ref("text"), description="`column=value` for each kind of several."),
    }


def _delimited() -> Schema:
    more = {
        "delimiter": ref("literal", "What stands between two columns: a comma unless given."),
        "quote": ref("literal", "What stands around texts; a double quote unless given."),
        **_lines(),
    }
    return table("Delimited", _head("delimited", **more), ("format", "records"))


def _positional() -> Schema:
    more = {
        "fill": ref("literal", "The character that fills columns up; a blank unless given."),
        "line ends": flag("Whether each record is a line.", default=True),
        **_lines(),
    }
    return table("Positional", _head("positional", **more), ("format", "records"))


def _xml() -> Schema:
    more = {
        "namespaces": names("Namespaces", ref("text"), description="URIs by the prefix that elements have here."),
        "elements": names("Root", ref("element"), minProperties=1, maxProperties=1, description="The root."),
    }
    return table("XML", _head("xml", **more), ("format", "elements"))


def _database() -> Schema:
    return table("Database", _head("database", rows=_records("Each kind of row with its columns.")), ("format", "rows"))
