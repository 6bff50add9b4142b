"""Maps written out as Python functions: what the tree of the target does, without walking it.

A function is only for what goes well. Where a field cannot be computed it raises what is no more than a sign: the tree
is built again, and names the field. Reading has no effect, so nothing happens twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import cast

from runtime.engine.mapping.occurrences import NOTHING, Standing, cut_last
from runtime.engine.mapping.source import ReadCall, ReadField, ReadTemplate
from runtime.engine.mapping.target import Leaf, Members, Part, Repeated
from runtime.engine.mapping.types import USUAL
from runtime.expressions import Scope
from runtime.model.maps import Path

MOST_LINES = 10_000  # of one function: a map of some two thousand rules, which compile in a tenth of a second
DEEPEST = 15  # lists within lists: Python's own compiler takes twenty loops
_INDENT = "    "

Function = Callable[[object, Scope], object]


class _NotWrittenError(Exception):
    """Raised for a map that stays a tree."""


def written(root: Members) -> Function | None:
    """Give the function of a map, from the decoded source and the scope to the target; None where it stays a tree.

    It gives what the tree gives, and raises a DocumentFault where the tree raises one.
    """
    try:
        source, constants = _Writer().function(root)
    except _NotWrittenError:
        return None
    names: dict[str, object] = {**constants, "NOTHING": NOTHING, "Standing": Standing}
    exec(compile(source, "<map>", "exec"), names)  # noqa: S102 - our own text, of names and numbers
    return cast("Function", names["build"])


class _At:
    """Where a rule stands: the variables that hold the occurrences, by list path, and the one of the standing."""

    def __init__(self, occurrences: Mapping[Path, str]) -> None:
        self.occurrences = occurrences
        self.standing: str | None = None

    def occurrence(self, list_path: Path) -> str:
        found = self.occurrences.get(list_path)
        if found is None:
            raise _NotWrittenError
        return found


class _Writer:
    """Writes one function. Each method gives the variable that holds its value, or the name ``NOTHING``."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._constants: dict[str, object] = {}
        self._variables = 0
        self._depth = 1

    def function(self, root: Members) -> tuple[str, Mapping[str, object]]:
        """Give the source of the function `build`, and the constants that it names."""
        value = self._part(root, _At({(): "value"}))
        self._line(f"return {value}")
        return "\n".join(("def build(value, scope):", *self._lines, "")), self._constants

    def _line(self, text: str) -> None:
        if len(self._lines) >= MOST_LINES:
            raise _NotWrittenError
        self._lines.append(_INDENT * self._depth + text)

    def _set(self, text: str) -> str:
        self._variables += 1
        self._line(f"v{self._variables} = {text}")
        return f"v{self._variables}"

    def _constant(self, value: object) -> str:
        name = f"c{len(self._constants)}"
        self._constants[name] = value
        return name

    @contextmanager
    def _loop(self, over: str) -> Iterator[str]:
        if self._depth > DEEPEST:
            raise _NotWrittenError
        self._variables += 1
        one = f"v{self._variables}"
        self._line(f"for {one} in {over}:")
        self._depth += 1
        yield one
        self._depth -= 1

    def _part(self, part: Part, at: _At) -> str:
        match part:
            case Members():
                return self._members(part, at)
            case Repeated():
                return self._repeated(part, at)
            case Leaf():
                return self._leaf(part, at)
            case _:
                raise _NotWrittenError

    def _members(self, members: Members, at: _At) -> str:
        made = self._set("{}")
        for name, part in members.parts.items():
            value = self._part(part, at)
            self._line(f"if {value} is not NOTHING: {made}[{self._constant(name)}] = {value}")
        self._line(f"if not {made}: {made} = NOTHING")
        return made

    def _repeated(self, repeated: Repeated, at: _At) -> str:
        if repeated.item is None:
            return "NOTHING"
        items = self._set("[]")
        if not repeated.lists:
            self._item(repeated.item, items, at)
        elif len(repeated.lists) == 1:
            (path,) = repeated.lists
            parent, keys = cut_last(path)
            found = self._below(at.occurrence(parent), keys)
            several = self._set(f"[] if {found} is NOTHING or {found} is None else {found}")
            self._line(f"if type({several}) is not list: {several} = [{several}]")
            with self._loop(several) as one:
                self._item(repeated.item, items, _At({**at.occurrences, path: one}))
        else:  # side by side, as the tree does it
            raise _NotWrittenError
        self._line(f"if not {items}: {items} = NOTHING")
        return items

    def _item(self, item: Part, items: str, at: _At) -> None:
        value = self._part(item, at)
        self._line(f"if {value} is not NOTHING: {items}.append({value})")

    def _leaf(self, leaf: Leaf, at: _At) -> str:
        value = self._set(self._read(leaf.fill, at))
        if leaf.default is not None:
            default = self._constant(leaf.default)
            self._line(f"if {value} is NOTHING or {value} is None or {value} == '': {value} = {default}")
        usual = USUAL.get(leaf.finish)
        if usual is not object:
            spared = "" if usual is None else f" and type({value}) is not {usual.__name__}"
            finish = self._constant(leaf.finish)
            self._line(f"if {value} is not NOTHING and {value} is not None{spared}: {value} = {finish}({value})")
        return value

    def _read(self, fill: object, at: _At) -> str:
        match fill:
            case ReadField(above=above, keys=keys):
                return self._below(at.occurrence(above), keys)
            case ReadTemplate(value=value):
                return f"{self._constant(value)}(scope)"
            case ReadCall(compute=compute, inputs=inputs):
                read = [self._set(self._read(one, at)) for one in inputs]
                given = ", ".join(f"None if {one} is NOTHING else {one}" for one in read)
                made = self._set(f"{self._constant(compute)}([{given}])")
                return f"NOTHING if {made} is None or {made} == '' else {made}"
            case _:
                return f"{self._constant(fill)}({self._standing(at)})"

    def _standing(self, at: _At) -> str:
        """Give the variable of the standing, which all readers share that want one at the same place."""
        if at.standing is None:
            occurrences = ", ".join(f"{self._constant(path)}: {one}" for path, one in at.occurrences.items())
            at.standing = self._set(f"Standing({{{occurrences}}}, scope)")
        return at.standing

    def _below(self, value: str, keys: Path) -> str:
        for key in keys:
            value = self._set(f"{value}.get({self._constant(key)}, NOTHING) if type({value}) is dict else NOTHING")
        return value
