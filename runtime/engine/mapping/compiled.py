"""A map, compiled once and applied to each document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from runtime.clock import Clock, SystemClock
from runtime.engine.mapping.functions import CURRENT_DATE, Around
from runtime.engine.mapping.occurrences import NOTHING, Standing
from runtime.engine.mapping.source import compile_source
from runtime.engine.mapping.target import Fill, Leaf, Members, grow
from runtime.engine.mapping.types import finish_as
from runtime.engine.mapping.written import written
from runtime.errors import DocumentFault
from runtime.expressions import Scope, names_read
from runtime.expressions.json_values import encode
from runtime.model.bundle import LookupTable
from runtime.model.maps import Call, Map, Rule, Source, fields_of, lists_in, source_mistake
from runtime.model.profile import Profile
from runtime.model.values import Template


class CompiledMap:
    """A map that is ready to run: the tree of its target, and what writes it.

    `reads_content` tells whether any rule reads a field of the source, `roots` the names that its expressions read, and
    `reads_clock` whether it depends on the time. `source` is the profile of what it reads, if that is known.
    """

    def __init__(
        self,
        name: str,
        root: Members,
        *,
        reads_content: bool,
        roots: frozenset[str] = frozenset(),
        reads_clock: bool = False,
        source: Profile | None = None,
        write: Callable[[object], bytes] = encode,
    ) -> None:
        self.roots = roots
        self.reads_clock = reads_clock
        self.source = source
        self.name = name
        self.reads_content = reads_content
        self.root = root
        self._function = written(root)
        self.write = write

    def apply(self, content: bytes, scope: Scope) -> bytes:
        """Give the mapped document, as JSON: compact, unless the map writes it otherwise.

        Raises:
            DocumentFault: the content is not JSON, a function refuses its input, or nothing comes out
                (``map.no-data``, reference: platform behaviour 84).
        """
        value = scope.decoded(content) if self.reads_content and content else NOTHING
        if self._function is not None:
            try:
                made = self._function(value, scope)
            except DocumentFault:
                pass  # the tree says of which field
            else:
                if made is not NOTHING:
                    return self.write(made)
        built = self.root.build(Standing({(): value}, scope))
        if built is NOTHING:
            raise DocumentFault(
                "map.no-data",
                f"No data produced from map '{self.name}', please check source profile and make sure it matches "
                "source data.",
            )
        return self.write(built)


def compile_map(
    map: Map,  # noqa: A002 - what the platform calls it
    target: Profile | None = None,
    clock: Clock | None = None,
    tables: Mapping[str, LookupTable] | None = None,
    source: Profile | None = None,
) -> CompiledMap:
    """Compile a map. With the profile of its target, values take the types that the profile gives them.

    `source` is the profile of what it reads; it need not follow that.

    `tables` are those of the bundle, for the function `lookup`.

    Raises:
        DocumentFault: ``map.invalid``; a linted bundle has no such map.
    """
    root = grown(map, target, Around(clock or SystemClock(), tables or {}))
    reads_content = any(True for rule in map.rules for _ in fields_of(rule.source))
    sources = [source for rule in map.rules for source in _all(rule.source)]
    expressions = [
        part for one in sources if isinstance(one, Template) for part in one.parts if not isinstance(part, str)
    ]
    roots = frozenset(path[0] for expression in expressions for path in names_read(expression.source))
    timely = any(isinstance(one, Call) and one.function == CURRENT_DATE for one in sources)
    return CompiledMap(map.name, root, reads_content=reads_content, roots=roots, reads_clock=timely, source=source)


def _all(source: Source | None) -> Iterator[Source]:
    """Give a source, and those of its inputs."""
    if source is not None:
        yield source
    if isinstance(source, Call):
        for one in source.inputs:
            yield from _all(one)


def grown(map: Map, target: Profile | None, around: Around) -> Members:  # noqa: A002 - as above
    """Give the tree of a map's target; raises as `compile_map` does."""
    root = Members()
    for rule in map.rules:
        fill = _fill(rule, around)
        grow(root, rule, Leaf(rule, fill, finish_as(target.find(rule.target) if target is not None else None)))
    return root


def _fill(rule: Rule, around: Around) -> Fill:
    if rule.source is None:
        return lambda _: NOTHING
    mistake = source_mistake(rule.source, lists_in(rule.target))
    if mistake is not None:
        raise DocumentFault("map.invalid", f"field '{'.'.join(rule.target)}': {mistake}", place=rule.place)
    return compile_source(rule.source, around)
