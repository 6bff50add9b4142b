"""The words of which the schemas are made: texts, templates, lengths of time, tables of keys.

YAML reads ``1.10`` and ``true`` as a number and a truth value where a bundle means texts, so a text may be either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from runtime.sdk.units import Duration

Schema = dict[str, Any]

SCALARS = ["string", "number", "boolean"]
_COMPUTED = r"\$\{"  # as a bundle writes the beginning of an expression


def ref(name: str, description: str | None = None) -> Schema:
    """Refer to one of the definitions."""
    return {"$ref": f"#/$defs/{name}", **({"description": description} if description is not None else {})}


def table(title: str, properties: Mapping[str, Schema], required: tuple[str, ...] = (), **more: object) -> Schema:
    """Give the schema of a table in which no other keys may stand."""
    return {
        "title": title,
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def names(title: str, value: Schema, **more: object) -> Schema:
    """Give the schema of a table whose keys are names that the author chooses."""
    return {"title": title, "type": "object", "additionalProperties": value, **more}


def words(literal: object, description: str, **more: object) -> Schema:
    """Give the schema of one of the words of a ``Literal`` type."""
    return {"enum": list(get_args(literal)), "description": description, **more}


def whole(least: int, most: int, description: str) -> Schema:
    """Give the schema of a whole number within bounds."""
    return {"type": "integer", "minimum": least, "maximum": most, "description": description}


def flag(description: str, *, default: bool = False) -> Schema:
    """Give the schema of true or false."""
    return {"type": "boolean", "description": description, "default": default}


def listed(items: Schema, description: str, **more: object) -> Schema:
    """Give the schema of a list."""
    return {"type": "array", "items": items, "description": description, **more}


COMPUTED: Schema = {"type": "string", "pattern": _COMPUTED}

DEFINITIONS: Mapping[str, Schema] = {
    "text": {
        "description": "A text that is written out.",
        "type": SCALARS,
        "pattern": r"\S",
        "not": COMPUTED,
    },
    "literal": {"description": "A text that is written out; it may be empty.", "type": SCALARS, "not": COMPUTED},
    "template": {
        "description": "A text with ${…} in it: each holds one CEL expression over document, properties, process, meta "
        "and execution; $${ writes a literal ${.",
        "type": SCALARS,
    },
    "filled": {
        "description": "A text that the machine completes: ${extension.…}, ${secret.…}, ${env.…}.",
        "type": SCALARS,
    },
    "expression": {
        "description": "One CEL expression: ${…} and nothing around it.",
        "type": "string",
        "pattern": r"^\$\{[\s\S]*\}$",
    },
    "duration": {
        "description": "A number and a unit of time, such as 30 s, 500 ms or 5 min.",
        "type": "string",
        "pattern": get_args(Duration)[1].pattern,
    },
}
