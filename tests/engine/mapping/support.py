"""What the tests of maps share."""

from __future__ import annotations

import json
from decimal import Decimal

from runtime.engine.mapping import CompiledMap, compile_map
from runtime.errors import Place
from runtime.expressions import Scope
from runtime.model.document import Document
from runtime.model.maps import Call, Field, Map, Rule, Source
from runtime.model.values import Expression, Template

AT = Place(file="maps/order.yaml", line=4)
NOON = 1_700_049_600.25  # 2023-11-15 12:00:00.250 UTC


class Noon:
    """A clock that stands still."""

    def now(self) -> float:
        """Give NOON."""
        return NOON


def path(text: str) -> tuple[str, ...]:
    """Give the keys of a path as it is written."""
    return tuple(text.split("."))


def call(function: str, *inputs: str | Source, **options: str) -> Call:
    """Give a call; a text among the inputs is a path, ``_`` in the name of an option a blank."""
    sources = tuple(Field(path(one)) if isinstance(one, str) else one for one in inputs)
    return Call(function, sources, {name.replace("_", " "): value for name, value in options.items()})


def constant(text: str) -> Template:
    """Give a constant text."""
    return Template((text,))


def computed(source: str) -> Template:
    """Give one expression."""
    return Template((Expression(source, AT),))


def a_map(rules: dict[str, str | Source], defaults: dict[str, str] | None = None) -> Map:
    """Give a map named `m`: target paths with their sources, a text being a path."""
    defaults = defaults or {}
    made = [
        Rule(
            target=path(target),
            source=Field(path(source)) if isinstance(source, str) else source,
            default=defaults.get(target),
            place=AT,
        )
        for target, source in rules.items()
    ]
    alone = [
        Rule(target=path(target), default=text, place=AT) for target, text in defaults.items() if target not in rules
    ]
    return Map(name="m", rules=(*made, *alone))


def run(compiled: CompiledMap, content: bytes, properties: dict[str, str] | None = None) -> str:
    """Apply a map to one document."""
    return compiled.apply(content, Scope(Document(b"", content, properties or {}), {}, {})).decode()


def mapped(rules: dict[str, str | Source], content: object, defaults: dict[str, str] | None = None) -> object:
    """Compile a map, apply it to a value, and give the value that came out, decimals exact."""
    text = run(compile_map(a_map(rules, defaults), clock=Noon()), json.dumps(content).encode())
    return json.loads(text, parse_float=Decimal)


def compute(call: Call, **fields: object) -> object:
    """Give the result of one function over the members of an object; None when it leaves its target out."""
    result = mapped({"r": call, "always": constant("x")}, fields)
    assert isinstance(result, dict)
    return result.get("r")
