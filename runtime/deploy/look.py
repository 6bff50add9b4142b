"""A look at the watched folder: what is there, and by what it can be told that it has changed. Nothing is read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from runtime.bundle.files import MOST_FILES, is_litter
from runtime.bundle.sources import FOLDERS
from runtime.bundle.table import bundle_paths

Fingerprint = tuple[tuple[str, int, int, int, int], ...]
"""Path, inode, size and times (of the content, of the entry; in ns) of everything that belongs to a bundle."""

UNSEEN: Fingerprint = ()  # of no source that is there
_MOST_ENTRIES = 2 * MOST_FILES  # what has more is refused whatever the rest is


def look(folder: Path) -> dict[str, Fingerprint]:
    """Give the fingerprint of every source in `folder`, by its name.

    Raises:
        OSError: the folder cannot be listed: nothing is known of what is in it.
    """
    return {path.name: fingerprint(path) for path in bundle_paths(folder)}


def fingerprint(path: Path) -> Fingerprint:
    """Give the fingerprint of one source; what goes away meanwhile is left out."""
    return tuple(islice(_entries(str(path), ""), _MOST_ENTRIES))


def _entries(root: str, above: str) -> Iterator[tuple[str, int, int, int, int]]:
    path = os.path.join(root, above) if above else root  # noqa: PTH118 - thousands of them at each look
    try:
        found = os.lstat(path)
        if not stat.S_ISDIR(found.st_mode):
            yield _entry(above, found)
            return
        yield above, found.st_ino, 0, 0, 0  # its times change with litter, too
        with os.scandir(path) as scan:
            entries = sorted((entry for entry in scan if not is_litter(entry.name)), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        name = f"{above}/{entry.name}" if above else entry.name
        if entry.is_dir(follow_symlinks=False) and name.partition("/")[0] in FOLDERS:
            yield from _entries(root, name)
        else:
            try:
                yield _entry(name, entry.stat(follow_symlinks=False))
            except OSError:
                continue


def _entry(name: str, found: os.stat_result) -> tuple[str, int, int, int, int]:
    return name, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
