"""The watched folder, as the verbs that put bundles into it and take them out share it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from runtime.cli.options import asks_elsewhere, configured

if TYPE_CHECKING:
    from pathlib import Path

LOOK = 0.2  # seconds between two looks whether it is live
WITHIN = 60.0  # seconds: its own tests and the opening of its connections among them


def watched_folder() -> Path | None:
    """Give the folder that the settings of the present verb name.

    None where the daemon is asked at an address and nothing says which folder it watches, or where that is not here:
    then bundles are sent.
    """
    if asks_elsewhere():
        return None
    folder = configured().bundles.folder
    return folder if folder.is_dir() else None


def remove(path: Path) -> None:
    """Remove a folder, a file or a link, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
