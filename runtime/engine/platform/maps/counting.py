"""Functions that keep something from one row to the next (component XML, 5.1; platform behaviour 91).

What they keep lives as long as the document that is mapped; a Sequential Value outlives the execution.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from runtime.engine.mapping.inputs import EXACT, number_in
from runtime.engine.mapping.numbers import within_limits
from runtime.engine.platform.maps.builtins import Inputs
from runtime.engine.platform.maps.outside import NextNumber
from runtime.engine.platform.maps.running import Running
from runtime.expressions.text import text_of


class _Total:
    def __init__(self) -> None:
        self.number = Decimal(0)


class _Line:
    def __init__(self) -> None:
        self.number = 0
        self.reset: str | None = None


class _Groups:
    def __init__(self) -> None:
        self.totals: defaultdict[str, Decimal] = defaultdict(Decimal)


def _number(text: str | None) -> Decimal | None:
    return number_in(text) if text is not None and text.strip() else None


def _sum(total: Decimal, number: Decimal) -> Decimal:
    added = within_limits(lambda numbers: EXACT.add(numbers[0], numbers[1]), [total, number])
    return added if isinstance(added, Decimal) else total


class RunningTotal:
    """``Sum``: the total of all values so far, with every row."""

    def __call__(self, inputs: Inputs, running: Running) -> str | None:
        """Add the row's value and give the total."""
        state, number = running.state(self, _Total), _number(inputs[0] if inputs else None)
        state.number = _sum(state.number, number or Decimal(0))
        return text_of(state.number)


class LineItemIncrement:
    """``LineItemIncrement``: 1, 2, 3 …; from 1 again where the Reset Value is another than in the row before."""

    def __call__(self, inputs: Inputs, running: Running) -> str | None:
        """Count the row."""
        state, reset = running.state(self, _Line), _reset(inputs)
        state.number = state.number + 1 if state.reset in {None, reset} else 1
        state.reset = reset
        return str(state.number)


class Aggregate:
    """``Sum2`` and ``Count``: one value for each Reset Value, of all rows, whatever their order.

    While rows are collected it gives nothing; then it gives the total of the row's group.
    """

    def __init__(self, *, counts: bool) -> None:
        self._counts = counts

    def __call__(self, inputs: Inputs, running: Running) -> str | None:
        """Take a row in, or give its group's total."""
        groups = running.state(self, _Groups, collected=True)
        if running.collecting:
            value = Decimal(1) if self._counts else _number(inputs[0] if inputs else None)
            groups.totals[_reset(inputs)] = _sum(groups.totals[_reset(inputs)], value or Decimal(0))
            return None
        total = groups.totals.get(_reset(inputs))
        return None if total is None else text_of(total)


class SequentialValue:
    """``SequentialValue``: the next number of a persistent counter; `length` pads it, and cuts what is longer."""

    def __init__(self, counter: str, length: int, batch: int) -> None:
        self._request = NextNumber(counter, max(batch, 1))
        self._length = length

    def __call__(self, _inputs: Inputs, running: Running) -> str | None:
        """Take a number."""
        counter = self._request.counter
        number = str(running.outside.number(self._request, running.numbers[counter]))
        running.numbers[counter] += 1
        return number.zfill(self._length)[-self._length :] if self._length else number


def _reset(inputs: Inputs) -> str:
    return (inputs[1] if len(inputs) > 1 else None) or ""
