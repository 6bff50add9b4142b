"""The laws of importing exports."""

from __future__ import annotations

import zipfile
from pathlib import Path

import msgspec
import pytest

from runtime.bundle.components.xml import LARGEST
from runtime.importing.collect import collect
from tests.bundle.components.exports import STOP, component, process, shape
from tests.cli.daemon import nuclide

RUNS = process(STOP, first="shape9", identity="runs")
REFUSED = process(shape("shape2", "programcmd", "<programcmd/>", "shape9"), STOP, identity="refused")
EDI = component("profile.edi", "edi", "<EdiProfile/>", name="An EDI profile")


def exported(folder: Path, **files: bytes) -> Path:
    """Write exports, one below the other."""
    for number, (name, content) in enumerate(files.items()):
        path = folder / f"level{number}" / f"{name}.xml"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    return folder


def test_a_folder_becomes_a_bundle_that_deploys(tmp_path: Path) -> None:
    """The bytes of each component stay as they are, and what was written is sound: status 0."""
    source = exported(tmp_path / "source", one=RUNS)
    result = nuclide("import", str(source), "--to", str(tmp_path / "made"), "--json")
    assert result.exit_code == 0, result.output
    report = msgspec.json.decode(result.stdout)
    assert [(each["kind"], each["fate"]) for each in report["components"]] == [("process", "runs")]
    (file,) = (tmp_path / "made" / "components").iterdir()
    assert file.read_bytes() == RUNS
    assert nuclide("lint", str(tmp_path / "made")).exit_code == 0


def test_what_is_refused_is_told_with_its_reason(tmp_path: Path) -> None:
    """A shape and a type that cannot run are refused each by its own component, which ends with status 1."""
    source = exported(tmp_path / "source", one=RUNS, two=REFUSED, three=EDI)
    result = nuclide("import", str(source), "--to", str(tmp_path / "made"))
    assert result.exit_code == 1
    assert "profile.edi 'An EDI profile'" in result.stdout
    assert "EDI documents are not read here" in result.stdout
    assert "'Process refused'" in result.stdout


def test_archives_and_answers_of_the_api_are_taken_apart(tmp_path: Path) -> None:
    """Components of a .zip and those within another document are found, each once."""
    archive = tmp_path / "exports.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a/one.xml", RUNS)
        packed.writestr("readme.txt", "nothing")
    assert [found.id for found in collect(archive).files.values()] == ["runs"]
    inner = RUNS.partition(b"?>")[2] + EDI.partition(b"?>")[2]
    answer = tmp_path / "answer.xml"
    answer.write_bytes(b"<QueryResult numberOfResults='2'>" + inner + b"</QueryResult>")
    assert sorted(found.id for found in collect(answer).files.values()) == ["edi", "runs"]


def test_the_newest_version_is_taken(tmp_path: Path) -> None:
    """Of two files with one component the higher version goes in, and the other is told."""
    newer = RUNS.replace(b'version="2"', b'version="3"')
    collected = collect(exported(tmp_path, new=newer, old=RUNS))
    (found,) = collected.files.values()
    assert (found.version, len(collected.passed_over)) == (3, 1)


HOSTILE = {
    "entities": b'<!DOCTYPE x [<!ENTITY a "a">]><Component>&a;</Component>',
    "no XML": b"nonsense",
    "another document": b"<html/>",
    "too large": b"<Component>" + b" " * LARGEST + b"</Component>",
    "deep": b"<a>" * 10_000,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_component_is_passed_over(tmp_path: Path, case: str) -> None:
    """Whatever a file holds, it is told and harms nothing; with nothing else, nothing is written."""
    source = exported(tmp_path / "source", bad=HOSTILE[case])
    (passed,) = collect(source).passed_over
    assert passed[0] == "level0/bad.xml"
    result = nuclide("import", str(source), "--to", str(tmp_path / "made"))
    assert result.exit_code == 1
    assert not (tmp_path / "made").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A folder that is there stays as it is."""
    source = exported(tmp_path / "source", one=RUNS)
    (tmp_path / "made").mkdir()
    result = nuclide("import", str(source), "--to", str(tmp_path / "made"))
    assert result.exit_code != 0
    assert "is there already" in result.output
    assert list((tmp_path / "made").iterdir()) == []


def test_two_components_of_one_name_have_files_of_their_own(tmp_path: Path) -> None:
    """Files are called after kind and name, and numbered where two are alike."""
    other = RUNS.replace(b'componentId="runs"', b'componentId="other"')
    assert sorted(collect(exported(tmp_path, a=RUNS, b=other)).files) == [
        "process-process-runs-2.xml",
        "process-process-runs.xml",
    ]
