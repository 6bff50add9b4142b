"""Reading a table of keys: each key is asked for by its type, and what nobody asked for is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast, get_args

from runtime.bundle.findings import Findings, suggest
from runtime.bundle.nodes import Items, Node, Scalar, Table, describe
from runtime.bundle.templates import read_template
from runtime.model.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runtime.errors import Place
    from runtime.model.values import Template

Choice = TypeVar("Choice", bound=str)


class Keys:
    """One table under reading. `what` names it in messages ("a process", "the step 'map'").

    A method gives None (or its default) where the key is missing or unsound; the latter is then among the findings.
    """

    def __init__(self, table: Table, findings: Findings, what: str) -> None:
        self.place = table.place
        self.findings = findings
        self.what = what
        self._table = table
        self._asked: set[str] = set()

    def node(self, key: str, *, required: bool = False) -> Node | None:
        """Give the value of `key`, whatever it is; nothing written counts as missing."""
        self._asked.add(key)
        entry = self._table.get(key)
        if entry is None:
            if required:
                self.findings.add("missing-key", f"{self.what} needs '{key}'", self.place, f"add '{key}: …'")
            return None
        name, value = entry
        return value if has_value(name, value, self.findings) else None

    def written(self, key: str) -> Node:
        """Give what was written for a key that is there, even where that is nothing; KeyError when it is not there."""
        self._asked.add(key)
        entry = self._table.get(key)
        if entry is None:
            raise KeyError(key)
        return entry[1]

    def has(self, key: str) -> bool:
        """Whether the key was written."""
        return self._table.get(key) is not None

    def place_of(self, key: str) -> Place:
        """Give where the value of `key` stands, or the table when it is missing."""
        entry = self._table.get(key)
        return entry[1].place if entry is not None else self.place

    def scalar(self, key: str, *, required: bool = False) -> Scalar | None:
        """Give a single value."""
        node = self.node(key, required=required)
        return as_scalar(node, key, self.findings) if node is not None else None

    def text(self, key: str, *, required: bool = False) -> str | None:
        """Give a literal text; one with ``${…}`` is refused, because nothing would compute it."""
        scalar = self.scalar(key, required=required)
        if scalar is None:
            return None
        if not scalar.text.strip():
            self.findings.add("missing-value", f"'{key}' is empty", scalar.place)
            return None
        if scalar.marks:
            self.findings.add("wrong-type", f"'{key}' cannot be computed", scalar.marks[0], "write the text itself")
            return None
        return scalar.text

    def literal(self, key: str) -> str | None:
        """Give a literal text that may be empty."""
        scalar = self.scalar(key)
        if scalar is not None and scalar.marks:
            self.findings.add("wrong-type", f"'{key}' cannot be computed", scalar.marks[0], "write the text itself")
            return None
        return scalar.text if scalar is not None else None

    def template(self, key: str, *, required: bool = False) -> Template | None:
        """Give a text that may be computed."""
        scalar = self.scalar(key, required=required)
        return read_template(scalar, self.findings) if scalar is not None else None

    def choice(self, key: str, literal: type[Choice] | object, default: Choice) -> Choice:
        """Give one of the words of a ``Literal`` type."""
        text = self.text(key)
        words = cast("tuple[Choice, ...]", get_args(literal))
        if text is None:
            return default
        for word in words:
            if word == text:
                return word
        message = f"'{text}' is not a value of '{key}'"
        self.findings.add("unknown-value", message, self.place_of(key), suggest(text, words))
        return default

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Give true or false."""
        scalar = self.scalar(key)
        if scalar is None:
            return default
        if scalar.flag is None:
            message = f"'{key}' must be true or false, not {describe(scalar)}"
            self.findings.add("wrong-type", message, scalar.place, _flag_hint(scalar.text))
            return default
        return scalar.flag

    def whole(self, key: str, *, least: int, most: int) -> int | None:
        """Give a whole number within bounds."""
        scalar = self.scalar(key)
        if scalar is None:
            return None
        if scalar.whole is None or not least <= scalar.whole <= most:
            message = f"'{key}' must be a whole number from {least} to {most}, not {describe(scalar)}"
            self.findings.add("wrong-type", message, scalar.place)
            return None
        return scalar.whole

    def share(self, key: str, *, least: float, most: float) -> float | None:
        """Give a number within bounds, which need not be whole."""
        scalar = self.scalar(key)
        if scalar is None:
            return None
        try:
            number = float(scalar.text)
        except ValueError:
            number = most + 1
        if not least <= number <= most:
            message = f"'{key}' must be a number from {least:g} to {most:g}, not {describe(scalar)}"
            self.findings.add("wrong-type", message, scalar.place)
            return None
        return number

    def duration(self, key: str) -> float | None:
        """Give a literal duration, in seconds."""
        text = self.text(key)
        if text is None:
            return None
        try:
            return parse_duration(text)
        except ValueError as error:
            self.findings.add("wrong-type", f"'{key}': {error}", self.place_of(key))
            return None

    def deadline(self, key: str) -> float | None:
        """Give a literal duration of more than nothing, in seconds."""
        seconds = self.duration(key)
        if seconds == 0:
            hint = "remove it, or write a longer one"
            self.findings.add("wrong-type", "a deadline of nothing lets nothing run", self.place_of(key), hint)
            return None
        return seconds

    def table(self, key: str, *, required: bool = False) -> Table | None:
        """Give a table."""
        node = self.node(key, required=required)
        return as_table(node, key, self.findings) if node is not None else None

    def items(self, key: str, *, required: bool = False) -> Items | None:
        """Give a list."""
        node = self.node(key, required=required)
        if node is None or isinstance(node, Items):
            return node
        hint = "begin each item of it with '- '"
        self.findings.add("wrong-type", f"'{key}' must be a list, not {describe(node)}", node.place, hint)
        return None

    def rest(self) -> tuple[tuple[Scalar, Node], ...]:
        """Give the keys that nobody has asked for, with their values."""
        return tuple(entry for entry in self._table if entry[0].text not in self._asked)

    def done(self, also: Iterable[str] = ()) -> None:
        """End the reading: what nobody asked for is unknown. `also` are names that were read from `rest`."""
        known = self._asked | set(also)
        for key in self._table.keys():  # noqa: SIM118 - not a dict: the table's own order and texts
            if key not in known:
                entry = self._table.get(key)
                place = entry[0].place if entry is not None else self.place
                self.findings.add("unknown-key", f"{self.what} has no key '{key}'", place, suggest(key, known))


def has_value(key: Scalar, value: Node, findings: Findings) -> bool:
    """Whether anything was written for a key; a lone ``key:`` is among the findings."""
    if isinstance(value, Scalar) and value.is_null:
        hint = f"give it a value, or remove '{key.text}:'"
        findings.add("missing-value", f"'{key.text}' has no value", key.place, hint)
        return False
    return True


def as_scalar(node: Node, name: str, findings: Findings) -> Scalar | None:
    """Give `node` when it is a single value."""
    if isinstance(node, Scalar):
        return node
    findings.add("wrong-type", f"'{name}' must be a single value, not {describe(node)}", node.place)
    return None


def as_table(node: Node, name: str, findings: Findings) -> Table | None:
    """Give `node` when it is a table."""
    if isinstance(node, Table):
        return node
    message = f"'{name}' must be a table of keys, not {describe(node)}"
    findings.add("wrong-type", message, node.place)
    return None


def _flag_hint(text: str) -> str | None:
    return {"yes": "write true", "on": "write true", "no": "write false", "off": "write false"}.get(text.lower())
