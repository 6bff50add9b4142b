"""The features that some vectors require: each is a variant of the fixture, with a daemon of its own."""

from __future__ import annotations

import base64

from tests.flow.replay import Vector

USER = "conf"  # of the variant with Basic authentication
PASSWORD = "pass"
CREDENTIALS = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
BASIC = "basic-auth"

VARIANTS: dict[str, dict[str, dict[str, object]]] = {  # features, with the settings of the daemon that has them
    BASIC: {"access": {"authentication": "basic"}},
    "search": {},
    "size-limit-1MiB": {"server": {"body_limit": "1 MiB"}},
}


def variant(vector: Vector) -> str | None:
    """Give the feature that a daemon of its own is started for; None for the ordinary daemon."""
    feature: str | None = vector.expect.get("requires")
    return feature
