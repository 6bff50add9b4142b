from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from tests.oracle.cases import Case, Expect, Record, Request, Stimulus
from tests.oracle.compare import differences
from tests.oracle.counterparty import Heard
from tests.oracle.watching import Seen, SeenRecord

CALL = Heard("POST", "/a", "x", 1.0)
AGAIN = Heard("POST", "/a", "x", 11.2)
SEEN = Seen(
    root=SeenRecord("main", inbound=1, outbound=2, status="COMPLETE"),
    children=(SeenRecord("child one", inbound=1, outbound=0, status="COMPLETE"),),
    entered={("main", "shape2"): 3, ("main", "shape3"): 0},
    lines=("Notify\t\tit failed",),
    heard=(CALL, AGAIN),
    properties={"P": "1"},
)
SAME = Expect(
    status="COMPLETE",
    error_message=None,
    inbound_document_count=1,
    outbound_document_count=2,
    inbound_error_document_count=0,
    child_execution_records=(Record(process="child", status="COMPLETE", inbound_document_count=1),),
    http_requests=(Request("POST", "/a", "x"), Request("POST", "<any>")),
    http_request_counts={"POST /a": 2, "GET /a": 0},
    http_requests_must_include=(Request("POST", "/a"),),
    documents_into_shape={"root/shape2": 3, "root/shape3": 0, "root/shape9": 0},
    log_contains=("failed",),
    process_properties_at_end={"P": "1"},
    retry_delays_nominal=(10.0,),
)


def compared(expect: Expect) -> list[str]:
    """Give the differences of a run from a case that expects this."""
    return differences(Case("c", {}, "id", {"root": "id"}, Stimulus(), expect), SEEN, {"id": "main"})


def test_a_run_that_is_as_stated_has_no_difference() -> None:
    """What agrees in everything that is stated passes."""
    assert compared(SAME) == []


def test_nothing_stated_is_nothing_compared() -> None:
    """What a case does not state cannot fail it."""
    assert compared(Expect()) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"status": "ERROR"}, "status: expected ERROR"),
        ({"error_message": "no"}, "message: expected 'no'"),
        ({"inbound_document_count": 2}, "inbound documents: expected 2, seen 1"),
        ({"outbound_document_count": 0}, "outbound documents: expected 0, seen 2"),
        ({"inbound_error_document_count": 1}, "inbound error documents"),
        ({"child_execution_records": ()}, "child records: expected 0, seen 1"),
        ({"child_execution_records": (Record(outbound_document_count=1),)}, "child record 1: outbound documents"),
        ({"child_execution_records": (Record(process="other"),)}, "child record 1: process"),
        ({"child_execution_records": (Record(message="no"),)}, "child record 1: message"),
        ({"child_execution_records": (Record(inbound_error_document_count=1),)}, "child record 1: inbound error"),
        ({"http_requests": (Request("POST", "/a"),)}, "request 2: expected none"),
        ({"http_requests": (Request("POST", "/a"), Request("POST", "/a", ""))}, "request 2: expected POST /a ''"),
        ({"http_requests": (Request("GET", "/a"), Request("POST", "/a"))}, "request 1: expected GET /a"),
        ({"http_request_counts": {"POST /a": 1}}, "requests POST /a: expected 1, seen 2"),
        ({"http_requests_must_include": (Request("POST", "/b"),)}, "POST /b was not made"),
        ({"documents_into_shape": {"root/shape2": 1}}, "documents into root/shape2: expected 1, seen 3"),
        ({"log_contains": ("succeeded",)}, "log: no line has 'succeeded'"),
        ({"process_properties_at_end": {"P": "2"}}, "process property P: expected '2', seen '1'"),
        ({"retry_delays_nominal": (0.0,)}, "retry 1: expected after 0.0 s, seen after 10.2 s"),
        ({"retry_delays_nominal": (0.0, 10.0)}, "retries: expected 2, seen 1"),
    ],
)
def test_each_statement_that_does_not_hold_is_a_difference(changed: dict[str, object], told: str) -> None:
    """Everything that a case states is compared: a wrong statement is told, and nothing else with it."""
    (difference,) = compared(replace(SAME, **changed))
    assert told in difference


def test_requests_without_an_order_are_compared_as_a_set() -> None:
    """Where a case states no order, any order is right, and what is missing or too much is told."""
    wanted = (Request("POST", "/b"), Request("POST", "/a"))
    found = compared(replace(SAME, http_requests=wanted, http_requests_ordered=False))
    assert found == ["request: POST /b was not made", "request: POST /a was not expected"]


CALLED = "Child Synchronous Process Call: C [{}(shape6)] call ended in error: [404] Not Found"


@pytest.mark.parametrize(
    ("wanted", "is_same"),
    [
        (CALLED.format("oracle.15d25"), True),
        (CALLED.format("execution-1-2026.09.06"), True),
        (CALLED.format("<execution id>"), True),
        (CALLED.format("x").replace("shape6", "shape7"), False),
        (CALLED.format("x").replace("404", "500"), False),
        ("<any>", True),
        (None, False),
    ],
)
def test_a_message_may_name_an_execution(wanted: str | None, *, is_same: bool) -> None:
    """An execution has another id in each run; what else a message says is compared."""
    seen = msgspec.structs.replace(SEEN.root, message=CALLED.format("oracle.15d25"))
    found = differences(
        Case("c", {}, "id", {}, Stimulus(), Expect(error_message=wanted)), replace(SEEN, root=seen), {"id": "main"}
    )
    assert (found == []) is is_same
