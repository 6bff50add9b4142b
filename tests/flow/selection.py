"""Which vectors are replayed against the daemon: what is not served yet stands here and nowhere else."""

from __future__ import annotations

from fnmatch import fnmatchcase

from tests.flow.replay import Vector

NOT_YET: dict[str, str] = {  # names, as shell patterns
    "run.*": "the Flow Run API client",
}
NOT_YET_FEATURES: dict[str, str] = {  # what a vector requires
    "basic-auth": "Basic authentication",
}
VARIANTS: dict[str, dict[str, dict[str, object]]] = {  # features, with the settings of the daemon that has them
    "search": {},
    "size-limit-1MiB": {"server": {"body_limit": "1 MiB"}},
}


def why_not(vector: Vector) -> str | None:
    """Give what is missing before a vector can be replayed; None when nothing is."""
    feature = vector.expect.get("requires")
    if feature in NOT_YET_FEATURES:
        return NOT_YET_FEATURES[feature]
    if vector.direction == "client-to-engine":
        return NOT_YET["run.*"]
    return next((reason for pattern, reason in NOT_YET.items() if fnmatchcase(vector.name, pattern)), None)


def variant(vector: Vector) -> str | None:
    """Give the feature that a daemon of its own is started for; None for the ordinary daemon."""
    feature: str | None = vector.expect.get("requires")
    return feature
