"""Reading expressions: one function a level of precedence, loops for what binds to the left."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from runtime.groovy.nodes import Type
from runtime.groovy.operands import OperandParser
from runtime.groovy.reader import at
from runtime.groovy.syntax import (
    Assign,
    Binary,
    Cast,
    Computed,
    Elvis,
    Expr,
    Index,
    InstanceOf,
    Literal,
    Name,
    Property,
    RangeOf,
    Step,
    Ternary,
    Unary,
)
from runtime.groovy.tokens import PRIMITIVES

if TYPE_CHECKING:
    from runtime.groovy.tokens import Token

_ASSIGNMENTS = frozenset(["=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", ">>>=", "&=", "|=", "^="])
_LEVELS: tuple[frozenset[str], ...] = (
    frozenset(["||"]),
    frozenset(["&&"]),
    frozenset(["|"]),
    frozenset(["^"]),
    frozenset(["&"]),
    frozenset(["==", "!=", "<=>", "===", "!==", "=~", "==~"]),
    frozenset(["<", "<=", ">", ">=", "in", "instanceof", "as"]),
    frozenset(["<<", ">>", ">>>", "..", "..<"]),
    frozenset(["+", "-"]),
    frozenset(["*", "/", "%"]),
)
_CONTINUES = frozenset(["||", "&&"])  # may begin a line: nothing else could be meant


class ExpressionParser(OperandParser):
    """Reads an expression from where it stands."""

    def expression(self) -> Expr:
        """Read one expression, assignments included.

        Raises:
            NotGroovy: there is none.
            Refused: it is not covered.
        """
        start = self.token
        left = self._conditional()
        if self.token.kind != "op" or self.token.text not in _ASSIGNMENTS or self.on_new_line():
            return left
        operator = self.next().text.removesuffix("=")
        self.assignable(left)
        return Assign(operator=operator, target=left, value=self.expression(), **at(start))

    def assignable(self, target: Expr) -> None:
        """Raise NotGroovy where nothing can be assigned to `target`."""
        if not isinstance(target, Name | Property | Computed | Index):
            raise self.wrong("only a variable, a property or an element can be assigned to")

    def _conditional(self) -> Expr:
        start = self.token
        condition = self._level(0)
        if self.takes("?:"):
            return Elvis(value=condition, other=self._conditional(), **at(start))
        if self.takes("?"):
            then = self._branch()
            self.expect(":")
            return Ternary(condition=condition, then=then, other=self._branch(), **at(start))
        return condition

    def _branch(self) -> Expr:
        return self.expression()

    def _level(self, level: int) -> Expr:
        if level == len(_LEVELS):
            return self._prefixed()
        start = self.token
        left = self._level(level + 1)
        while self._operator(_LEVELS[level]):
            left = self._right(left, start, self.next().text, level)
        return left

    def _operator(self, operators: frozenset[str]) -> bool:
        token = self.token
        if token.kind not in {"op", "name"} or token.text not in operators:
            return False
        return not self.on_new_line() or token.text in _CONTINUES

    def _right(self, left: Expr, start: Token, operator: str, level: int) -> Expr:
        place = at(start)
        if operator in {"as", "instanceof"}:
            type_ = self.type()
            if type_ is None:
                raise self.wrong("expected a type")
            if operator == "as":
                return Cast(type=type_, value=left, converts=True, **place)
            return InstanceOf(value=left, type=type_, **place)
        right = self._level(level + 1)
        if operator in {"..", "..<"}:
            return RangeOf(start=left, end=right, exclusive=operator == "..<", **place)
        return Binary(operator=operator, left=left, right=right, **place)

    def _prefixed(self) -> Expr:
        start = self.token
        if self.takes("++", "--"):
            target = self._prefixed()
            self.assignable(target)
            return Step(operator=start.text[0], target=target, before=True, **at(start))
        if self.sees("-", "+", "!", "~"):
            operator = self.next().text
            operand = self._prefixed()
            if operator == "-" and isinstance(operand, Literal) and isinstance(operand.value, int | float | Decimal):
                return Literal(value=-operand.value, suffix=operand.suffix, **at(start))
            return Unary(operator=operator, operand=operand, **at(start))
        cast = self._cast()
        return self._power() if cast is None else cast

    def _power(self) -> Expr:
        start = self.token
        left = self._postfixed()
        if self._operator(frozenset(["**"])):
            self.next()
            return Binary(operator="**", left=left, right=self._prefixed(), **at(start))
        return left

    def _postfixed(self) -> Expr:
        start = self.token
        operand = self.operand()
        if self.sees("++", "--") and not self.on_new_line():
            self.assignable(operand)
            return Step(operator=self.next().text[0], target=operand, before=False, **at(start))
        return operand

    def _cast(self) -> Expr | None:
        """Read ``(T) a`` where the words can mean nothing else."""
        if not self.sees("("):
            return None
        mark, start = self.mark(), self.token
        self.open("(")
        type_ = self.type()
        if type_ is not None and self.looks_like_type(type_) and self.sees(")"):
            self.close(")")
            if self._begins_operand(type_):
                return Cast(type=type_, value=self._prefixed(), **at(start))
        self.back(mark)
        return None

    def _begins_operand(self, type_: Type) -> bool:
        token = self.token
        if token.kind in {"number", "string", "gstring"}:
            return True
        if token.kind == "name":
            return token.text not in {"as", "in", "instanceof"} and not self.on_new_line()
        return token.text in {"(", "[", "!"} or (token.text == "-" and type_.name in PRIMITIVES)
