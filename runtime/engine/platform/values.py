"""Parameter values, compiled: where a step of a platform process takes a text from (component XML, section 3).

A compiled value gives a text, or None where there is nothing; what None prints as is the step's affair: ``null`` in a
message, an empty text elsewhere (platform behaviours 34, 35).
"""

from __future__ import annotations

import secrets
from calendar import monthrange
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from runtime.engine.contents import held
from runtime.engine.context import Context
from runtime.engine.mapping.date_masks import DateMask
from runtime.engine.mapping.tables import finder
from runtime.engine.platform.elements import Find, compile_element
from runtime.engine.platform.properties import defined_key, defined_value, meta_key
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.value_calls import SQL, Text, connector_fetch, sql_fetch
from runtime.engine.step import Fetch, Step
from runtime.errors import DocumentFault
from runtime.expressions import compile_template, names_read
from runtime.model.bundle import LookupTable
from runtime.model.components import Components
from runtime.model.document import Document
from runtime.model.parameters import (
    CachedElement,
    Computed,
    ConnectorLookup,
    Counter,
    CrossReference,
    CurrentDocument,
    DateDelta,
    DateValue,
    DefinedProperty,
    DocumentProperty,
    ExecutionValue,
    Parameter,
    ProcessProperty,
    ProfileElement,
    PropertyName,
    SqlLookup,
    Static,
    Unique,
)
from runtime.model.persisted import LAST_RUN, LAST_SUCCESSFUL_RUN
from runtime.model.values import Expression, Template
from runtime.sdk.connector import OperationSpec

Read = Callable[[Document, Context], "str | None"]

_SMALLEST_UNIQUE = 10**17  # 18 digits
_UNIQUE = 9 * 10**18  # how many there are of 18 or 19 digits, nearly
_MONTHS_OF_YEAR = 12
_OF_DOCUMENT = frozenset({"document", "properties", "meta"})  # roots of expressions
_INTERNAL_MASK = "yyyyMMdd HHmmss.SSS"


class Value(Struct, frozen=True):
    """A parameter value, ready to read.

    `content`: it needs the document's content in memory; `document`: it needs a document at all. `literal` is its text
    where nothing has to be computed. `counters` are those that a number is taken of each time that it is read; `keeps`:
    it reads what outlives the execution. `fetch` brings what it has to wait for; it must have ended before `read`; with
    `calls` it calls a connector.
    """

    read: Read
    content: bool = False
    document: bool = False
    literal: str | None = None
    counters: tuple[str, ...] = ()
    keeps: bool = False
    fetches: tuple[Fetch, ...] = ()
    calls: bool = False

    def text(self, document: Document, context: Context, missing: str = "") -> str:
        """Give the text for a document; `missing` stands for nothing."""
        found = self.read(document, context)
        return missing if found is None else found


class Around(Struct, frozen=True):
    """What values refer to: the components and tables of the bundle, and the process that they stand in.

    `operation` gives an operation of a connection of the bundle, by their names.
    """

    components: Components
    process: str
    process_id: str = ""
    tables: Mapping[str, LookupTable] = {}
    operation: Callable[[str, str], OperationSpec | None] = lambda _connection, _operation: None


def compile_value(parameter: Parameter, around: Around) -> Value:
    """Compile a parameter value.

    Raises:
        Refused: it refers to what is not there, or is of a kind that the engine does not compute.
    """
    match parameter:
        case Static(text):
            return _literal(text)
        case Unique():
            return _of_run(lambda _context: str(_SMALLEST_UNIQUE + secrets.randbelow(_UNIQUE)))
        case ProcessProperty(key, default):
            return _of_run(lambda context: _not_blank(context.properties.get(key)) or default or None)
        case DefinedProperty(component, key):
            return _defined(component, key, around)
        case ExecutionValue(fact):
            return _execution(fact, around)
        case DateValue():
            return _date(parameter, around)
        case Counter(name, length):
            return _counter(name, length)
        case CrossReference():
            return _cross_reference(parameter, around)
        case _:
            return _of_the_document(parameter, around)


def _of_the_document(parameter: Parameter, around: Around) -> Value:
    match parameter:
        case CurrentDocument():
            return _of_content(_text)
        case Computed(template):
            return _computed(template)
        case CachedElement():
            return _cached(parameter, around)
        case SqlLookup() | ConnectorLookup():
            return _called(parameter, around)
        case DocumentProperty(name, default):
            return _document_property(name, default, around)
        case ProfileElement(profile, element):
            return _of_content(compile_element(around.components.profiles.get(profile), element))
        case _:
            raise Refused(f"parameter values of the kind '{_kind(parameter)}' are not computed")


