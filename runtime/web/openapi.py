"""The OpenAPI 3.1 document of an API, made from the endpoints that serve it: it cannot say anything else."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING, Any

import msgspec

from runtime.web.admin_answers import ProblemDetails

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runtime.web.api import Endpoint

Json = dict[str, Any]

_PLACE = "#/components/schemas/{name}"


def document(endpoints: Sequence[Endpoint], *, title: str, version: str) -> Json:
    """Describe `endpoints` as plain values that JSON knows."""
    types: tuple[Any, ...] = (*(endpoint.answer for endpoint in endpoints), ProblemDetails)
    answers, components = msgspec.json.schema_components(types, ref_template=_PLACE)
    paths: dict[str, Json] = {}
    for endpoint, answer in zip(endpoints, answers, strict=False):
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, answer, answers[-1])
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {"schemas": {name: _cleaned(schema) for name, schema in components.items()}},
    }


def _cleaned(schema: Json) -> Json:
    description = schema.get("description")  # a docstring, indented as in the source
    return schema if description is None else {**schema, "description": cleandoc(description)}


def _operation(endpoint: Endpoint, answer: Json, refusal: Json) -> Json:
    return {
        "summary": endpoint.summary,
        **_asked_with(endpoint),
        "responses": {
            "200": {"description": "The answer", "content": {endpoint.media: {"schema": answer}}},
            "default": {"description": "Why not", "content": {"application/problem+json": {"schema": refusal}}},
        },
    }


def _asked_with(endpoint: Endpoint) -> Json:
    if endpoint.method == "POST":
        return _ordered_by(endpoint)
    asked: Json = {"parameters": list(_parameters(endpoint))}
    if endpoint.method == "PUT":
        content = {endpoint.takes: {"schema": {"type": "string", "format": "binary"}}}
        asked["requestBody"] = {"required": True, "content": content}
    return asked


def _ordered_by(endpoint: Endpoint) -> Json:
    (place,), components = msgspec.json.schema_components((endpoint.parameters,), ref_template="{name}")
    schema = _cleaned(_inlined(components[place["$ref"]], components))
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _parameters(endpoint: Endpoint) -> Iterator[Json]:
    # Parameters are scalars, so their schemas are written out where they stand: a reference would say less.
    (place,), components = msgspec.json.schema_components((endpoint.parameters,), ref_template="{name}")
    schema = components[place["$ref"]]
    required = schema.get("required", ())
    for name, parameter in schema["properties"].items():
        where = "path" if name in endpoint.in_path else "query"
        yield {"name": name, "in": where, "required": name in required, "schema": _inlined(parameter, components)}


def _inlined(schema: Any, components: Json) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(components[schema["$ref"]], components)
        return {key: _inlined(value, components) for key, value in schema.items()}
    return [_inlined(item, components) for item in schema] if isinstance(schema, list) else schema
