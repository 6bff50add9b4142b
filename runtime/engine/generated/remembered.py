"""What a run of a generated function did, as the driver would write it down: made when that is to become durable.

Most executions end before. The steps of such a run are native ones that give the same whenever they are run, so they
are run again, one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from runtime.engine.batch import Batch, Held, Selected, only
from runtime.engine.context import Context
from runtime.engine.generated.source import Exit
from runtime.engine.outcome import Outcome
from runtime.engine.positions import Position, Scope
from runtime.engine.step import EachStep, Step
from runtime.engine.steps.divide import Divide
from runtime.model.document import Document

Way = tuple[tuple[str, int], ...]
Done = tuple[Position, Batch, Outcome]


class Ways:
    """The positions of the steps on the ways to the exits of a run, and the scopes that the exits are in."""

    def __init__(self, scope: Scope, steps: Mapping[str, Step], exits: Sequence[Exit]) -> None:
        self.positions: dict[Way, Position] = {}
        self._scopes: dict[Way, Scope] = {(): scope}
        self._steps = steps
        self.scopes = [self._scope(one.passed) for one in exits]

    def _scope(self, way: Way) -> Scope:
        """Give the scope behind the last step of a way; each step is entered once, however many exits are behind it."""
        found = self._scopes.get(way)
        if found is not None:
            return found
        *before, (step, path) = way
        above = tuple(before)
        scope = self._scope(above)
        at = self.positions.get((*above, (step, -1)))
        if at is None:
            at = self.positions[*above, (step, -1)] = scope.enter(step)
        made = self._scopes[way] = scope.fork(at, path) if isinstance(self._steps[step], Divide) else scope
        return made


class Remembered:
    """A run of documents through `steps`, from the step `start` on, in a context that is as it was before."""

    def __init__(self, steps: Mapping[str, Step], start: str, documents: Sequence[Document], context: Context) -> None:
        self._steps = steps
        self._start = start
        self._documents = documents
        self._context = context

    def done(self, ways: Ways) -> Iterator[Done]:
        """Give what each step did, in the order in which the driver had gone."""
        return self._done(self._start, self._documents, (), ways)

    def _done(self, identity: str, documents: Sequence[Document], way: Way, ways: Ways) -> Iterator[Done]:
        at = ways.positions.get((*way, (identity, -1)))
        if at is None:
            return
        step, batch, context = self._steps[identity], Held(tuple(documents)), self._context
        if isinstance(step, EachStep):
            made = [step.each(document, context) for document in documents]
            yield at, batch, Outcome(outputs=(Held(tuple(made)),), changes=context.take_changes())
            paths = [made]
        elif isinstance(step, Divide):
            numbers = [step.path(document, context) for document in documents]
            positions = [[at for at, one in enumerate(numbers) if one == path] for path, _ in enumerate(step.targets)]
            paths = [[documents[position] for position in those] for those in positions]
            outputs = tuple(batch if len(those) == len(batch) else Selected(batch, only(those)) for those in positions)
            yield at, batch, Outcome(outputs=outputs)
        else:
            return
        for path, (target, those) in enumerate(zip(step.targets, paths, strict=True)):
            if target is not None and those:
                yield from self._done(target, those, (*way, (identity, path)), ways)
