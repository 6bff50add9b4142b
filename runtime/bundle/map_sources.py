"""Where a field of a map comes from, as written: a path, a text, an expression, a function of such."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from runtime.bundle.functions import read_call
from runtime.bundle.keys import Keys
from runtime.bundle.nodes import Items, Scalar, Table
from runtime.bundle.templates import read_template
from runtime.model.maps import Call, Field, Source
from runtime.model.values import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Node
    from runtime.model.bundle import LookupTable
    from runtime.model.maps import Path

_WAYS = ("from", "value", "function")


class SourceReader(ABC):
    """Reads sources. `own` are functions of the map's own, with how many inputs each has."""

    def __init__(
        self, tables: Mapping[str, LookupTable | None], findings: Findings, own: Mapping[str, int] | None = None
    ) -> None:
        self._tables = tables
        self._findings = findings
        self._own = own or {}

    @abstractmethod
    def path(self, scalar: Scalar) -> Path | None:
        """Give the path of a field of the source; what is none is among the findings."""

    @abstractmethod
    def check(self, template: Template) -> None:
        """Hold expressions to what there is to read."""

    def read(self, key: Scalar, node: Node) -> tuple[Source | None, str | None]:
        """Read what fills a field of the target, and its default."""
        if not isinstance(node, Table):
            return self.source(node), None
        keys = Keys(node, self._findings, f"the rule for '{key.text}'")
        default = self._default(keys)
        if default is not None and not any(keys.has(way) for way in _WAYS):
            keys.done()
            return None, default
        return self._written(keys), default

    def _default(self, keys: Keys) -> str | None:
        scalar = keys.scalar("default")
        if scalar is not None and scalar.marks:
            self._findings.add("wrong-type", "a default cannot be computed", scalar.marks[0], "write the text itself")
        return scalar.text if scalar is not None else None

    def source(self, node: Node) -> Source | None:
        """Read a source where a path is meant unless something else is written."""
        match node:
            case Table():
                return self._written(Keys(node, self._findings, "a source"))
            case Scalar(is_null=True):
                self._findings.add("missing-value", "a source is missing", node.place, 'an empty text is {value: ""}')
                return None
            case Scalar():
                return self._path_or_text(node)
            case Items():
                self._findings.add("wrong-type", "a source is a path, not a list", node.place, "use a function")
                return None

    def _written(self, keys: Keys) -> Source | None:
        if keys.has("function"):
            return self._call(keys)
        ways = [way for way in ("from", "value") if keys.has(way)]
        if len(ways) != 1:
            hint = "write one of: from (a path), value (a text), function"
            keys.findings.add("missing-key", f"{keys.what} needs one source", keys.place, hint)
            return None
        scalar = keys.scalar(ways[0])
        keys.done()
        if scalar is None:
            return None
        return self._template(scalar) if ways[0] == "value" else self._path_or_text(scalar)

    def _template(self, scalar: Scalar) -> Template:
        template = read_template(scalar, self._findings)
        self.check(template)
        return template

    def _path_or_text(self, scalar: Scalar) -> Source | None:
        if scalar.marks:
            return self._template(scalar)
        if scalar.plain and _is_number(scalar.text):
            return Template((scalar.text,))
        path = self.path(scalar)
        return None if path is None else Field(path)

    def _call(self, keys: Keys) -> Call | None:
        inputs = keys.items("of")
        sources = [self.source(node) for node in inputs.items] if inputs is not None else []
        sound = tuple(source for source in sources if source is not None)
        call = read_call(keys, sound, self._tables, self._own)
        return call if len(sound) == len(sources) else None


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-").replace(".", "", 1)
    return digits.isascii() and digits.isdigit()
