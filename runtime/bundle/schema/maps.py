"""Maps as schemas: one form of a source for each function."""

from __future__ import annotations

from runtime.bundle.schema.words import COMPUTED, Schema, listed, names, ref, table
from runtime.model.maps import FUNCTIONS, FunctionSpec

_PATH = ref("template", "A path of keys in the source (`lines[].sku`), a number, or a text with ${…}.")
_DEFAULT = ref("literal", "What stands there when the source gives nothing.")


def map_schema() -> Schema:
    """Give the schema of a map."""
    return table(
        "Map",
        {
            "description": ref("text"),
            "from": ref("text", "The profile of the source: profiles/<name>.json."),
            "to": ref("text", "The profile of the target."),
            "fields": names(
                "Fields of the target",
                ref("rule"),
                propertyNames={"not": COMPUTED},
                description="By path: `total`, `lines[].sku`.",
            ),
        },
        ("fields",),
        description="How one document becomes another, field by field.",
    )


def map_definitions() -> dict[str, Schema]:
    """Give the definitions of a rule, which may have a default, and of a source within a function."""
    return {
        "rule": {
            "anyOf": [_PATH, table("Always", {"default": _DEFAULT}, ("default",)), *_forms({"default": _DEFAULT})]
        },
        "source": {"anyOf": [_PATH, *_forms({})]},
    }


def _forms(more: dict[str, Schema]) -> list[Schema]:
    return [
        table("A field of the source", {"from": _PATH, **more}, ("from",)),
        table("A text", {"value": ref("template"), **more}, ("value",)),
        *(_call(spec, more) for spec in FUNCTIONS.values()),
    ]


def _call(spec: FunctionSpec, more: dict[str, Schema]) -> Schema:
    inputs = listed(ref("source"), "What the function is given.", minItems=spec.least)
    if spec.most is not None:
        inputs["maxItems"] = spec.most
    options = {option.name: ref("literal", option.summary) for option in spec.options}
    required = [option.name for option in spec.options if option.required]
    properties = {"function": {"const": spec.name}, **more, "of": inputs, **options}
    needed = ("function", *(("of",) if spec.least else ()), *required)
    return table(f"function: {spec.name}", properties, needed, description=spec.summary)
