"""``groovy.json``: JsonSlurper, JsonOutput, JsonBuilder, StringEscapeUtils."""

from __future__ import annotations

import json
import re
import sys
from decimal import Decimal

from runtime.groovy.support.charsets import decode
from runtime.groovy.support.dates import Date, SimpleDateFormat
from runtime.groovy.support.errors import IllegalArgumentException, JsonException
from runtime.groovy.support.objects import Scripted
from runtime.groovy.support.streams import InputStream, Reader
from runtime.groovy.support.texts import DEEPEST, double_text, text_of
from runtime.groovy.support.values import Entry, JavaObject, JavaSet, Value, whole
from runtime.groovy.support.zones import Zone


class JsonSlurper(JavaObject):
    """Reads JSON: numbers with a fraction are BigDecimal."""

    java_name = "groovy.json.JsonSlurper"

    def parseText(self, text: Value) -> Value:
        """Read a text.

        Raises:
            IllegalArgumentException: it is null or empty.
            JsonException: it is no JSON.
        """
        if text is None or not text_of(text):
            raise IllegalArgumentException("Text must not be null or empty")
        try:
            return json.loads(text_of(text), parse_float=Decimal, parse_int=_whole, parse_constant=_constant)
        except (ValueError, RecursionError) as error:
            raise JsonException(str(error)) from error

    def parse(self, source: Value, charset: Value = "UTF-8") -> Value:
        """Read a stream, a reader or bytes."""
        if isinstance(source, InputStream):
            return self.parseText(source.getText(charset))
        if isinstance(source, Reader):
            return self.parseText(source.getText())
        return self.parseText(decode(source, charset) if isinstance(source, bytes | bytearray) else source)

    def setType(self, _type: Value) -> JsonSlurper:
        """Do nothing: there is one reader."""
        return self


def _whole(text: str) -> int:
    return whole(int(text))


def _constant(text: str) -> Value:
    raise ValueError(f"{text} is no JSON")


class JsonOutput(JavaObject):
    """Writes JSON."""

    java_name = "groovy.json.JsonOutput"

    @staticmethod
    def toJson(value: Value) -> str:
        """Write a value without blanks."""
        return "".join(_written(value, 0))

    @staticmethod
    def prettyPrint(text: str) -> str:
        """Write JSON over many lines, indented by four blanks."""
        return _pretty(JsonSlurper().parseText(text), 0)


def _written(value: Value, depth: int) -> list[str]:  # noqa: C901 - one line a kind of value
    if depth > DEEPEST:
        raise JsonException("the value is nested too deeply, or holds itself")
    match value:
        case None | bool():
            return [{None: "null", True: "true", False: "false"}[value]]
        case str():
            return [_quoted(value)]
        case int() | float() | Decimal():
            return [_number(value)]
        case dict() if not isinstance(value, JavaSet):
            return ["{", *_apart([[_quoted(text_of(key)), ":", *_written(held, depth + 1)]
                                  for key, held in value.items()]), "}"]  # fmt: skip
        case list() | range() | JavaSet():
            return ["[", *_apart([_written(item, depth + 1) for item in value]), "]"]
        case Entry():
            return _written({"key": value.key, "value": value.value}, depth)
        case Date():
            writer = SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ssZ")
            writer.setTimeZone(Zone.UTC)
            return [_quoted(writer.format(value))]
        case JavaObject() if "getContent" in value.methods:
            return _written(value.methods["getContent"](value), depth)
        case Scripted():
            return _written(value.held, depth)
        case _ if callable(value) and not isinstance(value, JavaObject):
            from runtime.groovy.support.json_builders import object_of

            return _written(object_of(value), depth)
        case _:
            return [_quoted(text_of(value))]


def _apart(parts: list[list[str]]) -> list[str]:
    return [piece for index, part in enumerate(parts) for piece in ([",", *part] if index else part)]


def _number(value: Value) -> str:
    if isinstance(value, float):
        if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - no number
            raise JsonException("Number value can't be serialized as JSON: infinite or NaN are not allowed in JSON.")
        return double_text(value)
    return text_of(value)


def _quoted(text: str) -> str:
    """Write a text as Groovy does: everything beyond ASCII escaped."""
    return json.dumps(str(text)).replace("\x7f", "\\u007f")


def _pretty(value: Value, depth: int) -> str:
    inner, outer = "    " * (depth + 1), "    " * depth
    if isinstance(value, dict):
        if not value:
            return "{\n" + inner + "\n" + outer + "}"
        rows = (f"{inner}{_quoted(key)}: {_pretty(held, depth + 1)}" for key, held in value.items())
        return "{\n" + ",\n".join(rows) + f"\n{outer}}}"
    if isinstance(value, list):
        if not value:
            return "[\n" + inner + "\n" + outer + "]"
        return "[\n" + ",\n".join(f"{inner}{_pretty(item, depth + 1)}" for item in value) + f"\n{outer}]"
    return JsonOutput.toJson(value)


_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));")
_LETTERS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def _letter(found: re.Match[str]) -> str:
    if found[3]:
        return _LETTERS[found[3]]
    code = int(found[1]) if found[1] else int(found[2], 16)
    return chr(code) if code <= sys.maxunicode else found[0]


class StringEscapeUtils(JavaObject):
    """Escapes of texts."""

    java_name = "groovy.json.StringEscapeUtils"

    @staticmethod
    def escapeJava(text: str | None) -> str | None:
        """Give a text as it stands between quotes in a program of Java."""
        return None if text is None else _quoted(text)[1:-1]

    @staticmethod
    def escapeXml(text: str | None) -> str | None:
        """Give a text as it stands in XML."""
        return None if text is None else text.translate(_ENTITIES)

    @staticmethod
    def escapeXml10(text: str | None) -> str | None:
        """Give a text as it stands in XML."""
        return StringEscapeUtils.escapeXml(text)

    @staticmethod
    def escapeXml11(text: str | None) -> str | None:
        """Give a text as it stands in XML."""
        return StringEscapeUtils.escapeXml(text)

    @staticmethod
    def unescapeXml(text: str | None) -> str | None:
        """Give the text that stands in XML: its five entities and numbers of characters."""
        return None if text is None else _ENTITY.sub(_letter, text)

    @staticmethod
    def escapeJavaScript(text: str | None) -> str | None:
        """Give a text as it stands between quotes in JavaScript."""
        return None if text is None else _quoted(text)[1:-1].replace("'", "\\'").replace("/", "\\/")

    @staticmethod
    def unescapeJava(text: str | None) -> str | None:
        """Give the text that stands between quotes in a program of Java."""
        if text is None:
            return None
        try:
            return str(json.loads('"' + re.sub(r"\\(['$])", r"\1", text).replace('"', '\\"') + '"', strict=False))
        except ValueError as error:
            raise IllegalArgumentException(str(error)) from error
