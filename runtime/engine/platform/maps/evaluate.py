"""One document through a map: the rows of each document that it gives (platform behaviours 81-87, 91).

A document is given where anything is in it, however empty a text; without, the map has produced nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from runtime.engine.formats import Row
from runtime.engine.platform.maps.functions import Function, Input
from runtime.engine.platform.maps.plan import FromSource, Leaf, Plan, Source
from runtime.engine.platform.maps.running import Results, Running, Values
from runtime.engine.platform.maps.standing import Chain, Joined, Loop, Sources, Standing
from runtime.errors import DocumentFault


class Made(Struct, frozen=True):
    """One document of a map: its rows, and the properties that its functions gave it."""

    row: Row
    properties: dict[str, str]
    meta: dict[str, str]


class Program(Struct, frozen=True, kw_only=True):
    """A map as it is evaluated. `linked` are the elements of each loop that anything is linked to."""

    plan: Plan
    functions: Mapping[int, Function]
    sources: Sources
    linked: Mapping[Loop, frozenset[int]]
    ordered: bool


class Evaluation:
    """A program over one document."""

    def __init__(self, program: Program, source: Row, running: Running, joined: Joined) -> None:
        self._program = program
        self._running = running
        self._joined = joined
        self._top = Standing(source, {})
        self._rows_begun = 0
        self._row = 0  # the number of the target's row that is being made
        self._collected: set[int] = set()
        self._known: dict[tuple[int, object], Values] = {}

    def documents(self) -> list[Made]:
        """Give the documents that the map makes, none where it produces nothing.

        Raises:
            DocumentFault: a function cannot be computed; the fault names the element or function.
        """
        program, running = self._program, self._running
        made: list[Made] = []
        kept: list[tuple[Row, tuple[object, ...]]] = []
        for standing in self._combinations(program.plan.drivers, self._top):
            running.begin_document()
            self._known.clear()
            self._act(standing)
            row = self._fill(program.plan, standing)
            if _is_filled(row):
                made.append(Made(row, running.properties, running.meta))
                kept.append((row, self._resets(program.plan, standing)))
        return _grouped(made, kept, program.plan) if self._aggregates(program.plan) else made

    def _combinations(self, chains: Sequence[Chain], standing: Standing) -> Iterator[Standing]:
        return self._program.sources.combinations(chains, standing, self._joined)

    # --- rows of the target ---

    def _fill(self, plan: Plan, standing: Standing) -> Row:
        """Make the row of a plan, with all that is within."""
        row, number = Row(), self._rows_begun
        self._rows_begun += 1
        for leaf in plan.leaves.values():
            self._row = number
            text = self._leaf(leaf, standing)
            if text is not None:
                row.values[leaf.key] = text
        for loop, within in plan.within.items():
            rows = self._rows(within, standing)
            if rows:
                row.rows.setdefault(loop.key, []).extend(rows)
        if not _is_filled(row):
            return row
        for leaf in plan.leaves.values():
            if leaf.constant is not None:
                row.values.setdefault(leaf.key, leaf.constant)
        return row

    def _rows(self, plan: Plan, standing: Standing) -> list[Row]:
        """Make the rows of what repeats; where all that drives it is empty, at most one of what stands around that."""
        rows: list[Row] = []
        for each in self._combinations(plan.drivers, standing):
            driven = not plan.drivers or any(each.row(chain) is not None for chain in plan.drivers)
            if not driven and not self._carries(plan, each):
                continue
            row = self._fill(plan, each)
            if _is_filled(row):
                rows.append(row)
        return _merged(rows, plan) if plan.unique else rows

    def _carries(self, plan: Plan, standing: Standing) -> bool:
        """Whether a value of the source comes to a row that nothing drives: it is not lost by that (behaviour 82)."""
        return any(self._is_of_source(source, standing) for leaf in plan.leaves.values() for source in leaf.sources)

    def _is_of_source(self, source: Source, standing: Standing) -> bool:
        if isinstance(source, FromSource):
            return bool(self._read(source, standing))
        function = self._program.functions[source.function]
        if function.work.per_row or function.work.acts:
            return False  # asking is counting
        inputs = (inner for one in function.inputs for inner in one.sources)
        return any(self._is_of_source(inner, standing) for inner in inputs) and bool(self._read(source, standing))

    def _leaf(self, leaf: Leaf, standing: Standing) -> str | None:
        try:
            text = self._value(leaf.sources, standing)
        except DocumentFault as fault:
            raise DocumentFault(fault.code, f"'{leaf.name}': {fault.message}", hint=fault.hint) from fault
        return leaf.default if leaf.default is not None and not text else text

    def _value(self, sources: Sequence[Source], standing: Standing) -> str | None:
        """Give the last value that there is; an empty text is one only where nothing else is."""
        found: str | None = None
        for source in sources:
            text = self._read(source, standing)
            if text is not None and (text or found is None):
                found = text
        return found

    def _read(self, source: Source, standing: Standing) -> str | None:
        if not isinstance(source, FromSource):
            # an empty result leaves its target out (behaviour 86)
            return self._results(self._program.functions[source.function], standing).get(source.output) or None
        row = standing.row(source.chain)
        if row is None:
            return None
        return row.first(source.key) if source.join else row.values.get(source.key)

    # --- functions ---

    def _act(self, standing: Standing) -> None:
        """Run what changes properties; where functions are ordered, also what reads them, in that order."""
        for function in self._program.functions.values():
            work = function.work
            if not function.wired or work.per_row or not (work.acts or (self._program.ordered and work.reads)):
                continue
            free = [chain for chain in function.loops if not standing.bound(chain[-1])]
            for each in self._combinations(free, standing):
                if not free or any(each.row(chain) is not None for chain in free):
                    self._results(function, each)

    def _results(self, function: Function, standing: Standing) -> Values:
        if function.work.collects:
            self._collect(function)
        key = (function.key, self._row if function.work.per_row else _standing_of(function, standing))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._run(function, standing)
        return known

    def _run(self, function: Function, standing: Standing) -> Values:
        if function.work.gather is not None:
            values = self._gathered(function, standing)
            return self._named(function, lambda: function.work.gather(values, self._running))  # type: ignore[misc]
        given = {one.port: self._input(one, standing) for one in function.inputs}
        if function.work.acts and not self._reaches(function, given):
            return {}
        results, key = self._kept(function), (function.key, tuple(given.items()))
        known = None if results is None else results.get(key)
        if known is not None:
            return known
        made = self._compute(function, given)
        if results is not None:
            results.keep(key, made)
        return made

    def _gathered(self, function: Function, standing: Standing) -> list[str | None]:
        """Give all values of a function's inputs, through the loops that are within what is meant now."""
        values: list[str | None] = []
        for one in function.inputs:
            if not one.sources:
                values.append(one.default)
                continue
            chains = [chain for chain in self._chains_of(one.sources) if not standing.bound(chain[-1])]
            values += [self._input(one, each) for each in self._combinations(chains, standing)]
        return values

    def _chains_of(self, sources: Sequence[Source]) -> list[Chain]:
        """Give the loops that sources are read from, the outermost first."""
        found: dict[Chain, None] = {}
        for source in sources:
            ends = [source.chain] if isinstance(source, FromSource) else self._program.functions[source.function].loops
            for end in ends:
                found.update(dict.fromkeys(end[:depth] for depth in range(1, len(end) + 1)))
        return sorted(found, key=self._program.sources.order)

    def _compute(self, function: Function, given: Values) -> Values:
        return self._named(function, lambda: function.work.run(given, self._running))

    def _named(self, function: Function, compute: Callable[[], Values]) -> Values:
        """Compute a function; what it refuses is said of it."""
        try:
            return compute()
        except DocumentFault as fault:
            message = f"[Function: {function.name or function.key}]: {fault.message}"
            raise DocumentFault(fault.code, message, hint=fault.hint) from fault

    def _reaches(self, function: Function, given: Values) -> bool:
        """Whether anything came to a function that sets a property: what is missing in the source sets nothing."""
        linked = [one for one in function.inputs if one.sources]
        return not linked or any(given[one.port] is not None for one in linked)

    def _kept(self, function: Function) -> Results | None:
        """Give where results are kept for equal inputs, None where they are not."""
        match function.cache:
            case "map":
                return self._running.memory.results
            case "document":
                return self._running.results
            case _:
                return None

    def _input(self, one: Input, standing: Standing) -> str | None:
        text = self._value(one.sources, standing)
        return text or one.default or text

    def _collect(self, function: Function) -> None:
        """Show a function all its rows before it is asked for the first: those that anything mapped stands in.

        Nothing but what it collects is left of that: the rows themselves are still to come.
        """
        if function.key in self._collected:
            return
        self._collected.add(function.key)
        known, row, self._known = self._known, self._row, {}
        with self._running.rehearsal():
            for number, standing in enumerate(self._combinations(function.loops, self._top)):
                if all(self._is_presented(chain, standing) for chain in function.loops):
                    self._row = -1 - number
                    given = {one.port: self._input(one, standing) for one in function.inputs}
                    with self._running.collection():
                        self._compute(function, given)
        self._known, self._row = known, row

    def _is_presented(self, chain: Chain, standing: Standing) -> bool:
        row = standing.row(chain)
        if row is None:
            return False
        loop = chain[-1]
        return (
            bool(loop.join) or bool(self._program.linked.get(loop, frozenset()) & row.values.keys()) or bool(row.rows)
        )

    def _aggregates(self, plan: Plan) -> bool:
        return any(self._program.functions[key].work.collects for key in _functions_of(plan))

    def _resets(self, plan: Plan, standing: Standing) -> tuple[object, ...]:
        """Give what tells the groups of a document's aggregates apart."""
        functions = [self._program.functions[key] for key in _functions_of(plan)]
        return tuple(
            self._value(one.sources, standing) or one.default
            for function in functions
            if function.work.collects
            for one in function.inputs[1:]
        )


