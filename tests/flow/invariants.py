"""The invariants that a vector may name: what is true of every answer of its kind (vectors/README.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from runtime.flow.check import check
from tests.flow.matching import Context, mismatches

_VALUE = {
    "developerName": {"$nonblank": True},
    "contentType": {"$regex": "^Content"},
    "contentValue": {"$any": [None, {"$type": "string"}]},
}
_OBJECT_DATA = {"$any": [None, {"$type": "array"}]}
_RESPONSE = {
    "invokeType": {"$any": ["FORWARD", "WAIT"]},
    "outputs": {"$each": {**_VALUE, "objectData": _OBJECT_DATA}},
}
_DATA = {
    "hasMoreResults": {"$type": "boolean"},
    "objectData": {
        "$each": {
            "developerName": {"$nonblank": True},
            "externalId": {"$nonblank": True},
            "properties": {"$each": _VALUE},
        }
    },
}


def _service_response(request: Any, answer: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    expected = {**_RESPONSE, "token": request.get("token")} if isinstance(request, dict) else _RESPONSE
    yield from mismatches(expected, answer, Context())


def _object_data(_: Any, answer: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    yield from mismatches(_DATA, answer, Context())


def _describe_valid(_: Any, answer: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    for finding in check(200, "application/json", msgspec.json.encode(answer)):
        yield f"{finding.pointer} {finding.message} ({finding.severity})"


INVARIANTS: dict[str, Callable[[Any, Any], Iterator[str]]] = {
    "service-response": _service_response,
    "object-data": _object_data,
    "describe-valid": _describe_valid,
}
