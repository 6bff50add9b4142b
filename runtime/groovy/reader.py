"""The words of a script with a place among them, and what both halves of the parser ask of it."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.groovy.errors import NotGroovy, Refused
from runtime.groovy.nodes import At, Type
from runtime.groovy.tokens import KEYWORDS, PRIMITIVES, Token


def at(token: Token) -> At:
    """Give the place of a word."""
    return At(line=token.line, column=token.column)


class Reader:
    """A place among words. Inside round and square brackets the end of a line means nothing."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self.at = 0
        self._brackets: list[bool] = [False]

    @property
    def token(self) -> Token:
        """The word that comes next."""
        return self._tokens[self.at]

    def ahead(self, distance: int = 1) -> Token:
        """Give a word further on."""
        return self._tokens[min(self.at + distance, len(self._tokens) - 1)]

    def next(self) -> Token:
        """Take the next word."""
        token = self.token
        if token.kind != "end":
            self.at += 1
        return token

    def on_new_line(self) -> bool:
        """Whether the next word begins a line, and that ends a statement here."""
        return self.token.newline and not self._brackets[-1]

    def sees(self, *texts: str) -> bool:
        """Whether the next word is one of these operators or keywords."""
        return self.token.kind in {"op", "name"} and self.token.text in texts

    def takes(self, *texts: str) -> bool:
        """Take the next word if it is one of these operators or keywords."""
        if self.sees(*texts):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> Token:
        """Take the next word, which must be this operator or keyword.

        Raises:
            NotGroovy: it is another.
        """
        if not self.sees(text):
            raise self.wrong(f"expected '{text}'")
        return self.next()

    def open(self, text: str) -> Token:
        """Take an opening bracket; until `close` lines end as that bracket says."""
        token = self.expect(text)
        self._brackets.append(text != "{")
        return token

    def close(self, text: str) -> None:
        """Take the closing bracket."""
        self.expect(text)
        self._brackets.pop()

    def mark(self) -> tuple[int, int]:
        """Give the place, for `back`."""
        return self.at, len(self._brackets)

    def back(self, mark: tuple[int, int]) -> None:
        """Go back to a place where the same brackets were open."""
        self.at = mark[0]
        del self._brackets[mark[1] :]

    def name(self) -> str:
        """Take a name that is no keyword.

        Raises:
            NotGroovy: the next word is none.
        """
        if self.token.kind != "name" or self.token.text in KEYWORDS:
            raise self.wrong("expected a name")
        return self.next().text

    def wrong(self, message: str) -> Refused:
        """Give the error that the next word is not what it should be."""
        if self.sees("->"):
            return self.arrow()
        token = self.token
        met = "the end of the script" if token.kind == "end" else f"'{token.text or '…'}'"
        return NotGroovy(f"{message}, met {met}", token.line, token.column)

    def arrow(self) -> Refused:
        """Give the error that an arrow stands outside of a closure: a lambda of later versions, as a rule."""
        message = "Groovy 2.4 has no lambdas, and '->' stands only in closures: write { x -> … }"
        return self.refuse("lambda", message)

    def refuse(self, construct: str, message: str) -> Refused:
        """Give the error that what comes next is not covered."""
        return Refused(construct, message, self.token.line, self.token.column)

    # --- types ---

    def type(self) -> Type | None:
        """Take a type if the next words may be one; its packages and type arguments are left out."""
        mark = self.mark()
        if self.token.kind != "name" or (self.token.text in KEYWORDS and self.token.text != "void"):
            return None
        name = self.next().text
        while self.sees(".") and self.ahead().kind == "name" and name not in PRIMITIVES:
            self.next()
            name = self.next().text
        if self.sees("<") and not self.type_arguments():
            self.back(mark)
            return None
        dimensions = 0
        while self.sees("[") and self.ahead().text == "]" and self.ahead().kind == "op":
            self.at += 2
            dimensions += 1
        return Type(name, dimensions)

    def type_arguments(self) -> bool:
        """Take ``<…>``; say whether it was one."""
        depth = 0
        while self.token.kind != "end":
            text = self.token.text
            if self.token.kind == "name" or text in {",", "?", ".", "[", "]", "&"}:
                self.next()
                continue
            depth += {"<": 1, ">": -1, ">>": -2, ">>>": -3}.get(text, 99)
            if not 0 <= depth < 9:  # noqa: PLR2004 - no type is nested deeper
                return False
            self.next()
            if depth == 0:
                return True
        return False

    def looks_like_type(self, type_: Type) -> bool:
        """Whether a type is one by its spelling: a primitive, or a name that begins with a capital."""
        return type_.name in PRIMITIVES or type_.name[:1].isupper() or type_.dimensions > 0
