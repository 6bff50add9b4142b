"""Run the cases of an oracle: ``python -m tests.oracle [--only PATTERN] [FOLDER]``.

The folder is the argument, the variable CASES, or ``oracle`` in the folder that NUCLIDE_CONFORMANCE names. Each
difference is a line, the last line counts, and the exit code is not zero when something failed or nothing ran.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import structlog
import trio
from trio.testing import MockClock

from runtime.plugins import installed_connectors
from tests.oracle.cases import read_cases
from tests.oracle.harness import judge

RATE = 20.0  # how much faster than real time the runs' clock goes: retries wait for minutes


def folder_of(argument: str | None) -> Path:
    """Give the folder of the cases."""
    given = argument or os.environ.get("CASES")
    if given:
        return Path(given)
    beside = Path(__file__).parents[3] / "shared" / "conformance"
    return Path(os.environ.get("NUCLIDE_CONFORMANCE", beside)) / "oracle"


async def judge_all(folder: Path, only: str) -> tuple[int, int]:
    """Run the cases whose names match; give how many passed and how many failed."""
    catalogue = installed_connectors()
    passed = failed = 0
    for name, case in read_cases(folder):
        if not fnmatchcase(name, only):
            continue
        found = [case] if isinstance(case, str) else await judge(case, catalogue)
        for difference in found:
            print(f"{name}: {difference}")
        passed += not found
        failed += bool(found)
    return passed, failed


def main() -> int:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--only", default="*", help="cases whose names match this pattern")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    folder = folder_of(arguments.folder)
    if not folder.is_dir():
        print(f"there is no folder {folder}: CASES or NUCLIDE_CONFORMANCE names another", file=sys.stderr)
        return 2
    passed, failed = trio.run(judge_all, folder, arguments.only, clock=MockClock(rate=RATE))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
