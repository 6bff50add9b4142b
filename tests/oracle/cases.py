"""The cases of an oracle: processes that were run on the platform, what they were given, and what was seen of them.

A case is a folder with ``expected.json``, which names the components to read (its own and shared ones), the answers of
the counterparty, and what is expected; what it does not state is not compared. A folder with components and no
``expected.json`` (below ``_unlabelled``) states one thing: its process loads and runs to an end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct, field

ANY = "<any>"  # a path that is not compared
SHARED = "_shared"
UNLABELLED = "_unlabelled"
_ID = re.compile(rb'<bns:Component\b[^>]*\bcomponentId="([^"]+)"')


class Match(Struct, forbid_unknown_fields=True):
    """Which requests a rule answers: all that have what is given here."""

    any: bool = False
    method: str | None = None
    path: str | None = None


class Response(Struct, forbid_unknown_fields=True):
    """What the counterparty answers."""

    status: int = 200
    reason: str = ""
    content_type: str = "application/json"
    body: str = ""


class Rule(Struct, forbid_unknown_fields=True):
    """An answer of the counterparty; the first rule that matches a request gives it."""

    match: Match
    response: Response


class Stub(Struct, rename="camel", forbid_unknown_fields=True):
    """A connector that is not called: what its operation does instead, in words."""

    connector_type: str
    operation_id: str
    behaviour: str


class Stimulus(Struct, forbid_unknown_fields=True):
    """What sets the process off, and what surrounds it."""

    trigger: str = ""
    dynamic_process_properties: dict[str, str] = {}
    http_mock: tuple[Rule, ...] = (Rule(Match(any=True), Response(404, "Not Found")),)
    connector_stubs: tuple[Stub, ...] = ()


class Request(Struct, forbid_unknown_fields=True):
    """A request on the wire; a body that is missing is not compared."""

    method: str
    path: str
    body: str | None = None
    note: str = ""


class Record(Struct, rename="camel", forbid_unknown_fields=True):
    """The record of a process that was called; what is missing is not compared."""

    process: str | None = None
    execution_type: str = "sub_process"
    status: str | None = None
    inbound_document_count: int | None = None
    outbound_document_count: int | None = None
    inbound_error_document_count: int | None = None
    message: str | None = None


class Expect(Struct, forbid_unknown_fields=True):
    """What was seen on the platform; what is missing is not stated."""

    status: str | None = None
    error_message: str | msgspec.UnsetType | None = msgspec.UNSET
    inbound_document_count: int | None = None
    outbound_document_count: int | None = None
    inbound_error_document_count: int | None = None
    child_execution_records: tuple[Record, ...] | None = None
    http_requests: tuple[Request, ...] | None = None
    http_requests_ordered: bool = True
    http_request_counts: dict[str, int] = {}
    http_requests_must_include: tuple[Request, ...] = ()
    documents_into_shape: dict[str, int] = {}
    documents_into_shape_source: str = ""
    log_contains: tuple[str, ...] = ()
    process_properties_at_end: dict[str, str] = {}
    retry_delays_nominal: tuple[float, ...] | None = None  # seconds
    retry_delays_seconds_observed: dict[str, tuple[float, ...]] = {}


class Component(Struct):
    """A file of a case, by its path from the folder of the case."""

    file: str
    fidelity: str = ""


class _Expected(Struct):
    root_process: str
    components: tuple[Component, ...]
    expect: Expect
    stimulus: Stimulus = field(default_factory=Stimulus)


class Case(Struct, frozen=True):
    """One case. `files` are its components by file name; `roles` the ids of its processes by the name of their file."""

    name: str
    files: dict[str, bytes]
    root: str
    roles: dict[str, str]
    stimulus: Stimulus
    expect: Expect


class UnreadableCase(Exception):
    """Raised when a folder is no case as this harness knows them."""


def read_cases(folder: Path) -> Iterator[tuple[str, Case | str]]:
    """Give the name of each case with the case, or with why it cannot be read, in the order of names."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.name.startswith("_"):
            yield path.name, _tried(path)
    unlabelled = folder / UNLABELLED
    for path in sorted(unlabelled.iterdir()) if unlabelled.is_dir() else ():
        if path.is_dir():
            yield f"{UNLABELLED}/{path.name}", _tried(path)


def _tried(path: Path) -> Case | str:
    try:
        return read_case(path)
    except (UnreadableCase, OSError, msgspec.DecodeError) as error:
        return f"the case cannot be read: {error}"


def read_case(path: Path) -> Case:
    """Read the case of a folder.

    Raises:
        UnreadableCase: it has no process, or states what this harness does not compare.
    """
    expected = path / "expected.json"
    if expected.is_file():
        stated = msgspec.json.decode(expected.read_bytes(), type=_Expected)
        files = {_flat(component.file): (path / component.file).read_bytes() for component in stated.components}
        return Case(path.name, files, stated.root_process, _roles(files), stated.stimulus, stated.expect)
    files = {file.name: file.read_bytes() for file in sorted(path.glob("*.xml"))}
    root = identity(files.get("process.xml", b""))
    if root is None:
        raise UnreadableCase("there is neither expected.json nor process.xml")
    files |= _referred(files, _library(path))
    return Case(path.name, files, root, _roles(files), Stimulus(), Expect())


def _flat(file: str) -> str:
    return file.removeprefix("../").replace("/", "-")


def identity(content: bytes) -> str | None:
    """Give the component id of a file."""
    match = _ID.search(content)
    return None if match is None else match[1].decode()


def _roles(files: Mapping[str, bytes]) -> dict[str, str]:
    """Give component ids by the words that `documents_into_shape` has for them: ``root`` and the names of files."""
    found = {file.removesuffix(".xml"): identity(content) or "" for file, content in files.items()}
    return {("root" if name == "process" else name): component for name, component in found.items()}


def _library(path: Path) -> dict[str, tuple[str, bytes]]:
    """Give the shared components of the oracle that a folder belongs to, by id."""
    folder = next((each / SHARED for each in path.parents if (each / SHARED).is_dir()), None)
    files = [(file.name, file.read_bytes()) for file in sorted(folder.glob("*.xml"))] if folder is not None else []
    return {identity(content) or name: (f"{SHARED}-{name}", content) for name, content in files}


def _referred(files: Mapping[str, bytes], library: Mapping[str, tuple[str, bytes]]) -> dict[str, bytes]:
    """Give the components of a library that files refer to, directly or not."""
    found: dict[str, bytes] = {}
    waiting = list(files.values())
    while waiting:
        content = waiting.pop()
        for component, (name, held) in library.items():
            if name not in found and f'"{component}"'.encode() in content:
                found[name] = held
                waiting.append(held)
    return found
