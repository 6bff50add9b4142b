"""What the platform gives to scripts: ``dataContext``, ``ExecutionUtil``, ``ExecutionManager`` and their loggers."""

from __future__ import annotations

from collections.abc import Callable

from runtime.groovy.support.errors import IndexOutOfBoundsException, MissingMethodException, NullPointerException
from runtime.groovy.support.properties import Properties
from runtime.groovy.support.streams import InputStream
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import JavaObject, Value
from runtime.sdk.script import ScriptContext, ScriptDocument

DYNAMIC = "document.dynamic.userdefined."  # what the platform puts before the name of a dynamic document property

_LEVELS = {"SEVERE": "error", "WARNING": "warning", "FINE": "debug", "FINER": "debug", "FINEST": "debug"}

Note = Callable[[str, str], None]  # takes a level and a text


class DataContext(JavaObject):
    """The documents of the step, and those that the script stores."""

    java_name = "com.boomi.document.scripting.DataContextImpl"

    def __init__(self, documents: list[ScriptDocument]) -> None:
        self._documents = documents
        self._streams: list[tuple[InputStream, int]] = []
        self._properties: dict[int, Properties] = {}
        self._stored: list[tuple[InputStream, bytes, Properties]] = []

    def getDataCount(self) -> int:
        """Give how many documents came."""
        return len(self._documents)

    def getStream(self, index: int) -> InputStream:
        """Give the content of a document."""
        stream = InputStream(self._document(index).content)
        self._streams.append((stream, index))
        return stream

    def getProperties(self, index: int) -> Properties:
        """Give the properties of a document; dynamic ones have a prefix before their name."""
        document = self._document(index)
        if index not in self._properties:
            properties = Properties()
            properties.values_ |= {DYNAMIC + name: value for name, value in document.properties.items()}
            properties.values_ |= document.meta
            self._properties[index] = properties
        return self._properties[index]

    def storeStream(self, stream: Value, properties: Value) -> None:
        """Let a document go on."""
        if stream is None or properties is None:
            raise NullPointerException(None)
        if not isinstance(stream, InputStream) or not isinstance(properties, Properties):
            raise MissingMethodException("No signature of method: storeStream() takes an InputStream and Properties")
        self._stored.append((stream, stream.rest(), properties))

    def results(self) -> list[ScriptDocument]:
        """Give the documents that go on, in the order in which they were stored.

        A document comes from the one whose stream or properties it has; where as many were stored as came, from the
        one in its place. It keeps that one's dynamic properties, and those stored with it win (behaviour 27), unless
        its properties are that document's own: then what the script took out is out.
        """
        return [self._result(place, *stored) for place, stored in enumerate(self._stored)]

    def _result(self, place: int, stream: InputStream, content: bytes, properties: Properties) -> ScriptDocument:
        own = next((index for index, held in self._properties.items() if held is properties), None)
        origin = next((index for known, index in self._streams if known is stream), own)
        one_to_one = len(self._stored) == len(self._documents)
        if origin is None and one_to_one:
            origin = place
        made = ScriptDocument(content) if origin is None else self._documents[origin].derive(content)
        made.is_new = origin is None or not one_to_one
        if own is not None or not one_to_one:
            made.properties, made.meta = {}, {}
        for name, value in properties.values_.items():
            kept = made.properties if name.startswith(DYNAMIC) else made.meta
            kept[name.removeprefix(DYNAMIC)] = text_of(value)
        return made

    def _document(self, index: int) -> ScriptDocument:
        if not 0 <= index < len(self._documents):
            raise IndexOutOfBoundsException(f"Index: {index}, Size: {len(self._documents)}")
        return self._documents[index]


class Logger(JavaObject):
    """A log of the execution."""

    java_name = "java.util.logging.Logger"

    def __init__(self, note: Note) -> None:
        self._note = note

    def info(self, text: Value) -> None:
        """Log a line."""
        self._note("info", text_of(text))

    def fine(self, text: Value) -> None:
        """Log a line."""
        self._note("debug", text_of(text))

    def finer(self, text: Value) -> None:
        """Log a line."""
        self._note("debug", text_of(text))

    def finest(self, text: Value) -> None:
        """Log a line."""
        self._note("debug", text_of(text))

    def config(self, text: Value) -> None:
        """Log a line."""
        self._note("info", text_of(text))

    def warning(self, text: Value) -> None:
        """Log a line."""
        self._note("warning", text_of(text))

    def severe(self, text: Value) -> None:
        """Log a line."""
        self._note("error", text_of(text))

    def log(self, level: Value, text: Value, *_more: Value) -> None:
        """Log a line at a level."""
        self._note(_LEVELS.get(text_of(level), "info"), text_of(text))


class Loggers(JavaObject):
    """``java.util.logging.Logger`` without an object: every logger is the execution's."""

    java_name = "java.util.logging.Logger"

    def __init__(self, note: Note) -> None:
        self._note = note

    def getLogger(self, _name: Value = None) -> Logger:
        """Give the log of the execution."""
        return Logger(self._note)

    def getAnonymousLogger(self) -> Logger:
        """Give the log of the execution."""
        return Logger(self._note)

    def getGlobal(self) -> Logger:
        """Give the log of the execution."""
        return Logger(self._note)


class ExecutionUtil(JavaObject):
    """The properties and the log of the execution."""

    java_name = "com.boomi.execution.ExecutionUtil"

    def __init__(self, context: ScriptContext, note: Note) -> None:
        self._context = context
        self._note = note

    def getDynamicProcessProperty(self, name: str) -> str | None:
        """Give a dynamic process property, or null."""
        return self._context.process.get(str(name))

    def setDynamicProcessProperty(self, name: str, value: Value, _persist: bool = False) -> None:  # noqa: FBT001, FBT002
        """Set a dynamic process property."""
        self._context.process[str(name)] = "" if value is None else text_of(value)

    def getProcessProperty(self, component: str, key: str | None = None) -> str | None:
        """Give a property of a process property component."""
        return self._context.process.get(component if key is None else component_property(component, key))

    def setProcessProperty(self, component: str, key: str, value: Value) -> None:
        """Set a property of a process property component."""
        self._context.process[component_property(component, key)] = "" if value is None else text_of(value)

    def getRuntimeExecutionProperty(self, name: str) -> str | None:
        """Give what is known of the execution: EXECUTION_ID, PROCESS_NAME, ATOM_NAME and so on."""
        known = _FACTS.get(str(name))
        value = None if known is None else self._context.execution.get(known)
        return None if value is None else str(value)

    def getBaseLogger(self) -> Logger:
        """Give the log of the execution."""
        return Logger(self._note)

    def getCurrent(self) -> ExecutionUtil:
        """Give the execution: ``ExecutionManager.getCurrent()``."""
        return self

    def getProcessName(self) -> str:
        """Give the name of the process."""
        return str(self._context.execution.get("process", ""))

    def getExecutionId(self) -> str:
        """Give the id of the execution."""
        return str(self._context.execution.get("id", ""))

    def getTopLevelExecutionId(self) -> str:
        """Give the id of the execution."""
        return self.getExecutionId()


_FACTS = {
    "EXECUTION_ID": "id",
    "PROCESS_ID": "process",
    "PROCESS_NAME": "process",
    "ATOM_ID": "runtime",
    "ATOM_NAME": "runtime",
    "ACCOUNT_ID": "account",
}


def component_property(component: str, key: str) -> str:
    """Give the name under which a property of a process property component is kept among the process properties."""
    return f"{component}@{key}"
