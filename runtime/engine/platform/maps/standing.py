"""Which occurrences of the source's repeating elements are meant now.

A `Loop` is a repeating element, all of its occurrences or those of one instance identifier; or the documents that a
cache join finds. A chain is a loop with those around it, the outermost first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from runtime.engine.formats import Layout, Row
from runtime.engine.platform.refused import Refused
from runtime.model.platform_maps import CacheJoin, FromElement
from runtime.model.platform_profiles import TagGroup, TagList, TagMatch


class Loop(NamedTuple):
    """A repeating element by its key; `tag` is an instance of it, `join` a cache join in place of an element."""

    key: int
    tag: int = 0
    join: int = 0


DOCUMENT = 0  # the key of no element: the document as a whole

Chain = tuple[Loop, ...]
At = Mapping[Loop, "Row | None"]  # None: the loop has no occurrence here, and others have
Joined = Callable[[CacheJoin, "Standing"], Sequence[Row]]


class Standing:
    """The occurrences that are meant now, by loop; `root` is the document itself."""

    __slots__ = ("_at", "root")

    def __init__(self, root: Row, at: At) -> None:
        self.root = root
        self._at = at

    def row(self, chain: Chain) -> Row | None:
        """Give the occurrence of a chain's last loop."""
        return self._at.get(chain[-1]) if chain else self.root

    def bound(self, loop: Loop) -> bool:
        """Whether the occurrence of a loop is settled."""
        return loop in self._at

    def having(self, loop: Loop, row: Row | None) -> Standing:
        """Give the standing with one more occurrence settled."""
        return Standing(self.root, {**self._at, loop: row})


class Sources:
    """The loops of a source profile, with its instances and the map's joins."""

    def __init__(self, layout: Layout, tags: Sequence[TagList], joins: Sequence[CacheJoin]) -> None:
        self._layout = layout
        self._tags = {tag.key: tag for tag in tags}
        self.joins = {join.id: join for join in joins}
        self._places = {key: place for place, key in enumerate(layout.elements)}
        self._tag_places = {tag.key: place for place, tag in enumerate(tags, 1)}

    def chain(self, element: FromElement) -> Chain:
        """Give the loops that an element stands in.

        Raises:
            Refused: there is no such element, instance or join.
        """
        if element.join:
            join = self.joins.get(element.join)
            if join is None:
                raise Refused(f"links a cache join {element.join}, which it has not")
            return (*self.chain(FromElement(join.parent, join.parent_instance)), Loop(0, 0, join.id))
        if element.element == DOCUMENT:
            return ()
        found = self._layout.elements.get(element.element)
        if found is None:
            raise Refused(f"links an element with the key {element.element}, which its profile has not")
        meant = tags_of(element.instance, self._tags)
        return tuple(Loop(loop, meant.get(loop, 0)) for loop in found.loops)

    def holds_value(self, element: FromElement) -> bool:
        """Whether a value can be read of an element that has a chain; the documents of a join have other profiles."""
        return bool(element.join) or self._layout.elements[element.element].has_value

    def order(self, chain: Chain) -> tuple[tuple[int, int, int], ...]:
        """Give what chains sort by: the order of the source, what is around before what is within."""
        return tuple(
            (self._places.get(loop.key, 1 << 30), self._tag_places.get(loop.tag, 0), loop.join) for loop in chain
        )

    def occurrences(self, chain: Chain, standing: Standing, joined: Joined) -> Sequence[Row]:
        """Give the occurrences of a chain's last loop, those around it being settled."""
        loop = chain[-1]
        if loop.join:
            return joined(self.joins[loop.join], standing)
        above = standing.row(chain[:-1])
        rows = [] if above is None else above.rows.get(loop.key, [])
        tag = self._tags.get(loop.tag)
        return rows if tag is None else _instances(rows, tag)

    def combinations(self, chains: Sequence[Chain], standing: Standing, joined: Joined) -> Iterator[Standing]:
        """Give a standing for each combination of occurrences of these loops, the first loop outermost (behaviour 82).

        A loop without occurrences stands once, empty: the others' values are not lost by it.
        """
        if not chains:
            yield standing
            return
        first, rest = chains[0], chains[1:]
        for row in self.occurrences(first, standing, joined) or (None,):
            yield from self.combinations(rest, standing.having(first[-1], row), joined)


def tags_of(instance: int, tags: Mapping[int, TagList]) -> dict[int, int]:
    """Give the instance of each repeating element that an instance means, itself and those it stands within."""
    found: dict[int, int] = {}
    while instance > 0:
        tag = tags.get(instance)
        if tag is None or tag.element in found:
            raise Refused(f"links an instance {instance}, which its profile has not")
        found[tag.element] = tag.key
        instance = tag.parent
    return found


def _instances(rows: Sequence[Row], tag: TagList) -> list[Row]:
    return _matching(rows, tag.match)


def _matching(rows: Sequence[Row], match: TagGroup | TagMatch) -> list[Row]:
    """Give the rows that match; an occurrence counts among those that have the values (component XML, section 4)."""
    if isinstance(match, TagMatch):
        return _matching_one(rows, match)
    by_place = [one for one in match.matches if isinstance(one, TagMatch) and one.element is None]
    others = [one for one in match.matches if one not in by_place]
    left = list(rows)
    if match.join == "and":
        for one in (*others, *by_place):
            left = _matching(left, one)
        return left
    kept = {id(row) for one in others for row in _matching(rows, one)}
    kept |= {id(row) for one in by_place for row in _matching(rows, one)}
    return [row for row in rows if id(row) in kept] if match.matches else left


def _matching_one(rows: Sequence[Row], match: TagMatch) -> list[Row]:
    if match.element is not None:
        return [row for row in rows if row.first(match.element) in match.values]
    places = {int(value) for value in match.values}
    return [row for place, row in enumerate(rows, 1) if place in places or place - len(rows) - 1 in places]
