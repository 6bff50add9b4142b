"""Run the cases of an oracle, each altered in every way: ``python -m tests.oracle.altered [--seed N] [FOLDER]``.

What is known of a case holds of each graph with the same meaning. Each difference is a line that names the case, the
alteration and the seed; the last line counts, and the exit code is not zero when something failed or nothing ran.
"""

from __future__ import annotations

import argparse
import logging
import sys
from fnmatch import fnmatchcase
from functools import partial
from random import Random
from typing import TYPE_CHECKING

import structlog
import trio
from trio.testing import MockClock

from runtime.plugins import installed_connectors
from tests.oracle.__main__ import RATE, folder_of
from tests.oracle.altering.consequences import OTHERS
from tests.oracle.altering.detours import DETOURS
from tests.oracle.altering.graph import Altering
from tests.oracle.altering.written import WRITTEN
from tests.oracle.cases import read_cases
from tests.oracle.harness import judge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from runtime.sdk.connector import Catalogue
    from tests.oracle.cases import Case

ALTERATIONS: dict[str, Callable[[Altering], bool]] = {**WRITTEN, **DETOURS, **OTHERS}
MANY = "several at once"
_SEVERAL = 4  # alterations of one graph, one on top of the other


def altered(case: Case, name: str, seed: int) -> Case | None:
    """Give the case altered in the way of that name, as the seed has it; None when it cannot be."""
    altering = Altering(case, Random(f"{case.name}/{name}/{seed}"))
    names = [name] if name != MANY else altering.random.sample(sorted(ALTERATIONS), _SEVERAL)
    made = [ALTERATIONS[one](altering) for one in names]
    return altering.made() if all(made) else None


def all_altered(folder: Path, only: str, seed: int) -> Iterator[tuple[str, Case]]:
    """Give each case in each way in which it can be altered, with what to call it."""
    for name, case in read_cases(folder):
        if isinstance(case, str) or not fnmatchcase(name, only):
            continue
        for alteration in (*ALTERATIONS, MANY):
            made = altered(case, alteration, seed)
            if made is not None:
                yield f"{name}, {alteration}, seed {seed}", made


async def judge_altered(folder: Path, only: str, seeds: range) -> tuple[int, int]:
    """Run the altered cases; give how many passed and how many failed."""
    catalogue: Catalogue = installed_connectors()
    passed = failed = 0
    for seed in seeds:
        for name, case in all_altered(folder, only, seed):
            found = await judge(case, catalogue)
            for difference in found:
                print(f"{name}: {difference}")
            passed += not found
            failed += bool(found)
    return passed, failed


def main() -> int:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.oracle.altered", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--only", default="*", help="cases whose names match this pattern")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--rounds", type=int, default=1, help="how many seeds")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    folder = folder_of(arguments.folder)
    if not folder.is_dir():
        print(f"there is no folder {folder}: CASES or NUCLIDE_CONFORMANCE names another", file=sys.stderr)
        return 2
    seeds = range(arguments.seed, arguments.seed + arguments.rounds)
    run = partial(judge_altered, folder, arguments.only, seeds)
    passed, failed = trio.run(run, clock=MockClock(rate=RATE))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
