"""All bundles of a folder."""

from __future__ import annotations

from pathlib import Path

from runtime.bundle.table import read_all
from tests.bundle.house import CATALOGUE, SOUND, write


def test_a_bundle_with_mistakes_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    """Sound bundles are given, the others are named with all that is wrong."""
    write(tmp_path / "a", {"bundle.yaml": "name: a\n"})
    write(tmp_path / "b", SOUND)
    bundles, refused = read_all(tmp_path, CATALOGUE)
    assert [bundle.name for _, bundle in bundles] == ["pricing"]
    assert [(path.name, error.code) for path, error in refused] == [("a", "bundle.missing-key")]


def test_the_second_bundle_that_claims_a_service_is_refused(tmp_path: Path) -> None:
    """One external name leads to one bundle: the first by the name of its folder."""
    write(tmp_path / "b", SOUND)
    write(tmp_path / "a", {**SOUND, "bundle.yaml": "name: other\nversion: 1"})
    bundles, refused = read_all(tmp_path, CATALOGUE)
    assert [bundle.name for _, bundle in bundles] == ["other"]
    ((path, error),) = refused
    assert (path.name, error.code) == ("b", "bundle.name-taken")
    assert str(error.problems[0].place) == "flow-services/pricing.yaml:1:1"
    assert "'other'" in error.message


def test_two_folders_with_one_bundle_are_told_apart(tmp_path: Path) -> None:
    """A bundle's name is its identity: a copy in another folder is refused."""
    files = {path: text for path, text in SOUND.items() if not path.startswith("flow-services")}
    write(tmp_path / "a", files)
    write(tmp_path / "b", files)
    bundles, refused = read_all(tmp_path, CATALOGUE)
    assert (len(bundles), [path.name for path, _ in refused]) == (1, ["b"])


def test_what_is_no_bundle_is_passed_over(tmp_path: Path) -> None:
    """Files, hidden folders and links beside the bundles mean nothing; no folder means no bundles."""
    write(tmp_path / "folder" / ".hidden", SOUND)
    (tmp_path / "folder" / "README.md").write_text("hello")
    (tmp_path / "folder" / "link").symlink_to(write(tmp_path / "elsewhere", SOUND))
    assert read_all(tmp_path / "folder", CATALOGUE) == ((), ())
    assert read_all(tmp_path / "nowhere", CATALOGUE) == ((), ())
