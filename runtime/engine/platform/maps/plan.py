"""The target of a map as a plan: its repeating elements, what drives each of them, and what fills the elements in it.

What drives a repeating element are the loops of the source that its own elements are read from, but for those that
drive what is around it already: so a repeating source gives occurrences of a repeating target, nested loops that are
mirrored in the target stay nested, and where the target repeats nothing, each combination is a document (behaviour 82).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct, field

from runtime.engine.formats import Layout
from runtime.engine.platform.maps.standing import Chain, Loop, Sources, tags_of
from runtime.engine.platform.refused import Refused
from runtime.model.platform_maps import ElementDefault
from runtime.model.platform_profiles import TagGroup, TagList, TagMatch

Target = tuple[int, int]  # an element and its instance


class FromSource(Struct, frozen=True):
    """An element of the source; `join`: it is one of a joined document, where it may stand anywhere."""

    chain: Chain
    key: int
    join: bool = False


class FromOutput(Struct, frozen=True):
    """An output of a function."""

    function: int
    output: int


Source = FromSource | FromOutput


class Leaf(Struct):
    """An element of the target. Of its sources the last that gives a value counts (behaviour 83).

    `constant` is the value that tells an instance: it alone makes no occurrence.
    """

    key: int
    name: str
    sources: list[Source] = field(default_factory=list)
    default: str | None = None
    constant: str | None = None


class Plan(Struct):
    """A repeating element of the target, one instance of it, or the document itself (`loop` None).

    `drivers` are the chains of the source that it repeats with. `unique`: of rows that say the same, the first stays,
    with all that is in the others. `key`: rows with the same value of that element say the same.
    """

    loop: Loop | None
    leaves: dict[int, Leaf] = field(default_factory=dict)
    within: dict[Loop, Plan] = field(default_factory=dict)
    drivers: tuple[Chain, ...] = ()
    unique: bool = False
    key: int | None = None

    def walk(self) -> Iterator[Plan]:
        """Give this plan and all within it."""
        yield self
        for plan in self.within.values():
            yield from plan.walk()

    def linked(self) -> list[Leaf]:
        """Give the elements that something is linked to."""
        return [leaf for leaf in self.leaves.values() if leaf.sources]


class Driving(Protocol):
    """A function, as far as it drives what it is linked to."""

    @property
    def driving(self) -> Sequence[Chain]:
        """The loops that its inputs are read from."""
        ...

    @property
    def gathers(self) -> bool:
        """Whether it takes all occurrences of its inputs."""
        ...


class Chains:
    """The loops that what fills an element is read from."""

    def __init__(self, functions: Mapping[int, Driving], sources: Sources) -> None:
        self._functions = functions
        self.sources = sources

    def of(self, leaves: Iterable[Leaf], depth: int) -> list[Chain]:
        """Give every loop around the sources of elements that stand within `depth` loops, the outermost first."""
        found: set[Chain] = set()
        for leaf in leaves:
            for source in leaf.sources:
                found |= {end[:length] for end in self._ends(source, depth) for length in range(1, len(end) + 1)}
        return sorted(found, key=self.sources.order)

    def _ends(self, source: Source, depth: int) -> Sequence[Chain]:
        if isinstance(source, FromSource):
            return [source.chain]
        function = self._functions[source.function]
        return [end[:depth] for end in function.driving] if function.gathers else function.driving


def grow(
    layout: Layout,
    tags: Sequence[TagList],
    linked: Mapping[Target, Sequence[Source]],
    defaults: Sequence[ElementDefault],
    uniques: Mapping[int, int],
) -> Plan:
    """Give the plan of a target, without its drivers. `uniques` are elements whose values tell rows apart, by loop.

    Raises:
        Refused: something is linked to what the profile has not.
    """
    growing = _Growing(layout, tags, uniques)
    for target, sources in linked.items():
        leaf = growing.leaf(target)
        if leaf is not None:
            leaf.sources += sources
    for default in defaults:
        leaf = growing.leaf((default.element, default.instance))
        if leaf is not None:
            leaf.default = default.value
    growing.tell_instances()
    return growing.ordered(growing.root)


class _Growing:
    def __init__(self, layout: Layout, tags: Sequence[TagList], uniques: Mapping[int, int]) -> None:
        self.root = Plan(None)
        self._layout = layout
        self._tags = {tag.key: tag for tag in tags}
        self._uniques = uniques
        self._places = {key: place for place, key in enumerate(layout.elements)}
        self._tag_places = {tag.key: place for place, tag in enumerate(tags)}

    def leaf(self, target: Target) -> Leaf | None:
        """Give the element in its place; None for one without a value of its own: what is linked to it is lost."""
        key, instance = target
        element = self._layout.elements.get(key)
        if element is None:
            raise Refused(f"links an element with the key {key}, which its profile has not")
        if not element.has_value:
            return None
        meant = tags_of(instance, self._tags)
        plan = self._plan([Loop(loop, meant.get(loop, 0)) for loop in element.loops])
        return plan.leaves.setdefault(key, Leaf(key, element.name))

    def _plan(self, loops: Sequence[Loop]) -> Plan:
        plan = self.root
        for loop in loops:
            if loop not in plan.within:
                unique, key = loop.key in self._layout.unique, self._uniques.get(loop.key)
                plan.within[loop] = Plan(loop, unique=unique or key is not None, key=key)
            plan = plan.within[loop]
        return plan

    def tell_instances(self) -> None:
        """Give each instance the values that tell it, where nothing else is linked to them."""
        self._tell(self.root, [])

    def _tell(self, plan: Plan, loops: list[Loop]) -> None:
        for loop, inner in list(plan.within.items()):
            path = [*loops, loop]
            tag = self._tags.get(loop.tag)
            for key, value in _identities(tag.match) if tag is not None else ():
                element = self._layout.elements.get(key)
                if element is not None and element.has_value:
                    below = [Loop(one) for one in element.loops[len(path) :]]
                    holder = self._plan([*path, *below])
                    leaf = holder.leaves.setdefault(key, Leaf(key, element.name))
                    leaf.constant = value
            self._tell(inner, path)

    def ordered(self, plan: Plan) -> Plan:
        """Sort what repeats: by the order of the profile, instances by theirs, before what is no instance."""
        last = len(self._tag_places)
        order = sorted(plan.within, key=lambda loop: (self._places[loop.key], self._tag_places.get(loop.tag, last)))
        plan.within = {loop: self.ordered(plan.within[loop]) for loop in order}
        return plan


def _identities(match: TagGroup | TagMatch) -> Iterator[tuple[int, str]]:
    """Give the elements and values that tell an instance; of several values the first."""
    if isinstance(match, TagGroup):
        for one in match.matches:
            yield from _identities(one)
    elif match.element is not None and match.values:
        yield match.element, match.values[0]


def drive(plan: Plan, chains: Chains) -> None:
    """Settle what drives each part of a plan."""
    _drive(plan, chains, frozenset(), 0)


def _drive(plan: Plan, chains: Chains, bound: frozenset[Loop], depth: int) -> None:
    linked = plan.linked()
    if linked or plan.loop is None:
        drivers = [chain for chain in chains.of(linked, depth) if chain[-1] not in bound]
    else:
        drivers = _mirrored(plan, chains, bound, depth)
    plan.drivers = tuple(drivers)
    inner = bound | {chain[-1] for chain in drivers}
    for within in plan.within.values():
        _drive(within, chains, inner, depth + 1)


def _mirrored(plan: Plan, chains: Chains, bound: frozenset[Loop], above: int) -> list[Chain]:
    """Give what drives a part that nothing is linked to, only to what is in it: the source's loops are mirrored.

    It takes the outermost loop where the source has at least as many loops as the target has from here on.
    """
    found: set[Chain] = set()
    for depth, inner in _levels(plan, 1):
        free = [chain for chain in chains.of(inner.linked(), above + depth - 1) if chain[-1] not in bound]
        if len(free) >= depth > 1:
            found.add(free[0])
    return sorted(found, key=chains.sources.order)


def _levels(plan: Plan, depth: int) -> Iterator[tuple[int, Plan]]:
    yield depth, plan
    for within in plan.within.values():
        yield from _levels(within, depth + 1)
