"""What a YAML parser complains about, in the words of the person who wrote the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from ruamel.yaml.error import MarkedYAMLError, StreamMark

_QUOTE_EXPRESSION = 'put the whole text in quotes: "… ${…} …"'
_QUOTE_TEXT = "put the text in quotes"
_CLOSING = re.compile(r"expected ',' or '([}\]])'")


class Complaint(Struct, frozen=True):
    """What is wrong, at which line and column (from 1), and the cure."""

    code: str
    message: str
    at: tuple[int, int]
    hint: str | None = None


def explain(error: MarkedYAMLError, text: str) -> Complaint:
    """Give a parser's error in our words; one that is not known keeps the parser's."""
    lines = text.split("\n")
    mark = error.problem_mark or error.context_mark
    at = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    opened = _position(error.context_mark) or at
    problem = error.problem or "not YAML"
    line = lines[at[0] - 1] if at[0] <= len(lines) else ""
    if "'\\t'" in problem:
        return Complaint("tab", "a tab cannot indent YAML", at, "indent with spaces")
    if problem.startswith("mapping values are not allowed"):
        return _colon(lines, at)
    if problem.startswith("expected <block end>"):
        what = "every '- ' of a list" if line[at[1] - 1 :].startswith("- ") else "all keys of a table"
        return Complaint("yaml-syntax", "the indentation fits no line above", at, f"indent {what} alike")
    if (closing := _CLOSING.match(problem)) is not None:
        return _brackets(closing[1], line, at, opened)
    if problem.startswith("expected the node content"):
        return Complaint("yaml-syntax", "a value is missing here", at, "write it, and close every [ and {")
    if "while scanning a quoted scalar" in (error.context or ""):
        return Complaint("yaml-syntax", "this quote is never closed", opened, "close it, or remove it")
    if problem.startswith("could not find expected ':'"):
        return Complaint("yaml-syntax", "a ':' is missing after this", opened, "write a key, ':' and a blank")
    if "that cannot start any token" in problem:
        character = line[at[1] - 1 : at[1]]
        return Complaint("yaml-syntax", f"a text cannot begin with '{character}'", at, _QUOTE_TEXT)
    context = f" {error.context}" if error.context else ""
    return Complaint("yaml-syntax", problem + context, at, _QUOTE_EXPRESSION if "${" in line else None)


def _position(mark: StreamMark | None) -> tuple[int, int] | None:
    return (mark.line + 1, mark.column + 1) if mark is not None else None


def _colon(lines: list[str], at: tuple[int, int]) -> Complaint:
    """Explain a colon that cannot stand where it does: most often the line above is not what it seems."""
    number, column = at
    line = lines[number - 1]
    above = _line_above(lines, number)
    if "${" in line:
        hint = _QUOTE_EXPRESSION
    elif above is None or re.search(r":\s", line[: column - 1]):
        hint = f"{_QUOTE_TEXT}: a ': ' within it would begin a value"
    elif re.search(r"[^\s:]:[^\s:/]", lines[above - 1]) and not re.search(r":(\s|$)", lines[above - 1]):
        hint = f"write a blank after the ':' in line {above}"
    elif not re.search(r":(\s|$)", lines[above - 1]):
        hint = f"line {above} has no ':' after its key"
    else:
        hint = f"indent it like line {above}, or leave nothing behind the ':' there"
    return Complaint("yaml-syntax", "a ':' cannot stand here", at, hint)


def _line_above(lines: list[str], number: int) -> int | None:
    written = (
        n for n in range(number - 1, 0, -1) if lines[n - 1].strip() and not lines[n - 1].lstrip().startswith("#")
    )
    return next(written, None)


def _brackets(closing: str, line: str, at: tuple[int, int], opened: tuple[int, int]) -> Complaint:
    if "${" in line and at[0] == opened[0]:
        message = f"'{line[at[1] - 1 : at[1]]}' cannot stand in a text without quotes here"
        return Complaint("yaml-syntax", message, at, _QUOTE_EXPRESSION)
    opening = "{" if closing == "}" else "["
    hint = f"close it with '{closing}'; a text with one of , [ ] {{ }} in it needs quotes"
    return Complaint("yaml-syntax", f"this '{opening}' is never closed", opened, hint)
