"""The methods of texts."""

from __future__ import annotations

import base64
import textwrap

import regex

from runtime.groovy.support import regexes
from runtime.groovy.support.charsets import encode
from runtime.groovy.support.closures import Function, arity, call
from runtime.groovy.support.errors import (
    IllegalArgumentException,
    StringIndexOutOfBoundsException,
)
from runtime.groovy.support.operators import MOST_REPEATS, compare
from runtime.groovy.support.tables import Table
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import Array, Char, JavaIterator, JavaSet, Value, wrap

STRING = Table()
method = STRING.method
called = STRING.called


def _cut(text: str, start: int, end: int) -> str:
    if not 0 <= start <= end <= len(text):
        wrong = start if start < 0 else end if end > len(text) else end - start
        raise StringIndexOutOfBoundsException(f"String index out of range: {wrong}")
    return text[start:end]


@called("length", "size")
def length(text: str) -> int:
    return len(text)


@method
def char_at(text: str, index: int) -> Char:
    return Char(_cut(text, index, index + 1))


@method
def substring(text: str, start: int, end: int | None = None) -> str:
    return _cut(text, start, len(text) if end is None else end)


@called("subSequence")
def sub_sequence(text: str, start: int, end: int) -> str:
    return _cut(text, start, end)


@method
def index_of(text: str, part: Value, start: int = 0) -> int:
    return text.find(_letter(part), max(start, 0))


@method
def last_index_of(text: str, part: Value) -> int:
    return text.rfind(_letter(part))


def _letter(part: Value) -> str:
    return chr(part) if isinstance(part, int) else str(part)


@method
def contains(text: str, part: Value) -> bool:
    return text_of(part) in text


@method
def starts_with(text: str, part: str, start: int = 0) -> bool:
    return text.startswith(part, start)


@method
def ends_with(text: str, part: str) -> bool:
    return text.endswith(part)


@method
def equals_ignore_case(text: str, other: str | None) -> bool:
    return other is not None and text.lower() == other.lower()


@method
def compare_to(text: str, other: str) -> int:
    return compare(text, other)


@method
def compare_to_ignore_case(text: str, other: str) -> int:
    return compare(text.lower(), other.lower())


@method
def is_empty(text: str) -> bool:
    return not text


@called("isBlank", "isAllWhitespace")
def is_blank(text: str) -> bool:
    return not text.strip()


@called("toUpperCase")
def to_upper_case(text: str, _locale: Value = None) -> str:
    return text.upper()


@called("toLowerCase")
def to_lower_case(text: str, _locale: Value = None) -> str:
    return text.lower()


_BLANKS = "".join(map(chr, range(33)))  # what Java's trim takes away


@method
def trim(text: str) -> str:
    return text.strip(_BLANKS)


@method
def strip(text: str) -> str:
    return text.strip()


@method
def replace(text: str, old: Value, new: Value) -> str:
    return text.replace(text_of(old), text_of(new))


@method
def replace_all(text: str, pattern: Value, new: Value) -> str:
    return _replaced(text, pattern, new, 0)


@method
def replace_first(text: str, pattern: Value, new: Value) -> str:
    return _replaced(text, pattern, new, 1)


def _replaced(text: str, pattern: Value, new: Value, count: int) -> str:
    if not callable(new):
        return regexes.replaced(text, pattern, text_of(new), count)

    def write(match: regex.Match[str]) -> str:
        found = regexes.match_value(match)
        several = isinstance(found, list) and arity(new) > 1
        return text_of(call(new, *found) if several else call(new, found))

    compiled = regexes.pattern_of(pattern)
    return str(regexes.bounded(lambda: compiled.sub(write, text, count=count, timeout=regexes.TIMEOUT)))


@method
def matches(text: str, pattern: Value) -> bool:
    return regexes.matches(text, pattern)


@method
def split(text: str, pattern: str | None = None, limit: int = 0) -> Array:
    return Array(text.split()) if pattern is None else regexes.split(text, pattern, limit)


@method
def tokenize(text: str, delimiters: Value = " \t\n\r\f") -> list[str]:
    apart = regex.compile(f"[{regex.escape(str(delimiters), special_only=False)}]+")
    return [part for part in apart.split(text) if part]


