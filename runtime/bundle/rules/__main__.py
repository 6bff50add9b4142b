"""The page that lists every rule, in Markdown, on stdout."""

from __future__ import annotations

from runtime.bundle.rules import PREFIX, SECTIONS
from runtime.bundle.rules.rule import Rule


def page() -> str:
    """Give the page that lists every rule, in Markdown."""
    parts = [_HEAD]
    for section, rules in SECTIONS.items():
        parts.append(f"\n## {section}\n")
        parts.extend(_entry(code, rule) for code, rule in rules.items())
    return "".join(parts)


def _entry(code: str, rule: Rule) -> str:
    return f"\n### {PREFIX}{code} ({rule.severity})\n\n{rule.title}. {rule.why}\n\n**Cure:** {rule.cure}\n"


_HEAD = """\
# What can be found in a bundle

Made from `rules/` by `python -m runtime.bundle.rules`; do not edit. An *error* refuses the bundle, and what was
deployed before stays. A *warning* is logged when the bundle is deployed. A code never changes its meaning.
"""

if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - this is what the command is for
