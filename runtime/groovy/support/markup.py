"""``MarkupBuilder`` and ``StreamingMarkupBuilder``: XML made by calling methods that are named as its elements."""

from __future__ import annotations

from runtime.groovy.support.builders import StringBuilder
from runtime.groovy.support.closures import Function, arity, call
from runtime.groovy.support.delegates import delegating
from runtime.groovy.support.errors import IllegalArgumentException, MissingPropertyException
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import JavaObject, JavaSet, Value
from runtime.groovy.support.xml_tree import Element
from runtime.groovy.support.xml_writing import attributes_text, beyond, escaped, with_spaces


def _is_map(value: Value) -> bool:
    return isinstance(value, dict) and not isinstance(value, JavaSet)


def _is_closure(value: Value) -> bool:
    return callable(value) and not isinstance(value, JavaObject)


class Helper(JavaObject):
    """``mkp``: what is no element."""

    java_name = "groovy.xml.MarkupBuilderHelper"

    def __init__(self, builder: MarkupBuilder | _Stream) -> None:
        self._builder = builder

    def yield_(self, value: Value) -> None:
        """Write a text."""
        self._builder.write_text(value, escapes=True)

    def yieldUnescaped(self, value: Value) -> None:
        """Write a text as it is."""
        self._builder.write_text(value, escapes=False)

    def comment(self, value: Value) -> None:
        """Write a comment."""
        self._builder.write_comment(text_of(value))

    def xmlDeclaration(self, attributes: Value = None) -> None:
        """Write the declaration of a document."""
        self._builder.write_declaration({} if attributes is None else attributes)

    def declareNamespace(self, spaces: dict[str, Value]) -> None:
        """Declare namespaces on the next element."""
        self._builder.declare(spaces)


Helper.methods["yield"] = Helper.methods.pop("yield_")


class MarkupBuilder(JavaObject):
    """Writes elements on lines of their own while they are called."""

    java_name = "groovy.xml.MarkupBuilder"

    def __init__(self, out: Value = None) -> None:
        if not isinstance(out, StringBuilder):
            raise IllegalArgumentException("a MarkupBuilder writes to a StringWriter")
        self._out = out
        self._depth = 0
        # what was written last: nothing, a tag that is open, a text behind its tag, an end
        self._last = "nothing"
        self._is_empty = True
        self._quote = "'"
        self._omits_null = self._omits_empty = self._expands = False

    def setDoubleQuotes(self, doubles: bool) -> None:  # noqa: FBT001 - as Groovy's
        """Say which quotes attributes have."""
        self._quote = '"' if doubles else "'"

    def setOmitNullAttributes(self, omits: bool) -> None:  # noqa: FBT001 - as Groovy's
        """Say whether attributes that are null are left out."""
        self._omits_null = omits

    def setOmitEmptyAttributes(self, omits: bool) -> None:  # noqa: FBT001 - as Groovy's
        """Say whether empty attributes are left out."""
        self._omits_empty = omits

    def setExpandEmptyElements(self, expands: bool) -> None:  # noqa: FBT001 - as Groovy's
        """Say whether empty elements have two tags."""
        self._expands = expands

    def getMkp(self) -> Helper:
        """Give what writes no elements."""
        return Helper(self)

    def invokeMethod(self, name: str, *arguments: Value) -> Value:
        """Write an element: attributes, a text and what a closure writes, as far as they are given."""
        attributes, text, closure = _parts(name, arguments)
        self._open(name, attributes, text)
        if closure is not None:
            with delegating(self):
                call(closure)
        self._close(name)
        return name

    def _open(self, name: str, attributes: dict[str, Value] | None, text: Value) -> None:
        if self._last == "open":
            self._out.append(">")
        if self._last in {"open", "end"} or (self._last == "text" and not self._is_empty):
            self._depth += self._last != "end"
            self._out.append("\n" + "  " * self._depth)
        self._out.append(f"<{name}")
        for key, value in (attributes or {}).items():
            if (value is None and self._omits_null) or (
                value is not None and self._omits_empty and text_of(value) == ""
            ):
                continue
            shown = "" if value is None else escaped(text_of(value), self._quote)
            self._out.append(f" {text_of(key)}={self._quote}{shown}{self._quote}")
        self._last, self._is_empty = "open", True
        if text is not None:
            self._out.append(f">{escaped(text_of(text))}")
            self._last, self._is_empty = "text", False

    def _close(self, name: str) -> None:
        if self._last == "open":
            if self._is_empty:
                self._out.append(f"></{name}>" if self._expands else " />")
        elif self._last == "text":
            self._out.append(f"</{name}>")
        else:
            self._depth -= 1
            self._out.append("\n" + "  " * self._depth + f"</{name}>")
        self._last = "end"

    def write_text(self, value: Value, *, escapes: bool) -> None:
        """Write a text."""
        if self._last == "open":
            self._last, self._is_empty = "text", False
            self._out.append(">")
        self._out.append(escaped(text_of(value)) if escapes else text_of(value))

    def write_comment(self, text: str) -> None:
        """Write a comment."""
        self.write_text(f"<!-- {text} -->", escapes=False)

    def write_declaration(self, attributes: dict[str, Value]) -> None:
        """Write the declaration of a document."""
        self._open("?xml", attributes, None)
        self._last, self._is_empty = "text", True
        self._out.append("?>\n")

    def declare(self, _spaces: dict[str, Value]) -> None:
        """Refuse: namespaces are attributes here."""
        raise MissingPropertyException("a MarkupBuilder declares namespaces as attributes")