def _standing_of(function: Function, standing: Standing) -> tuple[int, ...]:
    """Give what tells apart the occurrences that a function is computed from: they live as long as the document."""
    rows = (standing.row(chain) for chain in function.loops)
    return tuple(0 if row is None else id(row) for row in rows)


def _functions_of(plan: Plan) -> list[int]:
    found = [source.function for leaf in plan.leaves.values() for source in leaf.sources
             if not isinstance(source, FromSource)]  # fmt: skip
    return list(dict.fromkeys(found))


def _is_filled(row: Row) -> bool:
    return bool(row.values) or bool(row.rows)


def _merged(rows: list[Row], plan: Plan) -> list[Row]:
    """Keep the first of rows that say the same, with all that is in the others."""
    kept: dict[object, Row] = {}
    for row in rows:
        key: object = row.values.get(plan.key) if plan.key is not None else tuple(sorted(row.values.items()))
        first = kept.setdefault(key, row)
        if first is not row:
            _unite(first, row, plan)
    return list(kept.values())


def _unite(first: Row, other: Row, plan: Plan) -> None:
    for key, rows in other.rows.items():
        first.rows.setdefault(key, []).extend(rows)
    for loop, within in plan.within.items():
        if within.unique and loop.key in first.rows:
            first.rows[loop.key] = _merged(first.rows[loop.key], within)


def _grouped(made: list[Made], kept: list[tuple[Row, tuple[object, ...]]], plan: Plan) -> list[Made]:
    """Give one document for each group of an aggregate (behaviour 91), where nothing else tells documents apart."""
    first: dict[object, Made] = {}
    for one, (row, resets) in zip(made, kept, strict=True):
        key = (tuple(sorted(row.values.items())), resets)
        known = first.setdefault(key, one)
        if known is not one:
            _unite(known.row, row, plan)
    return list(first.values())
