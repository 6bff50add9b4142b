"""The table of rules is what the code finds and what the page says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from runtime.bundle.rules import RULES
from runtime.bundle.rules.__main__ import page

RUNTIME = Path(__file__).parents[2] / "runtime"
# Who notes a finding; the first argument is its code.
CALLED = frozenset({"add", "_add", "unknown", "_problem", "Complaint"})

COMPONENT = re.compile(r"component-[a-z]+")  # those of components are named by constants


def codes() -> Iterator[str]:
    """Give every code that reading, linting or completing a bundle can find."""
    for file in sorted(RUNTIME.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        folders = file.relative_to(RUNTIME).parts
        is_bundle = folders[0] == "bundle" and not {"rules", "components"} & set(folders)
        if "rules" in folders:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("bundle."):
                name = node.value.removeprefix("bundle.")
                if name and name != "yaml" and " " not in name:
                    yield name
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and COMPONENT.fullmatch(node.value):
                yield node.value
            elif is_bundle and isinstance(node, ast.Call) and node.args:
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                first = node.args[0]
                if called in CALLED and isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value


def test_every_code_has_its_rule_and_every_rule_its_code() -> None:
    """Whoever searches for a code finds why it matters and how to mend it."""
    assert sorted(set(codes())) == sorted(RULES)


def test_the_page_is_made_from_the_table() -> None:
    """`python -m runtime.bundle.rules` writes it."""
    assert (RUNTIME / "bundle" / "RULES.md").read_text(encoding="utf-8") == page()


def test_every_rule_is_told_in_sentences() -> None:
    """Title, reason and cure are there, and end as sentences do."""
    for rule in RULES.values():
        assert rule.title[0].isupper() or rule.title.startswith("`")
        assert not rule.title.endswith(".")
        assert rule.why.endswith(".")
        assert rule.cure.endswith(".")
