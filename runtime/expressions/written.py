"""Plain expressions written out as Python functions: three times as fast as closures within closures.

A function is only for what goes well. What it does not foresee, such as a member that is not there or an operand of
another kind, it leaves to the closures of the same expression, which know what that means and how to say it: reading
has no effect, so nothing happens twice. What closures would leave to CEL is left to CEL at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Protocol, cast

from runtime.errors import DocumentFault
from runtime.expressions.closures import INT64, MAX_TEXT, Closure, NotPlainError, equal
from runtime.expressions.code import INDENT, Code, NotWrittenError
from runtime.expressions.scope import ROOTS
from runtime.expressions.tree import Apply, Listing, Literal, Member, Name, Node

MOST_LINES = 500  # of one function; a longer expression costs its closures, and few people write one
DEEPEST = 60  # blocks within blocks: Python's own compiler takes a hundred

_NUMBERS = frozenset({int, Decimal})
_ORDERED = frozenset({str, bool})
_ORDERS = {"_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">="}


class LeaveError(Exception):
    """Raised by a function that meets what it does not foresee."""


NAMES: Mapping[str, object] = MappingProxyType(
    {
        "NotPlain": NotPlainError,
        "Leave": LeaveError,
        "NUMBERS": _NUMBERS,
        "ORDERED": _ORDERED,
        "INT64": INT64,
        "equal": equal,
    }
)
"""What the lines of an `ExpressionWriter` name, besides what `Code` knows."""


class Roots(Protocol):
    """Gives the variables that hold what expressions see."""

    def root(self, name: str) -> str:
        """Give the variable of a root, such as ``document``."""
        ...

    def member(self, value: str, name: str) -> str:
        """Give the variable of a member of what a variable holds; what is read in vain raises a LookupError."""
        ...

    def has(self, value: str, name: str) -> str:
        """Give the condition that what a variable holds is an object with this member; or the lines leave."""
        ...

    def property(self, root: str, name: str) -> str | None:
        """Give the variable of a member of a root, where that can be had without the root as a whole."""
        ...

    def has_property(self, root: str, name: str) -> str | None:
        """Give the condition that a root has a member, where that can be told without the root as a whole."""
        ...


def written(tree: Node, plain: Closure, in_cel: Closure) -> Closure | None:
    """Give the function of a plain expression; None where it stays closures.

    `plain` are the closures of the same expression; `in_cel` evaluates it where its values turn out not to be plain.
    """
    code = Code(most=MOST_LINES, deepest=DEEPEST, depth=2)
    try:
        code.line(f"return {ExpressionWriter(code, _OfScope(code)).value(tree)}")
    except NotWrittenError:
        return None
    source = (
        f"def evaluate(scope):\n{INDENT}try:\n{code.text}\n"
        f"{INDENT}except NotPlain:\n{INDENT * 2}return in_cel(scope)\n"
        f"{INDENT}except Unforeseen:\n{INDENT * 2}pass\n"
        f"{INDENT}try:\n{INDENT * 2}return plain(scope)\n"
        f"{INDENT}except NotPlain:\n{INDENT * 2}return in_cel(scope)\n"
    )
    unforeseen = (LeaveError, LookupError, TypeError, DocumentFault)
    names: dict[str, object] = {**NAMES, **code.names, "plain": plain, "in_cel": in_cel, "Unforeseen": unforeseen}
    exec(compile(source, "<expression>", "exec"), names)  # noqa: S102 - our own text, of names and literals
    return cast("Closure", names["evaluate"])


class _OfScope:
    """Reads roots from the variable `scope`."""

    def __init__(self, code: Code) -> None:
        self._code = code

    def root(self, name: str) -> str:
        """Give the variable of a root."""
        return self._code.read(f"scope.{name}")

    def member(self, value: str, name: str) -> str:
        """Give the variable of a member."""
        return self._code.read(f"{value}[{name!r}]")

    def has(self, value: str, name: str) -> str:
        """Give the condition of a member."""
        self._code.line(f"if type({value}) is not dict: raise Leave")
        return f"{name!r} in {value}"

    def property(self, root: str, name: str) -> str | None:
        """Give none: roots are read as a whole, once."""
        return None

    def has_property(self, root: str, name: str) -> str | None:
        """Give none, likewise."""
        return None


class ExpressionWriter:
    """Writes expressions into a function. `value` gives the variable, or the constant, that holds what one gives.

    The lines raise NotPlainError where CEL has to compute the expression, and anything else where it cannot be computed
    or is not foreseen.
    """

    def __init__(self, code: Code, roots: Roots) -> None:
        self._code = code
        self._roots = roots

    def truth(self, node: Node) -> str:
        """Give a variable that holds true or false."""
        value = self.value(node)
        if self._code.kind(value) is not bool:
            self._leave_unless(f"type({value}) is bool")
        return value

    def _leave_unless(self, condition: str) -> None:
        self._code.line(f"if not ({condition}): raise Leave")

    def value(self, node: Node) -> str:
        """Give the variable of a node's value."""
        match node:
            case Literal(kind="double", value=float() as value):
                return self._name(Decimal(repr(value)))
            case Literal(kind="null" | "bool" | "int" | "string", value=value):
                return self._name(value)
            case Name(name=name) if name in ROOTS:
                return self._roots.root(name)
            case Member(operand=operand, name=name, test=True):
                return self._truth_of(self._has(operand, name))
            case Member(operand=operand, name=name):
                return self._member(operand, name)
            case Listing(items=items):
                return self._code.set(f"[{', '.join([self.value(item) for item in items])}]")
            case Apply(function=function, arguments=arguments):
                return self._apply(function, arguments)
            case _:
                raise NotWrittenError

    def _member(self, operand: Node, name: str) -> str:
        found = self._roots.property(operand.name, name) if isinstance(operand, Name) else None
        return found or self._roots.member(self.value(operand), name)

    def _has(self, operand: Node, name: str) -> str:
        found = self._roots.has_property(operand.name, name) if isinstance(operand, Name) else None
        return found or self._roots.has(self.value(operand), name)

    def _truth_of(self, text: str) -> str:
        return self._code.of_kind(self._code.set(text), bool)

    def _name(self, value: object) -> str:
        return self._code.name("c", value)

    def _apply(self, function: str, arguments: tuple[Node, ...]) -> str:
        match function, arguments:
            case "_==_", (left, right):
                return self._truth_of(self._equal(left, right))
            case "_!=_", (left, right):
                return self._truth_of(f"not ({self._equal(left, right)})")
            case "_+_", (left, right):
                return self._sum(self.value(left), self.value(right))
            case (("_&&_" | "_||_"), (left, right)):
                return self._logic(left, right, decides=function == "_||_")
            case "!_", (only,):
                return self._truth_of(f"not {self.truth(only)}")
            case "_?_:_", (test, yes, no):
                return self._choice(test, yes, no)
            case "_[_]", (container, index):
                return self._index(self.value(container), self.value(index))
            case "@in", (item, container):
                return self._in(self.value(item), container)
            case _, (left, right) if function in _ORDERS:
                return self._order(_ORDERS[function], self.value(left), self.value(right))
            case _:
                raise NotWrittenError

    def _equal(self, left: Node, right: Node) -> str:
        if isinstance(left, Literal):
            left, right = right, left
        value, other = self.value(left), self.value(right)
        match right:
            case Literal(kind="null" | "bool"):
                return f"{value} is {other}"
            case Literal(kind="string"):
                return (
                    f"{value} == {other}"
                    if self._code.kind(value) is str
                    else f"type({value}) is str and {value} == {other}"
                )
            case _:
                return f"equal({value}, {other})"

    def _sum(self, first: str, second: str) -> str:
        made, line = self._code.variable(), self._code.line
        unknown = [one for one in (first, second) if self._code.kind(one) is not str]
        texts = "".join(f"type({one}) is str and " for one in unknown)
        line(f"if {texts}len({first}) + len({second}) <= {MAX_TEXT}: {made} = {first} + {second}")
        if len(unknown) > 1:
            line(
                f"elif type({first}) is int and type({second}) is int and ({made} := {first} + {second}) in INT64: pass"
            )
        line("else: raise NotPlain")
        return made

    def _logic(self, left: Node, right: Node, *, decides: bool) -> str:
        made = self._code.set(self.truth(left))
        with self._code.block(f"if {'not ' if decides else ''}{made}:"):
            self._code.line(f"{made} = {self.truth(right)}")
        return self._code.of_kind(made, bool)

    def _choice(self, test: Node, yes: Node, no: Node) -> str:
        made, truth = self._code.variable(), self.truth(test)
        with self._code.block(f"if {truth}:"):
            self._code.line(f"{made} = {self.value(yes)}")
        with self._code.block("else:"):
            self._code.line(f"{made} = {self.value(no)}")
        return made

    def _index(self, values: str, key: str) -> str:
        made = self._code.variable()
        self._code.line(f"if type({values}) is dict and type({key}) is str:")
        self._code.line(f"{INDENT}{made} = {values}[{key}]")
        self._code.line(f"elif type({values}) is list and type({key}) is int and {key} >= 0:")
        self._code.line(f"{INDENT}{made} = {values}[{key}]")
        self._code.line("else:")
        self._code.line(f"{INDENT}raise Leave")
        return made

    def _in(self, wanted: str, container: Node) -> str:
        if isinstance(container, Listing):
            texts = [item.value for item in container.items if isinstance(item, Literal) and item.kind == "string"]
            if len(texts) == len(container.items):
                return self._truth_of(f"type({wanted}) is str and {wanted} in {self._name(frozenset(texts))}")
        values, made = self.value(container), self._code.variable()
        self._code.line(f"if type({values}) is list:")
        self._code.line(f"{INDENT}{made} = any([equal({wanted}, one) for one in {values}])")
        self._code.line(f"elif type({values}) is dict and type({wanted}) is str:")
        self._code.line(f"{INDENT}{made} = {wanted} in {values}")
        self._code.line("else:")
        self._code.line(f"{INDENT}raise Leave")
        return self._code.of_kind(made, bool)

    def _order(self, sign: str, first: str, second: str) -> str:
        kinds = {kind for one in (first, second) if (kind := self._code.kind(one)) is not None}
        if kinds and kinds <= _NUMBERS:
            others = [f"type({one}) in NUMBERS" for one in (first, second) if self._code.kind(one) is None]
            self._leave_unless(" and ".join(others) or "True")
        else:
            numbers = f"type({first}) in NUMBERS and type({second}) in NUMBERS"
            alike = f"type({first}) is type({second}) and type({first}) in ORDERED"
            self._leave_unless(f"({numbers}) or ({alike})")
        return self._truth_of(f"{first} {sign} {second}")
