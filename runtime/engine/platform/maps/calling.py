"""Functions of maps that call a connector: SQL look-ups and connector calls (component XML, section 5.1).

A call is made between two runs of the map. What changes nothing is asked for all rows at once; what may change
something only when nothing else is missing, function by function, so that no call is made with what is not yet known.
"""

from __future__ import annotations

from collections.abc import Callable

from runtime.engine.formats import Row, reader, writer
from runtime.engine.platform.calling import Called
from runtime.engine.platform.cells import cell_text, cells_of
from runtime.engine.platform.maps.outside import Request
from runtime.engine.platform.maps.running import Running, Values
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.value_calls import SQL
from runtime.engine.platform.values import Around
from runtime.expressions.json_values import encode
from runtime.model.parameters import DocumentProperty, Parameter, Static
from runtime.model.platform_maps import ConnectorWork, MapFunction, PortKind, SqlWork
from runtime.model.platform_profiles import PlatformProfile
from runtime.sdk.connector import OperationSpec
from runtime.sdk.effect import Effect

Run = Callable[[Values, Running], Values]

_KINDS: dict[PortKind, str] = {"integer": "number", "float": "number", "datetime": "datetime"}


def calling(function: MapFunction, work: SqlWork | ConnectorWork, around: Around) -> Run:
    """Give the run of a function that calls a connector.

    Raises:
        Refused: the connection has no such operation, or a profile is not there.
    """
    if isinstance(work, SqlWork):
        return _sql_lookup(function, work, around)
    return _connector_call(function, work, around)


def _sql_lookup(function: MapFunction, work: SqlWork, around: Around) -> Run:
    """Give the run of an SQL look-up: the columns of the first row; nothing where there is none."""
    spec = _operation(work.connection, SQL, around)
    types = {str(port.key): kind for port in work.inputs if (kind := _KINDS.get(port.kind))}
    fixed = (
        ("sql", work.statement),
        ("types", encode(types).decode()),
        ("most_rows", "1"),
        ("changes", "true" if work.changes else "false"),
    )

    def run(given: Values, running: Running) -> Values:
        values = {str(port.key): given.get(port.key) or "" for port in work.inputs}
        fields = (*fixed, ("values", encode(values).decode()))
        answer = running.outside.answer(running.called(Called(work.connection, spec, fields, place=function.key)))
        rows = [row for content in answer for row in cells_of(content)]
        if not rows:
            return {}
        found = zip(work.outputs, rows[0], strict=False)
        return {port.key: cell_text(cell, is_time=port.kind == "datetime") for port, cell in found}

    return run


def _connector_call(function: MapFunction, work: ConnectorWork, around: Around) -> Run:
    """Give the run of a connector call: elements of the first answer; nothing where there is none."""
    spec = _operation(work.connection, work.operation, around)
    request = writer(_profile(work.request, around)) if work.request is not None and work.elements else None
    elements = {element for _, element in work.outputs}
    response = reader(_profile(work.response, around), elements) if work.response is not None and elements else None
    texts = {name: _Field(value) for name, value in work.texts.items()}
    tables = {name: [(key, _Field(value)) for key, value in entries] for name, entries in work.tables.items()}

    def run(given: Values, running: Running) -> Values:
        made = {name: field.text(running) for name, field in texts.items()}
        entries = {name: {key: field.text(running) for key, field in table} for name, table in tables.items()}
        for port, name, entry in work.places:
            if entry is None:
                made[name] = given.get(port) or ""
            else:
                entries.setdefault(name, {})[entry] = given.get(port) or ""
        made.update({name: encode(table).decode() for name, table in entries.items()})
        content = b""
        if request is not None:
            values = {element: value for port, element in work.elements if (value := given.get(port))}
            content = request(Row(dict(values)))
        call = Called(work.connection, spec, tuple(made.items()), content, place=function.key, single=work.single)
        answer = running.outside.answer(running.called(call))
        if not answer or response is None:
            return {}
        row = response(answer[0])
        return {port: value for port, element in work.outputs if (value := row.first(element))}

    return run


class _Field:
    """A field of an operation within a map: a literal, or a property of the document."""

    def __init__(self, value: Parameter) -> None:
        if not isinstance(value, Static | DocumentProperty):
            raise Refused("calls an operation whose fields are neither literal nor properties of the document")
        self._value = value

    def text(self, running: Running) -> str:
        """Give the text."""
        match self._value:
            case Static(text):
                return text
            case DocumentProperty(name, default):
                found = running.document_property(name)
                return default if found is None else found


def _operation(connection: str, operation: str, around: Around) -> OperationSpec:
    found = around.operation(connection, operation)
    if found is None:
        raise Refused(f"calls the operation '{operation}', which the connection '{connection}' has not")
    return found


def _profile(identity: str | None, around: Around) -> PlatformProfile:
    found = None if identity is None else around.components.profiles.get(identity)
    if found is None:
        raise Refused("calls an operation whose profile is not in the bundle")
    return found


def due(missing: dict[Request, int]) -> dict[Request, int]:
    """Give what is fetched now, of what is missing: what changes nothing first, then the calls of one function."""
    plain = {request: count for request, count in missing.items() if not _acts(request)}
    if plain:
        return plain
    first = next(request.place for request in missing if isinstance(request, Called))
    return {one: count for one, count in missing.items() if isinstance(one, Called) and one.place == first}


def _acts(request: Request) -> bool:
    return isinstance(request, Called) and request.effect is not Effect.PURE
