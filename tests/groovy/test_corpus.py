from __future__ import annotations

import html
import os
import re
from pathlib import Path

import pytest

from runtime.groovy import to_python

FOLDER = Path(os.environ.get("NUCLIDE_CONFORMANCE", Path(__file__).parents[3] / "shared" / "conformance"))
_SCRIPT = re.compile(
    r"<(?P<holder>dataprocessscript|ProcessingScript|MappingScript|Scripting)\b(?P<attributes>[^>]*)>\s*"
    r"<(?P<tag>script|ScriptToExecute)>(?:<!\[CDATA\[(?P<raw>.*?)\]\]>|(?P<escaped>[^<]*))\s*</(?P=tag)>",
    re.DOTALL,
)


def scripts(folder: Path) -> dict[str, str]:
    """Give every Groovy script of the components below a folder, by file and place."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*.xml")) if folder.is_dir() else []:
        if not path.is_file():
            continue
        for number, match in enumerate(_SCRIPT.finditer(path.read_text(encoding="utf-8"))):
            source = match["raw"] if match["raw"] is not None else html.unescape(match["escaped"])
            if "groovy" in match["attributes"] and source.strip():
                found[f"{path.relative_to(folder)}#{number}"] = source
    return found


def test_every_script_of_the_corpus_translates() -> None:
    """Every Groovy script of the components at hand translates without a finding."""
    if not FOLDER.is_dir():
        pytest.skip(f"there is no folder {FOLDER}: NUCLIDE_CONFORMANCE names another")
    corpus = scripts(FOLDER)
    refused = {name: found for name, source in corpus.items() if (found := to_python(source, name).findings)}
    shown = "\n".join(str(finding) for findings in refused.values() for finding in findings)
    assert len(corpus) > 0
    assert not refused, f"{len(refused)} of {len(corpus)} scripts:\n{shown}"
