"""The laws of the metrics."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from runtime.observe.metrics import Metrics


def samples(metrics: Metrics) -> dict[str, float]:
    """Give what is exposed, by name and labels as they are written."""
    return {
        f"{sample.name}{dict(sample.labels) or ''}": sample.value
        for family in text_string_to_metric_families(metrics.expose().decode())
        for sample in family.samples
    }


def test_what_is_counted_is_exposed() -> None:
    """A bound child counts into the series of its labels."""
    metrics = Metrics("1.2.3")
    sent = metrics.callbacks_sent.of("acknowledged")
    sent.inc()
    sent.inc()
    metrics.executions.of("running").set(7)
    exposed = samples(metrics)
    assert exposed["nuclide_callbacks_sent_total{'outcome': 'acknowledged'}"] == 2
    assert exposed["nuclide_executions{'status': 'running'}"] == 7
    assert exposed["nuclide_build_info{'version': '1.2.3'}"] == 1


def test_the_same_labels_are_the_same_child() -> None:
    """Binding twice gives the same child, so that binding late costs a look-up and not a series."""
    metrics = Metrics("1")
    assert metrics.callbacks.of("due") is metrics.callbacks.of("due")
    assert metrics.callbacks.of("due") is not metrics.callbacks.of("dead")


def test_two_daemons_in_one_process_do_not_share_their_metrics() -> None:
    """Metrics are no globals: what one daemon counts, another does not show."""
    first, second = Metrics("1"), Metrics("1")
    first.schedules.of("begun").inc()
    assert samples(first)["nuclide_schedules_total{'outcome': 'begun'}"] == 1
    assert "nuclide_schedules_total{'outcome': 'begun'}" not in samples(second)


def test_a_watched_queue_tells_its_depth_when_asked() -> None:
    """The depth of a queue is read at the moment of the question, not stored before."""
    metrics = Metrics("1")
    queue: list[str] = []
    metrics.watch_queue("journal", lambda: len(queue))
    assert samples(metrics)["nuclide_queue_depth{'queue': 'journal'}"] == 0
    queue.append("record")
    assert samples(metrics)["nuclide_queue_depth{'queue': 'journal'}"] == 1
