"""JSON in and JSON out: documents to rows and parameters, rows to documents. Numbers stay exact."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec

from runtime.sdk.faults import NotSent

LIST_LIMIT = 1_000  # values of one IN: beyond it a join is meant, and drivers end at 32,766 to 65,535 markers

Row = dict[str, Any]

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


def read_rows(content: bytes) -> list[Row]:
    """Give the rows of a document: an object is one, an array of objects is many.

    Raises:
        NotSent: ``database.document``: it is neither.
    """
    value = _read(content, "the document")
    rows = value if isinstance(value, list) else [value]
    if not all(isinstance(row, dict) for row in rows):
        raise NotSent("database.document", "the document is no JSON object and no array of objects")
    return rows


def read_parameters(names: Sequence[str], content: bytes, parameters: str, key: str) -> Row:
    """Give a value for each name: from the field `parameters`, else from the document.

    Raises:
        NotSent: ``database.parameter``: a value is missing or cannot be bound; ``database.document``: what should be a
            JSON object is none.
    """
    if not names:
        return {}
    given = {"idempotency_key": key, **(_object(parameters.encode(), "'parameters'") if parameters.strip() else {})}
    document: Row | None = None
    values = {}
    for name in dict.fromkeys(names):
        if name not in given and document is None:
            document = _object(content, "the document") if content.strip() else {}
        found = given if name in given else document or {}
        if name not in found:
            raise NotSent("database.parameter", f"neither 'parameters' nor the document has a member '{name}'")
        values[name] = _bindable(found[name], name)
    return values


def encode(value: object) -> bytes:
    """Give a value as JSON: decimals as they are, bytes as base64, dates and times in ISO 8601."""
    return _encoder.encode(value)


def to_text(value: object) -> str:
    """Give a value as JSON text."""
    return _encoder.encode(value).decode()


def from_text(text: str | bytes) -> Any:  # noqa: ANN401 - JSON
    """Read JSON that a database holds."""
    return _decoder.decode(text)


def plain(value: object, duration: Callable[[timedelta], object]) -> object:
    """Give a cell as JSON can hold it: what is not finite becomes text; `duration` says what a duration is."""
    match value:
        case float() if not math.isfinite(value):
            return str(value)
        case Decimal() if not value.is_finite():
            return str(value)
        case timedelta():
            return duration(value)
        case list() | tuple():
            return [plain(item, duration) for item in value]
        case dict():
            return {str(name): plain(item, duration) for name, item in value.items()}
        case _:
            return value


def _object(content: bytes, what: str) -> Row:
    value = _read(content, what)
    if not isinstance(value, dict):
        raise NotSent("database.document", f"{what}: a JSON object is needed to take parameters from")
    return value


def _read(content: bytes, what: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return _decoder.decode(content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise NotSent("database.document", f"{what}: no JSON that can be read") from None


def _bindable(value: object, name: str) -> object:
    if isinstance(value, dict):
        return to_text(value)
    if not isinstance(value, list):
        return value
    if not value or len(value) > LIST_LIMIT:
        raise NotSent("database.parameter", f"the list '{name}' needs 1 to {LIST_LIMIT} values, not {len(value)}")
    if any(isinstance(item, list | dict) for item in value):
        raise NotSent("database.parameter", f"the list '{name}' holds what is no single value")
    return value
