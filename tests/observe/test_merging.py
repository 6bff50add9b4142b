"""The laws of merged metrics: every sample once, with its worker, under a family that is told once."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from runtime.observe.merging import merged
from runtime.observe.metrics import Metrics


def _exposed(requests: int) -> bytes:
    metrics = Metrics("1")
    for _ in range(requests):
        metrics.answered.of("fs").note(200, 0.5)
    return metrics.expose()


def test_samples_of_all_workers_stand_in_one_family() -> None:
    """What Prometheus reads has each family once, and the samples of each worker with its number."""
    text = merged({2: _exposed(5), 1: _exposed(3)}).decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert len(families) == text.count("# HELP ")
    told = {each.labels["worker"]: each.value for each in families["nuclide_requests"].samples if "total" in each.name}
    assert told == {"1": 3.0, "2": 5.0}
    assert {each.labels["worker"] for family in families.values() for each in family.samples} == {"1", "2"}
    alone = list(text_string_to_metric_families(_exposed(3).decode()))
    assert sum(len(family.samples) for family in families.values()) == 2 * sum(len(each.samples) for each in alone)


def test_nothing_gives_nothing() -> None:
    """A worker that tells nothing adds nothing."""
    assert merged({}) == b""
    assert merged({1: b"", 2: b""}) == b""
