"""The text of a Python function that is being written: its lines, its variables, and what it names.

Every text that comes in from outside stands in it as a literal, or under a name of ours: nothing else is compiled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

INDENT = "    "
_LITERAL = frozenset({str, int, bool, type(None)})  # what Python reads again as it prints it


class NotWrittenError(Exception):
    """Raised for what cannot be written out, or would be too much of it."""


class Code:
    """Writes one function, at most `most` lines, with at most `deepest` blocks within each other.

    `depth` is how far the next line is indented.
    """

    def __init__(self, *, most: int, deepest: int, depth: int = 1) -> None:
        self.depth = depth
        self._most = most
        self._deepest = deepest
        self._lines: list[str] = []
        self._names: dict[str, object] = {}
        self._variables = 0
        self._known: dict[str, str] = {}
        self._kinds: dict[str, type] = {}

    @property
    def text(self) -> str:
        """The lines so far."""
        return "\n".join(self._lines)

    @property
    def names(self) -> Mapping[str, object]:
        """What the text names."""
        return MappingProxyType(self._names)

    def line(self, text: str) -> None:
        """Write a line.

        Raises:
            NotWrittenError: it is one too many.
        """
        if len(self._lines) >= self._most:
            raise NotWrittenError
        self._lines.append(INDENT * self.depth + text)

    def variable(self) -> str:
        """Give a variable that nothing has used."""
        self._variables += 1
        return f"v{self._variables}"

    def set(self, text: str) -> str:
        """Compute something; give the variable that holds it."""
        variable = self.variable()
        self.line(f"{variable} = {text}")
        return variable

    def read(self, text: str) -> str:
        """Give a variable that holds what this reads, as it was read on the way to here; nobody may set it again.

        The text must give the same each time: documents do not change.
        """
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self.set(text)
        return known

    def known(self, text: str) -> str | None:
        """Give the variable that holds what this reads, if it was read on the way to here."""
        return self._known.get(text)

    def of_kind(self, variable: str, kind: type) -> str:
        """Note what kind of value a variable always holds; give the variable."""
        self._kinds[variable] = kind
        return variable

    def kind(self, variable: str) -> type | None:
        """Give the kind of value that a variable always holds, if that is known."""
        return self._kinds.get(variable)

    def constant(self, value: object) -> str:
        """Give the literal of a value, or a name for it."""
        return repr(value) if type(value) in _LITERAL else self.name("c", value)

    def name(self, kind: str, value: object) -> str:
        """Give a name of ours for something."""
        name = f"{kind}{len(self._names)}"
        self._names[name] = value
        return self.of_kind(name, type(value))

    @contextmanager
    def block(self, opening: str) -> Iterator[None]:
        """Write a block; what is read in it may not have been read after it."""
        if self.depth >= self._deepest:
            raise NotWrittenError
        self.line(opening)
        known, self._known, self.depth = self._known, dict(self._known), self.depth + 1
        yield
        self._known, self.depth = known, self.depth - 1
