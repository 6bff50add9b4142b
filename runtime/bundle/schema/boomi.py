"""The schemas of `format: boomi`: which keys stand around a step; what stands in it, the reader says by the model."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.bundle.boomi.exported import PROFILES
from runtime.bundle.boomi.forms import ARMS, FORMS, key_of, message_field, struct_type
from runtime.bundle.boomi.natives import CONNECTION_FIELDS
from runtime.bundle.outline_around import BOOMI
from runtime.bundle.schema.words import SCALARS, Schema, listed, names, ref, table
from runtime.model.components import ProcessComponent

# What any step may say around its own keys.
AROUND: Mapping[str, Schema] = {
    "id": {
        "description": "What the step is called in its process where its label is not enough; `go to` may name it.",
        "type": ["string", "number"],
    },
    "canvas": {
        "description": "Where the platform's editor drew it: x and y.",
        "type": "array",
        "items": {"type": "number"},
        "minItems": 2,
        "maxItems": 2,
    },
    "notes": listed({"type": SCALARS}, "What people wrote beside it, as it is."),
}
_STEPS = ref("steps")
_RETURNS = names("Return paths", _STEPS, description="The steps for what the called process returns, by its shape.")
_PATHS: Mapping[str, Mapping[str, Schema]] = {
    "process call": {"returns": _RETURNS},
    "process route": {"returns": _RETURNS},
    "route": {
        "cases": listed(
            {"type": "object", "properties": {"steps": _STEPS}, "required": ["key", "operator", "value", "steps"]},
            "The paths, the first that matches taken.",
        ),
    },
}


def boomi_steps(label: Schema) -> list[Schema]:
    """Give the form of each kind of step that the platform has, too."""
    return [_step(kind, cls, label) for kind, cls in FORMS.items()]


def _step(kind: str, cls: type, label: Schema) -> Schema:
    needed = [key_of(field.name) for field in struct_type(cls).fields if field.required]
    field = message_field(cls)
    inner: Schema = {
        "type": "object",
        "description": "As the platform has it; " + (f"`{field}` is in its message format." if field else "by id."),
        "required": [key for key in needed if key not in {"id", "cases"}],
    }
    properties = {kind: inner, "format": {"const": BOOMI}, "label": label, **AROUND, **_PATHS.get(kind, {})}
    properties |= dict.fromkeys(ARMS.get(kind, ()), _STEPS)
    return table(f"{kind}, as the platform has it", properties, (kind, "format"))


def export_schema() -> Schema:
    """Give the schema of what a process says of the component that it is."""
    fields: dict[str, Schema] = {key_of(field.name): {} for field in struct_type(ProcessComponent).fields}
    start = table("Start shape", {"label": {"type": SCALARS}, **AROUND})
    profiles = table("Web profiles", {"request": ref("text"), "response": ref("text")})
    given = names("Connections", listed(ref("text"), "Fields."), description="Fields that each machine gives, by id.")
    return table(
        "Export",
        {
            **fields,
            "id": ref("text", "The component that the process is."),
            "start": start,
            PROFILES: profiles,
            CONNECTION_FIELDS: given,
        },
        ("id",),
        description="Which component of the platform the process is, and what that says.",
    )
