"""``${…}`` in texts: each holds one CEL expression; ``$${`` writes a literal ``${``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from runtime.bundle.cures import expression_cure
from runtime.expressions import check
from runtime.model.values import Expression, Template

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Scalar

Judge = Callable[[Expression, "Findings"], None]

_QUOTES = ('"""', "'''", '"', "'")  # longest first: CEL has Python's quotes


def read_template(scalar: Scalar, findings: Findings, judge: Judge | None = None) -> Template:
    """Give the template that a text says; what is wrong with its expressions is among the findings.

    `judge` says it of one expression; without it they are CEL.
    """
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
        expression = Expression(source=text[start + 2 : end].strip(), place=place)
        if expression.source:
            (judge or _judge_cel)(expression, findings)
        else:
            findings.add("template", "there is no expression between '${' and '}'", place)
        parts.append(expression)
        at = end + 1
    literal += text[at:]
    if literal:
        parts.append(literal)
    return Template(tuple(parts))


def _judge_cel(expression: Expression, findings: Findings) -> None:
    message = check(expression.source)
    if message is not None:
        findings.add("expression", message, expression.place, expression_cure(expression.source, message))


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
