"""Alterations that change what happens, where what is to be expected then can be computed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from lxml import etree
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.altering.graph import Altering
    from tests.oracle.cases import Request, Rule

_SHORTEST = 9  # characters of a constant: a shorter one may stand in names of elements, too
_REFUSED = 400
_OTHER_REFUSALS = {400: "Bad Request", 410: "Gone", 422: "Unprocessable Entity", 500: "Server Error", 503: "Busy"}
_HALTED = "Process terminating -- some documents reached an exception which is set to halt all documents: "
_OTHER_METHODS = {"GET": "PUT", "POST": "PATCH"}


def constants_changed(altering: Altering) -> bool:
    """Change a constant that stands in paths of requests, wherever it stands: what is sent changes with it."""
    requests = altering.expect.http_requests or ()
    parts = {part for request in requests for part in re.split(r"[^0-9A-Za-z]+", request.path)}
    files = altering.made().files
    whole = b"\n".join(files.values())
    long = sorted(part for part in parts if len(part) >= _SHORTEST and part.encode() in whole)
    if not long:
        return False
    old = altering.random.choice(long).encode()
    new = b"Other" + "".join(altering.random.sample("abcdefghjkmnpqrstuvwxyz", 8)).encode()
    altering.trees = {file: etree.fromstring(content.replace(old, new)) for file, content in files.items()}
    _restate(altering, old.decode(), new.decode())
    return True


def refused_otherwise(altering: Altering) -> bool:
    """Let the counterparty refuse with another status: the text of the error changes with it, and nothing else."""
    rules = altering.case.stimulus.http_mock
    refusing = [rule.response for rule in rules if rule.response.status >= _REFUSED]
    if not refusing:
        return False
    status, reason = altering.random.choice(sorted(_OTHER_REFUSALS.items()))

    def other(rule: Rule) -> Rule:
        if rule.response.status < _REFUSED:
            return rule
        return replace(rule, response=replace(rule.response, status=status, reason=reason))

    texts = {f"[{response.status}] {response.reason}" for response in refusing} | {"[404] Not Found"}
    stimulus = replace(altering.case.stimulus, http_mock=tuple(map(other, rules)))
    altering.case = replace(altering.case, stimulus=stimulus)
    for text in texts:
        _restate(altering, text, f"[{status}] {reason}")
    return True


def called_otherwise(altering: Altering) -> bool:
    """Call with other methods: the requests are expected with those."""
    for tree in altering.trees.values():
        for element in tree.iter("connectoraction", "GenericOperationConfig"):
            for attribute in ("actionType", "customOperationType"):
                method = element.get(attribute, "")
                if method in _OTHER_METHODS:
                    element.set(attribute, _OTHER_METHODS[method])

    def other(request: Request) -> Request:
        return replace(request, method=_OTHER_METHODS.get(request.method, request.method))

    expect = altering.expect
    requests = None if expect.http_requests is None else tuple(map(other, expect.http_requests))
    included = tuple(map(other, expect.http_requests_must_include))
    counts = {
        f"{_OTHER_METHODS.get(method, method)} {path}": count
        for what, count in expect.http_request_counts.items()
        for method, _, path in [what.partition(" ")]
    }
    altering.expect = replace(
        expect, http_requests=requests, http_requests_must_include=included, http_request_counts=counts
    )
    rules = tuple(
        replace(rule, match=replace(rule.match, method=_OTHER_METHODS.get(rule.match.method or "", rule.match.method)))
        for rule in altering.case.stimulus.http_mock
    )
    altering.case = replace(altering.case, stimulus=replace(altering.case.stimulus, http_mock=rules))
    return True


def accepted_otherwise(altering: Altering) -> bool:
    """Let the counterparty take what it takes with another status of success: nothing else changes."""
    if all(rule.response.status >= _REFUSED for rule in altering.case.stimulus.http_mock):
        return False
    rules = tuple(
        replace(rule, response=replace(rule.response, status=202, reason="Accepted"))
        if rule.response.status < _REFUSED
        else rule
        for rule in altering.case.stimulus.http_mock
    )
    altering.case = replace(altering.case, stimulus=replace(altering.case.stimulus, http_mock=rules))
    return True


def ended_by_an_exception(altering: Altering) -> bool:
    """Let an Exception end the run after all that the process does: it has done all, and ends in that error."""
    graph = altering.processes()[altering.root]
    start = next(shape for shape in graph if shape.get("shapetype") == "start")
    point = start.find("dragpoints/dragpoint")
    if altering.expect.status != "COMPLETE" or altering.failed or point is None:
        return False
    halt = '<exception stopsingledoc="false" title="t"><exMessage>enough</exMessage><exParameters/></exception>'
    ways = [("1", point.get("toShape", "")), ("2", graph.add("exception", halt, [], altering.random))]
    point.set("toShape", graph.add("branch", '<branch numBranches="2"/>', ways, altering.random))
    altering.expect = replace(
        altering.expect, status="ERROR", error_message=f"{_HALTED}enough", inbound_error_document_count=None
    )
    return True


def _restate(altering: Altering, old: str, new: str) -> None:
    """Change a text in what is expected, and in what the counterparty answers."""

    def other(content: bytes) -> bytes:
        return content.replace(old.encode(), new.encode())

    stimulus, expect = altering.case.stimulus, altering.expect
    altering.expect = msgspec.json.decode(other(msgspec.json.encode(expect)), type=type(expect))
    stimulus = msgspec.json.decode(other(msgspec.json.encode(stimulus)), type=type(stimulus))
    altering.case = replace(altering.case, stimulus=stimulus)


OTHERS: dict[str, Callable[[Altering], bool]] = {
    "other constants": constants_changed,
    "another refusal": refused_otherwise,
    "other methods": called_otherwise,
    "another success": accepted_otherwise,
    "an exception at the end": ended_by_an_exception,
}
