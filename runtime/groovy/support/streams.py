"""Streams, readers and writers over bytes and texts in memory."""

from __future__ import annotations

from runtime.groovy.support import regexes
from runtime.groovy.support.charsets import decode, encode
from runtime.groovy.support.closures import Function, arity, call
from runtime.groovy.support.errors import InputMismatchException, NoSuchElementException, NullPointerException
from runtime.groovy.support.numbers import parse_whole
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import JavaIterator, JavaObject, Long, Value


class InputStream(JavaObject):
    """Bytes that are read once; a stream of a document begins anew when it is stored untouched."""

    java_name = "java.io.ByteArrayInputStream"

    def __init__(self, data: Value) -> None:
        if data is None:
            raise NullPointerException(None)
        self.data = bytes(data)
        self.at = 0

    def rest(self) -> bytes:
        """Give what has not been read yet, and read it."""
        rest = self.data[self.at :]
        self.at = len(self.data)
        return rest

    def _fill(self, buffer: Value, start: int = 0, length: int | None = None) -> int:
        most = len(buffer) - start if length is None else length
        part = self.data[self.at : self.at + most]
        buffer[start : start + len(part)] = part
        self.at += len(part)
        return len(part)

    def read(self, buffer: Value = None, *place: int) -> int:
        """Give the next byte, or read into an array and give how many were read; -1 at the end."""
        if self.at >= len(self.data):
            return -1
        if buffer is not None:
            return self._fill(buffer, *place)
        self.at += 1
        return self.data[self.at - 1]

    def available(self) -> int:
        """Give how many bytes are left."""
        return len(self.data) - self.at

    def readAllBytes(self) -> bytes:
        """Read the rest."""
        return self.rest()

    def getBytes(self) -> bytes:
        """Read the rest."""
        return self.rest()

    def getText(self, charset: Value = "UTF-8") -> str:
        """Read the rest as a text."""
        return decode(self.rest(), charset)

    def readLines(self, charset: Value = "UTF-8") -> list[str]:
        """Read the rest as lines."""
        return lines_of(self.getText(charset))

    def eachLine(self, *arguments: Value) -> Value:
        """Call a closure for each line."""
        return each_line(self.readLines(*arguments[:-1]), arguments[-1])

    def withReader(self, *arguments: Value) -> Value:
        """Call a closure with a reader."""
        return call(arguments[-1], BufferedReader(InputStreamReader(self, *arguments[:-1])))

    def skip(self, count: int) -> Long:
        """Pass over bytes; give how many there were."""
        skipped = min(max(count, 0), len(self.data) - self.at)
        self.at += skipped
        return Long(skipped)

    def withStream(self, function: Function) -> Value:
        """Call a closure with the stream."""
        return call(function, self)

    def newReader(self, charset: Value = "UTF-8") -> BufferedReader:
        """Give a reader."""
        return BufferedReader(InputStreamReader(self, charset))

    def reset(self) -> None:
        """Begin anew."""
        self.at = 0

    def close(self) -> None:
        """Do nothing: nothing is held."""