def _parts(name: str, arguments: tuple[Value, ...]) -> tuple[dict[str, Value] | None, Value, Function | None]:
    """Give attributes, text and closure of the call of an element."""
    rest = list(arguments)
    closure = rest.pop() if rest and _is_closure(rest[-1]) else None
    maps = [one for one in rest if _is_map(one)]
    values = [one for one in rest if not _is_map(one)]
    if len(maps) > 1 or len(values) > 1:
        raise IllegalArgumentException(f"the element {name} has more than attributes, a text and a closure")
    return (maps[0] if maps else None), (values[0] if values else None), closure


class StreamingMarkupBuilder(JavaObject):
    """Writes elements in one line, when the text is asked for."""

    java_name = "groovy.xml.StreamingMarkupBuilder"

    def __init__(self) -> None:
        self._encoding: str | None = None
        self._quote = "'"
        self._expands = False

    def setEncoding(self, encoding: str | None) -> None:
        """Set the encoding of the document."""
        self._encoding = encoding

    def getEncoding(self) -> str | None:
        """Give the encoding of the document."""
        return self._encoding

    def setUseDoubleQuotes(self, doubles: bool) -> None:  # noqa: FBT001 - as Groovy's
        """Say which quotes attributes have."""
        self._quote = '"' if doubles else "'"

    def setExpandEmptyElements(self, expands: bool) -> None:  # noqa: FBT001 - as Groovy's
        """Say whether empty elements have two tags."""
        self._expands = expands

    def bind(self, closure: Value) -> Bound:
        """Take what a closure builds."""
        return Bound(closure, self._encoding, self._quote, expands=self._expands)

    def bindNode(self, node: Value) -> Bound:
        """Take nodes that were read."""
        return self.bind(node)


class Bound(JavaObject):
    """What was bound: it is built each time that it is asked for as a text."""

    java_name = "groovy.lang.Writable"

    def __init__(self, closure: Value, encoding: str | None, quote: str, *, expands: bool) -> None:
        self._closure, self._encoding, self._quote, self._expands = closure, encoding, quote, expands

    def toString(self) -> str:
        """Build it."""
        stream = _Stream(self._encoding, self._quote, expands=self._expands)
        stream.body(self._closure)
        return "".join(stream.pieces)

    def writeTo(self, out: StringBuilder) -> StringBuilder:
        """Build it to a writer."""
        out.append(self.toString())
        return out


