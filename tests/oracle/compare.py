"""What a case states, held against what was seen: each difference a line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest

import msgspec

from tests.oracle.cases import ANY, Case, Expect, Record, Request
from tests.oracle.counterparty import Heard
from tests.oracle.watching import Seen, SeenRecord

_EXECUTION = re.compile(r"\[[^\[\]()]*\((?=[^\[\]()]*\)\])")  # as ``[<execution id>(<shape>)]``
_NAMED = re.compile(r"<[a-z][a-z ]*>")
EARLY, LATE = 0.5, 5.0  # seconds: how far a retry may come before and after its nominal delay


def differences(case: Case, seen: Seen, names: dict[str, str]) -> list[str]:
    """Give every way in which a run differs from what the case states. `names` are processes by component id."""
    expect = case.expect
    found = [*_outcome(expect, seen), *_requests(expect, seen.heard), *_children(expect, seen)]
    for place, number in expect.documents_into_shape.items():
        role, _, shape = place.partition("/")
        process = names.get(case.roles.get(role, ""), "")
        entered = seen.entered.get((process, shape), 0)
        if entered != number:
            found.append(f"documents into {place}: expected {number}, seen {entered}")
    found += [
        f"log: no line has {text!r}" for text in expect.log_contains if not any(text in line for line in seen.lines)
    ]
    for name, value in expect.process_properties_at_end.items():
        if seen.properties.get(name) != value:
            found.append(f"process property {name}: expected {value!r}, seen {seen.properties.get(name)!r}")
    return [*found, *_delays(expect, seen.heard)]


def _outcome(expect: Expect, seen: Seen) -> Iterator[str]:
    root = seen.root
    if expect.status is not None and root.status != expect.status:
        told = "" if root.message is None else f" ({root.message})"
        yield f"status: expected {expect.status}, seen {root.status}{told}"
    if expect.error_message is not msgspec.UNSET and not _same_text(expect.error_message, root.message):
        yield f"message: expected {expect.error_message!r}, seen {root.message!r}"
    counts = (
        ("inbound documents", expect.inbound_document_count, root.inbound),
        ("outbound documents", expect.outbound_document_count, root.outbound),
        ("inbound error documents", expect.inbound_error_document_count, root.failed),
    )
    for what, wanted, found in counts:
        if wanted is not None and wanted != found:
            yield f"{what}: expected {wanted}, seen {found}"


def _same_text(wanted: str | None, seen: str | None) -> bool:
    """Whether two texts are the same; ids of executions are others in each run, and so is what ``<…>`` names."""
    if wanted is None or seen is None:
        return wanted == seen
    words = (re.escape(word) for word in _NAMED.split(_EXECUTION.sub("[<id>(", wanted)))
    return re.fullmatch(".*?".join(words), _EXECUTION.sub("[<id>(", seen), re.DOTALL) is not None


def _requests(expect: Expect, heard: Sequence[Heard]) -> Iterator[str]:
    if expect.http_requests is not None:
        yield from _all_requests(expect.http_requests, heard, ordered=expect.http_requests_ordered)
    for request in expect.http_requests_must_include:
        if not any(_same(request, one) for one in heard):
            yield f"request: {_shown(request)} was not made"
    counts = Counter(f"{one.method} {one.path}" for one in heard)
    for what, wanted in expect.http_request_counts.items():
        if counts[what] != wanted:
            yield f"requests {what}: expected {wanted}, seen {counts[what]}"


def _all_requests(wanted: Sequence[Request], heard: Sequence[Heard], *, ordered: bool) -> Iterator[str]:
    if not ordered:
        left = list(heard)
        for request in wanted:
            match = next((one for one in left if _same(request, one)), None)
            if match is None:
                yield f"request: {_shown(request)} was not made"
            else:
                left.remove(match)
        yield from (f"request: {one.method} {one.path} was not expected" for one in left)
        return
    for number, (expected, seen) in enumerate(zip_longest(wanted, heard), 1):
        if expected is None or seen is None or not _same(expected, seen):
            want = "none" if expected is None else _shown(expected)
            have = "none" if seen is None else f"{seen.method} {seen.path} {seen.body!r}"
            yield f"request {number}: expected {want}, seen {have}"


def _same(request: Request, heard: Heard) -> bool:
    return (
        request.method == heard.method and request.path in {ANY, heard.path} and request.body in {None, ANY, heard.body}
    )


def _shown(request: Request) -> str:
    return f"{request.method} {request.path}" + ("" if request.body is None else f" {request.body!r}")


def _children(expect: Expect, seen: Seen) -> Iterator[str]:
    wanted = expect.child_execution_records
    if wanted is None:
        return
    if len(wanted) != len(seen.children):
        yield f"child records: expected {len(wanted)}, seen {len(seen.children)}"
        return
    for number, (record, child) in enumerate(zip(wanted, seen.children, strict=True), 1):
        yield from (f"child record {number}: {difference}" for difference in _record(record, child))


def _record(wanted: Record, seen: SeenRecord) -> Iterator[str]:
    if wanted.process is not None and wanted.process not in seen.process:
        yield f"process: expected {wanted.process}, seen {seen.process}"
    pairs = (
        ("status", wanted.status, seen.status),
        ("inbound documents", wanted.inbound_document_count, seen.inbound),
        ("outbound documents", wanted.outbound_document_count, seen.outbound),
        ("inbound error documents", wanted.inbound_error_document_count, seen.failed),
    )
    if wanted.message is not None and not _same_text(wanted.message, seen.message):
        yield f"message: expected {wanted.message!r}, seen {seen.message!r}"
    yield from (f"{what}: expected {want}, seen {have}" for what, want, have in pairs if want not in {None, have})


def _delays(expect: Expect, heard: Sequence[Heard]) -> Iterator[str]:
    """Hold the pauses before repeated requests against the nominal ones."""
    nominal = expect.retry_delays_nominal
    if nominal is None:
        return
    pauses = [after.at - before.at for before, after in pairwise(heard) if before.path == after.path]
    if len(pauses) != len(nominal):
        yield f"retries: expected {len(nominal)}, seen {len(pauses)}"
        return
    for number, (wanted, pause) in enumerate(zip(nominal, pauses, strict=True), 1):
        if not wanted - EARLY <= pause <= wanted + LATE:
            yield f"retry {number}: expected after {wanted} s, seen after {pause:.1f} s"
