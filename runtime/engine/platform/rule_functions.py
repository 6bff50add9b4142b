"""Map functions that compute the inputs of Business Rules (component XML, section 2.19)."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.engine.platform.instances import Row
from runtime.engine.platform.maps.running import Running, Values
from runtime.engine.platform.maps.user_functions import compile_user_function
from runtime.engine.platform.maps.work import Compiled, compile_work
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around
from runtime.errors import DocumentFault
from runtime.model.business_rules import BusinessRule, FunctionInput
from runtime.model.platform_maps import UserFunctionWork


class RuleFunctions:
    """The functions of one rule, by the id of their input. An input of a function that is empty has its default."""

    def __init__(self, rule: BusinessRule, around: Around) -> None:
        """Compile them.

        Raises:
            Refused: one cannot be run, or is made for the rows of a map.
        """
        self._functions = [one for one in rule.inputs if isinstance(one, FunctionInput)]
        self._works = {one.id: _compiled(one, rule, around) for one in self._functions}
        self.elements = [element for one in self._functions for _, element in one.elements]
        self.works: tuple[Compiled, ...] = tuple(self._works.values())
        self.outputs: Mapping[int, frozenset[int]] = {
            one.id: frozenset(output.key for output in one.function.outputs) for one in self._functions
        }

    def computed(self, row: Row, running: Running) -> dict[int, Values]:
        """Give what each function gives for an instance.

        Raises:
            DocumentFault: one cannot be computed; the fault names it.
        """
        return {one.id: self._run(one, row, running) for one in self._functions}

    def _run(self, one: FunctionInput, row: Row, running: Running) -> Values:
        elements = dict(one.elements)
        given = {
            port.key: (row.get(elements[port.key]) if port.key in elements else None) or port.default or None
            for port in one.function.inputs
        }
        try:
            return self._works[one.id].run(given, running)
        except DocumentFault as fault:
            name = one.function.name or one.alias or one.function.key
            raise DocumentFault(fault.code, f"[Function: {name}]: {fault.message}", hint=fault.hint) from fault


def _compiled(one: FunctionInput, rule: BusinessRule, around: Around) -> Compiled:
    function = one.function
    try:
        if isinstance(function.work, UserFunctionWork):
            work = compile_user_function(function, function.work, around)
        else:
            work = compile_work(function, around)
    except (Refused, DocumentFault) as refused:
        raise Refused(f"the rule '{rule.name}' {refused}") from refused
    if work.collects or work.gather is not None:
        raise Refused(f"the rule '{rule.name}' uses a function '{function.name}', which counts the rows of a map")
    return work
