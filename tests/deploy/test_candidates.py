"""Reading sources, beside what the tests of the watched folder show of it."""

from __future__ import annotations

import subprocess
import sys


def test_a_daemon_does_not_load_what_plays_tests() -> None:
    """A bundle's own tests bring a virtual clock, and trio's brings pytest: only they load it."""
    code = (
        "import sys, runtime.daemon; sys.exit(bool(sys.modules.keys() & {'pytest', 'trio.testing', 'runtime.testkit'}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
