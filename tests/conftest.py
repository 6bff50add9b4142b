"""What all tests share."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadline: on a busy machine it would measure the machine. More examples on request, e.g. HYPOTHESIS_PROFILE=long.
settings.register_profile("default", deadline=None, max_examples=100)
# The gate draws the same examples each time: what it says is said of the change, and new finds come from other runs.
settings.register_profile("ci", deadline=None, max_examples=100, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
