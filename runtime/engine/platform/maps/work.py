"""What a function of a map does, compiled: from the values of its inputs, by port, to those of its outputs.

`per_row`: it gives another value each time that it is asked, so that it is asked once for each row of the target.
`collects`: it must see all rows before it gives anything. `acts`: it changes properties, `reads`: it reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from msgspec import Struct

from runtime.engine.formats import reader
from runtime.engine.mapping.tables import finder
from runtime.engine.mapping.texts import parts_of, too_many_parts
from runtime.engine.platform.maps.builtins import Compute as OneValue
from runtime.engine.platform.maps.builtins import builtin, whole
from runtime.engine.platform.maps.calling import calling
from runtime.engine.platform.maps.counting import Aggregate, LineItemIncrement, RunningTotal, SequentialValue
from runtime.engine.platform.maps.native import Gather, called, computed, gathered, gathers, reads_content
from runtime.engine.platform.maps.outside import CachedDocuments
from runtime.engine.platform.maps.running import Running, Values
from runtime.engine.platform.properties import defined_key, defined_value
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around
from runtime.engine.scripts.calling import map_call
from runtime.engine.scripts.languages import evaluated
from runtime.engine.scripts.messages import Input, Kind, Variables
from runtime.errors import BundleError, DocumentFault
from runtime.model.components import CrossReferenceTable
from runtime.model.platform_maps import (
    BuiltIn,
    CacheLookup,
    CalledFunction,
    ComputedWork,
    ConnectorWork,
    DefinedPropertyWork,
    DocumentPropertyWork,
    MapFunction,
    MapScript,
    SqlWork,
    TableLookup,
    TradingPartnerWork,
)

Run = Callable[[Values, Running], Values]


class Compiled(Struct, frozen=True, kw_only=True):
    """A function, ready to run, by `run` or, where it takes all occurrences of its inputs, by `gather`.

    `blocks`: it may compute for long, `outside`: so many times it needs what is fetched, `content`: it reads the
    document as a whole. `keeps`: it sets a property that outlives the execution. `calls`: it calls a connector.
    """

    run: Run
    gather: Gather | None = None
    content: bool = False
    per_row: bool = False
    collects: bool = False
    acts: bool = False
    reads: bool = False
    blocks: bool = False
    outside: int = 0
    keeps: bool = False
    calls: bool = False


def compile_work(function: MapFunction, around: Around) -> Compiled:
    """Compile what a function does, but for user-defined ones.

    Raises:
        Refused: it cannot be run.
    """
    match function.work:
        case BuiltIn():
            return _builtin(function, function.work)
        case MapScript():
            return _script(function, function.work)
        case TableLookup():
            return Compiled(run=_table_lookup(function.work, around))
        case CacheLookup():
            return Compiled(run=_cache_lookup(function.work, around), outside=1)
        case DocumentPropertyWork():
            return _document_property(function, function.work)
        case DefinedPropertyWork():
            return _defined_property(function, function.work, around)
        case SqlWork() | ConnectorWork():
            return Compiled(run=calling(function, function.work, around), outside=1, calls=True)
        case TradingPartnerWork():
            return Compiled(run=lambda _given, _running: {}, acts=True)
        case CalledFunction() | ComputedWork():
            return _native(function, function.work, around)
        case other:
            raise Refused(f"has a function '{function.name}' of the kind '{type(other).__struct_config__.tag}'")


def _native(function: MapFunction, work: CalledFunction | ComputedWork, around: Around) -> Compiled:
    if isinstance(work, ComputedWork):
        return Compiled(run=computed(function, work), reads=True, content=reads_content(work))
    if gathers(work):
        return Compiled(run=lambda _given, _running: {}, gather=gathered(function, work, around))
    return Compiled(run=called(function, work, around))


def _builtin(function: MapFunction, work: BuiltIn) -> Compiled:
    name, options = work.function, work.options
    match name:
        case "Sum":
            return Compiled(run=_one_value(function, RunningTotal()), per_row=True)
        case "LineItemIncrement":
            return Compiled(run=_one_value(function, LineItemIncrement()), per_row=True)
        case "Sum2" | "Count":
            return Compiled(run=_one_value(function, Aggregate(counts=name == "Count")), collects=True)
        case "SequentialValue":
            length, batch = whole(options, "keyfixtolength"), whole(options, "batchSize")
            counter = SequentialValue(options.get("keyname", ""), length, batch)
            return Compiled(run=_one_value(function, counter), per_row=True, outside=1)
        case "StringSplit":
            return Compiled(run=_split(function, work))
        case "PropertyGet":
            return Compiled(run=_one_value(function, _property), reads=True)
        case "PropertySet":
            return Compiled(run=_one_value(function, _set_property), acts=True)
        case _:
            compute = builtin(name, options)
            if compute is None:
                raise Refused(f"uses a function '{name}', which there is not")
            return Compiled(run=_one_value(function, compute))


def _one_value(function: MapFunction, compute: OneValue) -> Run:
    """Give what a function of one output does with the values of its ports, in their order."""
    ports = sorted(port.key for port in function.inputs)
    outputs = [output.key for output in function.outputs]

    def run(given: Values, running: Running) -> Values:
        made = compute([given.get(port) for port in ports], running)
        return dict.fromkeys(outputs, made)

    return run


def _split(function: MapFunction, work: BuiltIn) -> Run:
    delimiter, length = work.options.get("delimiter", ""), whole(work.options, "splitLength")
    port = min((one.key for one in function.inputs), default=1)
    outputs = sorted(one.key for one in function.outputs)

    def run(given: Values, _running: Running) -> Values:
        parts = parts_of(given.get(port) or "", delimiter=delimiter, length=length)
        if len(parts) > len(outputs):
            raise too_many_parts(len(parts), len(outputs))
        return dict(zip(outputs, parts, strict=False))

    return run


def _property(inputs: Collection[str | None], running: Running) -> str | None:
    name, default = [*inputs, None, None][:2]
    found = running.process_property(name or "")
    return found if found is not None and found.strip() else default


def _set_property(inputs: Collection[str | None], running: Running) -> str | None:
    name, value = [*inputs, None, None][:2]
    if not name:
        raise DocumentFault("map.no-property-name", "a function that sets a property has no name for it")
    running.set_process_property(name, value or "")
    return None


def _document_property(function: MapFunction, work: DocumentPropertyWork) -> Compiled:
    outputs = [output.key for output in function.outputs]
    port = min((one.key for one in function.inputs), default=1)
    name, default = work.property, work.default

    def read(_given: Values, running: Running) -> Values:
        found = running.document_property(name)
        return dict.fromkeys(outputs, default if found is None else found)

    def write(given: Values, running: Running) -> Values:
        running.set_document_property(name, given.get(port) or default)
        return {}

    if name.scope in {"process", "definedprocess"}:
        raise Refused(f"has a function '{function.name}' that takes a property of the process for one of documents")
    return Compiled(run=write, acts=True) if work.sets else Compiled(run=read, reads=True)


def _defined_property(function: MapFunction, work: DefinedPropertyWork, around: Around) -> Compiled:
    declared = defined_value(around.components, work.component, work.key)
    if declared is None:
        raise Refused(f"names a value '{work.key}' that its property component has not")
    key, default, keeps = defined_key(work.component, work.key), declared.default, declared.persisted
    outputs = [output.key for output in function.outputs]
    port = min((one.key for one in function.inputs), default=1)

    def read(_given: Values, running: Running) -> Values:
        found = running.process_property(key)
        return dict.fromkeys(outputs, default if found is None else found)

    def write(given: Values, running: Running) -> Values:
        running.set_process_property(key, given.get(port) or "", keep=keeps)
        return {}

    return Compiled(run=write, acts=True, keeps=keeps) if work.sets else Compiled(run=read, reads=True)


def _table_lookup(work: TableLookup, around: Around) -> Run:
    if work.table is None:
        table = CrossReferenceTable(id="", name="of the map", columns=(), rows=work.rows)
    else:
        found_table = around.components.tables.get(work.table)
        if found_table is None:
            raise Refused("looks up a cross reference table that is not in the bundle")
        table = found_table
    width = len(table.columns) or min((len(row) for row in table.rows), default=0)
    if table.rows and any(not 0 <= port.column < width for port in (*work.inputs, *work.outputs)):
        raise Refused(f"looks up a column that the table '{table.name}' has not")
    find = finder(table.rows, [port.column for port in work.inputs], table.match)

    def run(given: Values, _running: Running) -> Values:
        inputs = [given.get(port.key) or None for port in work.inputs]
        if work.skip_without_input and not any(inputs):
            return {}
        row = find(inputs)
        return {} if row is None else {port.key: row[port.column] for port in work.outputs}

    return run


def _cache_lookup(work: CacheLookup, around: Around) -> Run:
    cache = around.components.caches.get(work.cache)
    if cache is None:
        raise Refused("looks up a document cache that is not in the bundle")
    index = next((one for one in cache.indexes if one.id == work.index), None)
    if index is None:
        raise Refused(f"looks up an index {work.index} that the document cache '{cache.name}' has not")
    ports = {key: port for port, key in work.inputs}
    if any(key.id not in ports for key in index.keys):
        raise Refused(f"looks up the document cache '{cache.name}' without all keys of its index {index.id}")
    profile = None if cache.profile is None else around.components.profiles.get(cache.profile)
    if profile is None:  # a cache of any documents has no elements (help text on caches)
        return lambda _given, _running: {}
    read = reader(profile, {element for _, element in work.outputs})
    keys = [ports[key.id] for key in index.keys]

    def run(given: Values, running: Running) -> Values:
        key = tuple(given.get(port) or "" for port in keys)
        if not all(key):
            return {}
        found = running.outside.answer(CachedDocuments(cache.id, index.id, key))
        if len(found) > 1:
            message = (
                f"Found more than 1 document in the document cache '{cache.name}' (index: {index.name or index.id})"
            )
            raise DocumentFault("map.more-than-one", message)
        return {
            port: value for row in map(read, found) for port, element in work.outputs if (value := row.first(element))
        }

    return run


def _script(function: MapFunction, work: MapScript) -> Compiled:
    kind: Kind = "javascript" if work.language == "javascript" else "groovy"
    file = work.component or function.name or f"function {function.key}"
    names = {port.key: port.name for port in work.outputs}
    here = _here(function, work, kind, file)

    def run(given: Values, running: Running) -> Values:
        inputs = tuple(Input(port.name, port.kind, given.get(port.key)) for port in work.inputs)
        variables = Variables(inputs, tuple(names.values()))
        if running.scripts is None:
            made = here(variables, running)
        else:
            made = map_call(
                running.scripts,
                kind,
                file,
                work.source,
                variables=variables,
                facade=running.facade,
                lines=running.lines,
            )
        return {key: made.get(name) for key, name in names.items()}

    return Compiled(run=run, acts=not work.outputs, reads=True, blocks=True)


def _here(
    function: MapFunction, work: MapScript, kind: Kind, file: str
) -> Callable[[Variables, Running], dict[str, str | None]]:
    """Give what runs a script in this process.

    Raises:
        Refused: it is not covered, or its engine is not installed.
    """
    try:
        if kind == "javascript":
            return _javascript(work.source, file)
        return _groovy(work, file)
    except BundleError as error:
        told = f"{error.place}: {error.message} ({error.hint})"
        raise Refused(f"has a script '{function.name}' that is not covered: {told}") from error


def _groovy(work: MapScript, file: str) -> Callable[[Variables, Running], dict[str, str | None]]:
    from runtime.groovy import compile_groovy  # noqa: PLC0415 - only bundles with such scripts pay for the translator

    script = compile_groovy(work.source, file, [port.name for port in (*work.inputs, *work.outputs)])
    return lambda variables, running: evaluated(script, variables, running.facade, _noting(running))


def _javascript(source: str, file: str) -> Callable[[Variables, Running], dict[str, str | None]]:
    from runtime.javascript import compile_javascript  # noqa: PLC0415 - only bundles with such scripts pay for the engine

    script = compile_javascript(source, file)
    return lambda variables, running: script.evaluate(
        variables.inputs, variables.outputs, running.facade, _noting(running)
    )


def _noting(running: Running) -> Callable[[str, str], None]:
    return lambda level, text: running.lines.append((level, text))
