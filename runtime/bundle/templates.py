"""``${…}`` in texts: each holds one CEL expression; ``$${`` writes a literal ``${``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.expressions import check
from runtime.model.values import Expression, Template

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Scalar

_QUOTES = ('"""', "'''", '"', "'")  # longest first: CEL has Python's quotes


def read_template(scalar: Scalar, findings: Findings) -> Template:
    """Give the template that a text says; what is wrong with its expressions is among the findings."""
    text = scalar.text
    parts: list[str | Expression] = []
    literal = ""
    at = 0
    while (start := text.find("${", at)) >= 0:
        if start > at and text[start - 1] == "$":
            literal += text[at : start - 1] + "${"
            at = start + 2
            continue
        place = scalar.marks[text.count("${", 0, start)]
        literal += text[at:start]
        end = _end(text, start + 2)
        if end is None:
            hint = "close it with '}', or write '$${' for a literal '${'"
            findings.add("template", "this '${' is never closed", place, hint)
            return Template(())
        if literal:
            parts.append(literal)
            literal = ""
        parts.append(_expression(Expression(source=text[start + 2 : end].strip(), place=place), findings))
        at = end + 1
    literal += text[at:]
    if literal:
        parts.append(literal)
    return Template(tuple(parts))


def _expression(expression: Expression, findings: Findings) -> Expression:
    if not expression.source:
        findings.add("template", "there is no expression between '${' and '}'", expression.place)
    elif (message := check(expression.source)) is not None:
        findings.add("expression", message, expression.place)
    return expression


def _end(text: str, at: int) -> int | None:
    """Give the index of the ``}`` that closes the expression which begins at `at`, past its own braces and texts."""
    depth = 0
    while at < len(text):
        quote = next((quote for quote in _QUOTES if text.startswith(quote, at)), None)
        if quote is not None:
            at = _after_text(text, at, quote)
            continue
        if text[at] == "}":
            if depth == 0:
                return at
            depth -= 1
        elif text[at] == "{":
            depth += 1
        at += 1
    return None


def _after_text(text: str, at: int, quote: str) -> int:
    raw = at > 0 and text[at - 1] in "rR"
    at += len(quote)
    while at < len(text) and not text.startswith(quote, at):
        at += 2 if text[at] == "\\" and not raw else 1
    return at + len(quote)
