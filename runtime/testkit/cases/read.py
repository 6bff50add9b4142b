"""tests/*.yaml: cases of one process a file.

process: Price order
mocks:
  look up price:                                  # the label of a connector step
    - { for: { path: /items/A1 }, answer: { Price: 0.5 } }
    - { fault: { kind: not sent, message: refused }, delay: 2 s }
  keep the order: {}                              # every call gives its own document back
cases:
  - name: a line is priced
    request: { Lines: [ { Sku: A1, Quantity: 6 } ] }
    expect:
      documents: [ { Total: 3.0 } ]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from runtime.bundle.findings import Findings
from runtime.bundle.keys import Keys, as_table
from runtime.bundle.nodes import Items, Scalar, Table
from runtime.bundle.read import lint_bundle
from runtime.bundle.sources import Sources, read_sources
from runtime.bundle.yaml_nodes import read_yaml
from runtime.errors import BundleError
from runtime.testkit.cases.expectations import ExpectationReader, read_pattern
from runtime.testkit.cases.model import Case, FaultKind, MockAnswer, MockFault, Suite
from runtime.testkit.cases.patterns import Pattern, written
from runtime.testkit.cases.steps import spellings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runtime.bundle.nodes import Node
    from runtime.errors import Place, Problem
    from runtime.model.bundle import Bundle
    from runtime.sdk.connector import Catalogue

FOLDER = "tests/"

Thing = TypeVar("Thing")


def read_suites(sources: Sources, bundle: Bundle) -> tuple[Suite, ...]:
    """Read the cases of a bundle.

    Raises:
        BundleError: they have mistakes; `problems` holds all of them, by file and line.
    """
    texts = dict(_texts(sources))
    findings = Findings(bundle.name, texts)
    suites = [_Reader(file, bundle, sources, findings).suite(text) for file, text in texts.items()]
    findings.raise_any()
    return tuple(suite for suite in suites if suite is not None)


def lint_with_tests(path: Path, catalogue: Catalogue) -> tuple[Bundle | None, tuple[Problem, ...]]:
    """Give the bundle at `path`, or None when it is refused, and all that was found in it and in its tests."""
    bundle, problems = lint_bundle(path, catalogue)
    if bundle is None:
        return None, problems
    sources, _ = read_sources(path)
    try:
        read_suites(sources, bundle)
    except BundleError as error:
        return None, (*problems, *error.problems)
    return bundle, problems


def _texts(sources: Sources) -> Iterator[tuple[str, str]]:
    for path in sorted(sources.contents):
        parent, _, name = path.rpartition("/")
        if f"{parent}/" == FOLDER and name.endswith(".yaml"):
            yield path, sources.contents[path].decode("utf-8-sig", "replace")


class _Reader:
    def __init__(self, file: str, bundle: Bundle, sources: Sources, findings: Findings) -> None:
        self._file = file
        self._bundle = bundle
        self._sources = sources
        self._findings = findings

    def suite(self, text: str) -> Suite | None:
        root = read_yaml(text, self._file, self._findings)
        table = None if root is None else as_table(root, "a file of tests", self._findings)
        if table is None:
            return None
        keys = Keys(table, self._findings, "a file of tests")
        process = keys.text("process", required=True)
        extensions = self._values(keys.table("extensions"), "an extension")
        shared = Case(
            name="",
            process=process or "",
            properties=self._values(keys.table("properties"), "a property"),
            configuration=self._values(keys.table("configuration"), "a configuration value"),
            mocks=self._mocks(keys.table("mocks"), process or ""),
        )
        cases = keys.items("cases", required=True)
        keys.done()
        if process is not None and process not in self._bundle.processes:
            place = keys.place_of("process")
            self._findings.unknown("unknown-reference", "process", process, self._bundle.processes, place)
            return None
        read = [self._case(item, shared) for item in cases.items] if cases is not None else []
        return Suite(file=self._file, extensions=extensions, cases=tuple(case for case in read if case is not None))

    def _case(self, node: Node, shared: Case) -> Case | None:
        table = as_table(node, "a case", self._findings)
        if table is None:
            return None
        keys = Keys(table, self._findings, "a case")
        name = keys.text("name", required=True)
        request, documents = keys.node("request"), keys.items("documents")
        properties = self._values(keys.table("properties"), "a property")
        configuration = self._values(keys.table("configuration"), "a configuration value")
        mocks = self._mocks(keys.table("mocks"), shared.process)
        known = dict(spellings(self._bundle.processes, shared.process))
        expect = ExpectationReader(known, self._findings).read(keys.table("expect", required=True))
        keys.done()
        if request is not None and not self._called_by_flow(shared.process):
            hint = "write 'documents: [ … ]'"
            self._findings.add("wrong-type", f"Flow does not call '{shared.process}'", keys.place_of("request"), hint)
        return replace(
            shared,
            name=name or "",
            request=None if request is None else written(request),
            documents=tuple(self._document(item) for item in documents.items) if documents is not None else (),
            properties=shared.properties | properties,
            configuration=shared.configuration | configuration,
            mocks=shared.mocks | mocks,
            expect=expect,
            place=table.place,
        )

    def _called_by_flow(self, process: str) -> bool:
        return any(action.process == process for service in self._bundle.services for action in service.actions)

    def _document(self, node: Node) -> bytes:
        """Give a document as it was written, or the file beside the tests that ``{ file: … }`` names."""
        if not isinstance(node, Table) or node.keys() != ("file",):
            return written(node)
        _, value = node.entries[0]
        name = value.text if isinstance(value, Scalar) else ""
        content = self._sources.contents.get(FOLDER + name)
        if content is None:
            files = [path.removeprefix(FOLDER) for path in self._sources.contents if path.startswith(FOLDER)]
            self._findings.unknown("unknown-reference", "file in tests/", name, files, value.place)
        return content or b""

    def _mocks(self, table: Table | None, process: str) -> dict[str, tuple[MockAnswer, ...]]:
        known = dict(spellings(self._bundle.processes, process))
        mocks: dict[str, tuple[MockAnswer, ...]] = {}
        for key, value in table or ():
            if key.text not in known:
                self._findings.unknown("unknown-reference", "step", key.text, known, key.place)
            elif isinstance(value, Items):
                mocks[known[key.text]] = tuple(self._answer(item, repeats=False) for item in value.items)
            else:
                mocks[known[key.text]] = (self._answer(value, repeats=True),)
        return mocks

    def _answer(self, node: Node, *, repeats: bool) -> MockAnswer:
        table = as_table(node, "an answer", self._findings)
        if table is None:
            return MockAnswer()
        keys = Keys(table, self._findings, "an answer")
        one, several = keys.node("answer"), keys.items("answers")
        fault = self._fault(keys.table("fault"))
        delay = keys.duration("delay")
        fits = self._patterns(keys.table("for"))
        meta = self._values(keys.table("meta"), "a meta property")
        again = keys.flag("repeat", default=repeats)
        keys.done()
        if sum(given is not None for given in (one, several, fault)) > 1:
            hint = "write one of 'answer', 'answers' and 'fault'"
            self._findings.add("wrong-type", "a call has one outcome", table.place, hint)
        documents = [one] if one is not None else several.items if several is not None else None
        return MockAnswer(
            documents=None if documents is None else tuple(self._document(each) for each in documents),
            meta=meta,
            fault=fault,
            delay=delay or 0.0,
            fits=fits,
            repeats=again,
        )

    def _fault(self, table: Table | None) -> MockFault | None:
        if table is None:
            return None
        keys = Keys(table, self._findings, "a fault")
        kind: FaultKind = keys.choice("kind", FaultKind, "application")
        message = keys.literal("message") or "The target refused."
        status = keys.literal("status") or "500"
        body = keys.node("body")
        keys.done()
        return MockFault(kind=kind, message=message, status=status, body=b"" if body is None else written(body))

    def _patterns(self, table: Table | None) -> dict[str, Pattern]:
        return {key.text: read_pattern(value, self._findings) for key, value in table or ()}

    def _values(self, table: Table | None, what: str) -> dict[str, str]:
        values: dict[str, str] = {}
        for key, value in table or ():
            if isinstance(value, Scalar):
                values[key.text] = value.text
            else:
                self._not_one(what, value.place)
        return values

    def _not_one(self, what: str, place: Place) -> None:
        self._findings.add("wrong-type", f"{what} is a single value", place)
