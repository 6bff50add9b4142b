"""The files of a bundle that is a folder."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from runtime.bundle.files import File, is_litter
from runtime.errors import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from runtime.bundle.findings import Findings


def files(folder: Path, enters: Callable[[str], bool], findings: Findings, above: str = "") -> Iterator[File]:
    """Give every file below `folder`, by path; `enters` says which folders are looked into.

    Raises:
        OSError: a folder cannot be listed.
    """
    with os.scandir(folder / above) as scan:
        entries = sorted((entry for entry in scan if not is_litter(entry.name)), key=lambda entry: entry.name)
    for entry in entries:
        path = f"{above}{entry.name}"
        place = Place(file=path.encode(errors="replace").decode())
        if place.file != path:
            findings.add("unknown-file", "the name of the file is not UTF-8", place, "rename it")
        elif entry.is_symlink():
            findings.add("link", "a bundle holds no links", place, "copy what it points to")
        elif entry.is_dir(follow_symlinks=False):
            if enters(path):
                yield from files(folder, enters, findings, f"{path}/")
        elif entry.is_file(follow_symlinks=False):
            yield File(path, entry.stat(follow_symlinks=False).st_size, partial(_read, entry.path))
        else:
            findings.add("unknown-file", "a bundle holds files and folders only", place)


def _read(path: str, most: int) -> bytes:
    """Read a file, and not what a link leads to that has taken its place since it was listed."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most)
