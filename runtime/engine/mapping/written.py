"""Maps written out as Python functions: what the tree of the target does, without walking it.

A function is only for what goes well. Where a field cannot be computed it raises what is no more than a sign: the tree
is built again, and names the field. Reading has no effect, so nothing happens twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Protocol, cast

from runtime.engine.mapping.occurrences import NOTHING, Standing, cut_last, levels
from runtime.engine.mapping.source import ReadAggregate, ReadCall, ReadField, ReadTemplate
from runtime.engine.mapping.target import Leaf, Members, Part, Repeated
from runtime.engine.mapping.types import USUAL
from runtime.expressions import CompiledTemplate, Scope
from runtime.expressions.code import Code, NotWrittenError
from runtime.model.maps import Path

MOST_LINES = 10_000  # of one function: a map of some two thousand rules, which compile in a tenth of a second
DEEPEST = 16  # lists within lists: Python's own compiler takes twenty loops

Function = Callable[[object, Scope], object]

NAMES: Mapping[str, object] = MappingProxyType({"NOTHING": NOTHING, "Standing": Standing})
"""What the lines of a `MapWriter` name, besides what `Code` knows."""


class Source(Protocol):
    """Reads what a map reads, and gives the variables that hold it."""

    def below(self, value: str, key: str) -> str:
        """Give the variable of a member of what a variable holds; it holds NOTHING where there is no such member."""
        ...

    def row(self, several: str, one: str) -> None:
        """Note that the variable `one` holds one of what `several` holds."""
        ...

    def template(self, template: CompiledTemplate) -> str:
        """Give the variable of the value of a template."""
        ...

    def scope(self) -> str:
        """Give the variable of what expressions see."""
        ...

    def exact(self, value: str) -> str:
        """Give the variable of a value as it is read again where it was computed, and not read."""
        ...


def written(root: Members) -> Function | None:
    """Give the function of a map, from the decoded source and the scope to the target; None where it stays a tree.

    It gives what the tree gives, and raises a DocumentFault where the tree raises one.
    """
    code = Code(most=MOST_LINES, deepest=DEEPEST)
    try:
        code.line(f"return {MapWriter(code, _OfScope(code)).value(root, 'value')}")
    except NotWrittenError:
        return None
    names: dict[str, object] = {**NAMES, **code.names}
    exec(compile(f"def build(value, scope):\n{code.text}\n", "<map>", "exec"), names)  # noqa: S102 - our own text, of names and literals
    return cast("Function", names["build"])


class _OfScope:
    """Reads from decoded JSON, and from the variable `scope`."""

    def __init__(self, code: Code) -> None:
        self._code = code

    def below(self, value: str, key: str) -> str:
        """Give a member."""
        there = f"type({value}) is dict and {key!r} in {value}"
        return self._code.read(f"{value}[{key!r}] if {there} else NOTHING")

    def row(self, several: str, one: str) -> None:
        """Note nothing: all are dicts."""

    def template(self, template: CompiledTemplate) -> str:
        """Give the value of a template."""
        return self._code.set(f"{self._code.name('e', template.value)}(scope)")

    def scope(self) -> str:
        """Give what expressions see."""
        return "scope"

    def exact(self, value: str) -> str:
        """Give a value as it is: the target is written as JSON at once."""
        return value


class _At:
    """Where a rule stands: the variables that hold the occurrences, by list path."""

    def __init__(self, occurrences: Mapping[Path, str]) -> None:
        self.occurrences = occurrences

    def occurrence(self, list_path: Path) -> str:
        found = self.occurrences.get(list_path)
        if found is None:
            raise NotWrittenError
        return found


class MapWriter:
    """Writes maps into a function. Each method gives the variable that holds its value, or the name ``NOTHING``."""

    def __init__(self, code: Code, source: Source) -> None:
        self._code = code
        self._source = source

    def value(self, root: Members, value: str) -> str:
        """Give the variable of what a map makes of the decoded JSON that the variable `value` holds."""
        return self._members(root, _At({(): value}))

    @contextmanager
    def _loop(self, over: str) -> Iterator[str]:
        one = self._code.variable()
        with self._code.block(f"for {one} in {over}:"):
            yield one

    def _part(self, part: Part, at: _At) -> str:
        match part:
            case Members():
                return self._members(part, at)
            case Repeated():
                return self._repeated(part, at)
            case Leaf():
                return self._leaf(part, at)
            case _:
                raise NotWrittenError

    def _members(self, members: Members, at: _At) -> str:
        line = self._code.line
        parts = {name: self._part(part, at) for name, part in members.parts.items()}
        made = self._code.variable()
        there = " and ".join(f"{value} is not NOTHING" for value in parts.values())
        line(f"if {there or 'True'}: {made} = {{{', '.join(f'{name!r}: {value}' for name, value in parts.items())}}}")
        with self._code.block("else:"):
            line(f"{made} = {{}}")
            for name, value in parts.items():
                line(f"if {value} is not NOTHING: {made}[{name!r}] = {value}")
            line(f"if not {made}: {made} = NOTHING")
        return made

    def _repeated(self, repeated: Repeated, at: _At) -> str:
        if repeated.item is None:
            return "NOTHING"
        code = self._code
        items = code.set("[]")
        if not repeated.lists:
            self._item(repeated.item, items, at)
        elif len(repeated.lists) == 1:
            (path,) = repeated.lists
            parent, keys = cut_last(path)
            with self._occurrences(parent, keys, at) as one:
                self._item(repeated.item, items, _At({**at.occurrences, path: one}))
        else:  # side by side, as the tree does it
            raise NotWrittenError
        code.line(f"if not {items}: {items} = NOTHING")
        return items

    @contextmanager
    def _occurrences(self, parent: Path, keys: Path, at: _At) -> Iterator[str]:
        """Write a loop over the items of a list; a single value where a list is expected is one occurrence."""
        code, found = self._code, self._below(at.occurrence(parent), keys)
        several = code.set(f"[] if {found} is NOTHING or {found} is None else {found}")
        code.line(f"if type({several}) is not list: {several} = [{several}]")
        with self._loop(several) as one:
            self._source.row(found, one)
            yield one

    def _gather(self, read: object, beyond: Path, values: str, at: _At) -> None:
        """Add what is read at each occurrence, through the lists on the way to `beyond` that are not bound yet."""
        path = next((level for level in levels(beyond) if level not in at.occurrences), None)
        if path is None:
            value = self._read(read, at)
            self._code.line(f"{values}.append(None if {value} is NOTHING else {value})")
        else:
            with self._occurrences(*cut_last(path), at) as one:
                self._gather(read, beyond, values, _At({**at.occurrences, path: one}))

    def _item(self, item: Part, items: str, at: _At) -> None:
        value = self._part(item, at)
        self._code.line(f"if {value} is not NOTHING: {items}.append({value})")

    def _leaf(self, leaf: Leaf, at: _At) -> str:
        code, read, name = self._code, isinstance(leaf.fill, ReadField), self._code.name
        value = self._read(leaf.fill, at)
        if leaf.default is not None:
            lacking = f"{value} is NOTHING or {value} is None or (type({value}) is str and not {value})"
            value = code.set(f"{leaf.default!r} if {lacking} else {value}")
        usual = USUAL.get(leaf.finish)
        if usual is not object:
            as_is = f"{value} is NOTHING or {value} is None"
            spared = as_is if usual is None else f"type({value}) is {usual.__name__} or {as_is}"
            value = code.set(f"{value} if {spared} else {name('f', leaf.finish)}({value})")
            read = read and usual in {str, bool}
        return value if read else self._source.exact(value)

    def _read(self, fill: object, at: _At) -> str:
        code = self._code
        match fill:
            case ReadField(above=above, keys=keys):
                return self._below(at.occurrence(above), keys)
            case ReadTemplate(template=template):
                return self._source.template(template)
            case ReadCall(compute=compute, inputs=inputs):
                read = [self._read(one, at) for one in inputs]
                given = ", ".join(f"None if {one} is NOTHING else {one}" for one in read)
                made = code.set(f"{code.name('f', compute)}([{given}])")
                return code.set(f"NOTHING if {made} is None or (type({made}) is str and not {made}) else {made}")
            case ReadAggregate(compute=compute, inputs=inputs) if all(len(set(lists)) <= 1 for _, lists in inputs):
                values = code.set("[]")
                for one, lists in inputs:
                    self._gather(one, lists[0] if lists else (), values, at)
                return code.set(f"{code.name('f', compute)}({values})")
            case _:
                return code.set(f"{code.name('f', fill)}({self._standing(at)})")

    def _standing(self, at: _At) -> str:
        """Give the variable of the standing, which all readers share that want one at the same place."""
        occurrences = ", ".join(f"{path!r}: {one}" for path, one in at.occurrences.items())
        return self._code.read(f"Standing({{{occurrences}}}, {self._source.scope()})")

    def _below(self, value: str, keys: Path) -> str:
        for key in keys:
            value = self._source.below(value, key)
        return value
