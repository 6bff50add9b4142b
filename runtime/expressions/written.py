"""Plain expressions written out as Python functions: three times as fast as closures within closures.

A function is only for what goes well. What it does not foresee, such as a member that is not there or an operand of
another kind, it leaves to the closures of the same expression, which know what that means and how to say it: reading
has no effect, so nothing happens twice. What closures would leave to CEL is left to CEL at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import cast

from runtime.errors import DocumentFault
from runtime.expressions.closures import INT64, MAX_TEXT, Closure, NotPlainError, equal
from runtime.expressions.scope import ROOTS, Scope
from runtime.expressions.tree import Apply, Listing, Literal, Member, Name, Node

MOST_LINES = 500  # of one function; a longer expression costs its closures, and few people write one
DEEPEST = 60  # blocks within blocks: Python's own compiler takes a hundred

_NUMBERS = frozenset({int, Decimal})
_ORDERED = frozenset({str, bool})
_ORDERS = {"_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">="}
_INDENT = "    "


class _LeaveError(Exception):
    """Raised by a function that meets what it does not foresee."""


class _NotWrittenError(Exception):
    """Raised for an expression that stays closures."""


def written(tree: Node, plain: Closure, in_cel: Closure) -> Closure | None:
    """Give the function of a plain expression; None where it stays closures.

    `plain` are the closures of the same expression; `in_cel` evaluates it where its values turn out not to be plain.
    """
    try:
        source, constants = _Writer().function(tree)
    except _NotWrittenError:
        return None
    names: dict[str, object] = {
        **constants,
        "plain": plain,
        "in_cel": in_cel,
        "NotPlain": NotPlainError,
        "Leave": _LeaveError,
        "Unforeseen": (_LeaveError, LookupError, TypeError, DocumentFault),
        "NUMBERS": _NUMBERS,
        "ORDERED": _ORDERED,
        "INT64": INT64,
        "equal": equal,
    }
    exec(compile(source, "<expression>", "exec"), names)  # noqa: S102 - our own text, of names and numbers
    return cast("Callable[[Scope], object]", names["evaluate"])


class _Writer:
    """Writes one function. Each method gives the variable, or the constant, that holds the value of its node."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._constants: dict[str, object] = {}
        self._depth = 2
        self._variables = 0
        self._roots: dict[str, str] = {}  # those that were read on the way to here
        self._truths: set[str] = set()  # variables and constants that are true or false

    def function(self, tree: Node) -> tuple[str, Mapping[str, object]]:
        """Give the source of the function `evaluate`, and the constants that it names."""
        value = self._value(tree)
        body = "\n".join((*self._lines, f"{_INDENT * 2}return {value}"))
        source = (
            f"def evaluate(scope):\n{_INDENT}try:\n{body}\n"
            f"{_INDENT}except NotPlain:\n{_INDENT * 2}return in_cel(scope)\n"
            f"{_INDENT}except Unforeseen:\n{_INDENT * 2}pass\n"
            f"{_INDENT}try:\n{_INDENT * 2}return plain(scope)\n"
            f"{_INDENT}except NotPlain:\n{_INDENT * 2}return in_cel(scope)\n"
        )
        return source, self._constants

    def _line(self, text: str) -> None:
        if len(self._lines) >= MOST_LINES:
            raise _NotWrittenError
        self._lines.append(_INDENT * self._depth + text)

    def _leave_unless(self, condition: str) -> None:
        self._line(f"if not ({condition}): raise Leave")

    def _variable(self) -> str:
        self._variables += 1
        return f"v{self._variables}"

    def _set(self, text: str) -> str:
        variable = self._variable()
        self._line(f"{variable} = {text}")
        return variable

    def _constant(self, value: object) -> str:
        name = f"c{len(self._constants)}"
        self._constants[name] = value
        if isinstance(value, bool):
            self._truths.add(name)
        return name

    @contextmanager
    def _block(self, opening: str) -> Iterator[None]:
        """Write a block; what was read in it may not have been read after it."""
        if self._depth >= DEEPEST:
            raise _NotWrittenError
        self._line(opening)
        roots, self._depth = dict(self._roots), self._depth + 1
        yield
        self._roots, self._depth = roots, self._depth - 1

    def _value(self, node: Node) -> str:
        match node:
            case Literal(kind="double", value=float() as value):
                return self._constant(Decimal(repr(value)))
            case Literal(kind="null" | "bool" | "int" | "string", value=value):
                return self._constant(value)
            case Name(name=name) if name in ROOTS:
                known = self._roots.get(name)
                if known is None:
                    known = self._roots[name] = self._set(f"scope.{name}")
                return known
            case Member(operand=operand, name=name, test=test):
                return self._member(self._value(operand), self._constant(name), test=test)
            case Listing(items=items):
                return self._set(f"[{', '.join([self._value(item) for item in items])}]")
            case Apply(function=function, arguments=arguments):
                return self._apply(function, arguments)
            case _:
                raise _NotWrittenError

    def _member(self, value: str, name: str, *, test: bool) -> str:
        if not test:
            return self._set(f"{value}[{name}]")
        self._leave_unless(f"type({value}) is dict")
        return self._truth_of(f"{name} in {value}")

    def _truth_of(self, text: str) -> str:
        variable = self._set(text)
        self._truths.add(variable)
        return variable

    def _truth(self, node: Node) -> str:
        """Give a variable that holds true or false."""
        value = self._value(node)
        if value not in self._truths:
            self._leave_unless(f"type({value}) is bool")
        return value

    def _apply(self, function: str, arguments: tuple[Node, ...]) -> str:
        match function, arguments:
            case "_==_", (left, right):
                return self._truth_of(self._equal(left, right))
            case "_!=_", (left, right):
                return self._truth_of(f"not ({self._equal(left, right)})")
            case "_+_", (left, right):
                return self._sum(self._value(left), self._value(right))
            case (("_&&_" | "_||_"), (left, right)):
                return self._logic(left, right, decides=function == "_||_")
            case "!_", (only,):
                return self._truth_of(f"not {self._truth(only)}")
            case "_?_:_", (test, yes, no):
                return self._choice(test, yes, no)
            case "_[_]", (container, index):
                return self._index(self._value(container), self._value(index))
            case "@in", (item, container):
                return self._in(self._value(item), container)
            case _, (left, right) if function in _ORDERS:
                return self._order(_ORDERS[function], self._value(left), self._value(right))
            case _:
                raise _NotWrittenError

    def _equal(self, left: Node, right: Node) -> str:
        if isinstance(left, Literal):
            left, right = right, left
        value, other = self._value(left), self._value(right)
        match right:
            case Literal(kind="null" | "bool"):
                return f"{value} is {other}"
            case Literal(kind="string"):
                return f"type({value}) is str and {value} == {other}"
            case _:
                return f"equal({value}, {other})"

    def _sum(self, first: str, second: str) -> str:
        made = self._variable()
        self._line(f"if type({first}) is str and type({second}) is str and len({first}) + len({second}) <= {MAX_TEXT}:")
        self._line(f"{_INDENT}{made} = {first} + {second}")
        self._line(f"elif type({first}) is int and type({second}) is int and ({made} := {first} + {second}) in INT64:")
        self._line(f"{_INDENT}pass")
        self._line("else:")
        self._line(f"{_INDENT}raise NotPlain")
        return made

    def _logic(self, left: Node, right: Node, *, decides: bool) -> str:
        made = self._set(self._truth(left))
        with self._block(f"if {'not ' if decides else ''}{made}:"):
            self._line(f"{made} = {self._truth(right)}")
        self._truths.add(made)
        return made

    def _choice(self, test: Node, yes: Node, no: Node) -> str:
        made, truth = self._variable(), self._truth(test)
        with self._block(f"if {truth}:"):
            self._line(f"{made} = {self._value(yes)}")
        with self._block("else:"):
            self._line(f"{made} = {self._value(no)}")
        return made

    def _index(self, values: str, key: str) -> str:
        made = self._variable()
        self._line(f"if type({values}) is dict and type({key}) is str:")
        self._line(f"{_INDENT}{made} = {values}[{key}]")
        self._line(f"elif type({values}) is list and type({key}) is int and {key} >= 0:")
        self._line(f"{_INDENT}{made} = {values}[{key}]")
        self._line("else:")
        self._line(f"{_INDENT}raise Leave")
        return made

    def _in(self, wanted: str, container: Node) -> str:
        if isinstance(container, Listing):
            texts = [item.value for item in container.items if isinstance(item, Literal) and item.kind == "string"]
            if len(texts) == len(container.items):
                return self._truth_of(f"type({wanted}) is str and {wanted} in {self._constant(frozenset(texts))}")
        values, made = self._value(container), self._variable()
        self._line(f"if type({values}) is list:")
        self._line(f"{_INDENT}{made} = any([equal({wanted}, one) for one in {values}])")
        self._line(f"elif type({values}) is dict and type({wanted}) is str:")
        self._line(f"{_INDENT}{made} = {wanted} in {values}")
        self._line("else:")
        self._line(f"{_INDENT}raise Leave")
        self._truths.add(made)
        return made

    def _order(self, sign: str, first: str, second: str) -> str:
        numbers = f"type({first}) in NUMBERS and type({second}) in NUMBERS"
        alike = f"type({first}) is type({second}) and type({first}) in ORDERED"
        self._leave_unless(f"({numbers}) or ({alike})")
        return self._truth_of(f"{first} {sign} {second}")
