"""The laws of `nuclide test`."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from tests.cli.daemon import nuclide

EXAMPLES = Path(__file__).parents[2] / "processes"


def test_the_examples_pass_their_tests() -> None:
    """The bundles that ship have tests, and all of them pass: status 0, and nothing on stdout."""
    result = nuclide("test", str(EXAMPLES))
    assert (result.exit_code, result.stdout) == (0, ""), result.output
    passed, _, rest = result.stderr.partition(" ")
    assert int(passed) > 0
    assert rest == "passed, 0 failed\n"


def test_a_failure_names_case_and_difference(tmp_path: Path) -> None:
    """A case that fails is told by its file and line, with what was found and wanted, and ends with status 1."""
    folder = tmp_path / "greeting"
    shutil.copytree(EXAMPLES / "greeting", folder)
    case = folder / "tests" / "greet.yaml"
    case.write_text(case.read_text().replace("Hello Ada", "Hei Ada"))
    result = nuclide("test", str(folder), "-k", "greets by name")
    assert result.exit_code == 1
    assert result.stdout == (
        "greeting/tests/greet.yaml:3: greets by name\n    the outputs.Message is 'Hello Ada'; wanted 'Hei Ada'\n"
    )
    assert result.stderr == "0 passed, 1 failed\n"


def test_reports_for_programs(tmp_path: Path) -> None:
    """`--json` counts what passed and failed, and `--junit` writes the same for build servers."""
    target = tmp_path / "junit.xml"
    result = nuclide("test", str(EXAMPLES / "orders"), "--json", "--junit", str(target))
    report = msgspec.json.decode(result.stdout)
    assert (result.exit_code, report["failed"], report["problems"]) == (0, 0, [])
    assert report["passed"] == len(report["cases"]) > 0
    assert f'tests="{report["passed"]}" failures="0"'.encode() in target.read_bytes()


def test_a_bundle_with_mistakes_is_not_tested(tmp_path: Path) -> None:
    """What cannot be deployed cannot pass: its mistakes are told, and the status is 1."""
    folder = tmp_path / "greeting"
    shutil.copytree(EXAMPLES / "greeting", folder)
    (folder / "bundle.yaml").write_text("name: greeting\n")
    result = nuclide("test", str(folder))
    assert result.exit_code == 1
    assert "needs 'version'" in result.stdout
