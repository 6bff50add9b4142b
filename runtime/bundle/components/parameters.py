"""Parameter values (component XML, section 3): an element with a `valueType`, and a child that says more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, get_args

from runtime.bundle.components.database import DATABASE, marks_in
from runtime.bundle.components.fields import Fields, content_of, fields_in
from runtime.bundle.components.filled import filled
from runtime.bundle.components.library import find
from runtime.model.date_mask import mask_mistake
from runtime.model.message_format import MessageText, parse_message_format
from runtime.model.parameters import (
    Argument,
    CachedElement,
    CacheKeyValue,
    ColumnValue,
    ConnectorLookup,
    Counter,
    CrossReference,
    CurrentDocument,
    DateDelta,
    DateUnit,
    DateValue,
    DefinedProperty,
    DocumentProperty,
    ExecutionFact,
    ExecutionValue,
    Parameter,
    ProcessProperty,
    ProfileElement,
    SqlLookup,
    Static,
    Unique,
    property_name,
)

if TYPE_CHECKING:
    from runtime.bundle.components.library import Library
    from runtime.bundle.components.xml import Element

_UNITS: Mapping[str, DateUnit] = MappingProxyType({unit: unit for unit in get_args(DateUnit)})
_FACTS: Mapping[str, ExecutionFact] = MappingProxyType({fact: fact for fact in get_args(ExecutionFact)})
_NOTHING = Static("")


class ParameterReader:
    """Reads the parameter values of one component."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def value(self, fields: Fields) -> Parameter:
        """Read the value that an element holds; what cannot be read is told, and stands for an empty text."""
        kind = fields.required("valueType")
        fields.only("usesEncryption", "false", why="encrypted values cannot be read outside of the platform")
        tag, read = _KINDS.get(kind, (None, None))
        if kind in _REFUSED:
            fields.notes.refused(fields.element, f"a value of the type '{kind}' {_REFUSED[kind]}")
        elif read is None and kind:
            fields.notes.unknown(fields.element, f"there is no value type '{kind}'")
        if read is None:
            fields.children(*(child.tag for child in fields.element.children))
            return _NOTHING
        if tag is None:
            return read(self, fields)
        element = fields.child(tag)
        if element is None:
            fields.notes.wrong(fields.element, f"a value of the type '{kind}' has no '{tag}'")
            return _NOTHING
        inner = Fields(element, fields.notes)
        value = read(self, inner)
        inner.done()
        return value

    def values(self, holder: Fields | None, tag: str = "parametervalue") -> tuple[Parameter, ...]:
        """Read the values in a list, in the order of their elements."""
        if holder is None:
            return ()
        values = tuple(self.read(element, holder) for element in holder.children(tag))
        holder.done()
        return values

    def read(self, element: Element, parent: Fields) -> Parameter:
        """Read an element that is a value and nothing else."""
        fields = Fields(element, parent.notes)
        value = self.value(fields)
        fields.done()
        return value

    def arguments(self, holder: Fields | None) -> tuple[Argument, ...]:
        """Read values for the elements of an operation's input."""
        if holder is None:
            return ()
        arguments = []
        for element in holder.children("parametervalue"):
            fields = Fields(element, holder.notes)
            target, name = fields.text("elementToSetId"), fields.text("elementToSetName")
            arguments.append(Argument(target, self.value(fields), name))
            fields.done()
        holder.done()
        return tuple(arguments)

    def cache_keys(self, holder: Fields | None) -> tuple[CacheKeyValue, ...]:
        """Read what the keys of an index must be equal to."""
        if holder is None:
            return ()
        keys = []
        for element in holder.children("cacheKeyValue"):
            fields = Fields(element, holder.notes)
            key = fields.key("cacheKeyId")
            inner = fields.child("parametervalue")
            if inner is None:
                fields.notes.wrong(element, "the key has no value")
            else:
                keys.append(CacheKeyValue(key, self.read(inner, fields)))
            fields.done()
        holder.done()
        return tuple(keys)

    def text(self, pattern: str, holder: Fields | None, element: Element, fields: Fields) -> MessageText:
        """Read a text in the platform's message format, with its values."""
        values = self.values(holder)
        try:
            parts = parse_message_format(pattern, len(values))
        except ValueError as error:
            hint = "braces that are meant literally stand between single quotes: '{'"
            fields.notes.wrong(element, f"the text is no message format: {error}", hint)
            parts = ()
        return MessageText(parts, values)

    def static(self, fields: Fields) -> Parameter:
        """Read a literal."""
        return Static(fields.text("staticproperty"))

    def current(self, fields: Fields) -> Parameter:
        """Read the content of the document; the editor may leave a static value behind in it."""
        fields.children("staticparameter")
        return CurrentDocument()

    def unique(self, _: Fields) -> Parameter:
        """Read a new number."""
        return Unique()

    def track(self, fields: Fields) -> Parameter:
        """Read a property of the document."""
        written = fields.required("propertyId")
        name = property_name(written)
        if name is None:
            if written:
                fields.notes.unknown(fields.element, f"there is no property '{written}'")
            return _NOTHING
        return DocumentProperty(name, fields.text("defaultValue"))

    def process(self, fields: Fields) -> Parameter:
        """Read a dynamic process property."""
        return ProcessProperty(fields.required("processproperty"), fields.text("processpropertydefaultvalue"))

    def defined(self, fields: Fields) -> Parameter:
        """Read a value of a process property component."""
        component, key = fields.required("componentId"), fields.required("propertyKey")
        self.check_defined(component, key, fields)
        return DefinedProperty(component, key)

    def check_defined(self, component: str, key: str, fields: Fields) -> None:
        """Tell when a process property component, or its key, is not there."""
        library = self._library
        found = find(component, "process property", library.properties, library.components, fields)
        if found is not None and all(value.key != key for value in found.values):
            fields.notes.wrong(fields.element, f"the process property '{found.name}' has no key '{key}'")

    def profile(self, fields: Fields) -> Parameter:
        """Read an element of the content."""
        profile, key = fields.required("profileId"), fields.key("elementId")
        self._library.check_element(profile, key, fields)
        return ProfileElement(profile, key)

    def date(self, fields: Fields) -> Parameter:
        """Read a time."""
        words = {word: word for word in ("current", "relative", "last", "lastsuccessful")}
        of = fields.word("dateparametertype", words, "current")
        mask = fields.text("datetimemask")
        mistake = mask_mistake(mask)
        if mistake is not None:
            fields.notes.wrong(fields.element, f"'{mask}' is no mask for dates: {mistake}")
        element = fields.child("datedelta")
        delta = None
        if element is not None:
            inner = Fields(element, fields.notes)
            sign = inner.word("sign", {"minus": -1, "plus": 1}, 1)
            delta = DateDelta(sign * inner.whole("value"), inner.word("unit", _UNITS, "days"))
            inner.done()
        return DateValue(of, mask, delta if of == "relative" else None)  # type: ignore[arg-type]

    def execution(self, fields: Fields) -> Parameter:
        """Read something about the execution."""
        return ExecutionValue(fields.word("executionproperty", _FACTS, "Execution Id"))

    def counter(self, fields: Fields) -> Parameter:
        """Read a counter."""
        return Counter(fields.required("keyname"), fields.whole("keyfixtolength"))

    def cross_reference(self, fields: Fields) -> Parameter:
        """Read a look-up in a cross reference table; its columns are written from 1."""
        library, table = self._library, fields.required("crossRefTableId")
        output = fields.key("outputParamId") - 1
        found = find(table, "cross reference table", library.tables, library.components, fields)
        element = fields.child("inputs")
        holder = Fields(element, fields.notes) if element is not None else None
        inputs = tuple(
            ColumnValue(_column(argument), argument.value) for argument in self.arguments(holder) if argument.element
        )
        columns = (output, *(entry.column for entry in inputs))
        if found is not None and not all(0 <= column < len(found.columns) for column in columns):
            fields.notes.wrong(fields.element, f"the table '{found.name}' has columns 1 to {len(found.columns)}")
        return CrossReference(table, output, inputs)

    def cached(self, fields: Fields) -> Parameter:
        """Read an element of a cached document."""
        cache, index, key = fields.required("docCache"), fields.key("docCacheIndex"), fields.key("elementId")
        self._library.cache(cache, fields)
        element = fields.child("cacheKeyValues")
        holder = Fields(element, fields.notes) if element is not None else None
        return CachedElement(cache, index, key, self.cache_keys(holder))

    def connector(self, fields: Fields) -> Parameter:
        """Read a call of a connector, made for each document; its inputs are parameters of the operation."""
        fields.shown("connectorType", "actionType", "outputParamName", "parameter-profile")
        element = fields.child("inputs")
        inputs = self.arguments(Fields(element, fields.notes) if element is not None else None)
        library, identity = self._library, fields.required("operationId")
        connection = find(
            fields.required("connectionId"), "connection", library.connections, library.components, fields
        )
        operation = find(identity, "operation", library.operations, library.components, fields)
        output, single = fields.key("outputParamId"), fields.flag("enforceSingleResult")
        if operation is None:
            return _NOTHING
        if operation.response is None:
            fields.notes.wrong(fields.element, "the operation has no response profile to take a value from")
            return _NOTHING
        library.check_element(operation.response, output, fields)
        texts, tables = filled(operation, inputs, fields)
        return ConnectorLookup(
            connection=connection or "",
            operation=operation.operation,
            response=operation.response,
            output=output,
            texts=texts,
            tables=tables,
            single=single,
        )

    def sql(self, fields: Fields) -> Parameter:
        """Read a statement, run for each document over a legacy Database connection."""
        statement, values = content_of(fields, "sqltoexecute"), self.values(fields_in(fields, "parameters"))
        if not statement.strip():
            fields.notes.wrong(fields.element, "the value has no statement")
        elif marks_in(statement) > len(values):
            message = f"the statement has {marks_in(statement)} '?' and {len(values)} parameters"
            fields.notes.wrong(fields.element, message)
        return self._lookup(fields, statement, values, changes=False)

    def procedure(self, fields: Fields) -> Parameter:
        """Read a stored procedure, called for each document; what it gives are the rows of its result."""
        name, values = fields.required("sqltoexecute"), self.values(fields_in(fields, "parameters"))
        return self._lookup(fields, f"CALL {name}({', '.join('?' for _ in values)})", values, changes=True)

    def _lookup(self, fields: Fields, statement: str, values: tuple[Parameter, ...], *, changes: bool) -> Parameter:
        kept, column = fields.flag("cachevalues"), fields.whole("outputpos", 1)
        fields.shown("outputdatatype")
        if column < 1:
            fields.notes.wrong(fields.element, f"columns count from 1, and 'outputpos' is {column}")
        library, identity = self._library, fields.required("connection")
        name = find(identity, "connection", library.connections, library.components, fields)
        component = library.components.get(identity)
        if component is not None and component.sub_type != DATABASE:
            fields.notes.wrong(fields.element, f"'{component.name}' is no Database (Legacy) connection")
        return SqlLookup(name or "", statement, column, values, kept, changes)


