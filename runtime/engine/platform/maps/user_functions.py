"""User-defined functions: a chain of functions with ports of its own (component XML, 5.2; platform behaviour 93).

Its steps run strictly by their position, even against the wiring: a step that runs before what feeds it has nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from runtime.engine.platform.maps.running import Running, Values
from runtime.engine.platform.maps.work import Compiled, compile_work
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around
from runtime.model.platform_maps import (
    OWN_PORTS,
    FromFunction,
    FunctionInput,
    MapFunction,
    ToFunction,
    UserFunction,
    UserFunctionWork,
)

_Port = tuple[int, int]  # function and output


class _Step(Struct, frozen=True):
    key: int
    inputs: tuple[FunctionInput, ...]
    work: Compiled


def compile_user_function(function: MapFunction, work: UserFunctionWork, around: Around) -> Compiled:
    """Compile the call of a user-defined function.

    Raises:
        Refused: it is not in the bundle, or one of its steps cannot be run.
    """
    found = around.components.functions.get(work.component)
    if found is None:
        raise Refused(f"calls a function '{function.name}' that is not in the bundle")
    try:
        steps = [_Step(step.key, step.inputs, _step_work(step, around)) for step in _in_order(found)]
    except Refused as refused:
        raise Refused(f"calls the function '{found.name}', which {refused}") from refused
    works = [step.work for step in steps]
    return Compiled(
        run=_Chain(found, steps).run,
        per_row=any(one.per_row for one in works),
        collects=any(one.collects for one in works),
        acts=any(one.acts for one in works),
        reads=any(one.reads for one in works),
        content=any(one.content for one in works),
        blocks=any(one.blocks for one in works),
        outside=sum(one.outside for one in works),
        keeps=any(one.keeps for one in works),
        calls=any(one.calls for one in works),
    )


def _in_order(function: UserFunction) -> Sequence[MapFunction]:
    return sorted(function.steps, key=lambda step: step.position)


def _step_work(step: MapFunction, around: Around) -> Compiled:
    if isinstance(step.work, UserFunctionWork):
        raise Refused(f"calls another function, '{step.name}', and the platform has no such calls")
    return compile_work(step, around)


class _Chain:
    def __init__(self, function: UserFunction, steps: Sequence[_Step]) -> None:
        self._steps = steps
        self._feeds: dict[_Port, _Port] = {}
        for link in function.links:
            match link.source, link.target:
                case FromFunction(source, output), ToFunction(target, port):
                    self._feeds[target, port] = (source, output)
                case _:
                    raise Refused(f"has a link in '{function.name}' that is not between functions")
        self._defaults = {port.key: port.default for port in function.inputs}
        self._outputs = [port.key for port in function.outputs]

    def run(self, given: Values, running: Running) -> Values:
        """Run the steps, and give what came to the function's own outputs."""
        known: dict[_Port, str | None] = {
            (OWN_PORTS, port): given.get(port) or default or given.get(port) for port, default in self._defaults.items()
        }
        for step in self._steps:
            inputs = {port.key: self._fed(known, step.key, port) for port in step.inputs}
            for output, value in step.work.run(inputs, running).items():
                known[step.key, output] = value
        return {
            port: known.get(self._feeds[OWN_PORTS, port]) for port in self._outputs if (OWN_PORTS, port) in self._feeds
        }

    def _fed(self, known: dict[_Port, str | None], step: int, port: FunctionInput) -> str | None:
        source = self._feeds.get((step, port.key))
        value = known.get(source) if source is not None else None
        return value or port.default or value