def _called(value: SqlLookup | ConnectorLookup, around: Around) -> Value:
    """Give what a connector answers for each document."""
    spec = around.operation(value.connection, SQL if isinstance(value, SqlLookup) else value.operation)
    if spec is None:
        raise Refused(f"a value calls the connection '{value.connection}', which has no such operation")
    token = object()
    if isinstance(value, SqlLookup):
        parameters = list(compile_texts(value.parameters, around))
        fetch = sql_fetch(value, spec, parameters, token)
    else:
        profile = around.components.profiles.get(value.response)
        if profile is None:
            raise Refused("a value calls an operation whose response profile is not in the bundle")
        fields: dict[str, Text | list[tuple[str, Text]]] = {}
        parameters = []
        for name, one in value.texts.items():
            fields[name] = compiled = compile_value(one, around)
            parameters.append(compiled)
        for name, table in value.tables.items():
            entries = [(key, compile_value(one, around)) for key, one in table]
            fields[name] = [*entries]
            parameters += [one for _, one in entries]
        fetch = connector_fetch(value, spec, profile, fields, token)
    return Value(
        lambda _document, context: context.fetched.get(token),
        content=any(one.content for one in parameters),
        document=True,
        counters=tuple(counter for one in parameters for counter in one.counters),
        keeps=any(one.keeps for one in parameters),
        fetches=(*(before for one in parameters for before in one.fetches), fetch),
        calls=True,
    )


def _literal(text: str) -> Value:
    return Value(lambda _document, _context: text, literal=text)


def _of_run(read: Callable[[Context], str | None]) -> Value:
    return Value(lambda _document, context: read(context))


def _of_document(read: Callable[[Document], str | None]) -> Value:
    return Value(lambda document, _context: read(document), document=True)


def _of_content(find: Find) -> Value:
    return Value(lambda document, _context: find(held(document)), content=True, document=True)


def _cached(value: CachedElement, around: Around) -> Value:
    """Give an element of the first cached document that the keys find; nothing where they find none."""
    cache = around.components.caches.get(value.cache)
    index = None if cache is None else next((one for one in cache.indexes if one.id == value.index), None)
    if cache is None or index is None or cache.profile is None:
        raise Refused("its document cache is not in the bundle, or has no such index, or no profile")
    given = {one.key: one.value for one in value.keys}
    if any(key.id not in given for key in index.keys):
        raise Refused(f"the index {index.id} of its document cache is asked without all of its keys")
    keys = compile_texts([given[key.id] for key in index.keys], around)
    find = compile_element(around.components.profiles.get(cache.profile), value.element)
    token = object()

    async def fetch(document: Document, context: Context) -> None:
        key = tuple(one.text(document, context) for one in keys)
        context.fetched[token] = None
        for batch in context.caches.found(value.cache, value.index, key)[:1]:
            async with aclosing(batch.chunks()) as chunks:
                cached = (await anext(chunks))[0]
            context.fetched[token] = find(await context.contents.read(cached))

    fetches = (*(fetch for one in keys for fetch in one.fetches), fetch)
    content = any(one.content for one in keys)
    counters = tuple(counter for one in keys for counter in one.counters)

    def read(_document: Document, context: Context) -> str | None:
        return context.fetched.get(token)

    return Value(read, content, document=True, counters=counters, fetches=fetches)


def _computed(template: Template) -> Value:
    compiled = compile_template(template)
    if compiled.literal is not None:
        return _literal(compiled.literal)
    sources = [part.source for part in template.parts if isinstance(part, Expression)]
    document = any(path[0] in _OF_DOCUMENT for source in sources for path in names_read(source))

    def read(document: Document, context: Context) -> str:
        return compiled.text(context.scope(document))

    return Value(read, compiled.reads_document, document)


def compile_texts(parameters: Sequence[Parameter], around: Around) -> tuple[Value, ...]:
    """Compile parameter values in order; raises as `compile_value`."""
    return tuple(compile_value(parameter, around) for parameter in parameters)


def _kind(parameter: Parameter) -> str:
    return str(type(parameter).__struct_config__.tag)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _not_blank(text: str | None) -> str | None:
    return text if text is not None and text.strip() else None


def _document_property(name: PropertyName, default: str, around: Around) -> Value:
    """A default stands in only where the property was never set; a process property is never read (behaviour 36)."""
    if name.scope == "process":
        return _literal("")
    if name.scope == "definedprocess":
        return _defined(name.component or "", name.name, around)
    instead = default or None
    if name.scope == "dynamicdocument":
        return _of_document(lambda document: document.properties.get(name.name, instead))
    key = meta_key(name)
    return _of_document(lambda document: document.meta.get(key, instead))


