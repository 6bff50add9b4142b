"""Scripts with what Groovy gives for them, read from the files in ``known/``.

A case begins with ``//// title``, and ends with ``//// -> `` and the text of its ``result`` (as ``println`` writes it,
over as many lines as it has), or with ``//// refused`` where it must not be deployed. One that begins with a comment
``// documents: ["a", "b"]`` is run over these documents, each with the dynamic property ``P`` of 1, and gives what it
stored: content and properties of each.

``lines.txt`` has scripts of one line, each with `` //-> `` and the text of its ``result`` behind it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from msgspec import Struct

from runtime.groovy.support.texts import text_of
from runtime.sdk.script import ScriptContext
from tests.groovy.support import run, value_of

_DOCUMENTS = re.compile(r"// documents: (\[.*\])\n")
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


def given_by(case: Case) -> str:
    """Run a script, and give the text that a case ends with."""
    documents = _DOCUMENTS.match(case.source)
    if documents is None:
        return text_of(value_of(case.source))
    contents = [content.encode() for content in json.loads(documents[1])]
    context = ScriptContext({}, {"id": "ex-1", "process": "p"})
    made = run(case.source, *contents, properties={"P": "1"}, context=context)
    return "\n".join(f"{one.content.decode()} {text_of(dict(sorted(one.properties.items())))}" for one in made)


def cases(path: Path) -> tuple[Case, ...]:
    """Give the cases of a file."""
    text = path.read_text(encoding="utf-8")
    found = tuple(Case(f"{path.stem}: {one['title']}", one["source"], one["given"]) for one in _CASE.finditer(text))
    titles = len(re.findall(r"^//// (?!->|refused$)", text, re.MULTILINE))
    if len(found) != titles:
        raise ValueError(f"{path.name}: {titles} titles, but {len(found)} cases")
    return found


def lines() -> tuple[Case, ...]:
    """Give the scripts of one line."""
    rows = FOLDER.joinpath("lines.txt").read_text(encoding="utf-8").splitlines()
    return tuple(Case(source, source, given) for source, given in (row.split(" //-> ") for row in rows))


def all_cases() -> tuple[Case, ...]:
    """Give the cases of every file."""
    return lines() + tuple(case for path in sorted(FOLDER.glob("*.groovy")) for case in cases(path))
