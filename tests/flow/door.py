"""A door without sockets: the protocol library alone, with the fixture's processes as plain functions.

It shows that every decision about a request is made in `runtime.flow`, and lets the vectors run in a moment.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from runtime.errors import NuclideError, ProcessFault
from runtime.flow.answers import forward, wait
from runtime.flow.callbacks import CallbackRequest, callback_request, faulted
from runtime.flow.data_answers import Returned, answer_data
from runtime.flow.data_requests import DataCall, DataVerb, parse_data
from runtime.flow.describe import describe, describe_install
from runtime.flow.faults import JSON_HEADER, Answer, problem, problem_of
from runtime.flow.file_answers import answer_files
from runtime.flow.file_requests import FileVerb, parse_file
from runtime.flow.requests import ActionCall, parse_action
from runtime.flow.routes import Action, Data, Describe, File, Health, NotAllowed, Unknown, compile_routes, match
from runtime.flow.service_codec import compile_files, compile_type
from runtime.flow.who import parse_authorization
from tests.flow.fixture import SERVICE, codec
from tests.flow.records import CONTACTS
from tests.flow.replay import Message

BASE = f"/fs/{SERVICE.external_name}"
SYNC_TIMEOUT = 1  # seconds, of every action of the fixture

_ROUTES = compile_routes((SERVICE,))


def answer(request: Message) -> tuple[Answer, CallbackRequest | None]:
    """Give the answer to a request, and the callback that follows it when it was WAIT."""
    path = BASE + request.path
    match match(_ROUTES, request.method, path):
        case Describe(service, install):
            return _json(describe_install(service) if install else describe(service)), None
        case Action(_, action):
            return _act(request, path, action.name)
        case Health():
            return Answer(status=200, headers=(), body=b""), None
        case NotAllowed(allow):
            return problem(path, 405, "wrong method", headers=(("Allow", ", ".join(allow)),)), None
        case Unknown(text):
            return problem(path, 404, text), None
        case Data(_, verb):
            return _data(request, path, verb), None
        case File(_, verb):
            return _files(request, path, verb), None
        case _:
            return problem(path, 501, "not provided"), None


def _act(request: Message, path: str, name: str) -> tuple[Answer, CallbackRequest | None]:
    headers = [value for key, value in request.headers.items() if key.lower() == "authorization"]
    compiled = codec(name)
    try:
        call = parse_action(request.body, compiled, parse_authorization(*headers))
    except NuclideError as error:
        return problem_of(error, path, action=name), None
    document = msgspec.json.decode(call.document or b"{}")
    slow = document.get("Seconds", 0) > SYNC_TIMEOUT
    try:
        told = forward(call, compiled.outputs, _PROCESSES[name](call, document))
    except NuclideError as error:
        late = callback_request(call, faulted(call, error.message, uri=path))
        return (_json(wait(call)), late) if slow else (problem_of(error, path, action=name), None)
    return (_json(wait(call)), callback_request(call, told.body)) if slow else (_json(told.body), None)


def _data(request: Message, path: str, verb: DataVerb) -> Answer:
    codec = compile_type(SERVICE.data_types[0])
    try:
        call = parse_data(request.body, verb, {codec.objects.name: codec}, SERVICE.configuration)
        return _json(answer_data(call, codec, [Returned(each) for each in _contacts(call)], most=1_000))
    except NuclideError as error:
        return problem_of(error, path)


def _contacts(call: DataCall) -> list[bytes]:
    names = ("Id", "Surname", "City", "Age", "Active", "BornOn")
    rows = {row[0]: msgspec.json.encode(dict(zip(names, row, strict=True))) for row in CONTACTS}
    match call.process:
        case "get":
            return [rows[call.identity]] if call.identity in rows else []
        case "query":
            return list(rows.values())
        case _:
            return [each.replace(b'"Id":""', b'"Id":"new"') for each in call.documents]


def _files(request: Message, path: str, verb: FileVerb) -> Answer:
    codec = compile_files(SERVICE.file_resources[0])
    try:
        call = parse_file(request.body, verb, {SERVICE.file_resources[0].path: codec}, SERVICE.configuration)
        return _json(answer_files(call, codec, [Returned(b'{"Id": "1", "Name": "first.pdf"}')], most=1_000))
    except NuclideError as error:
        return problem_of(error, path)


def _json(body: bytes) -> Answer:
    return Answer(status=200, headers=(JSON_HEADER,), body=body)


def _greet(_: ActionCall, document: dict[str, Any]) -> list[bytes]:
    greeting = ", ".join([f"Hello {document.get('Name') or ''}"] * (document.get("Times") or 1))
    return [msgspec.json.encode({"Message": greeting})]


def _props(call: ActionCall, _: dict[str, Any]) -> list[bytes]:
    names = {"Region": "region", "ApiKey": "apiKey", "DryRun": "dryRun"}
    told = {output: call.properties[f"inflowconfigurationvalues_{name}"] for output, name in names.items()}
    return [msgspec.json.encode(told)]


def _who(call: ActionCall, _: dict[str, Any]) -> list[bytes]:
    names = ("UserId", "Email", "FirstName", "Token", "ManyWhoToken")
    return [msgspec.json.encode({name: call.properties[f"inflowuser_{name.lower()}"] for name in names})]


def _fail(message: str) -> Callable[[ActionCall, dict[str, Any]], list[bytes]]:
    def run(_: ActionCall, __: dict[str, Any]) -> list[bytes]:
        raise ProcessFault("fixture.fails", message)

    return run


_PROCESSES: dict[str, Callable[[ActionCall, dict[str, Any]], list[bytes]]] = {
    "Greet": _greet,
    "EchoAll": lambda call, _: [call.document],
    "Props": _props,
    "Who": _who,
    "Slow": lambda *_: [b'{"Done":true}'],
    "SlowFail": _fail("Disk full"),
    "Fail": _fail("The order number is unknown"),
    "FailLong": _fail("x" * 2_000),
    "Empty": lambda *_: [b""],
    "StopOnly": lambda *_: [],
    "Many": lambda *_: [b'{"Message":"first"}', b'{"Message":"second"}'],
    "Big": lambda *_: [msgspec.json.encode({"Message": "x" * 2 * 1024 * 1024})],
}
