"""Sources of a map as links between elements and functions, which is what the engine of profiles runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.model.maps import FUNCTIONS, Call, Field
from runtime.model.platform_maps import (
    BuiltIn,
    CalledFunction,
    ComputedWork,
    ElementDefault,
    FromElement,
    FromFunction,
    FunctionCache,
    FunctionInput,
    FunctionOutput,
    Link,
    MapFunction,
    ToElement,
    ToFunction,
    UserFunctionWork,
)
from runtime.model.values import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.model.maps import Source
    from runtime.model.platform_maps import Work

OUTPUT = 1  # the key of the one output that a function of a native map has

# What the platform calls the options of those functions that are its own.
_OPTIONS = {"counter": "keyname", "length": "keyfixtolength", "batch": "batchSize"}


class Links:
    """Links and functions of one map, or of one function, while they are made.

    `known` gives where each path comes from, `own` the id and the cache of functions that the map has itself.
    """

    def __init__(
        self, known: Mapping[str, FromElement | FromFunction], own: Mapping[str, tuple[str, FunctionCache]]
    ) -> None:
        self.links: list[Link] = []
        self.functions: list[MapFunction] = []
        self.defaults: list[ElementDefault] = []
        self._known = known
        self._own = own

    def fill(self, target: tuple[int, int], source: Source | None, default: str | None) -> None:
        """Fill an element of the target: a text that is written out is the element's default, as nothing is linked."""
        element, instance = target
        text = _text(source)
        if text is not None:
            self.defaults.append(ElementDefault(element, text or (default or ""), instance))
            return
        if source is not None:
            made = self._made(source)
            if made is not None:
                self.links.append(Link(made, ToElement(element, instance)))
        if default is not None:
            self.defaults.append(ElementDefault(element, default, instance))

    def output(self, source: Source) -> FromFunction:
        """Give the output that gives what a source of a function says."""
        made = self._made(source)
        if isinstance(made, FromFunction):
            return made
        return self._function(ComputedWork(source if isinstance(source, Template) else Template(())), (), "none")

    def _made(self, source: Source) -> FromElement | FromFunction | None:
        match source:
            case Field(path=(path,)):
                return self._known.get(path)
            case Template():
                return None if _text(source) is not None else self._function(ComputedWork(source), (), "none")
            case Call():
                return self._call(source)
            case _:
                return None

    def _call(self, call: Call) -> FromFunction:
        if call.function in self._own:
            component, cache = self._own[call.function]
            return self._function(UserFunctionWork(component=component), call.inputs, cache, name=call.function)
        spec = FUNCTIONS[call.function]
        work: Work = CalledFunction(function=call.function, options=call.options)
        if spec.counts is not None:
            options = {_OPTIONS.get(name, name): text for name, text in call.options.items()}
            work = BuiltIn(function=spec.counts, options=options)
        return self._function(work, call.inputs, "none", name=call.function, sums=spec.aggregate)

    def _function(
        self, work: Work, inputs: tuple[Source, ...], cache: FunctionCache, *, name: str = "", sums: bool = False
    ) -> FromFunction:
        """Add a function behind those that feed it."""
        made = [_text(source) or self._made(source) for source in inputs]
        key = len(self.functions) + 1
        ports = tuple(
            FunctionInput(key=port, default=one if isinstance(one, str) else "") for port, one in enumerate(made, 1)
        )
        for port, one in enumerate(made, 1):
            if one is not None and not isinstance(one, str):
                self.links.append(Link(one, ToFunction(key, port)))
        self.functions.append(
            MapFunction(
                key=key,
                name=name,
                work=work,
                position=key,
                inputs=ports,
                outputs=(FunctionOutput(key=OUTPUT),),
                cache=cache,
                sums=sums,
            )
        )
        return FromFunction(key, OUTPUT)


def _text(source: Source | None) -> str | None:
    """Give the text of a source that is written out."""
    return source.literal if isinstance(source, Template) else None
