from __future__ import annotations

import pytest

from runtime.errors import BundleError
from runtime.groovy import compile_groovy
from tests.groovy.cases import Case, all_cases, given_by

CASES = all_cases()


@pytest.mark.parametrize("case", [pytest.param(case, id=case.title) for case in CASES if case.given is not None])
def test_a_script_gives_what_groovy_gives(case: Case) -> None:
    """The scripts of the folder ``known`` give here what they give in Groovy 2.4."""
    assert given_by(case) == case.given


@pytest.mark.parametrize("case", [pytest.param(case, id=case.title) for case in CASES if case.given is None])
def test_what_cannot_run_is_refused_before_it_runs(case: Case) -> None:
    """What is not covered is told when a bundle is read, with its line, and never found out by running."""
    with pytest.raises(BundleError) as caught:
        compile_groovy(case.source, "s.groovy")
    assert all(problem.place.line is not None for problem in caught.value.problems)
