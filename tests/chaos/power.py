"""What a power cut leaves on a disk: all that was synced, and of the rest as much or as little as chance will have it.

For a process that was killed; `tests.chaos.disk` has kept the notes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from tests.chaos.disk import Made, Note, Synced, Wrote, read_notes

SECTOR = 512  # bytes that a disk writes whole or not at all
How = Literal["forgotten", "torn"]


def cut(folder: Path, how: How, chance: random.Random) -> int:
    """Take back what no sync had made sure before the process died; give how many files that changed.

    `forgotten` takes back all of it, `torn` each sector by chance: writes reach a disk in any order.
    """
    changed = 0
    for path, notes in _unsure(read_notes(folder)).items():
        if path.exists():
            _take_back(path, notes, how, chance)
            changed += 1
    return changed


def _unsure(notes: Sequence[Note]) -> dict[Path, list[Wrote | Made]]:
    unsure: dict[Path, list[Wrote | Made]] = {}
    for note in notes:
        path = Path(note.path)
        if isinstance(note, Synced):
            unsure.pop(path, None)
        else:
            unsure.setdefault(path, []).append(note)
    return unsure


def _take_back(path: Path, notes: Sequence[Wrote | Made], how: How, chance: random.Random) -> None:
    now = path.read_bytes()
    if isinstance(notes[0], Made) and (how == "forgotten" or chance.random() < 0.5):
        path.unlink()
        return
    before = b"" if isinstance(notes[0], Made) else before_all(now, notes)
    path.write_bytes(before if how == "forgotten" else _mixed(before, now, chance))


def before_all(now: bytes, notes: Sequence[Wrote | Made]) -> bytes:
    """Give what a file held before all that is noted was done to it."""
    content = bytearray(now)
    for note in reversed(notes):
        if isinstance(note, Wrote):
            content.extend(bytes(max(0, note.size - len(content))))
            del content[note.size :]
            content[note.offset : note.offset + len(note.before)] = note.before
    return bytes(content)


def _mixed(before: bytes, now: bytes, chance: random.Random) -> bytes:
    length = chance.choice(
        [len(before), len(now), chance.randint(min(len(before), len(now)), max(len(before), len(now)))]
    )
    mixed = bytearray(length)
    for at in range(0, length, SECTOR):
        source = now if chance.random() < 0.5 else before
        part = source[at : min(at + SECTOR, length)]
        mixed[at : at + len(part)] = part
    return bytes(mixed)