def lines_of(text: str) -> list[str]:
    """Give the lines of a text; the end of its last does not begin another."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def each_line(lines: list[str], function: Function) -> Value:
    """Call a closure for each line, with its number where it takes two."""
    result: Value = None
    for number, line in enumerate(lines, 1):
        result = function(line, number) if arity(function) > 1 else call(function, line)
    return result


class Reader(JavaObject):
    """Text that is read once."""

    java_name = "java.io.Reader"

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = self._marked = 0

    def getText(self) -> str:
        """Read the rest."""
        rest = self._text[self._at :]
        self._at = len(self._text)
        return rest

    def read(self) -> int:
        """Give the code of the next character, or -1 at the end."""
        if self._at >= len(self._text):
            return -1
        self._at += 1
        return ord(self._text[self._at - 1])

    def readLine(self) -> str | None:
        """Give the next line without its end, or null at the end."""
        if self._at >= len(self._text):
            return None
        ends = [at for mark in "\r\n" if (at := self._text.find(mark, self._at)) >= 0]
        end = min(ends, default=len(self._text))
        line = self._text[self._at : end]
        self._at = end + (2 if self._text.startswith("\r\n", end) else 1)
        return line

    def readLines(self) -> list[str]:
        """Read the rest as lines."""
        return lines_of(self.getText())

    def eachLine(self, function: Function) -> Value:
        """Call a closure for each line."""
        return each_line(self.readLines(), function)

    def lines(self) -> list[str]:
        """Give the rest as lines."""
        return self.readLines()

    def iterator(self) -> JavaIterator:
        """Go through the lines."""
        return JavaIterator(self.readLines())

    def mark(self, _limit: int = 0) -> None:
        """Take note of the place."""
        self._marked = self._at

    def reset(self) -> None:
        """Go back to the place that was taken note of."""
        self._at = self._marked

    def ready(self) -> bool:
        """Whether there is more."""
        return self._at < len(self._text)

    def close(self) -> None:
        """Do nothing: nothing is held."""


class StringReader(Reader):
    """A reader over a text."""

    java_name = "java.io.StringReader"


class InputStreamReader(Reader):
    """A reader over a stream."""

    java_name = "java.io.InputStreamReader"

    def __init__(self, stream: Value, charset: Value = "UTF-8") -> None:
        if stream is None:
            raise NullPointerException(None)
        super().__init__(stream.getText(charset))


class Scanner(JavaObject):
    """Reads words, or what stands between other marks."""

    java_name = "java.util.Scanner"

    def __init__(self, source: Value, charset: Value = "UTF-8") -> None:
        if isinstance(source, Reader):
            self._text = source.getText()
        else:
            self._text = source.getText(charset) if isinstance(source, InputStream) else text_of(source)
        self._at = 0
        self._apart = regexes.compiled(r"\s+")

    def useDelimiter(self, pattern: Value) -> Scanner:
        """Read what stands between matches of a pattern."""
        self._apart = regexes.pattern_of(pattern)
        return self

    def _word(self) -> tuple[str, int] | None:
        """Give the next word, and where it ends."""
        start = self._at
        lead = self._apart.match(self._text, start)
        if lead is not None and lead.end() > start:
            start = lead.end()
        if start >= len(self._text):
            return None
        following = self._apart.search(self._text, start + 1)
        end = len(self._text) if following is None or following.end() == following.start() else following.start()
        return self._text[start:end], end

    def hasNext(self) -> bool:
        """Whether there is another word."""
        return self._word() is not None

    def next(self) -> str:
        """Give the next word."""
        found = self._word()
        if found is None:
            raise NoSuchElementException(None)
        self._at = found[1]
        return found[0]

    def hasNextInt(self) -> bool:
        """Whether the next word is a number."""
        found = self._word()
        return found is not None and found[0].removeprefix("-").isdigit()

    def nextInt(self) -> int:
        """Give the next word as a number."""
        if not self.hasNextInt():
            raise InputMismatchException(None)
        return parse_whole(self.next())

    def hasNextLine(self) -> bool:
        """Whether there is another line."""
        return self._at < len(self._text)

    def nextLine(self) -> str:
        """Give the rest of the line."""
        reader = Reader(self._text[self._at :])
        line = reader.readLine()
        if line is None:
            raise NoSuchElementException("No line found")
        self._at = len(self._text) - len(reader.getText())
        return line

    def close(self) -> None:
        """Do nothing: nothing is held."""


class BufferedReader(Reader):
    """A reader over a reader."""

    java_name = "java.io.BufferedReader"

    def __init__(self, reader: Reader, _size: int = 0) -> None:
        super().__init__(reader.getText())


class ByteArrayOutputStream(JavaObject):
    """Bytes that are gathered."""

    java_name = "java.io.ByteArrayOutputStream"

    def __init__(self, _size: int = 0) -> None:
        self._data = bytearray()

    def write(self, data: Value, start: int = 0, length: int | None = None) -> None:
        """Add a byte, or bytes."""
        if isinstance(data, int):
            self._data.append(data % 256)
        else:
            self._data += data[start : None if length is None else start + length]

    def leftShift(self, value: Value) -> ByteArrayOutputStream:
        """Add bytes, or a text."""
        self._data += value if isinstance(value, bytes | bytearray) else encode(text_of(value))
        return self

    def withStream(self, function: Function) -> Value:
        """Call a closure with the stream, and close it."""
        result = call(function, self)
        self.close()
        return result

    def writeTo(self, other: ByteArrayOutputStream) -> None:
        """Add all to another."""
        other.write(bytes(self._data))

    def toByteArray(self) -> bytes:
        """Give the bytes."""
        return bytes(self._data)

    def size(self) -> int:
        """Give how many there are."""
        return len(self._data)

    def reset(self) -> None:
        """Begin anew."""
        self._data.clear()

    def toString(self, charset: Value = "UTF-8") -> str:
        """Give the bytes as a text."""
        return decode(bytes(self._data), charset)

    def flush(self) -> None:
        """Do nothing: nothing is held back."""

    def close(self) -> None:
        """Do nothing: nothing is held."""
