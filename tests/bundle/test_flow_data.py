"""Data types and file resources of a Flow service, and every mistake in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from runtime.model.flow_service import DataType, FileResource, ProcessRef
from tests.bundle.house import SOUND, Files, problems, read

PROCESS = "name: {name}\nstart: {{ listen: flow, service: {service} }}\nsteps:\n  - return documents\n"
SERVICE = """\
external name: address book
data types:
  Contact: { profile: contact, id: Key, get: Get, query: { process: Find, bundle: other }, filter: runtime }
file resources:
  invoices/: { list: List, upload: List, type: "$File RESPONSE - Invoice" }
actions:
  Charge: { process: Charge, bundle: payments, path: /charge }
"""
BOOK: Files = {
    **SOUND,
    "processes/get.yaml": PROCESS.format(name="Get", service="data action"),
    "processes/list.yaml": PROCESS.format(name="List", service="file resource"),
    "processes/both.yaml": PROCESS.format(name="Greet", service="message action"),
    "profiles/contact.json": """{
  "type": "object", "description": "A person",
  "properties": {"Id": {"type": "string"}, "Key": {"type": "number"}}
}""",
    "profiles/nested.json": """{"type": "object", "properties": {
  "Id": {"type": "string"}, "Address": {"type": "object", "properties": {"City": {"type": "string"}}}}}""",
    "profiles/bare.json": """{"type": "object", "properties": {
  "Address": {"type": "object", "properties": {"City": {"type": "string"}}}}}""",
    "flow-services/book.yaml": SERVICE,
}


def test_what_a_service_says_is_read(tmp_path: Path) -> None:
    """Types, resources and actions name their processes, here or in another bundle."""
    service = next(each for each in read(tmp_path, BOOK).services if each.external_name == "address book")
    (data_type,), (resource,), (action,) = service.data_types, service.file_resources, service.actions
    assert replace(data_type, profile=data_type.profile) == DataType(
        name="Contact",
        profile=data_type.profile,
        summary="A person",
        external_id="Key",
        get=ProcessRef("Get"),
        query=ProcessRef("Find", "other"),
        filtered_by="runtime",
    )
    assert resource == FileResource(
        path="/invoices", listing=ProcessRef("List"), upload=ProcessRef("List"), type_name="$File RESPONSE - Invoice"
    )
    assert (action.process, action.bundle, action.path) == ("Charge", "payments", "charge")


def service(text: str) -> Files:
    """Give the bundle with another service."""
    return {**BOOK, "flow-services/book.yaml": f"external name: address book\n{text}"}


@pytest.mark.parametrize(
    ("files", "code", "words", "line"),
    [
        (service("data types: { C: { profile: contact } }\n"), "missing-key", "'get', 'query', 'save' or 'delete'", 2),
        (service("data types: { C: { get: Get } }\n"), "missing-key", "a data type needs 'profile'", 2),
        (service("data types: { C: { profile: contat, get: Get } }\n"), "unknown-reference", "no profile 'contat'", 2),
        (service("data types: { C: { profile: contact, get: Gte } }\n"), "unknown-reference", "no process 'Gte'", 2),
        (service("data types: { C: { profile: contact, get: List } }\n"), "not-a-listener", "listens for files", 2),
        (service("data types: { C: { profile: contact, get: Greet } }\n"), "not-a-listener", "message actions", 2),
        (service("data types: { C: { profile: contact, get: Get, id: Kye } }\n"), "unknown-element", "'Kye'", 2),
        (service("data types: { C: { profile: bare, get: Get } }\n"), "profile", "no single values", 2),
        (service("data types: { $C: { profile: contact, get: Get } }\n"), "name-taken", "Flow's own", 2),
        (service("data types: { C: { profile: contact, get: Get, filter: me } }\n"), "unknown-value", "'me'", 2),
        (service("data types: { C: { profile: contact, get: Get, gte: Get } }\n"), "unknown-key", "no key 'gte'", 2),
        (service("data types: { C: { profile: contact, get: { bundle: x } } }\n"), "missing-key", "'process'", 2),
        (service("file resources: { /a: { list: List } }\n"), "missing-key", "needs 'upload'", 2),
        (service("file resources: { /a: { list: Get, upload: List } }\n"), "not-a-listener", "data actions", 2),
        (service("file resources: { /a: { list: List, upload: List, type: File } }\n"), "unknown-value", "'File'", 2),
        (service("file resources: { /: { list: List, upload: List } }\n"), "missing-value", "has a path", 2),
        (
            service("file resources:\n  a: { list: List, upload: List }\n  /a: { list: List, upload: List }\n"),
            "path-taken",
            "'/a' is written twice",
            4,
        ),
        (service("actions: { A: Get }\n"), "not-a-listener", "listens for data actions, not for message actions", 2),
    ],
)
def test_a_mistake_is_told_at_its_place(tmp_path: Path, files: Files, code: str, words: str, line: int) -> None:
    """What a service cannot mean refuses the bundle, with its line."""
    found = [problem for problem in problems(tmp_path, files) if problem.severity == "error"]
    assert [(problem.code, problem.place.file, problem.place.line) for problem in found] == [
        (f"bundle.{code}", "flow-services/book.yaml", line)
    ]
    assert words in f"{found[0].message} {found[0].hint}"


@pytest.mark.parametrize(
    ("start", "code", "words"),
    [
        ("listen: flow, service: data action, request profile: contact", "listener", "names the profile"),
        ("listen: flow, service: file resource, sync timeout: 5 s", "listener", "cannot wait: write 'time limit'"),
        ("listen: flow, time limit: 5 s", "listener", "write 'sync timeout'"),
        ("listen: flow, service: data action, time limit: 1 min", "sync-timeout", "a time limit is more than 0"),
        ("listen: flow, service: data actoin", "unknown-value", "did you mean 'data action'"),
    ],
)
def test_a_listener_says_what_it_can_mean(tmp_path: Path, start: str, code: str, words: str) -> None:
    """Profiles and the Sync Timeout are a message action's, the time limit is the others'."""
    text = f"name: P\nstart: {{ {start} }}\nsteps:\n  - return documents\n"
    (found,) = problems(
        tmp_path, {**SOUND, "profiles/contact.json": BOOK["profiles/contact.json"], "processes/p.yaml": text}
    )
    assert found.code == f"bundle.{code}"
    assert words in f"{found.message} {found.hint}"


def test_nested_values_are_left_out_and_said(tmp_path: Path) -> None:
    """Flow's types of data are flat: what is nested in the profile is told when the bundle is read."""
    bundle = read(tmp_path, service("data types: { C: { profile: nested, get: Get } }\n"))
    (warning,) = (each for each in bundle.warnings if each.code == "bundle.flat-type")
    assert "'Address' of 'nested' are left out" in warning.message
    assert (warning.place.file, warning.place.line) == ("flow-services/book.yaml", 2)
