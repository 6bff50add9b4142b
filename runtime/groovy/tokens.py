"""The words of Groovy."""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

TokenKind = Literal["name", "number", "string", "gstring", "op", "end"]

KEYWORDS = frozenset(
    [
        "as",
        "assert",
        "break",
        "case",
        "catch",
        "class",
        "continue",
        "def",
        "default",
        "do",
        "else",
        "enum",
        "extends",
        "false",
        "final",
        "finally",
        "for",
        "if",
        "implements",
        "import",
        "in",
        "instanceof",
        "interface",
        "new",
        "null",
        "package",
        "return",
        "super",
        "switch",
        "this",
        "throw",
        "throws",
        "trait",
        "true",
        "try",
        "void",
        "while",
    ]
)
PRIMITIVES = frozenset(["boolean", "byte", "char", "double", "float", "int", "long", "short", "void"])
MODIFIERS = frozenset(
    ["final", "private", "protected", "public", "static", "transient", "volatile", "synchronized", "abstract"]
)

# The longest first: a reader takes the first that fits.
OPERATORS = (
    ">>>=", "<=>", "==~", "===", "!==", "**=", "..<", "<<=", ">>=", ">>>", "...",
    "*.", "?.", "?:", ".&", ".@", "==", "!=", "<=", ">=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=",
    "|=", "^=", "<<", ">>", "**", "=~", "->", "..", "::",
    *"+-*/%=<>!~?:;,.()[]{}@&|^",
)  # fmt: skip

NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*|[^\W\d]\w*")
NUMBER = re.compile(
    r"0[xX][0-9a-fA-F_]+[lLiIgG]?|0[bB][01_]+[lLiIgG]?"
    r"|[0-9][0-9_]*(?:\.[0-9][0-9_]*)?(?:[eE][+-]?[0-9]+)?[lLiIgGdDfF]?"
)


class Token(Struct, frozen=True):
    """A word with its place. `newline`: it is the first of its line; `space`: white space stands before it.

    `value` is the text of a name, number or operator, the content of a string, and of a gstring its parts: texts, and
    tuples of tokens for what is computed.
    """

    kind: TokenKind
    value: str | tuple[str | tuple[Token, ...], ...]
    line: int
    column: int
    newline: bool = False
    space: bool = False

    @property
    def text(self) -> str:
        """The value where it is a plain text, else nothing."""
        return self.value if isinstance(self.value, str) else ""

    def ends_operand(self) -> bool:
        """Whether a value may end with this token, so that a following ``/`` divides."""
        if self.kind == "name":
            return self.text not in KEYWORDS or self.text in {"this", "true", "false", "null", "super"}
        if self.kind == "op":
            return self.text in {")", "]", "}", "++", "--"}
        return self.kind != "end"
