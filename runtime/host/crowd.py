"""The workers of one daemon, by number: whose folder is whose, and which of them a token belongs to.

Worker 1 keeps the state folder itself, so that a daemon of one worker is a crowd of one; the others have folders below
it. A number stands for a journal: whoever holds its lock is that worker, be it the process that was started for it or
one that has taken the journal over.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

HOME: Final = 1  # the worker that does what only one may do: schedules, listeners that poll, kept values, the console
FOLDER: Final = "workers"


class Crowd(Struct, frozen=True, kw_only=True):
    """The workers that serve, 1 to `workers`, and the numbers of journals that more of them have left behind."""

    state: Path
    workers: int = 1
    left: tuple[int, ...] = ()

    @property
    def numbers(self) -> tuple[int, ...]:
        """Every journal, by number."""
        return (*range(1, self.workers + 1), *self.left)

    @property
    def is_alone(self) -> bool:
        """Whether there is one journal, and nobody to ask or to be asked."""
        return len(self.numbers) == 1

    def folder(self, number: int) -> Path:
        """Give the folder of a worker's journal."""
        return folder_of(self.state, number)

    def socket(self, number: int) -> Path:
        """Give where a worker listens for the others; near the top, for the kernel allows a hundred characters."""
        return self.state / f"w{number}.sock"

    def owner_of(self, token: str) -> int:
        """Give the worker that a token belongs to: the same one in every process."""
        return zlib.crc32(token.encode("utf-8", "surrogatepass")) % self.workers + 1


def folder_of(state: Path, number: int) -> Path:
    """Give the folder of a worker's journal."""
    return state if number == HOME else state / FOLDER / str(number)


def crowd_of(state: Path, workers: int, journal: str) -> Crowd:
    """Give the workers of a state folder; `journal` is the name of the file that a folder with work has."""
    return Crowd(state=state, workers=workers, left=tuple(n for n in _found(state, journal) if n > workers))


def _found(state: Path, journal: str) -> Sequence[int]:
    folder = state / FOLDER
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return sorted(int(name) for name in names if name.isdecimal() and (folder / name / journal).is_file())
