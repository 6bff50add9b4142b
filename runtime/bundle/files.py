"""What one file of a bundle is, wherever it comes from, and how much of everything a bundle may hold."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

MOST_FILES = 2_000  # a bundle is one subject; more is a folder dropped by mistake
LARGEST_SOURCE = 256 * 1024  # bytes of a YAML, JSON or Python file: a person's text, and positions cost time to keep
LARGEST_FILE = 16 * 1024 * 1024  # bytes of any other file: a table of reference data
LARGEST_BUNDLE = 64 * 1024 * 1024  # bytes in all: it is read into memory at once

_TEMPORARY = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".swp", ".swx", "___jb_tmp___")
_LEFT_BEHIND = frozenset({"__pycache__", "__MACOSX", "Thumbs.db", "desktop.ini", "4913"})  # 4913: Vim's trial file


class File(Struct, frozen=True):
    """A file of a bundle: its path (``/`` between folders), its size in bytes, and how up to so many bytes are read.

    `read` raises OSError with a text for people when the content cannot be had.
    """

    path: str
    size: int
    read: Callable[[int], bytes]


def is_litter(name: str) -> bool:
    """Tell whether a file or folder is what editors, copying tools and systems leave behind: no part of a bundle."""
    return (
        name.startswith((".", "#")) or name.endswith("~") or name.lower().endswith(_TEMPORARY) or name in _LEFT_BEHIND
    )
