"""The tests of a bundle: read, played one after the other, and judged."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from runtime.bundle.read import bundle_of
from runtime.bundle.sources import Sources, read_sources
from runtime.engine.scripts.proving import prove_scripts
from runtime.engine.scripts.workers import ScriptLimits, Workers
from runtime.errors import BundleError, Place, Problem
from runtime.model.bundle import Bundle
from runtime.sdk.connector import Catalogue
from runtime.testkit.cases.judge import judge
from runtime.testkit.cases.model import Case
from runtime.testkit.cases.play import play, prepared_for
from runtime.testkit.cases.read import read_suites


class Verdict(Struct, frozen=True, kw_only=True):
    """What became of one case; it passed when there are no differences. `seconds` are real ones."""

    bundle: str
    file: str
    process: str
    case: str
    place: Place
    differences: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.differences


def run_path(path: Path, catalogue: Catalogue, *, only: str | None = None) -> Iterator[Verdict]:
    """Run the tests of the bundle at `path`, a folder or a .zip; `only` is part of the names of the cases wanted.

    Raises:
        BundleError: the bundle or its tests have mistakes.
    """
    sources, findings = read_sources(path)
    bundle, scripts = bundle_of(sources, findings, catalogue), ScriptLimits()
    prove_scripts(bundle, scripts)
    yield from run_tests(bundle, sources, catalogue, scripts=scripts, only=only)


def run_tests(
    bundle: Bundle, sources: Sources, catalogue: Catalogue, *, scripts: ScriptLimits, only: str | None = None
) -> Iterator[Verdict]:
    """Run the tests of a bundle that was read. Blocking: in a daemon, call it in a thread.

    Its scripts run in processes of their own, which all cases share.

    Raises:
        BundleError: the tests have mistakes, or give no value for an extension that has to have one.
    """
    workers = Workers(scripts)
    try:
        yield from _run(bundle, sources, catalogue, workers, only)
    finally:
        workers.close()


def _run(
    bundle: Bundle, sources: Sources, catalogue: Catalogue, workers: Workers, only: str | None
) -> Iterator[Verdict]:
    for suite in read_suites(sources, bundle):
        prepared = prepared_for(bundle, catalogue, suite)
        for case in suite.cases:
            if only is not None and only not in case.name:
                continue
            begun = time.perf_counter()
            seen = play(case, prepared, workers)
            yield Verdict(
                bundle=bundle.name,
                file=suite.file,
                process=case.process,
                case=case.name,
                place=case.place,
                differences=judge(case, seen),
                lines=seen.lines,
                seconds=time.perf_counter() - begun,
            )


def prove(
    bundle: Bundle, sources: Sources, catalogue: Catalogue, *, within: float, scripts: ScriptLimits | None = None
) -> None:
    """Hold a bundle to its own tests, which may take `within` seconds.

    Raises:
        BundleError: a test fails or cannot be read, each failed case a problem; or they take too long.
    """
    end = time.perf_counter() + within
    problems: list[Problem] = []
    for verdict in run_tests(bundle, sources, catalogue, scripts=scripts or ScriptLimits()):
        if not verdict.passed:
            problems.append(_problem(verdict))
        if time.perf_counter() > end:
            message = f"the tests take longer than {within:g} s"
            hint = "setting bundles.tests_within"
            problems.append(Problem(code="bundle.tests-slow", message=message, place=verdict.place, hint=hint))
            break
    if problems:
        raise BundleError(tuple(problems))


def _problem(verdict: Verdict) -> Problem:
    return Problem(
        code="bundle.test-failed",
        message=f"the test '{verdict.case}' fails: {_short(verdict)}",
        place=verdict.place,
        hint="run 'nuclide test' on the bundle",
    )


def _short(verdict: Verdict) -> str:
    first, *others = verdict.differences
    return f"{first} (and {len(others)} more)" if others else first


__all__ = ["Case", "Verdict", "prove", "run_path", "run_tests"]
