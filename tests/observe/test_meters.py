"""The laws of what is counted without the library, told as it tells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from runtime.model.journal import Status
from runtime.observe.meters import Meters
from runtime.observe.metrics import Metrics

BOUNDS = (0.001, 0.5, 1.0)


def lines(exposed: bytes) -> set[str]:
    """Give the lines that tell requests; not when they were first counted."""
    return {line for line in exposed.decode().splitlines() if "request" in line and "_created" not in line}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["fs", "ws"]),
            st.sampled_from([200, 400, 503]),
            st.one_of(st.floats(0, 2), st.sampled_from(BOUNDS)),
        )
    )
)
def test_requests_are_told_as_the_library_tells_them(answers: list[tuple[str, int, float]]) -> None:
    """Law: what is exposed is, line by line, what a counter and a histogram of prometheus_client would give."""
    registry, theirs = CollectorRegistry(), CollectorRegistry()
    requests_told, seconds_told = (
        ("nuclide_requests", "Answered requests"),
        ("nuclide_request_seconds", "From the arrival of a request to its answer"),
    )
    ours = Meters(requests_told, seconds_told, labels=("route",), outcome="status", bounds=BOUNDS)
    registry.register(ours)
    requests = Counter(*requests_told, ("route", "status"), registry=theirs)
    seconds = Histogram(*seconds_told, ("route",), buckets=BOUNDS, registry=theirs)
    for route, status, took in answers:
        ours.of(route).note(status, took)
        requests.labels(route, str(status)).inc()
        seconds.labels(route).observe(took)
    assert lines(generate_latest(registry)) == lines(generate_latest(theirs))


def test_the_daemons_metrics_tell_them() -> None:
    """Law: what a door or an execution notes is among the metrics of its daemon, and of no other."""
    metrics = Metrics("1")
    metrics.executions_ended.of("b", "p").note(Status.COMPLETE, 0.01)
    assert b'nuclide_executions_finished_total{bundle="b",outcome="complete",process="p"} 1.0' in metrics.expose()
    assert b'nuclide_execution_seconds_count{bundle="b",process="p"} 1.0' in metrics.expose()
    metrics.answered.of("fs").note(200, 0.01)
    assert b'nuclide_requests_total{route="fs",status="200"} 1.0' in metrics.expose()
    assert b"nuclide_requests_total{" not in Metrics("1").expose()
