"""The files of a bundle: which belong, which are passed over, and the digest over them."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.bundle import sources
from runtime.bundle.sources import read_sources
from tests.bundle.house import SOUND, problems, read, write


def test_the_same_files_have_the_same_digest_wherever_they_are(tmp_path: Path) -> None:
    """Same digest, same bundle: the folder's name and place do not count."""
    one, other = write(tmp_path / "one", SOUND), write(tmp_path / "other", SOUND)
    assert read_sources(one)[0].digest == read_sources(other)[0].digest


@pytest.mark.parametrize(
    "files",
    [
        {**SOUND, "README.md": "hello"},
        {**SOUND, "tests/a.yaml": "anything: at all"},
        {**SOUND, "tables/deep/prices.csv": "a,b"},
        {**SOUND, "bundle.yaml": "name: pricing\nversion: 1.10\n"},
        {k if k != "scripts/tidy.py" else "scripts/tidier.py": v for k, v in SOUND.items()},
    ],
)
def test_any_other_byte_or_name_gives_another_digest(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    """Every file counts, whether or not the runtime reads it."""
    assert read(tmp_path / "one", SOUND).digest != read(tmp_path / "other", files).digest


def test_what_an_editor_leaves_behind_is_passed_over(tmp_path: Path) -> None:
    """Hidden files, backups and Python's caches are no part of a bundle and change no digest."""
    litter = {".git/config": "x", "maps/.m.yaml.swp": "x", "maps/m.yaml~": "x", "scripts/__pycache__/a.pyc": "x"}
    assert read(tmp_path / "one", SOUND).digest == read(tmp_path / "other", {**SOUND, **litter}).digest


def test_a_sample_beside_a_profile_is_no_profile(tmp_path: Path) -> None:
    """Samples help people; they need not be schemas."""
    found = read(tmp_path, {**SOUND, "profiles/order.sample.json": '{"lines": []}'})
    assert set(found.profiles) == {"order", "priced order"}


def test_links_are_refused_and_not_followed(tmp_path: Path) -> None:
    """A bundle cannot read what lies outside it."""
    secret = tmp_path / "secret"
    secret.write_text("name: x")
    bundle = write(tmp_path / "bundle", SOUND)
    (bundle / "maps" / "m.yaml").symlink_to(secret)
    (bundle / "tests").symlink_to(tmp_path)
    found = [(str(problem.place), problem.code) for problem in problems(bundle, {})]
    assert found == [("maps/m.yaml", "bundle.link"), ("tests", "bundle.link")]


def test_a_folder_with_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home folder dropped by mistake is refused before it is read."""
    monkeypatch.setattr(sources, "MOST_FILES", 3)
    (problem,) = problems(tmp_path, SOUND)
    assert problem.code == "bundle.too-large"


def test_a_folder_that_is_not_there_is_a_problem_like_any_other(tmp_path: Path) -> None:
    """Whoever reads a bundle meets one kind of error."""
    from runtime.bundle.read import read_bundle
    from runtime.errors import BundleError
    from tests.bundle.house import CATALOGUE

    with pytest.raises(BundleError, match="cannot be read") as caught:
        read_bundle(tmp_path / "nowhere", CATALOGUE)
    assert caught.value.code == "bundle.unreadable"
