"""The functions of a map as they stand between source and target: ports, links, loops, and what is kept of results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from runtime.engine.platform.maps.plan import FromSource, Source
from runtime.engine.platform.maps.standing import Chain
from runtime.engine.platform.maps.user_functions import compile_user_function
from runtime.engine.platform.maps.work import Compiled, compile_work
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around
from runtime.model.platform_maps import MapFunction, ToFunction, UserFunctionWork


class Input(Struct, frozen=True):
    """An input. Of its sources the last that gives a value counts; `default` stands in for an empty one."""

    port: int
    sources: tuple[Source, ...]
    default: str


class Function(Struct, frozen=True, kw_only=True):
    """A function of a map. `loops` are those that its inputs are read from, with what is around them.

    `driving` are those of them that drive what it is linked to: an aggregate is driven by its Reset Value alone.
    `wired`: something is linked to it, or it to something; without, it never runs.
    """

    key: int
    name: str
    work: Compiled
    inputs: tuple[Input, ...]
    loops: tuple[Chain, ...]
    driving: tuple[Chain, ...]
    cache: Literal["none", "document", "map"]
    wired: bool

    @property
    def gathers(self) -> bool:
        """Whether it takes all occurrences of its inputs, and not one at a time."""
        return self.work.gather is not None


def compile_functions(
    functions: Sequence[MapFunction], links: Sequence[tuple[Source, ToFunction]], used: frozenset[int], around: Around
) -> dict[int, Function]:
    """Compile the functions of a map, each after those that feed it. `used` are those whose outputs are linked.

    Raises:
        Refused: one cannot be run, or feeds itself.
    """
    compiling = _Compiling(functions, links, used, around)
    for function in functions:
        compiling.function(function.key)
    return {function.key: compiling.done[function.key] for function in functions}


class _Compiling:
    def __init__(
        self,
        functions: Sequence[MapFunction],
        links: Sequence[tuple[Source, ToFunction]],
        used: frozenset[int],
        around: Around,
    ) -> None:
        self._functions = {function.key: function for function in functions}
        self._links = links
        self._used = used
        self._around = around
        self._open: set[int] = set()
        self.done: dict[int, Function] = {}

    def function(self, key: int) -> Function:
        if key in self.done:
            return self.done[key]
        if key in self._open:
            raise Refused("has functions that feed one another in a circle")
        if key not in self._functions:
            raise Refused(f"links a function with the key {key}, which it has not")
        self._open.add(key)
        self.done[key] = self._compile(self._functions[key])
        return self.done[key]

    def _compile(self, function: MapFunction) -> Function:
        sources: dict[int, list[Source]] = {}
        for source, target in self._links:
            if target.function == function.key:
                sources.setdefault(target.input, []).append(source)
        inputs = tuple(
            Input(port.key, tuple(sources.get(port.key, ())), port.default)
            for port in sorted(function.inputs, key=lambda port: port.key)
        )
        work = _work(function, self._around)
        loops = self._loops(inputs)
        resets = inputs[1:2] if work.collects and not isinstance(function.work, UserFunctionWork) else inputs
        return Function(
            key=function.key,
            name=function.name,
            work=work,
            inputs=inputs,
            loops=loops,
            driving=self._loops(resets),
            cache="none" if work.per_row or work.collects or work.acts else function.cache,
            wired=bool(sources) or function.key in self._used,
        )

    def _loops(self, inputs: Sequence[Input]) -> tuple[Chain, ...]:
        """Give the loops that inputs are read from, each with what is around it, outermost first."""
        found: dict[Chain, None] = {}
        for one in inputs:
            for source in one.sources:
                ends = (source.chain,) if isinstance(source, FromSource) else self.function(source.function).driving
                for end in ends:
                    found.update(dict.fromkeys(end[:depth] for depth in range(1, len(end) + 1)))
        return tuple(found)


def _work(function: MapFunction, around: Around) -> Compiled:
    if not isinstance(function.work, UserFunctionWork):
        return compile_work(function, around)
    return compile_user_function(function, function.work, around)
