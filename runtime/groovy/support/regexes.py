"""Patterns of Java: ``Pattern``, ``Matcher``, and what texts do with them. Each match is bounded in time."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import regex

from runtime.groovy.support.errors import (
    IllegalStateException,
    IndexOutOfBoundsException,
    JavaRuntimeException,
    PatternSyntaxException,
)
from runtime.groovy.support.values import Array, JavaIterator, JavaObject, Value

TIMEOUT = 2.0  # seconds of one match: scripts run in threads, where a slow pattern holds up one execution
LONGEST_PATTERN = 10_000  # characters
_FLAGS = {2: regex.IGNORECASE, 4: regex.VERBOSE, 8: regex.MULTILINE, 32: regex.DOTALL, 64: 0}


@lru_cache(maxsize=512)
def compiled(pattern: str, flags: int = 0) -> regex.Pattern[str]:
    r"""Compile a pattern; ``\\w``, ``\\d`` and ``\\s`` are ASCII's, as in Java, unless it names classes of Unicode.

    Raises:
        PatternSyntaxException: it is none.
    """
    chosen = 0 if "\\p{" in pattern or "\\P{" in pattern else regex.ASCII
    for bit, flag in _FLAGS.items():
        chosen |= flag if flags & bit else 0
    try:
        if len(pattern) > LONGEST_PATTERN:
            raise PatternSyntaxException(f"a pattern has at most {LONGEST_PATTERN} characters")
        return regex.compile(pattern, chosen)
    except (regex.error, RecursionError, OverflowError) as error:
        raise PatternSyntaxException(f"{error} near index 0\n{pattern}") from error


def pattern_of(value: Value) -> regex.Pattern[str]:
    """Give the compiled pattern of a text or a ``Pattern``."""
    return value.compiled if isinstance(value, Pattern) else compiled(str(value))


def bounded(match: Callable[[], Value]) -> Value:
    """Run a match; one that takes too long is an error of the script."""
    try:
        return match()
    except TimeoutError as error:
        raise JavaRuntimeException(f"a pattern took longer than {TIMEOUT} s on one text") from error


def replaced(text: str, pattern: Value, replacement: str, count: int = 0) -> str:
    r"""Replace matches; ``$1`` and ``${name}`` stand for groups, ``\\`` takes the meaning from what follows."""

    def write(match: regex.Match[str]) -> str:
        return expanded(match, replacement)

    return str(bounded(lambda: pattern_of(pattern).sub(write, text, count=count, timeout=TIMEOUT)))


def expanded(match: regex.Match[str], replacement: str) -> str:
    """Give what replaces a match.

    Raises:
        IndexOutOfBoundsException: there is no such group.
    """
    try:
        return "".join(part if isinstance(part, str) else match[part[0]] or "" for part in _parts(replacement))
    except IndexError as error:
        raise IndexOutOfBoundsException(f"No group {error}") from error


_REFERENCE = regex.compile(r"\\(.)|\$(?:(\d)|\{(\w+)\})", regex.DOTALL)


@lru_cache(maxsize=512)
def _parts(replacement: str) -> tuple[str | tuple[int | str], ...]:
    parts: list[str | tuple[int | str]] = []
    at = 0
    for match in _REFERENCE.finditer(replacement):
        parts.append(replacement[at : match.start()])
        escaped, number, name = match.groups()
        parts.append(escaped if escaped is not None else (int(number),) if number else (name,))
        at = match.end()
    return (*parts, replacement[at:])


def split(text: str, pattern: Value, limit: int = 0) -> Array:
    """Split as ``String.split``: empty texts at the end are left out, unless `limit` is below 0."""
    parts: list[str] = []
    at = 0
    for match in bounded(lambda: list(pattern_of(pattern).finditer(text, timeout=TIMEOUT))):
        if 0 < limit <= len(parts) + 1:
            break
        if match.end() == 0:
            continue  # Java: nothing of width 0 at the beginning gives an empty first text
        if match.start() == match.end() == len(text):
            continue
        parts.append(text[at : match.start()])
        at = match.end()
    parts.append(text[at:])
    while limit == 0 and len(parts) > 1 and not parts[-1]:
        parts.pop()
    if limit == 0 and len(parts) == 1 and not parts[0] and text:
        parts = []
    return Array(parts)


class Pattern(JavaObject):
    """A compiled pattern."""

    java_name = "java.util.regex.Pattern"
    CASE_INSENSITIVE, COMMENTS, MULTILINE, DOTALL, UNICODE_CASE = 2, 4, 8, 32, 64

    def __init__(self, text: str, flags: int = 0) -> None:
        self.text = str(text)
        self.compiled = compiled(self.text, flags)

    @staticmethod
    def compile(text: str, flags: int = 0) -> Pattern:
        """Compile a pattern."""
        return Pattern(text, flags)

    @staticmethod
    def matches(pattern: str, text: str) -> bool:
        """Whether a whole text matches."""
        return Matcher(Pattern(pattern), text).matches()

    @staticmethod
    def quote(text: str) -> str:
        """Give a pattern that matches the text itself."""
        return regex.escape(text)

    def matcher(self, text: Value) -> Matcher:
        """Give a matcher over a text."""
        return Matcher(self, str(text))

    def pattern(self) -> str:
        """Give the pattern as it was written."""
        return self.text

    def split(self, text: str, limit: int = 0) -> Array:
        """Split a text."""
        return split(str(text), self, limit)

    def toString(self) -> str:
        """Give the pattern as it was written."""
        return self.text


class Matcher(JavaObject):
    """A pattern over a text; its truth is whether a (next) match is found."""

    java_name = "java.util.regex.Matcher"

    def __init__(self, pattern: Pattern, text: str) -> None:
        self._pattern = pattern
        self._text = text
        self._at = self._appended = 0
        self._match: regex.Match[str] | None = None

    def find(self) -> bool:
        """Go to the next match; say whether there is one."""
        at = self._at
        if at > len(self._text):
            self._match = None
            return False
        self._match = bounded(lambda: self._pattern.compiled.search(self._text, at, timeout=TIMEOUT))
        if self._match is not None:
            self._at = self._match.end() + (self._match.end() == self._match.start())
        return self._match is not None

    def asBoolean(self) -> bool:
        """Groovy's truth."""
        return self.find()

    def matches(self) -> bool:
        """Whether the whole text matches."""
        self._match = bounded(lambda: self._pattern.compiled.fullmatch(self._text, timeout=TIMEOUT))
        return self._match is not None

    def lookingAt(self) -> bool:
        """Whether the beginning of the text matches."""
        self._match = bounded(lambda: self._pattern.compiled.match(self._text, timeout=TIMEOUT))
        return self._match is not None

    def reset(self) -> Matcher:
        """Begin again."""
        self._at = self._appended = 0
        self._match = None
        return self

    def group(self, group: int | str = 0) -> str | None:
        """Give a group of the match, null where it took no part."""
        try:
            found: str | None = self._found()[group]
        except IndexError as error:
            raise IndexOutOfBoundsException(f"No group {group}") from error
        return found

    def groupCount(self) -> int:
        """Give how many groups the pattern has."""
        return int(self._pattern.compiled.groups)

    def start(self, group: int = 0) -> int:
        """Give where the match, or a group of it, begins."""
        return int(self._found().start(group))

    def end(self, group: int = 0) -> int:
        """Give where the match, or a group of it, ends."""
        return int(self._found().end(group))

    def replaceAll(self, replacement: str) -> str:
        """Replace every match."""
        return replaced(self._text, self._pattern, replacement)

    def replaceFirst(self, replacement: str) -> str:
        """Replace the first match."""
        return replaced(self._text, self._pattern, replacement, 1)

    def appendReplacement(self, target: Value, replacement: str) -> Matcher:
        """Add to a builder what stands before the match, and what replaces it."""
        match = self._found()
        target.append(self._text[self._appended : match.start()])
        target.append(expanded(match, replacement))
        self._appended = match.end()
        return self

    def appendTail(self, target: Value) -> Value:
        """Add to a builder what stands behind the last match."""
        target.append(self._text[self._appended :])
        return target

    def hitEnd(self) -> bool:
        """Whether the end of the text was reached."""
        return self._at >= len(self._text)

    def getCount(self) -> int:
        """Give how many matches there are."""
        return len(self._all())

    def size(self) -> int:
        """Give how many matches there are."""
        return len(self._all())

    def getAt(self, index: int) -> Value:
        """Give the match of that number: a text, or a list with its groups."""
        found = self._all()
        if not -len(found) <= index < len(found):
            raise IndexOutOfBoundsException(f"index is out of range {-len(found)}..{len(found) - 1} (index = {index})")
        return found[index]

    def iterator(self) -> JavaIterator:
        """Go through the matches."""
        return JavaIterator(self._all())

    def _found(self) -> regex.Match[str]:
        if self._match is None:
            raise IllegalStateException("No match found")
        return self._match

    def _all(self) -> list[Value]:
        matches = bounded(lambda: list(self._pattern.compiled.finditer(self._text, timeout=TIMEOUT)))
        return [match_value(match) for match in matches]


def match_value(match: regex.Match[str]) -> Value:
    """Give a match as Groovy does: a text, or where there are groups a list that begins with the whole."""
    return [match[0], *match.groups()] if match.re.groups else match[0]


def matcher(text: Value, pattern: Value) -> Matcher:
    """``=~``."""
    from runtime.groovy.support.texts import text_of

    return Matcher(pattern if isinstance(pattern, Pattern) else Pattern(text_of(pattern)), text_of(text))


def matches(text: Value, pattern: Value) -> bool:
    """``==~``."""
    return matcher(text, pattern).matches()
