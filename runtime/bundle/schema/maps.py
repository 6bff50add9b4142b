"""Maps as schemas: one form of a source for each function."""

from __future__ import annotations

from runtime.bundle.schema.words import COMPUTED, Schema, listed, names, ref, table, words
from runtime.model.maps import FUNCTIONS, FunctionSpec
from runtime.model.platform_maps import FunctionCache

_PATH = ref("template", "A path of keys in the source (`lines[].sku`), a number, or a text with ${…}.")
_DEFAULT = ref("literal", "What stands there when the source gives nothing.")


def map_schema() -> Schema:
    """Give the schema of a map."""
    return table(
        "Map",
        {
            "description": ref("text"),
            "from": ref("text", "The profile of the source: profiles/<name>.json or .yaml."),
            "to": ref("text", "The profile of the target."),
            "functions": names("Functions of its own", _own(), description="Chains of steps that fields may call."),
            "joins": names("Joins", _join(), description="Cached documents as a part of the source: `name.field`."),
            "jsonata": ref("text", "The whole map as one expression of JSONata, in place of fields."),
            "fields": names(
                "Fields of the target",
                ref("rule"),
                propertyNames={"not": COMPUTED},
                description="By path: `total`, `lines[].sku`, `lines[1].sku`, `lines[kind=A].sku`, `Line[].@sku`.",
            ),
        },
        description="How one document becomes another: field by field, or by one expression.",
        oneOf=[{"required": ["fields"]}, {"required": ["jsonata"]}],
    )


def _own() -> Schema:
    return table(
        "Function",
        {
            "inputs": listed(ref("text"), "Names of what it is given."),
            "steps": names("Steps", ref("source"), description="In order, each by a name; inputs and steps are paths."),
            "gives": ref("text", "The step whose value it gives; the last unless named."),
            "cache": words(
                FunctionCache, "What results are kept for: equal inputs are not computed twice.", default="none"
            ),
        },
        ("inputs", "steps"),
    )


def _join() -> Schema:
    return table(
        "Join",
        {
            "cache": ref("text", "A cache of bundle.yaml."),
            "profile": ref("text", "The profile of the cached documents."),
            "index": ref("text", "The index that finds them."),
            "below": ref("text", "The element of the source that they stand below; the document itself unless named."),
            "keys": listed(ref("text"), "The element of the source for each key of the index."),
        },
        ("cache", "profile", "index", "keys"),
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
        _own_call(more),
    ]


def _own_call(more: dict[str, Schema]) -> Schema:
    named = {**ref("text"), "not": {"enum": list(FUNCTIONS)}}
    properties = {"function": named, **more, "of": listed(ref("source"), "What the function is given.")}
    return _if_called(named, table("A function of the map", properties, ("function",)))


def _if_called(name: Schema, form: Schema) -> Schema:
    """Give a form for its own function alone: else each source would be tried by all forms, level by level."""
    about: Schema = {key: form[key] for key in form if key in {"title", "description"}}
    return {**about, "if": {"properties": {"function": name}, "required": ["function"]}, "then": form, "else": False}


def _call(spec: FunctionSpec, more: dict[str, Schema]) -> Schema:
    inputs = listed(ref("source"), "What the function is given.", minItems=spec.least)
    if spec.most is not None:
        inputs["maxItems"] = spec.most
    options = {option.name: ref("literal", option.summary) for option in spec.options}
    required = [option.name for option in spec.options if option.required]
    properties = {"function": {"const": spec.name}, **more, "of": inputs, **options}
    needed = ("function", *(("of",) if spec.least else ()), *required)
    form = table(f"function: {spec.name}", properties, needed, description=spec.summary)
    return _if_called({"const": spec.name}, form)