def _column(argument: Argument) -> int:
    return int(argument.element) - 1 if argument.element.isascii() and argument.element.isdigit() else -1


_Read = Callable[[ParameterReader, Fields], Parameter]

_KINDS: Mapping[str, tuple[str | None, _Read]] = MappingProxyType(
    {
        "static": ("staticparameter", ParameterReader.static),
        "current": (None, ParameterReader.current),
        "unique": (None, ParameterReader.unique),
        "track": ("trackparameter", ParameterReader.track),
        "process": ("processparameter", ParameterReader.process),
        "definedparameter": ("definedprocessparameter", ParameterReader.defined),
        "profile": ("profileelement", ParameterReader.profile),
        "date": ("dateparameter", ParameterReader.date),
        "execution": ("executionparameter", ParameterReader.execution),
        "keygen": ("keygenparameter", ParameterReader.counter),
        "crossref": ("crossrefparameter", ParameterReader.cross_reference),
        "documentcache": ("documentcacheparameter", ParameterReader.cached),
        "connector": ("connectorparameter", ParameterReader.connector),
        "sql": ("sqlparameter", ParameterReader.sql),
        "sp": ("spparameter", ParameterReader.procedure),
    }
)

_REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "errormessage": "gives nothing on the platform; read the Try/Catch message as a document property",
        "command": "ends in an error on the platform",
        "tradingpartnerref": "belongs to trading partners, which are not run here",
    }
)
