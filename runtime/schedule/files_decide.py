"""What a listener for files does at one look: (listener, entries, what is known) -> files to take. Nothing is done.

A file is known by its path and its identity, which changes whenever the file does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from fnmatch import fnmatchcase

from msgspec import Struct

from runtime.model.file_listener import FileListener


class Entry(Struct, frozen=True):
    """An entry of a folder, as the ``list`` of a disk connection tells it. `modified` orders entries."""

    name: str
    path: str
    kind: str
    modified: str
    identity: str


Known = dict[str, str]  # identities of files by path


class Look(Struct, frozen=True):
    """What follows from a look: files to take, files to put away, and what is known now.

    `seen` are all files that fit, `done` those of them that are settled: taken, or not to be taken.
    """

    take: tuple[Entry, ...]
    settle: tuple[Entry, ...]
    seen: Known
    done: Known


def decide(
    listener: FileListener,
    entries: Iterable[Entry],
    *,
    seen: Mapping[str, str],
    done: Mapping[str, str] | None,
    failed: Collection[str] = (),
) -> Look:
    """Say what a look gives.

    Args:
        listener: what is listened for.
        entries: of the folder, now.
        seen: the files of the look before; one that has changed since is still being written.
        done: what is settled; None before the first look of all.
        failed: paths that could not be taken lately; they stand behind all others.
    """
    fits = fitting(listener)
    found = sorted((one for one in entries if one.kind == "file" and fits(one.name)), key=_age)
    now = {one.path: one.identity for one in found}
    if done is None and not listener.initial:
        return Look((), (), now, now)
    known = done or {}
    settled = {path: identity for path, identity in known.items() if path in now}
    take, settle = [], []
    for one in found:
        if seen.get(one.path) != one.identity:
            continue
        if settled.get(one.path) == one.identity:
            settle.append(one)
        elif _wanted(listener, known=one.path in settled):
            take.append(one)
        else:
            settled[one.path] = one.identity
    take.sort(key=lambda one: one.path in failed)
    return Look(
        tuple(take[: listener.most]), tuple(settle) if listener.afterwards != "keep" else (), seen=now, done=settled
    )


def _wanted(listener: FileListener, *, known: bool) -> bool:
    """Tell whether a file is taken; one that was to be put away is another file when it has changed."""
    return listener.changed if known and listener.afterwards == "keep" else listener.created


def fitting(listener: FileListener) -> Callable[[str], bool]:
    """Give what tells whether a name fits; an empty pattern fits all."""
    pattern = listener.files
    if not pattern:
        return lambda _: True
    match listener.matching:
        case "exact":
            return lambda name: name == pattern
        case "regex":
            compiled = re.compile(pattern)
            return lambda name: compiled.fullmatch(name) is not None
        case _:
            return lambda name: fnmatchcase(name, pattern)


def _age(one: Entry) -> tuple[str, str]:
    return one.modified, one.name