def _defined(component: str, key: str, around: Around) -> Value:
    declared = defined_value(around.components, component, key)
    if declared is None:
        raise Refused(f"the property component '{component}' has no value '{key}'")
    name = defined_key(component, key)
    return Value(lambda _document, context: context.properties.get(name, declared.default), keeps=declared.persisted)


def _execution(fact: str, around: Around) -> Value:
    match fact:
        case "Execution Id":
            return _of_run(lambda context: context.facts.id)
        case "Process Name":
            return _literal(around.process)
        case "Process Id":
            return _literal(around.process_id)
        case "Document Count":
            return _of_run(lambda context: str(context.documents))
        case "Atom Id" | "Atom Name":
            return _of_run(lambda context: context.facts.runtime)
        case _:  # there is no account, and no node where there is no cluster
            return _literal("")


def _counter(name: str, length: int) -> Value:
    """Give the next number, padded with zeros; one with more digits keeps its last (behaviour 37)."""

    def read(_document: Document, context: Context) -> str:
        number = str(context.numbers.next(name))
        return number.zfill(length)[-length:] if length else number

    return Value(read, counters=(name,))


def declare(step: Step, values: Iterable[Value]) -> None:
    """Tell the driver what a step needs that reads these values, each once for a document."""
    read = tuple(values)
    step.counters = dict(Tally(counter for value in read for counter in value.counters))
    step.keeps = step.keeps or any(value.keeps for value in read)
    step.fetches = tuple(fetch for value in read for fetch in value.fetches)
    step.waits = step.waits or any(value.calls for value in read)


def _date(value: DateValue, around: Around) -> Value:
    try:
        mask = DateMask(value.mask or _INTERNAL_MASK)
    except DocumentFault as error:
        raise Refused(error.message) from error
    if value.of in {"last", "lastsuccessful"}:
        return _last_run(value.of == "lastsuccessful", mask, around)
    delta = value.delta if value.of == "relative" else None

    def read(context: Context) -> str:
        now = datetime.fromtimestamp(context.clock.now(), UTC).astimezone()
        return mask.write(now if delta is None else _moved(now, delta))

    return _of_run(read)


def _last_run(successful: bool, mask: DateMask, around: Around) -> Value:  # noqa: FBT001 - a word of one caller
    """Give when the process last ran, in the zone of the machine; before any run the epoch (behaviour 38)."""
    name = LAST_SUCCESSFUL_RUN if successful else LAST_RUN

    def read(_document: Document, context: Context) -> str:
        return mask.write(_time(context.keeping.begun(around.process, name)).astimezone())

    return Value(read, keeps=True)


def _time(written: str | None) -> datetime:
    try:
        found = datetime.fromisoformat(written or "")
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _moved(time: datetime, delta: DateDelta) -> datetime:
    """Give a time at a distance; a day that its month does not have becomes the month's last, as Java's calendar."""
    try:
        if delta.unit in {"years", "months"}:
            months = time.year * _MONTHS_OF_YEAR + time.month - 1
            months += delta.amount * (_MONTHS_OF_YEAR if delta.unit == "years" else 1)
            year, month = divmod(months, _MONTHS_OF_YEAR)
            return time.replace(year=year, month=month + 1, day=min(time.day, monthrange(year, month + 1)[1]))
        return time + timedelta(**{delta.unit: delta.amount})
    except (ValueError, OverflowError) as error:
        raise DocumentFault("platform.date", f"{delta.amount} {delta.unit} from now is no time: {error}") from error


def _cross_reference(value: CrossReference, around: Around) -> Value:
    """Give a cell of the first row that matches (behaviour 92)."""
    table = around.components.tables.get(value.table)
    if table is None:
        raise Refused("its cross reference table is not in the bundle")
    columns = [one.column for one in value.inputs]
    if any(column >= len(table.columns) for column in (*columns, value.output)):
        raise Refused(f"the cross reference table '{table.name}' has only {len(table.columns)} columns")
    inputs = compile_texts([one.value for one in value.inputs], around)
    try:
        find = finder(table.rows, columns, table.match)
    except DocumentFault as error:
        raise Refused(f"the cross reference table '{table.name}' cannot be asked: {error.message}") from error

    def read(document: Document, context: Context) -> str | None:
        row = find([one.text(document, context) for one in inputs])
        return None if row is None else row[value.output]

    content, document = any(one.content for one in inputs), any(one.document for one in inputs)
    counters = tuple(counter for one in inputs for counter in one.counters)
    fetches = tuple(fetch for one in inputs for fetch in one.fetches)
    return Value(read, content, document, counters=counters, fetches=fetches)
