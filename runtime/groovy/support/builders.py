"""Texts that grow: ``StringBuilder``, ``StringWriter``."""

from __future__ import annotations

from collections.abc import Callable

from runtime.groovy.support.errors import StringIndexOutOfBoundsException
from runtime.groovy.support.texts import java_text, text_of
from runtime.groovy.support.values import Char, JavaObject, Value

Function = Callable[..., Value]


class StringBuilder(JavaObject):
    """A text that is changed in its place."""

    java_name = "java.lang.StringBuilder"

    def __init__(self, text: Value = "") -> None:
        self._parts = [] if isinstance(text, int) else [text_of(text)]

    def _text(self) -> str:
        text = "".join(self._parts)
        self._parts = [text]
        return text

    def _set(self, text: str) -> StringBuilder:
        self._parts = [text]
        return self

    def _checked(self, index: int, longest: int) -> int:
        if not 0 <= index <= longest:
            raise StringIndexOutOfBoundsException(f"index {index}, length {self.length()}")
        return index

    def append(self, value: Value) -> StringBuilder:
        """Add a value at the end."""
        self._parts.append(value if isinstance(value, str) else java_text(value))
        return self

    def leftShift(self, value: Value) -> StringBuilder:
        """Add a value at the end."""
        return self.append(text_of(value))

    def plus(self, value: Value) -> str:
        """Give the text with another behind it."""
        return self._text() + text_of(value)

    def insert(self, index: int, value: Value) -> StringBuilder:
        """Add a value in between."""
        text = self._text()
        at = self._checked(index, len(text))
        return self._set(text[:at] + text_of(value) + text[at:])

    def delete(self, start: int, end: int) -> StringBuilder:
        """Take a part out."""
        text = self._text()
        return self._set(text[: self._checked(start, len(text))] + text[end:])

    def deleteCharAt(self, index: int) -> StringBuilder:
        """Take a character out."""
        text = self._text()
        at = self._checked(index, len(text) - 1)
        return self._set(text[:at] + text[at + 1 :])

    def replace(self, start: int, end: int, value: str) -> StringBuilder:
        """Put a text in the place of a part."""
        text = self._text()
        return self._set(text[: self._checked(start, len(text))] + value + text[end:])

    def reverse(self) -> StringBuilder:
        """Turn it round."""
        return self._set(self._text()[::-1])

    def setLength(self, length: int) -> None:
        """Cut it, or fill it up with characters 0."""
        self._set(self._text()[:length].ljust(length, "\0"))

    def setCharAt(self, index: int, char: str) -> None:
        """Change a character."""
        text = self._text()
        at = self._checked(index, len(text) - 1)
        self._set(text[:at] + char + text[at + 1 :])

    def charAt(self, index: int) -> Char:
        """Give a character."""
        text = self._text()
        return Char(text[self._checked(index, len(text) - 1)])

    def length(self) -> int:
        """Give how long it is."""
        return len(self._text())

    def size(self) -> int:
        """Give how long it is."""
        return len(self._text())

    def isEmpty(self) -> bool:
        """Whether there is nothing."""
        return not self._text()

    def asBoolean(self) -> bool:
        """Groovy's truth."""
        return bool(self._text())

    def indexOf(self, part: str, start: int = 0) -> int:
        """Give where a text stands, or -1."""
        return self._text().find(part, start)

    def lastIndexOf(self, part: str) -> int:
        """Give where a text stands last, or -1."""
        return self._text().rfind(part)

    def contains(self, part: Value) -> bool:
        """Whether a text stands in it."""
        return text_of(part) in self._text()

    def substring(self, start: int, end: int | None = None) -> str:
        """Give a part."""
        text = self._text()
        return text[self._checked(start, len(text)) : end]

    def toString(self) -> str:
        """Give the text."""
        return self._text()


class PrintWriter(JavaObject):
    """Writes lines to a writer or a stream."""

    java_name = "java.io.PrintWriter"

    def __init__(self, out: Value, _flushes: Value = None) -> None:
        self._out = out

    def _put(self, text: str) -> None:
        if "append" in self._out.methods:
            self._out.append(text)
        else:
            self._out.write(text.encode())

    def print(self, value: Value) -> None:
        """Add a value."""
        self._put(text_of(value))

    def println(self, value: Value = "") -> None:
        """Add a line."""
        self._put(text_of(value) + "\n")

    def write(self, value: Value) -> None:
        """Add a text, or the character of a code."""
        self._put(chr(value) if isinstance(value, int) else text_of(value))

    def append(self, value: Value) -> PrintWriter:
        """Add a value."""
        self._put(text_of(value))
        return self

    def leftShift(self, value: Value) -> PrintWriter:
        """Add a value."""
        return self.append(value)

    def flush(self) -> None:
        """Do nothing: nothing is held back."""

    def close(self) -> None:
        """Do nothing: nothing is held."""


class StringWriter(StringBuilder):
    """A text that is written."""

    java_name = "java.io.StringWriter"

    def write(self, value: Value) -> None:
        """Add a text, or the character of a code."""
        self.append(chr(value) if isinstance(value, int) else value)

    def println(self, value: Value = "") -> None:
        """Add a line."""
        self.append(text_of(value) + "\n")

    def withWriter(self, function: Function) -> Value:
        """Call a closure with it."""
        from runtime.groovy.support.closures import call

        return call(function, self)

    def getBuffer(self) -> StringBuilder:
        """Give what was written."""
        return self

    def flush(self) -> None:
        """Do nothing: nothing is held back."""

    def close(self) -> None:
        """Do nothing: nothing is held."""
