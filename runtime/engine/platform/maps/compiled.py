"""A map of the platform, compiled: documents by profile on both sides, and a program between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from runtime.engine.formats import Row, layout_of, reader, writer
from runtime.engine.platform.maps.evaluate import Evaluation, Program
from runtime.engine.platform.maps.functions import Function, compile_functions
from runtime.engine.platform.maps.joins import Join, compile_join
from runtime.engine.platform.maps.plan import Chains, FromOutput, FromSource, Source, Target, drive, grow
from runtime.engine.platform.maps.running import Running
from runtime.engine.platform.maps.standing import Loop, Sources, Standing
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around
from runtime.errors import DocumentFault
from runtime.model.document import Document
from runtime.model.platform_maps import CacheJoin, FromElement, FromFunction, PlatformMap, ToElement, ToFunction
from runtime.model.platform_profiles import FlatFileProfile, FlatRecord, PlatformProfile, TagGroup, TagMatch


class Output(Struct, frozen=True):
    """One document that a map gives."""

    content: bytes
    properties: dict[str, str]
    meta: dict[str, str]


class CompiledPlatformMap:
    """A map, ready to run.

    `reads`: it needs the content of documents. `splits`: it may give several documents for one. `blocks`: it may
    compute for long. `outside`: it needs what must be fetched, which `rounds` bounds where only look-ups ask
    with what was found. `remembers`: it keeps results from document to document. `keeps`: it sets what outlives the
    execution. `calls`: it calls connectors.
    """

    def __init__(
        self,
        name: str,
        program: Program,
        read: Callable[[bytes], Row] | None,
        write: Callable[[Row], bytes],
        joins: Mapping[int, Join],
    ) -> None:
        works = [function.work for function in program.functions.values()]
        self.reads = read is not None or any(work.content for work in works)
        self.splits = bool(program.plan.drivers)
        self.blocks = any(work.blocks for work in works)
        links = len(joins) + sum(work.outside for work in works)
        self.outside = bool(links)
        self.calls = any(work.calls for work in works)
        self.rounds = None if self.calls or any(work.acts for work in works) else 2 * links + 2
        self.remembers = any(function.cache == "map" for function in program.functions.values())
        self.keeps = any(work.keeps for work in works)
        self._name = name
        self._program = program
        self._read = read
        self._write = write
        self._joins = joins

    def apply(self, document: Document, content: bytes, running: Running) -> Sequence[Output]:
        """Give the documents that one becomes.

        Raises:
            DocumentFault: it is not what its profile says, a function cannot be computed, a value is not of its
                element's format, or nothing comes out (``map.no-data``, platform behaviour 84).
        """
        source = Row() if self._read is None else self._read(content)

        def joined(join: CacheJoin, standing: Standing) -> Sequence[Row]:
            return self._joins[join.id].rows(standing, running)

        made = Evaluation(self._program, source, running, joined).documents()
        if not made:
            raise no_data(self._name, [leaf.name for plan in self._program.plan.walk() for leaf in plan.linked()])
        return [Output(self._write(one.row), one.properties, one.meta) for one in made]


_SHOWN = 5  # elements that a fault names: it is a line of a log


def no_data(name: str, elements: Sequence[str]) -> DocumentFault:
    """Give the fault of a map that has produced nothing, in the platform's words (behaviour 84), with the elements.

    `elements` are those of the target that something is linked to.
    """
    shown = ", ".join(f"'{element}'" for element in elements[:_SHOWN])
    more = f" and {len(elements) - _SHOWN} others" if len(elements) > _SHOWN else ""
    message = f"No data produced from map '{name}', please check source profile and make sure it matches source data."
    return DocumentFault("map.no-data", f"{message} Nothing came to {shown}{more}." if shown else message)


def compile_map(found: PlatformMap, around: Around) -> CompiledPlatformMap:
    """Compile a map.

    Raises:
        Refused: something in it cannot be run.
    """
    try:
        return _Compiling(found, around).compile()
    except Refused as refused:
        raise Refused(f"the map '{found.name}' {refused}") from refused
    except DocumentFault as error:
        raise Refused(f"the map '{found.name}': {error.message}") from error


class _Compiling:
    """A map while it is compiled; what it refuses is said of the map."""

    def __init__(self, found: PlatformMap, around: Around) -> None:
        self._found = found
        self._around = around
        self._from = self._profile(found.source_profile, "source")
        self._to = self._profile(found.target_profile, "target")
        self._sources = Sources(layout_of(self._from), self._from.tags, found.joins)

    def _profile(self, identity: str | None, side: str) -> PlatformProfile:
        if identity is None:
            raise Refused(f"has no {side} profile, and cannot be run")
        found = self._around.components.profiles.get(identity)
        if found is None:
            raise Refused(f"has a {side} profile that is not in the bundle")
        return found

    def compile(self) -> CompiledPlatformMap:
        functions = self._functions()
        linked: dict[Target, list[Source]] = {}
        for link in self._found.links:
            if isinstance(link.target, ToElement):
                source = self._source(link.source)
                linked.setdefault((link.target.element, link.target.instance), []).append(source)
        layout = layout_of(self._to)
        plan = grow(layout, self._to.tags, linked, self._found.defaults, _uniques(self._to))
        drive(plan, Chains(functions, self._sources))
        every = self._elements()
        program = Program(
            plan=plan, functions=functions, sources=self._sources, linked=_by_loop(every), ordered=self._found.ordered
        )
        keys = self._keys(every)
        read = reader(self._from, keys) if keys else None
        joins = {join.id: self._join(join, every) for join in self._found.joins}
        return CompiledPlatformMap(self._found.name, program, read, writer(self._to), joins)

    def _source(self, source: FromElement | FromFunction) -> Source:
        if isinstance(source, FromFunction):
            return FromOutput(source.function, source.output)
        chain = self._sources.chain(source)
        if not self._sources.holds_value(source):
            raise Refused(f"links an element with the key {source.element}, which has no value of its own")
        return FromSource(chain, source.element, join=bool(source.join))

    def _functions(self) -> dict[int, Function]:
        feeding = [
            (self._source(link.source), link.target)
            for link in self._found.links
            if isinstance(link.target, ToFunction)
        ]
        used = frozenset(link.source.function for link in self._found.links if isinstance(link.source, FromFunction))
        known = {function.key for function in self._found.functions}
        if not used <= known:
            raise Refused(f"links a function with the key {min(used - known)}, which it has not")
        return compile_functions(self._found.functions, feeding, used, self._around)

    def _elements(self) -> list[FromSource]:
        """Give all elements of the source that anything is linked to."""
        sources = (self._source(link.source) for link in self._found.links)
        return [source for source in sources if isinstance(source, FromSource)]

    def _keys(self, every: Sequence[FromSource]) -> set[int]:
        """Give the elements that must be read: those linked, those that tell instances, those that joins ask with."""
        keys = {source.key for source in every if not source.join}
        joined = {key.element for join in self._found.joins for key in join.keys}
        used = {loop.tag for source in every for loop in source.chain}
        told = {key for tag in self._from.tags if tag.key in used for key in _elements_of(tag.match)}
        return keys | joined | told

    def _join(self, join: CacheJoin, every: Sequence[FromSource]) -> Join:
        keys = {source.key for source in every if source.join and source.chain[-1].join == join.id}
        return compile_join(join, keys, self._sources, self._around)


def _by_loop(every: Sequence[FromSource]) -> dict[Loop, frozenset[int]]:
    found: dict[Loop, set[int]] = {}
    for source in every:
        if source.chain:
            found.setdefault(source.chain[-1], set()).add(source.key)
    return {loop: frozenset(keys) for loop, keys in found.items()}


def _elements_of(match: TagGroup | TagMatch) -> set[int]:
    if isinstance(match, TagGroup):
        return {key for one in match.matches for key in _elements_of(one)}
    return set() if match.element is None else {match.element}


def _uniques(profile: PlatformProfile) -> dict[int, int]:
    """Give the column that tells the records of each kind apart, where a flat file enforces that it is unique."""
    if not isinstance(profile, FlatFileProfile):
        return {}
    return dict(_unique_columns(profile.records))


def _unique_columns(records: Sequence[FlatRecord]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for record in records:
        found += [(record.key, column.key) for column in record.columns if column.unique][:1]
        found += _unique_columns(record.records)
    return found