class _Stream(JavaObject):
    """The delegate of closures that are bound."""

    java_name = "groovy.xml.streamingmarkupsupport.BaseMarkupBuilder$Document"

    def __init__(self, encoding: str | None, quote: str, *, expands: bool) -> None:
        self.pieces: list[str] = []
        self._encoding, self._quote, self._expands = encoding, quote, expands
        self._pending: dict[str, str] = {}

    def getMkp(self) -> Helper:
        """Give what writes no elements."""
        return Helper(self)

    def getOut(self) -> _Stream:
        """Give what takes values by ``<<``."""
        return self

    def leftShift(self, value: Value) -> _Stream:
        """Write a value."""
        self.body(value)
        return self

    def invokeMethod(self, name: str, *arguments: Value) -> Value:
        """Write an element."""
        attributes, text, closure = _parts(name, arguments)
        self.pieces.append(f"<{name}")
        for key, value in (attributes or {}).items():
            self.pieces.append(f" {text_of(key)}={self._quoted(text_of(value))}")
        pending, self._pending = self._pending, {}
        for prefix, uri in pending.items():
            self.pieces.append(f" xmlns{':' if prefix else ''}{prefix}={self._quoted(uri)}")
        if text is None and closure is None:
            self.pieces.append(f"></{name}>" if self._expands else "/>")
            return None
        self.pieces.append(">")
        for part in (text, closure):
            if part is not None:
                self.body(part)
        self.pieces.append(f"</{name}>")
        return None

    def _quoted(self, value: str) -> str:
        return f"{self._quote}{self._encoded(escaped(value, self._quote))}{self._quote}"

    def _encoded(self, text: str) -> str:
        return beyond(text, self._encoding or "US-ASCII")

    def body(self, value: Value) -> None:
        """Write a text, nodes that were read, or what a closure writes."""
        from runtime.groovy.support.xml import Nodes

        if isinstance(value, Nodes):
            for item in value.items():
                self.pieces.append(escaped(item) if isinstance(item, str) else _compact(item, {}))
        elif isinstance(value, list):
            for one in value:
                self.body(one)
        elif isinstance(value, Bound):
            self.pieces.append(value.toString())
        elif _is_closure(value):
            with delegating(self):
                call(value, *([self] if arity(value) == 1 else []))
        else:
            self.pieces.append(self._encoded(escaped(text_of(value))))

    def write_text(self, value: Value, *, escapes: bool) -> None:
        """Write a text, or what a closure or nodes give."""
        if escapes:
            self.body(value)
        else:
            self.pieces.append(text_of(value))

    def write_comment(self, text: str) -> None:
        """Write a comment."""
        self.pieces.append(f"<!--{text}-->")

    def write_declaration(self, _attributes: dict[str, Value]) -> None:
        """Write the declaration of a document."""
        encoding = "" if self._encoding is None else f" encoding={self._quote}{self._encoding}{self._quote}"
        self.pieces.append(f"<?xml version={self._quote}1.0{self._quote}{encoding}?>\n")

    def declare(self, spaces: dict[str, Value]) -> None:
        """Declare namespaces on the next element."""
        self._pending |= {text_of(prefix): text_of(uri) for prefix, uri in spaces.items()}


def _compact(element: Element, declared: dict[str, str]) -> str:
    """Give an element that was read in one line."""
    attributes, within = with_spaces(element, declared)
    head = f"<{element.qualified}{attributes_text(attributes, chr(39))}"
    parts = (escaped(part) if isinstance(part, str) else _compact(part, within) for part in element.content)
    return f"{head}>{''.join(parts)}</{element.qualified}>"


def built(closure: Function, nodes: Value) -> str:
    """Give what a closure builds that gets nodes which it replaces, or behind which it stands."""
    stream = _Stream("UTF-8", "'", expands=False)
    with delegating(stream):
        call(closure, *([nodes] if arity(closure) == 1 else []))
    return "".join(stream.pieces)
