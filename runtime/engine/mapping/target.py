"""The target of a map as a tree: objects, lists and, at the leaves, the rules that fill them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from runtime.engine.mapping.occurrences import NOTHING, Standing, levels
from runtime.errors import DocumentFault
from runtime.model.maps import Path, Rule, fields_of

Fill = Callable[[Standing], object]
Lists = Sequence[tuple[Path, ...]]

P = TypeVar("P")


class Part(Protocol):
    """A part of the target. It gives NOTHING where its source has nothing."""

    def build(self, standing: Standing) -> object:
        """Give the value of this part for the occurrences that are meant now."""
        ...


class Leaf:
    """A single value; `default` stands in for nothing, for null and for an empty text."""

    def __init__(self, rule: Rule, fill: Fill, finish: Callable[[object], object]) -> None:
        self._name = ".".join(rule.target)
        self._place = rule.place
        self.default = rule.default
        self.fill = fill
        self.finish = finish

    def build(self, standing: Standing) -> object:
        """Give the value in the type of the target's profile.

        Raises:
            DocumentFault: the source cannot be computed; the fault names the field.
        """
        try:
            value = self.fill(standing)
            if self.default is not None and (value is NOTHING or value is None or value == ""):
                value = self.default
            return value if value is NOTHING or value is None else self.finish(value)
        except DocumentFault as fault:
            place = fault.place or self._place
            message = f"field '{self._name}': {fault.message}"
            raise DocumentFault(fault.code, message, place=place, hint=fault.hint) from fault


class Members:
    """An object. Members that are nothing are left out; without any member it is nothing itself."""

    def __init__(self) -> None:
        self.parts: dict[str, Part] = {}

    def build(self, standing: Standing) -> object:
        """Give the object, its members in the order in which the rules name them."""
        built = {name: value for name, part in self.parts.items() if (value := part.build(standing)) is not NOTHING}
        return built or NOTHING

    def place(self, path: Path, leaf: Leaf, lists: Lists) -> None:
        """Put a leaf at a path below; `lists` are the source lists that it reads, by levels not yet bound."""
        name, rest = path[0].removesuffix("[]"), path[1:]
        part = self.parts.get(name)
        if path[0].endswith("[]"):
            repeated = _expect(part or Repeated(), Repeated)
            self.parts[name] = repeated
            repeated.place(rest, leaf, lists)
        elif rest:
            members = _expect(part or Members(), Members)
            self.parts[name] = members
            members.place(rest, leaf, lists)
        elif part is None:
            self.parts[name] = leaf
        else:
            raise _ClashError


class Repeated:
    """A list: an item for each occurrence of the source lists that the rules below it read; one when they read none.

    Several source lists are taken side by side. Items that are nothing are left out.
    """

    def __init__(self) -> None:
        self.item: Part | None = None
        self.lists: list[Path] = []

    def build(self, standing: Standing) -> object:
        """Give the list, or nothing when it would be empty."""
        if self.item is None:
            return NOTHING
        standings: Iterable[Standing] = standing.each(self.lists) if self.lists else (standing,)
        items = [value for each in standings if (value := self.item.build(each)) is not NOTHING]
        return items or NOTHING

    def place(self, path: Path, leaf: Leaf, lists: Lists) -> None:
        """Put a leaf at a path below each item, or in place of each when the path is empty."""
        self.lists += [path for path in dict.fromkeys(by_level[0] for by_level in lists) if path not in self.lists]
        if path:
            members = _expect(self.item or Members(), Members)
            self.item = members
            members.place(path, leaf, [rest for by_level in lists if (rest := by_level[1:])])
        elif self.item is None:
            self.item = leaf
        else:
            raise _ClashError


def grow(root: Members, rule: Rule, leaf: Leaf) -> None:
    """Add the part that a rule fills.

    Raises:
        DocumentFault: ``map.invalid``: another rule fills the same field, or one above or below it.
    """
    lists = [by_level for path in fields_of(rule.source) if (by_level := levels(path))]
    try:
        root.place(rule.target, leaf, lists)
    except _ClashError:
        message = f"field '{'.'.join(rule.target)}': another rule fills the same field"
        raise DocumentFault("map.invalid", message, place=rule.place) from None


class _ClashError(Exception):
    """Raised when two rules want one place."""


def _expect(part: Part, kind: type[P]) -> P:
    if isinstance(part, kind):
        return part
    raise _ClashError
