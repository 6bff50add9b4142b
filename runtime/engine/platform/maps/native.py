"""What only native maps say: functions by their own names, and texts with expressions in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runtime.clock import SystemClock
from runtime.engine.mapping.dates import current_date
from runtime.engine.mapping.functions import Around as Tables
from runtime.engine.mapping.functions import compute_with
from runtime.engine.platform.maps.running import Running, Values
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around
from runtime.errors import DocumentFault
from runtime.expressions import compile_template, names_read, text_of
from runtime.model.maps import FUNCTIONS, Call
from runtime.model.platform_maps import CalledFunction, ComputedWork, MapFunction
from runtime.model.values import Expression, Template

Run = Callable[[Values, Running], Values]
Gather = Callable[[Sequence["str | None"], Running], Values]

_NOW = "current date"


def called(function: MapFunction, work: CalledFunction, around: Around) -> Run:
    """Give what a function does with the values of its ports, in their order.

    Raises:
        Refused: it cannot be run.
    """
    ports = sorted(port.key for port in function.inputs)
    outputs = [output.key for output in function.outputs]
    if work.function == _NOW:  # a map that is run again finds the time that it had
        return lambda _given, running: dict.fromkeys(outputs, text_of(current_date(work.options, running.clock)([])))
    compute = _compute(work, len(ports), around)

    def run(given: Values, _running: Running) -> Values:
        made = compute([given.get(port) for port in ports])
        return dict.fromkeys(outputs, None if made is None else text_of(made))

    return run


def gathered(function: MapFunction, work: CalledFunction, around: Around) -> Gather:
    """Give what a function does with all values of all occurrences; raises as `called`."""
    outputs = [output.key for output in function.outputs]
    compute = _compute(work, len(function.inputs), around)

    def gather(values: Sequence[str | None], _running: Running) -> Values:
        made = compute(list(values))
        return dict.fromkeys(outputs, None if made is None else text_of(made))

    return gather


def gathers(work: object) -> bool:
    """Whether a function takes all occurrences of its inputs, and not one at a time."""
    return isinstance(work, CalledFunction) and FUNCTIONS[work.function].aggregate


def _compute(work: CalledFunction, inputs: int, around: Around) -> Callable[[Sequence[object]], object]:
    call = Call(work.function, tuple(Template(()) for _ in range(inputs)), work.options)
    try:
        return compute_with(call, Tables(SystemClock(), around.tables))
    except DocumentFault as fault:
        raise Refused(f"calls '{work.function}': {fault.message}") from fault


def computed(function: MapFunction, work: ComputedWork) -> Run:
    """Give what computes a text."""
    template = compile_template(work.template)
    outputs = [output.key for output in function.outputs]

    def run(_given: Values, running: Running) -> Values:
        made = template.value(running.scope)
        return dict.fromkeys(outputs, None if made is None else text_of(made))

    return run


def reads_content(work: ComputedWork) -> bool:
    """Whether an expression of a text reads the document."""
    sources = [part.source for part in work.template.parts if isinstance(part, Expression)]
    return any(path[0] == "document" for source in sources for path in names_read(source))
