"""Scripts with what Groovy gives for them, read from the files in ``known/``.

A case begins with ``//// title``, and ends with ``//// -> `` and the text of its ``result`` (as ``println`` writes it,
over as many lines as it has), or with ``//// refused`` where it must not be deployed.
"""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

FOLDER = Path(__file__).with_name("known")
_CASE = re.compile(
    r"^//// (?P<title>(?!->|refused$)[^\n]+)\n(?P<source>.*?)^//// (?:refused\n|-> (?P<given>.*?)\n(?=//// |\Z))",
    re.MULTILINE | re.DOTALL,
)


class Case(Struct, frozen=True):
    """A script and the text that it gives, None where it is refused."""

    title: str
    source: str
    given: str | None


def cases(path: Path) -> tuple[Case, ...]:
    """Give the cases of a file."""
    text = path.read_text(encoding="utf-8")
    found = tuple(Case(f"{path.stem}: {one['title']}", one["source"], one["given"]) for one in _CASE.finditer(text))
    titles = len(re.findall(r"^//// (?!->|refused$)", text, re.MULTILINE))
    if len(found) != titles:
        raise ValueError(f"{path.name}: {titles} titles, but {len(found)} cases")
    return found


def all_cases() -> tuple[Case, ...]:
    """Give the cases of every file."""
    return tuple(case for path in sorted(FOLDER.glob("*.groovy")) for case in cases(path))
