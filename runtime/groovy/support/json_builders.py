"""``JsonBuilder`` and ``StreamingJsonBuilder``: JSON made by calling methods that are named as its keys."""

from __future__ import annotations

from runtime.groovy.support.builders import StringBuilder
from runtime.groovy.support.closures import Function, call, items_of
from runtime.groovy.support.delegates import DELEGATE_FIRST, delegating
from runtime.groovy.support.errors import IllegalArgumentException, JsonException
from runtime.groovy.support.json_values import JsonOutput
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import JavaObject, JavaSet, Value


class _Object(JavaObject):
    """The delegate of a closure that tells an object: each method is a key."""

    java_name = "groovy.json.JsonDelegate"

    def __init__(self) -> None:
        self.made: dict[str, Value] = {}

    def invokeMethod(self, name: str, *arguments: Value) -> Value:
        """Set a key: to a value, to a list of values, or to what a closure makes of each element."""
        self.made[name] = _value(arguments)
        return self.made[name]


def _is_closure(value: Value) -> bool:
    return callable(value) and not isinstance(value, JavaObject)


def object_of(closure: Function, *arguments: Value) -> dict[str, Value]:
    """Give the object that a closure tells."""
    delegate = _Object()
    with delegating(delegate, DELEGATE_FIRST):
        call(closure, *arguments)
    return delegate.made


def _value(arguments: tuple[Value, ...]) -> Value:
    if len(arguments) == 2 and _is_closure(arguments[1]) and isinstance(arguments[0], list | range | JavaSet):  # noqa: PLR2004
        return [object_of(arguments[1], item) for item in items_of(arguments[0])]
    values = [_plain(argument) for argument in arguments]
    return values if len(values) > 1 else next(iter(values), None)


def _plain(value: Value) -> Value:
    return object_of(value) if _is_closure(value) else value


class JsonBuilder(JavaObject):
    """JSON made of a value."""

    java_name = "groovy.json.JsonBuilder"

    def __init__(self, content: Value = None) -> None:
        self.content = content

    def call(self, *arguments: Value) -> Value:
        """Make a map, a list, what a closure tells, or a list of what it tells of each element, the content."""
        self.content = (
            _value(arguments) if len(arguments) != 1 or not _is_closure(arguments[0]) else object_of(arguments[0])
        )
        return self.content

    def invokeMethod(self, name: str, *arguments: Value) -> Value:
        """Make an object with one key the content."""
        if not arguments:
            self.content = {name: {}}
            return self.content
        if isinstance(arguments[0], dict) and not isinstance(arguments[0], JavaSet) and len(arguments) == 2:  # noqa: PLR2004
            self.content = {name: {**arguments[0], **object_of(arguments[1])}}
        elif len(arguments) > 1 and not _is_closure(arguments[1]):
            raise JsonException(
                "Expected no arguments, a single map, a single closure, or a map and closure as arguments."
            )
        else:
            self.content = {name: _value(arguments)}
        return self.content

    def getContent(self) -> Value:
        """Give the content."""
        return self.content

    def toPrettyString(self) -> str:
        """Write it over many lines."""
        return JsonOutput.prettyPrint(self.toString())

    def writeTo(self, out: StringBuilder) -> StringBuilder:
        """Write it to a writer."""
        out.append(self.toString())
        return out

    def toString(self) -> str:
        """Write it without blanks."""
        return JsonOutput.toJson(self.content)


class StreamingJsonBuilder(JavaObject):
    """JSON that goes to a writer while it is made."""

    java_name = "groovy.json.StreamingJsonBuilder"

    def __init__(self, out: Value, content: Value = None) -> None:
        if not isinstance(out, StringBuilder):
            raise IllegalArgumentException("a StreamingJsonBuilder writes to a StringWriter")
        self._out = out
        if content is not None:
            out.append(JsonOutput.toJson(content))

    def call(self, *arguments: Value) -> Value:
        """Write a map, a list or what a closure tells."""
        builder = JsonBuilder()
        made = builder.call(*arguments)
        self._out.append(builder.toString())
        return made

    def invokeMethod(self, name: str, *arguments: Value) -> Value:
        """Write an object with one key."""
        builder = JsonBuilder()
        made = builder.invokeMethod(name, *arguments)
        self._out.append(builder.toString())
        return made

    def toString(self) -> str:
        """Give what was written."""
        return text_of(self._out)
