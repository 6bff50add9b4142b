"""The laws of `nuclide lint`."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from tests.cli.daemon import nuclide

EXAMPLES = Path(__file__).parents[2] / "processes"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Give a folder with a sound bundle and one with two mistakes."""
    for name in ("sound", "broken"):
        shutil.copytree(EXAMPLES / "greeting", tmp_path / name)
    (tmp_path / "sound" / "bundle.yaml").write_text("name: sound\nversion: '1'\nneeds: { http: 1 }\n")
    (tmp_path / "sound" / "flow-services" / "greeting.yaml").unlink()
    (tmp_path / "broken" / "bundle.yaml").write_text("name: broken\nversion: '1'\nneeds: { http: 1 }\nnöte: x\n")
    connection = tmp_path / "broken" / "connections" / "catalogue.yaml"
    connection.write_text("connector: htp\nurl: http://127.0.0.1:9191\n")
    return tmp_path


def test_the_examples_are_sound() -> None:
    """The bundles that ship have no finding, but for the one that `launcher` is an example of and says so."""
    result = nuclide("lint", str(EXAMPLES))
    findings = [line for line in result.stdout.splitlines() if line.endswith("]")]
    assert (result.exit_code, len(findings)) == (0, 1), result.output
    assert findings[0].startswith(f"{EXAMPLES}/launcher/processes/welcome.yaml:")
    assert findings[0].endswith("[bundle.effects.parks]")


def test_a_finding_names_its_place_and_shows_the_line(broken: Path) -> None:
    """Each finding is file:line:column, message, cure and code, above the line with a mark below its column."""
    result = nuclide("lint", str(broken / "broken"))
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(f"{broken}/broken/bundle.yaml:4:1: "))
    assert lines[first + 1 : first + 3] == ["    nöte: x", "    ^"]
    second = next(number for number, line in enumerate(lines) if "catalogue.yaml:1:12: " in line)
    assert "did you mean 'http'?" in lines[second]
    assert lines[second + 1 : second + 3] == ["    connector: htp", "               ^"]
    errors = sum(line.endswith("]") for line in lines)
    assert result.stderr == f"{errors} errors, no warnings in 1 bundle\n"


def test_a_folder_of_bundles_is_all_of_them(broken: Path) -> None:
    """A folder that is no bundle is linted bundle by bundle; several paths are taken together."""
    result = nuclide("lint", str(broken), str(EXAMPLES / "greeting"))
    assert result.exit_code == 1
    assert result.stderr.endswith(" in 3 bundles\n")


def test_bundles_that_cannot_live_together_are_told(tmp_path: Path) -> None:
    """Two bundles of one name are an error of the second, as a deployment would say."""
    for name in ("one", "two"):
        shutil.copytree(EXAMPLES / "greeting", tmp_path / name)
    result = nuclide("lint", str(tmp_path / "one"), str(tmp_path / "two"))
    assert result.exit_code == 1
    assert f"{tmp_path}/two/bundle.yaml: '{tmp_path}/one' already holds the bundle 'greeting'" in result.stdout


def test_a_warning_fails_only_the_strict(tmp_path: Path) -> None:
    """What is doubtful is told as a warning; it ends with status 1 only under --strict."""
    shutil.copytree(EXAMPLES / "greeting", tmp_path / "greeting")
    (tmp_path / "greeting" / "connections" / "spare.yaml").write_text("connector: http\nurl: http://127.0.0.1:1\n")
    result = nuclide("lint", str(tmp_path / "greeting"))
    assert result.exit_code == 0, result.output
    assert "nothing uses the connection 'spare'" in result.stdout
    assert ": warning: " in result.stdout
    assert result.stderr == "no errors, 1 warning in 1 bundle\n"
    assert nuclide("lint", str(tmp_path / "greeting"), "--strict").exit_code == 1


def test_findings_as_json(broken: Path) -> None:
    """`--json` holds the same findings with their places as numbers, and ends with the same status."""
    result = nuclide("lint", str(broken / "broken"), "--json")
    report = msgspec.json.decode(result.stdout)
    assert (result.exit_code, report["bundles"]) == (1, 1)
    found = {(finding["file"], finding["line"], finding["column"]) for finding in report["findings"]}
    assert (f"{broken}/broken/bundle.yaml", 4, 1) in found
    assert nuclide("lint", str(EXAMPLES), "--json").exit_code == 0


def test_a_folder_that_is_no_bundle_is_a_finding(tmp_path: Path) -> None:
    """An empty folder is told what a bundle has; a path that does not exist is a wrong command."""
    result = nuclide("lint", str(tmp_path))
    assert result.exit_code == 1
    assert "a bundle has a file 'bundle.yaml'" in result.stdout
    assert nuclide("lint", str(tmp_path / "nowhere")).exit_code == 2


def test_findings_as_sarif(broken: Path, tmp_path: Path) -> None:
    """The SARIF report has each finding with its rule, level, file and line; the rules say why and how to mend."""
    target = tmp_path / "report.sarif"
    assert nuclide("lint", str(broken / "broken"), "--sarif", str(target)).exit_code == 1
    (run,) = msgspec.json.decode(target.read_bytes())["runs"]
    rules = run["tool"]["driver"]["rules"]
    found = next(result for result in run["results"] if result["ruleId"] == "bundle.unknown-key")
    assert rules[found["ruleIndex"]]["id"] == "bundle.unknown-key"
    assert rules[found["ruleIndex"]]["help"]["text"]
    place = found["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == (f"{broken}/broken/bundle.yaml", 4)
    assert found["level"] == "error"


def test_mistakes_in_tests_are_found(broken: Path) -> None:
    """A test that names a step which is not there is a finding, as a process with such a mistake would be."""
    test = broken / "sound" / "tests" / "price-order.yaml"
    test.write_text(test.read_text().replace("look up price", "look up prise", 1))
    result = nuclide("lint", str(broken / "sound"))
    assert result.exit_code == 1
    assert f"{test}:3:3: there is no step 'look up prise' (did you mean 'look up price'?)" in result.stdout
