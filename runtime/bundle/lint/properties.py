"""Properties that expressions read and nothing sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from runtime.bundle.expressions_in import expressions_in
from runtime.bundle.findings import suggest
from runtime.expressions import names_read
from runtime.flow.data_requests import ORDINAL_PROPERTY
from runtime.flow.file_requests import FILE_CONTENT_TYPE, FILE_NAME
from runtime.model.platform_shapes import ProcessCallStep, ProcessRouteStep, RetrieveFromCacheStep
from runtime.model.shapes import MapStep, ScriptStep, SetPropertiesStep

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.model.bundle import Bundle
    from runtime.model.process import Process
    from runtime.model.values import Expression

# Properties that come with a call of Flow: the running user, tenant and configuration, an id, a filter (reference 4.2).
_GIVEN = ("inflow", "param_")
_OF_REQUESTS = frozenset({"inmethod", "inpath", "inuser"})  # of web services, as the platform names them
_LEFT_OUT = {"process": "query_", "document": "inheader_"}  # before names of what a caller may leave out
_OF_DOCUMENTS = frozenset({ORDINAL_PROPERTY, FILE_NAME, FILE_CONTENT_TYPE})
_SETS_ANY = (ScriptStep, ProcessCallStep, ProcessRouteStep, RetrieveFromCacheStep)
_ROOTS = {"properties": "document", "process": "process"}


def check_properties(process: Process, bundle: Bundle, findings: Findings) -> None:
    """Note each property that is read without being asked for and set by no step of the process.

    A script, a called process and a cached document can set any property, and a passthrough start brings its
    documents' own: then nothing is known. What calls a process hands the properties of the process down to it.
    """
    if process.start.mode == "passthrough" or any(isinstance(shape, _SETS_ANY) for shape in process.shapes):
        return
    known: dict[str, set[str]] = {"document": set(), "process": set(process.properties)}
    for shape in process.shapes:
        if isinstance(shape, SetPropertiesStep):
            for assignment in shape.assignments:
                known[assignment.scope].add(assignment.name)
    is_called = process.name in _called(bundle)
    for expression in _expressions(process, bundle):
        for root, *keys in names_read(expression.source):
            scope = _ROOTS.get(root)
            if scope == "process" and is_called:
                continue
            if scope is None or not keys or keys[0] in known[scope] or _is_given(scope, keys[0], expression.source):
                continue
            if keys[0].startswith(_LEFT_OUT[scope]) and process.start.mode == "listen":
                hint = f'ask first: has({root}.{keys[0]}) ? {root}.{keys[0]} : "…"'
                findings.add("property-never-set", f"callers may leave out '{keys[0]}'", expression.place, hint)
                continue
            of = "property of a document" if scope == "document" else "property of the process"
            message = f"no step sets the {of} '{keys[0]}'"
            findings.add("property-never-set", message, expression.place, suggest(keys[0], known[scope]))


def _called(bundle: Bundle) -> set[str]:
    """Give the processes that others of the bundle call."""
    shapes = [shape for process in bundle.processes.values() for shape in process.shapes]
    calls = {shape.process for shape in shapes if isinstance(shape, ProcessCallStep)}
    return calls | {entry.process for shape in shapes if isinstance(shape, ProcessRouteStep) for entry in shape.entries}


def _is_given(scope: str, name: str, source: str) -> bool:
    root = "properties" if scope == "document" else "process"
    asked = re.search(rf"has\(\s*{root}\.{re.escape(name)}\s*\)", source) is not None
    return asked or (name.startswith(_GIVEN) or name in _OF_REQUESTS if scope == "process" else name in _OF_DOCUMENTS)


def _expressions(process: Process, bundle: Bundle) -> Iterator[Expression]:
    """Give every expression that runs in the process, its maps' included."""
    for shape in process.shapes:
        yield from expressions_in(shape)
        if isinstance(shape, MapStep):
            for rule in bundle.maps[shape.map].rules:
                yield from expressions_in(rule.source)
