"""Sources of a rule, compiled: fields, constants, expressions, and functions over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runtime.engine.mapping.functions import Around, compute_with
from runtime.engine.mapping.occurrences import NOTHING, Standing, levels
from runtime.expressions import CompiledTemplate, compile_template
from runtime.model.maps import FUNCTIONS, Call, Field, Path, Source, fields_of
from runtime.model.values import Template

Read = Callable[[Standing], object]


def compile_source(source: Source, around: Around) -> Read:
    """Give a function that reads the source at a standing; it gives NOTHING where there is nothing."""
    match source:
        case Field(path=path):
            return _field(path)
        case Template():
            return ReadTemplate(compile_template(source))
        case Call():
            return _aggregate(source, around) if FUNCTIONS[source.function].aggregate else _call(source, around)


class ReadTemplate:
    """Reads a text with expressions."""

    def __init__(self, template: CompiledTemplate) -> None:
        self.template = template

    def __call__(self, standing: Standing) -> object:
        """Give the value, or the text."""
        return self.template.value(standing.scope)


class ReadField:
    """Reads what is at `keys` below the occurrence of the list path `above`."""

    def __init__(self, above: Path, keys: Path) -> None:
        self.above = above
        self.keys = keys

    def __call__(self, standing: Standing) -> object:
        """Give the field."""
        return standing.value(self.above, self.keys)


class ReadCall:
    """Computes a function of one occurrence; an empty text is nothing."""

    def __init__(self, compute: Callable[[Sequence[object]], object], inputs: tuple[Read, ...]) -> None:
        self.compute = compute
        self.inputs = inputs

    def __call__(self, standing: Standing) -> object:
        """Give the result."""
        result = self.compute([_present(one(standing)) for one in self.inputs])
        return NOTHING if result is None or result == "" else result


def _field(path: Path) -> Read:
    repeating = levels(path)
    above = repeating[-1] if repeating else ()
    return ReadField(above, path[len(above) :])


def _call(call: Call, around: Around) -> Read:
    return ReadCall(compute_with(call, around), tuple(compile_source(one, around) for one in call.inputs))


class ReadAggregate:
    """Computes a function of all occurrences: of each input through the lists that it has beyond the standing's own."""

    def __init__(
        self, compute: Callable[[Sequence[object]], object], inputs: tuple[tuple[Read, tuple[Path, ...]], ...]
    ) -> None:
        self.compute = compute
        self.inputs = inputs

    def __call__(self, standing: Standing) -> object:
        """Give the result."""
        return self.compute([_present(one(each)) for one, lists in self.inputs for each in standing.all(lists)])


def _aggregate(call: Call, around: Around) -> Read:
    inputs = tuple(
        (compile_source(one, around), tuple(path for field in fields_of(one) for path in levels(field)[-1:]))
        for one in call.inputs
    )
    return ReadAggregate(compute_with(call, around), inputs)


def _present(value: object) -> object:
    return None if value is NOTHING else value
