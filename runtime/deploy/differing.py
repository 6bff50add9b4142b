"""What differs between two kept versions, as people read it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping

from runtime.errors import RequestError

LARGEST = 1024 * 1024  # characters of a difference: what is longer is read with other tools

Contents = Callable[[str], Mapping[str, bytes] | None]
"""Gives the files of a kept version by its digest; None when it is not kept any more."""


def differences(contents: Contents, older: str, newer: str) -> str:
    """Give a unified diff of the files of two versions; it waits for the disk.

    Raises:
        RequestError: one of them is not kept any more.
    """
    before, after = _kept(contents, older), _kept(contents, newer)
    text = "".join(line for path in sorted(before.keys() | after.keys()) for line in _file(path, before, after))
    return text if len(text) <= LARGEST else f"{text[:LARGEST]}\n… and more\n"


def _kept(contents: Contents, digest: str) -> Mapping[str, bytes]:
    found = contents(digest)
    if found is None:
        raise RequestError("deploy.no-version", f"the version {digest[:12]} is not kept any more", status=404)
    return found


def _file(path: str, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[str]:
    old, new = before.get(path), after.get(path)
    if old == new:
        return
    try:
        lines = [(content or b"").decode().splitlines(keepends=True) for content in (old, new)]
    except UnicodeDecodeError:
        yield f"Binary file {path} differs\n"
        return
    names = ["/dev/null" if content is None else f"{side}/{path}" for side, content in (("a", old), ("b", new))]
    for line in difflib.unified_diff(lines[0], lines[1], names[0], names[1]):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
