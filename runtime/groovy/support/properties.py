"""``java.util.Properties``: texts by name."""

from __future__ import annotations

import re

from runtime.groovy.support.errors import ClassCastException, NullPointerException
from runtime.groovy.support.texts import java_text
from runtime.groovy.support.values import Entry, JavaIterator, JavaObject, JavaSet, Value

_LINE = re.compile(r"\s*([^#!\s:=\\](?:\\.|[^\s:=\\])*)(?:\s*[:=]\s*|\s+|$)(.*)")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")


def _plain(text: str) -> str:
    marks = {"n": "\n", "t": "\t", "r": "\r"}
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else marks.get(match[2], match[2]), text)


class Properties(JavaObject):
    """Texts by name, in the order in which they were set."""

    java_name = "java.util.Properties"

    def __init__(self, defaults: Properties | None = None) -> None:
        self.values_: dict[str, Value] = {} if defaults is None else dict(defaults.values_)

    def getProperty(self, name: str, default: Value = None) -> Value:
        """Give a property, or what stands for one that is not set."""
        return self.values_.get(str(name), default)

    def setProperty(self, name: Value, value: Value) -> Value:
        """Set a property; null is an error, as in Java."""
        if name is None or value is None:
            raise NullPointerException(None)
        if not isinstance(value, str):
            raise ClassCastException(f"a property is a text, not {java_text(value)}")
        before = self.values_.get(str(name))
        self.values_[str(name)] = str(value)
        return before

    def put(self, name: Value, value: Value) -> Value:
        """Set a property; what is no text is not seen as one."""
        if name is None or value is None:
            raise NullPointerException(None)
        before = self.values_.get(str(name))
        self.values_[str(name)] = value
        return before

    def putAt(self, name: Value, value: Value) -> None:
        """Set a property."""
        self.put(name, value)

    def get(self, name: Value) -> Value:
        """Give a property, or null."""
        return self.values_.get(str(name))

    def getAt(self, name: Value) -> Value:
        """Give a property, or null."""
        return self.values_.get(str(name))

    def getOrDefault(self, name: Value, default: Value) -> Value:
        """Give a property, or what stands for one that is not set."""
        return self.values_.get(str(name), default)

    def putAll(self, others: Value) -> None:
        """Set all properties of a map."""
        for name, value in (others.values_ if isinstance(others, Properties) else others).items():
            self.put(name, value)

    def remove(self, name: Value) -> Value:
        """Take a property out."""
        return self.values_.pop(str(name), None)

    def containsKey(self, name: Value) -> bool:
        """Whether a property is set."""
        return str(name) in self.values_

    def stringPropertyNames(self) -> JavaSet:
        """Give the names."""
        return JavaSet(self.values_)

    def propertyNames(self) -> JavaIterator:
        """Give the names."""
        return JavaIterator(list(self.values_))

    def keySet(self) -> JavaSet:
        """Give the names."""
        return JavaSet(self.values_)

    def values(self) -> list[Value]:
        """Give the texts."""
        return list(self.values_.values())

    def entrySet(self) -> list[Entry]:
        """Give names and texts."""
        return [Entry(self.values_, name) for name in self.values_]

    def iterator(self) -> JavaIterator:
        """Go through names and texts."""
        return JavaIterator(self.entrySet())

    def size(self) -> int:
        """Give how many there are."""
        return len(self.values_)

    def isEmpty(self) -> bool:
        """Whether there are none."""
        return not self.values_

    def asBoolean(self) -> bool:
        """Groovy's truth."""
        return bool(self.values_)

    def clear(self) -> None:
        """Take all out."""
        self.values_.clear()

    def load(self, source: Value) -> None:
        """Read lines of names and texts."""
        from runtime.groovy.support.streams import InputStream

        text = source.getText("ISO-8859-1") if isinstance(source, InputStream) else source.getText()
        for line in re.sub(r"\\\r?\n[ \t]*", "", text).splitlines():
            found = _LINE.match(line)
            if found is not None:
                self.values_[_plain(found[1])] = _plain(found[2] or "")

    def clone(self) -> Properties:
        """Give a copy."""
        return Properties(self)

    def equals(self, other: Value) -> bool:
        """Whether another has the same."""
        return isinstance(other, Properties) and self.values_ == other.values_

    def toString(self) -> str:
        """Write them as Java does."""
        return java_text(self.values_)
