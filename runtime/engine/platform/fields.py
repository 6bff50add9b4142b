"""Fields of calls in platform processes: texts and tables of parameter values."""

from __future__ import annotations

from runtime.engine.context import Context
from runtime.engine.platform.database_rows import row_exchange
from runtime.engine.platform.requests import made_request
from runtime.engine.platform.values import Around, Value, compile_value, declare
from runtime.engine.steps.connector import CallConnector, CallField, Exchange
from runtime.expressions import Scope
from runtime.expressions.json_values import encode
from runtime.model.document import Document
from runtime.model.platform_shapes import FieldTable, FieldText, PlatformConnectorStep
from runtime.sdk.connector import OperationSpec


class _TextField:
    def __init__(self, field: FieldText, around: Around) -> None:
        self._value = compile_value(field.value, around)
        self.values: tuple[Value, ...] = (self._value,)
        self.literal = self._value.literal

    def text(self, scope: Scope, document: Document, context: Context) -> str:
        return self._value.text(document, context)


class _TableField:
    """A table of names and values, as a JSON object; the last value of a name wins."""

    def __init__(self, field: FieldTable, around: Around) -> None:
        self._entries = [(name, compile_value(value, around)) for name, value in field.entries]
        self.values = tuple(value for _, value in self._entries)
        plain = all(value.literal is not None for _, value in self._entries)
        self.literal = _object({name: value.literal or "" for name, value in self._entries}) if plain else None

    def text(self, scope: Scope, document: Document, context: Context) -> str:
        return _object({name: value.text(document, context) for name, value in self._entries})


def _object(entries: dict[str, str]) -> str:
    return encode(entries).decode()


def call_platform_connector(shape: PlatformConnectorStep, spec: OperationSpec, around: Around) -> CallConnector:
    """Give the compiled step: one call after the other, in the order of documents (behaviour 94).

    Raises:
        Refused: a field's value cannot be computed.
    """
    read = {
        name: _TextField(field, around) if isinstance(field, FieldText) else _TableField(field, around)
        for name, field in shape.fields.items()
    }
    fields: dict[str, CallField] = dict(read)
    request = None if shape.request is None else made_request(shape.request, around)
    exchange: Exchange | None = request if shape.rows is None else row_exchange(shape.rows, around)
    step = CallConnector(shape, spec, fields, concurrency=1, exchange=exchange)
    values = [value for field in read.values() for value in field.values]
    declare(step, [*values, *(() if request is None else request.values)])
    return step
