"""Which vectors are replayed against the daemon: what is not served yet stands here and nowhere else."""

from __future__ import annotations

from tests.flow.replay import Vector

NOT_YET_FEATURES: dict[str, str] = {  # what a vector requires
    "basic-auth": "Basic authentication",
}
VARIANTS: dict[str, dict[str, dict[str, object]]] = {  # features, with the settings of the daemon that has them
    "search": {},
    "size-limit-1MiB": {"server": {"body_limit": "1 MiB"}},
}


def why_not(vector: Vector) -> str | None:
    """Give what is missing before a vector can be replayed; None when nothing is."""
    return NOT_YET_FEATURES.get(vector.expect.get("requires", ""))


def variant(vector: Vector) -> str | None:
    """Give the feature that a daemon of its own is started for; None for the ordinary daemon."""
    feature: str | None = vector.expect.get("requires")
    return feature
