"""The bundle that an import writes: a manifest, and each component untouched in ``components/``."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from runtime.errors import HostError
from runtime.importing.collect import Found

LONGEST_NAME = 60  # characters of a bundle's name


def write_bundle(folder: Path, name: str, files: Mapping[str, Found], origin: str) -> None:
    """Write a bundle; nothing of it stays behind when it cannot be written whole.

    Raises:
        HostError: there is something at `folder` already, or the disk refuses.
    """
    if folder.exists():
        raise HostError("import.exists", f"{folder} is there already", hint="name another with --to, or remove it")
    draft = folder.with_name(f".{folder.name}.draft")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        (draft / "components").mkdir(parents=True)
        (draft / "bundle.yaml").write_text(_manifest(name, origin), encoding="utf-8")
        for file, found in files.items():
            (draft / "components" / file).write_bytes(found.content)
        draft.rename(folder)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise HostError("import.unwritable", f"{folder} cannot be written: {error.strerror}") from error


def bundle_name(path: Path) -> str:
    """Give a name for a bundle, after the file or folder that it is made of."""
    words = "".join(character if character.isalnum() else " " for character in path.stem or path.name).split()
    return "-".join(words).lower()[:LONGEST_NAME] or "imported"


def _manifest(name: str, origin: str) -> str:
    return (
        f"name: {name}\n"
        "version: 1.0\n"
        f"description: Imported from {origin}\n"
        "# The exports in components/ are used as they are: change them on the platform and import anew, or write\n"
        "# native parts beside them. `nuclide lint` says what does not run, and `nuclide import` has said it once.\n"
    )
