"""What is known of the classes of a script before it runs: their members, and those that they have from above."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from runtime.groovy.syntax_classes import Class, Field

_OF_ENUMS = frozenset(["name", "ordinal", "compareTo"])
_STATICS_OF_ENUMS = frozenset(["values", "valueOf"])
_OF_ERRORS = frozenset(["getMessage", "getCause", "getLocalizedMessage", "printStackTrace", "getStackTrace"])


class ClassFacts(Struct, frozen=True):
    """A class of the script. `above` is what it extends where that is the script's own, `java` where it is Java's."""

    node: Class
    python: str
    above: ClassFacts | None = None
    java: str | None = None

    def field(self, name: str, *, static: bool) -> Field | None:
        """Give a field of this class or of one above it."""
        found = next((one for one in self.node.fields if one.name == name and one.is_static == static), None)
        if found is None and self.above is not None:
            return self.above.field(name, static=static)
        return found

    def holder(self, name: str) -> ClassFacts | None:
        """Give the class, this or one above it, that has a static field or constant of that name."""
        statics = {one.name for one in self.node.fields if one.is_static} | {one.name for one in self.node.constants}
        if name in statics:
            return self
        return None if self.above is None else self.above.holder(name)

    def has_method(self, name: str, *, static: bool) -> bool:
        """Whether a method of that name is this class's or one's above it."""
        if any(one.name == name and one.is_static == static for one in self.node.methods):
            return True
        if self.node.kind == "enum" and name in (_STATICS_OF_ENUMS if static else _OF_ENUMS):
            return True
        if self.above is not None:
            return self.above.has_method(name, static=static)
        return not static and self.java is not None and name in _OF_ERRORS

    def has_property(self, name: str) -> bool:
        """Whether a property of that name is read by a method or a field."""
        capital = name[:1].upper() + name[1:]
        if self.field(name, static=False) is not None:
            return True
        return any(self.has_method(f"{word}{capital}", static=False) for word in ("get", "is", "set"))


def members_of(classes: Mapping[str, ClassFacts]) -> frozenset[str]:
    """Give the names of all methods that objects of these classes have, those that nobody wrote among them."""
    found: set[str] = set()
    for facts in classes.values():
        found |= {one.name for one in facts.node.methods}
        for one in facts.node.fields:
            capital = one.name[:1].upper() + one.name[1:]
            found |= {f"get{capital}", f"set{capital}"}
        if facts.node.kind == "enum":
            found |= _OF_ENUMS
    return frozenset(found)
