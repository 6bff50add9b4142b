"""Sources of a rule, compiled: fields, constants, expressions, and functions over them."""

from __future__ import annotations

from collections.abc import Callable

from runtime.engine.mapping.functions import Around, compute_with
from runtime.engine.mapping.occurrences import NOTHING, Standing, levels
from runtime.expressions import compile_template
from runtime.model.maps import FUNCTIONS, Call, Field, Path, Source, fields_of
from runtime.model.values import Template

Read = Callable[[Standing], object]


def compile_source(source: Source, around: Around) -> Read:
    """Give a function that reads the source at a standing; it gives NOTHING where there is nothing."""
    match source:
        case Field(path=path):
            return _field(path)
        case Template():
            template = compile_template(source)
            return lambda standing: template.value(standing.scope)
        case Call():
            return _aggregate(source, around) if FUNCTIONS[source.function].aggregate else _call(source, around)


def _field(path: Path) -> Read:
    repeating = levels(path)
    above = repeating[-1] if repeating else ()
    keys = path[len(above) :]
    return lambda standing: standing.value(above, keys)


def _call(call: Call, around: Around) -> Read:
    compute = compute_with(call, around)
    inputs = tuple(compile_source(one, around) for one in call.inputs)

    def read(standing: Standing) -> object:
        result = compute([_present(one(standing)) for one in inputs])
        return NOTHING if result is None or result == "" else result

    return read


def _aggregate(call: Call, around: Around) -> Read:
    compute = compute_with(call, around)
    inputs = tuple(
        (compile_source(one, around), tuple(path for field in fields_of(one) for path in levels(field)[-1:]))
        for one in call.inputs
    )

    def read(standing: Standing) -> object:
        return compute([_present(one(each)) for one, lists in inputs for each in standing.all(lists)])

    return read


def _present(value: object) -> object:
    return None if value is NOTHING else value