@method
def concat(text: str, other: str) -> str:
    return text + other


@method
def get_bytes(text: str, charset: Value = "UTF-8") -> bytes:
    return encode(text, charset)


@called("toCharArray", "getChars")
def to_char_array(text: str) -> Array:
    return Array(map(Char, text))


@method
def to_list(text: str) -> list[str]:
    return list(text)


@method
def to_set(text: str) -> JavaSet:
    return JavaSet(text)


@method
def iterator(text: str) -> JavaIterator:
    return JavaIterator(text)


def _bounded(size: int) -> None:
    if size > MOST_REPEATS:
        raise IllegalArgumentException(f"a text is padded to at most {MOST_REPEATS} characters")


@method
def pad_left(text: str, size: int, padding: str = " ") -> str:
    _bounded(size)
    return (padding * size)[: max(size - len(text), 0)] + text


@method
def pad_right(text: str, size: int, padding: str = " ") -> str:
    _bounded(size)
    return text + (padding * size)[: max(size - len(text), 0)]


@method
def center(text: str, size: int, padding: str = " ") -> str:
    _bounded(size)
    missing = max(size - len(text), 0)
    return (padding * size)[: missing // 2] + text + (padding * size)[: missing - missing // 2]


@method
def capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


@method
def uncapitalize(text: str) -> str:
    return text[:1].lower() + text[1:]


@method
def reverse(text: str) -> str:
    return text[::-1]


@method
def take(text: str, count: int) -> str:
    return text[: max(count, 0)]


@method
def drop(text: str, count: int) -> str:
    return text[max(count, 0) :]


@method
def count(text: str, part: str) -> int:
    return text.count(part)


@called("readLines")
def read_lines(text: str) -> list[str]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


@method
def each_line(text: str, function: Function) -> Value:
    result = None
    for number, line in enumerate(read_lines(text)):
        result = function(line, number) if arity(function) > 1 else call(function, line)
    return result


@method
def strip_indent(text: str) -> str:
    return textwrap.dedent(text)


@method
def strip_margin(text: str, mark: str = "|") -> str:
    lines = text.split("\n")
    return "\n".join(line.lstrip()[1:] if line.lstrip().startswith(mark) else line for line in lines)


@method
def normalize(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@called("find")
def find(text: str, pattern: Value, function: Function | None = None) -> Value:
    if callable(pattern):
        return next((letter for letter in text if call(pattern, letter)), None)
    found = find_all(text, pattern, function)
    return found[0] if found else None


@called("findAll")
def find_all(text: str, pattern: Value, function: Function | None = None) -> list[Value]:
    if callable(pattern):
        return [letter for letter in text if call(pattern, letter)]
    compiled = regexes.pattern_of(pattern)
    matches_ = regexes.bounded(lambda: list(compiled.finditer(text, timeout=regexes.TIMEOUT)))
    if function is None:
        return [match[0] for match in matches_]
    return [call(function, regexes.match_value(match)) for match in matches_]


def _spelled(letters: str) -> str:
    """Give ``a-c`` as ``abc``."""
    return regex.sub(
        r"(.)-(.)",
        lambda match: "".join(map(chr, range(ord(match[1]), ord(match[2]) + 1))),
        letters,
        flags=regex.DOTALL,
    )


@method
def tr(text: str, old: str, new: str) -> str:
    old, new = _spelled(old), _spelled(new)
    padded = new + new[-1:] * max(len(old) - len(new), 0)
    return text.translate(str.maketrans(old, padded[: len(old)]))


@method
def decode_base64(text: str) -> bytes:
    return base64.b64decode(text)


@method
def code_point_at(text: str, index: int) -> int:
    return ord(_cut(text, index, index + 1))


@method
def intern(text: str) -> str:
    return text


@called("hashCode")
def hash_code(text: str) -> int:
    value = 0
    units = text.encode("utf-16-be", "surrogatepass")
    for high, low in zip(units[::2], units[1::2], strict=True):
        value = wrap(31 * value + (high << 8 | low), 32)
    return value
