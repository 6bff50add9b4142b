"""Where a statement has its ``:named`` parameters, and the statement with a driver's markers in their place.

The text is cut here and not by a library, because one driver (pymysql) writes values into the text: a marker inside a
quoted text would then let a value out of its quotes. What is quoted or commented out is text and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from runtime.sdk.faults import NotSent

_PARAMETER = r"(?<![\w:]):(?P<name>[A-Za-z_]\w*)"  # not the type of `a::int`, not the bound of `a[1:n]`
_MARK = r"(?<!\?)(?P<name>\?)(?!\?)"
_DOLLARED = r"(?<![\w$])\$(?P<name>[A-Za-z_][\w.]*)"
_COMMON = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/"
_DOLLAR = r"(?P<dollar>\$(?:[A-Za-z_]\w*)?\$).*?(?P=dollar)"
_ESCAPED = r"[eE]'(?:[^'\\]|''|\\.)*'"
_BACKSLASHED = r"'(?:[^'\\]|''|\\.)*'|\"(?:[^\"\\]|\"\"|\\.)*\"|`(?:[^`]|``)*`|#[^\n]*|--[^\n]*|/\*.*?\*/"
_UNEVEN = re.compile(r"(?<!\\)(?:\\\\)*\\['\"]")  # ends a text, or does not, depending on the server's mode


class Syntax(Struct, frozen=True):
    """How a kind of database writes what is not code. `tokens` finds it and the parameters; `exact` refuses doubt.

    `marks` finds ``?`` in the place of named parameters, `dollars` names after a ``$``.
    """

    tokens: re.Pattern[str]
    marks: re.Pattern[str]
    dollars: re.Pattern[str]
    exact: bool = True


class Statement(Struct, frozen=True):
    """A statement cut at its parameters: ``texts[0]``, parameter ``names[0]``, ``texts[1]`` and so on."""

    texts: tuple[str, ...]
    names: tuple[str, ...]


def _syntax(text: str, *, exact: bool = True) -> Syntax:
    tokens, marks, dollars = (re.compile(f"{text}|{one}", re.DOTALL) for one in (_PARAMETER, _MARK, _DOLLARED))
    return Syntax(tokens, marks, dollars, exact=exact)


SQLITE = _syntax(rf"{_COMMON}|`(?:[^`]|``)*`|\[[^\]]*\]")
POSTGRESQL = _syntax(f"{_ESCAPED}|{_COMMON}|{_DOLLAR}")
MARIADB = _syntax(_BACKSLASHED, exact=False)


def cut_marks(sql: str, syntax: Syntax) -> Statement:
    """Cut a statement at its ``?``, which get the names ``0``, ``1`` and so on; ``??`` stands for a question mark.

    Raises:
        NotSent: as `cut`.
    """
    found = _cut(sql, syntax.marks, exact=syntax.exact)
    texts = tuple(text.replace("??", "?") for text in found.texts)
    return Statement(texts, tuple(str(number) for number in range(len(found.names))))


def cut_dollars(sql: str, syntax: Syntax) -> Statement:
    """Cut a statement at its ``$names``, which may hold points; raises as `cut`."""
    return _cut(sql, syntax.dollars, exact=syntax.exact)


def cut(sql: str, syntax: Syntax) -> Statement:
    """Cut a statement at its parameters.

    Raises:
        NotSent: ``database.statement``: the statement cannot be read with certainty.
    """
    return _cut(sql, syntax.tokens, exact=syntax.exact)


def _cut(sql: str, tokens: re.Pattern[str], *, exact: bool) -> Statement:
    if "\0" in sql:
        raise NotSent("database.statement", "the statement holds a NUL character")
    if not exact and _UNEVEN.search(sql):
        raise NotSent("database.statement", "a quote after a backslash is ambiguous: write it twice ('') instead")
    texts, names, begin = [], [], 0
    for token in tokens.finditer(sql):
        name = token.group("name")
        if name is not None:
            texts.append(sql[begin : token.start()])
            names.append(name)
            begin = token.end()
    return Statement((*texts, sql[begin:]), tuple(names))


def join(
    statement: Statement, values: dict[str, object], marker: Callable[[str], str], text: Callable[[str], str]
) -> tuple[str, dict[str, object]]:
    """Give the statement as a driver takes it, and the values that it binds, by the names of its markers.

    Args:
        statement: what `cut` gave.
        values: a value for each of its names; a list becomes markers in brackets.
        marker: the driver's marker for a name.
        text: escapes what the driver would read as a marker in the rest of the statement.
    """
    parts, bound = [text(statement.texts[0])], {}
    for number, (name, following) in enumerate(zip(statement.names, statement.texts[1:], strict=True)):
        value = values[name]
        if isinstance(value, list):
            markers = {f"p{number}_{place}": item for place, item in enumerate(value)}
            parts.append(f"({', '.join(map(marker, markers))})")
        else:
            markers = {f"p{number}": value}
            parts.append(marker(f"p{number}"))
        bound.update(markers)
        parts.append(text(following))
    return "".join(parts), bound
