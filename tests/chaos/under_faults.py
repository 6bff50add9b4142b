"""The daemon on a disk and a clock that misbehave: ``python -m tests.chaos.under_faults FOLDER run --config …``.

The same command line as the product's, after the shims of the tests were put under it. `FOLDER` is where another
process sets the disk's mood and the clock's error.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from runtime.clock import SystemClock
from tests.chaos.disk import install

LOOK = 0.05  # seconds for which an error of the clock is believed


class WrongClock:
    """The wall clock, wrong by as many seconds as a file says."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._error = 0.0
        self._looked = 0.0

    def now(self) -> float:
        """Give the wrong time."""
        if time.monotonic() - self._looked > LOOK:
            self._looked = time.monotonic()
            try:
                self._error = float(self._file.read_text() or 0)
            except FileNotFoundError:
                self._error = 0.0
        return time.time() + self._error


def main() -> None:
    """Put the shims under the process, then be the product's command."""
    folder = Path(sys.argv.pop(1))
    folder.mkdir(parents=True, exist_ok=True)
    install(folder)
    clock = WrongClock(folder / "clock")
    SystemClock.now = lambda self: clock.now()  # type: ignore[method-assign]
    from runtime.cli.main import main as command

    command()


if __name__ == "__main__":
    main()
