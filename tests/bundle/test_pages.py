"""Every step has a page: what it says, what it does, an example that reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from runtime.bundle.outline import KINDS
from runtime.bundle.pages import page
from runtime.bundle.pages.examples import EXAMPLES
from runtime.cli.main import main
from tests.bundle.house import SOUND, Files, problems
from tests.bundle.test_schema import complaints

ROOT = Path(__file__).parents[2]
CACHES = "caches: { customers: { by id: '${document.id}' } }\n"
STOCK = """\
name: Check stock
start: passthrough
steps:
  - decision: ${document.stock > 0}
    yes: [ { return documents: , label: In stock } ]
  - return documents:
    label: Missing
"""


def files(example: str) -> Files:
    """Give a sound bundle with a process of the example's steps."""
    steps = "".join(f"  {line}\n" for line in example.splitlines())
    process = f"name: P\nstart: passthrough\nsteps:\n{steps}"
    head = SOUND["bundle.yaml"]
    assert isinstance(head, str)
    return {**SOUND, "bundle.yaml": head + CACHES, "processes/p.yaml": process, "processes/stock.yaml": STOCK}


def test_the_page_is_made_from_the_tables() -> None:
    """`python -m runtime.bundle.pages` writes it."""
    assert (ROOT / "runtime/bundle/STEPS.md").read_text(encoding="utf-8") == page()
    assert EXAMPLES.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_a_step_reads(kind: str, tmp_path: Path) -> None:
    """What a page shows can be copied: reader and editor take it."""
    made = files(EXAMPLES[kind])
    assert [one for one in problems(tmp_path, made) if one.severity == "error"] == []
    assert complaints(made) == []


def test_a_terminal_shows_the_page_of_a_step() -> None:
    """`nuclide docs set properties` prints that page, and a misspelt step names those there are."""
    shown = CliRunner().invoke(main, ["docs", "set", "properties"])
    assert shown.output.startswith("## set properties\n")
    assert "persist: true" in shown.output
    assert "there is no step 'setter'" in CliRunner().invoke(main, ["docs", "setter"]).output
