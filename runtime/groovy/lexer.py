"""From the text of a script to its words, strings with what is computed in them included."""

from __future__ import annotations

import re

from runtime.groovy.errors import NotGroovy
from runtime.groovy.tokens import NAME, NUMBER, OPERATORS, Token, TokenKind

_BLANK = re.compile(r"(?:[ \t\f\r]|\\\r?\n|//[^\n]*)+")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SHEBANG = re.compile(r"\ufeff?(?:#![^\n]*)?")
_DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\\": "\\", "'": "'", '"': '"', "$": "$"}
_UNICODE = re.compile(r"u+([0-9a-fA-F]{4})")
_OCTAL = re.compile(r"[0-3]?[0-7]{1,2}")

Part = str | tuple[Token, ...]


def tokenise(source: str) -> tuple[Token, ...]:
    """Give the words of a script; the last is of kind ``end``.

    Raises:
        NotGroovy: a string or comment does not end, or a character means nothing.
    """
    lexer = _Lexer(source)
    lexer.at = _end(_SHEBANG, source, 0)
    return tuple(lexer.tokens(inside=False))


def _end(pattern: re.Pattern[str], source: str, at: int) -> int:
    match = pattern.match(source, at)
    return at if match is None else match.end()


class _Lexer:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", source))]
        self._line = 0

    def place(self, at: int) -> tuple[int, int]:
        """Give line and column of an offset that never goes back behind the last line asked for."""
        while self._line + 1 < len(self._line_starts) and self._line_starts[self._line + 1] <= at:
            self._line += 1
        while self._line_starts[self._line] > at:
            self._line -= 1
        return self._line + 1, at - self._line_starts[self._line] + 1

    def wrong(self, message: str, at: int) -> NotGroovy:
        return NotGroovy(message, *self.place(at))

    def tokens(self, *, inside: bool) -> list[Token]:
        """Give the words up to the end, or `inside` a string up to the brace that closes the computed part."""
        found: list[Token] = []
        depth = 0
        while True:
            token = self._token(found[-1] if found else None)
            if inside and token.kind == "op" and token.text in {"{", "}"}:
                depth += 1 if token.text == "{" else -1
                if depth < 0:
                    return [*found, Token("end", "", token.line, token.column)]
            elif inside and token.kind == "end":
                raise NotGroovy("the ${ of a string is not closed", token.line, token.column)
            found.append(token)
            if token.kind == "end":
                return found

    def _token(self, previous: Token | None) -> Token:
        before = self.at
        newline = self._skip()
        space = self.at > before
        at = self.at
        line, column = self.place(at)
        kind, value = self._word(at, previous)
        return Token(kind, value, line, column, newline or previous is None, space)

    def _skip(self) -> bool:
        """Pass over blanks and comments; say whether a line ended."""
        newline = False
        while self.at < len(self.source):
            if self.source[self.at] == "\n":
                newline = True
                self.at += 1
            elif (end := _end(_BLANK, self.source, self.at)) > self.at:
                self.at = end
            elif self.source.startswith("/*", self.at):
                end = _end(_COMMENT, self.source, self.at)
                if end == self.at:
                    raise self.wrong("the comment does not end", self.at)
                newline = newline or "\n" in self.source[self.at : end]
                self.at = end
            else:
                break
        return newline

    def _word(self, at: int, previous: Token | None) -> tuple[TokenKind, str | tuple[Part, ...]]:
        source = self.source
        if at >= len(source):
            return "end", ""
        quoted = self._quoted(at, previous)
        if quoted is not None:
            return quoted
        for kind, pattern in (("number", NUMBER), ("name", NAME)):
            match = pattern.match(source, at)
            if match is not None:
                self.at = match.end()
                return ("number", match[0]) if kind == "number" else ("name", match[0])
        for operator in OPERATORS:
            if source.startswith(operator, at):
                self.at += len(operator)
                return "op", operator
        raise self.wrong(f"the character {source[at]!r} means nothing here", at)

    def _quoted(self, at: int, previous: Token | None) -> tuple[TokenKind, str | tuple[Part, ...]] | None:
        source = self.source
        for mark in ("'''", '"""', "'", '"'):
            if source.startswith(mark, at):
                return self._string(mark, mark, computes=mark[0] == '"', escapes=True)
        if source.startswith("$/", at):
            return self._string("$/", "/$", computes=True, escapes=False)
        if source[at] == "/" and (previous is None or not previous.ends_operand()):
            return self._string("/", "/", computes=True, escapes=False)
        return None

    def _string(
        self, opening: str, closing: str, *, computes: bool, escapes: bool
    ) -> tuple[TokenKind, str | tuple[Part, ...]]:
        start = self.at
        self.at += len(opening)
        parts: list[Part] = []
        text: list[str] = []
        while not self.source.startswith(closing, self.at):
            if self.at >= len(self.source) or (self.source[self.at] == "\n" and closing in {"'", '"'}):
                raise self.wrong("the string does not end", start)
            computed = self._computed() if computes else None
            if computed is None:
                text.append(self._character(closing, escapes=escapes))
                continue
            parts += ["".join(text), computed]
            text = []
        self.at += len(closing)
        if not parts:
            return "string", "".join(text)
        return "gstring", (*parts, "".join(text))

    def _computed(self) -> tuple[Token, ...] | None:
        """Give the tokens of ``${…}`` or ``$a.b`` where one begins here."""
        if not self.source.startswith("$", self.at):
            return None
        if self.source.startswith("${", self.at):
            self.at += 2
            return tuple(self.tokens(inside=True))
        match = _DOTTED.match(self.source, self.at + 1)
        if match is None:
            return None
        line, column = self.place(self.at + 1)
        self.at = match.end()
        words: list[Token] = []
        for name in match[0].split("."):
            words += [Token("name", name, line, column), Token("op", ".", line, column)]
        return (*words[:-1], Token("end", "", line, column))

    def _character(self, closing: str, *, escapes: bool) -> str:
        """Give the next character of a string, an escape being one."""
        at = self.at
        following = self.source[at + 1 : at + 2]
        self.at += 1
        if self.source[at] == "$" and closing == "/$" and following in {"$", "/"} and following:
            self.at += 1
            return following
        if self.source[at] != "\\":
            return "" if self.source[at] == "\r" and following == "\n" else self.source[at]
        if not escapes:
            if closing == "/" and following == "/":
                self.at += 1
                return "/"
            return "\\"
        return self._escape(at)

    def _escape(self, at: int) -> str:
        source = self.source
        for pattern, base in ((_UNICODE, 16), (_OCTAL, 8)):
            match = pattern.match(source, at + 1)
            if match is not None:
                self.at = match.end()
                return chr(int(match[1] if base == 16 else match[0], base))  # noqa: PLR2004 - hexadecimal
        following = source[at + 1 : at + 2]
        self.at += 1
        if following in _ESCAPES:
            return _ESCAPES[following]
        if following == "\n":
            return ""
        raise self.wrong(f"\\{following} means nothing in a string", at)
