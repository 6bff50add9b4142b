"""What all tests share."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings
from trio.testing import MockClock

# No deadline: on a busy machine it would measure the machine. More examples on request, e.g. HYPOTHESIS_PROFILE=long.
settings.register_profile("default", deadline=None, max_examples=100)
# The gate draws the same examples each time: what it says is said of the change, and new finds come from other runs.
settings.register_profile("ci", deadline=None, max_examples=100, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture
def clock(mock_clock: MockClock) -> MockClock:
    """Give a clock that goes as real ones do, and jumps where a test says: for what waits for sockets and threads."""
    mock_clock.rate = 1.0
    return mock_clock


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what says nothing of several workers, where the environment has the daemon be several processes."""
    if int(os.environ.get("NUCLIDE_SERVER_WORKERS", "1")) > 1:
        left = [item for item in items if item.get_closest_marker("one_worker")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
