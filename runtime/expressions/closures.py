"""Plain expressions as closures: paths, literals, comparisons and logic, without the way through CEL.

They mean what CEL means, with one improvement: numbers are compared exactly, whatever their length. An expression with
anything else in it is not plain, and is left to CEL as a whole.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from runtime.errors import DocumentFault, Place
from runtime.expressions.scope import Scope, root
from runtime.expressions.tree import Apply, Listing, Literal, Member, Name, Node

Closure = Callable[[Scope], object]

Order = Callable[[Any, Any], bool]

MAX_TEXT = 4 * 1024 * 1024  # characters of a text that is made here, as CEL's border allows

INT64 = range(-(1 << 63), 1 << 63)


class NotPlainError(Exception):
    """Raised where values turn out to be of kinds that are left to CEL; the whole expression is then."""


_ORDERS: dict[str, Order] = {
    "_<_": operator.lt,
    "_<=_": operator.le,
    "_>_": operator.gt,
    "_>=_": operator.ge,
}


def plain_closure(tree: Node, source: str, place: Place) -> Closure | None:
    """Compile a plain expression; None when it is not plain. It raises NotPlainError where values are not."""
    return _Compiler(source, place).compile(tree)


def equal(left: object, right: object) -> bool:
    """Compare as CEL does: numbers by value, everything else only with its own kind."""
    if _is_number(left) and _is_number(right):
        return left == right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(equal(a, b) for a, b in zip(left, right, strict=True))
    return type(left) is type(right) and left == right


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _sum(left: Closure, right: Closure) -> Closure:
    """Add texts, and whole numbers that 64 bits hold; CEL knows what becomes of all else."""

    def add(scope: Scope) -> object:
        first, second = left(scope), right(scope)
        if type(first) is str and type(second) is str and len(first) + len(second) <= MAX_TEXT:
            return first + second
        if type(first) is int and type(second) is int and first + second in INT64:
            return first + second
        raise NotPlainError

    return add


_PAIRS: dict[str, Callable[[Closure, Closure], Closure]] = {
    "_==_": lambda left, right: lambda scope: equal(left(scope), right(scope)),
    "_!=_": lambda left, right: lambda scope: not equal(left(scope), right(scope)),
    "_+_": _sum,
}


class _Compiler:
    """Compiles one expression. Each method gives None where the node is not plain."""

    def __init__(self, source: str, place: Place) -> None:
        self._source = source
        self._place = place

    def compile(self, node: Node) -> Closure | None:
        match node:
            case Literal(kind="double", value=float() as value):
                number = Decimal(repr(value))
                return lambda _scope: number
            case Literal(kind="null" | "bool" | "int" | "string", value=value):
                return lambda _scope: value
            case Name(name=name):
                return root(name)
            case Member(operand=operand, name=name, test=test):
                return self._member(operand, name, test=test)
            case Listing(items=items):
                return self._listing(items)
            case Apply(function=function, arguments=arguments):
                return self._apply(function, arguments)
            case _:
                return None

    def _member(self, operand: Node, name: str, *, test: bool) -> Closure | None:
        inner = self.compile(operand)
        if inner is None:
            return None
        refuse = self._no_member

        def read(scope: Scope) -> object:
            value = inner(scope)
            try:
                return value[name]  # type: ignore[index]  # what is no object is told below
            except (KeyError, TypeError):
                raise refuse(value, name) from None

        def has(scope: Scope) -> object:
            value = inner(scope)
            if not isinstance(value, Mapping):
                raise refuse(value, name)
            return name in value

        return has if test else read

    def _listing(self, items: tuple[Node, ...]) -> Closure | None:
        closures = self._all(items)
        return None if closures is None else lambda scope: [closure(scope) for closure in closures]

    def _apply(self, function: str, arguments: tuple[Node, ...]) -> Closure | None:
        closures = self._all(arguments)
        if closures is None:
            return None
        match function, closures:
            case (_, [left, right]) if function in _PAIRS:
                return _PAIRS[function](left, right)
            case ("_&&_" | "_||_", [left, right]):
                return self._logic(left, right, decides=function == "_||_")
            case ("!_", [only]):
                return lambda scope: not self._truth(only(scope))
            case ("_?_:_", [test, yes, no]):
                return lambda scope: (yes if self._truth(test(scope)) else no)(scope)
            case ("_[_]", [container, index]):
                return self._index(container, index)
            case ("@in", [item, container]):
                return self._in(item, container)
            case (_, [left, right]) if function in _ORDERS:
                return self._order(_ORDERS[function], left, right)
            case _:
                return None

    def _all(self, nodes: tuple[Node, ...]) -> list[Closure] | None:
        closures = [closure for node in nodes if (closure := self.compile(node)) is not None]
        return closures if len(closures) == len(nodes) else None

    def _order(self, compare: Order, left: Closure, right: Closure) -> Closure:
        def ordered(scope: Scope) -> bool:
            first, second = left(scope), right(scope)
            if (_is_number(first) and _is_number(second)) or (
                type(first) is type(second) and isinstance(first, str | bool)
            ):
                return compare(first, second)
            raise self._failed("these two values have no order")

        return ordered

    def _logic(self, left: Closure, right: Closure, *, decides: bool) -> Closure:
        """Either side decides alone, whichever of the two fails: CEL's rule."""

        def logic(scope: Scope) -> bool:
            try:
                first = self._truth(left(scope))
            except DocumentFault:
                if self._truth(right(scope)) is decides:
                    return decides
                raise
            return decides if first is decides else self._truth(right(scope))

        return logic

    def _truth(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        raise self._failed("a condition must be true or false")

    def _index(self, container: Closure, index: Closure) -> Closure:
        def read(scope: Scope) -> object:
            values, key = container(scope), index(scope)
            if isinstance(values, Mapping) and isinstance(key, str):
                if key in values:
                    return values[key]
                raise self._no_member(values, key)
            if isinstance(values, list) and isinstance(key, int) and not isinstance(key, bool):
                if 0 <= key < len(values):
                    return values[key]
                raise self._missing(f"there is no item {key}; the list has {len(values)}")
            raise self._failed("this value cannot be indexed so")

        return read

    def _in(self, item: Closure, container: Closure) -> Closure:
        def contains(scope: Scope) -> bool:
            wanted, values = item(scope), container(scope)
            if isinstance(values, list):
                return any(equal(wanted, value) for value in values)
            if isinstance(values, Mapping) and isinstance(wanted, str | int | Decimal):
                return isinstance(wanted, str) and wanted in values
            raise self._failed("`in` looks for a key in an object, or for a value in a list")

        return contains

    def _no_member(self, value: object, name: str) -> DocumentFault:
        if not isinstance(value, Mapping):
            return self._missing(f"there is no {name!r}: what is before it is not an object")
        close = get_close_matches(name, [str(key) for key in value], n=1)
        return self._missing(f"there is no {name!r}", f"did you mean {close[0]!r}?" if close else None)

    def _missing(self, reason: str, hint: str | None = None) -> DocumentFault:
        return DocumentFault("expression.missing-name", f"{self._source}: {reason}", place=self._place, hint=hint)

    def _failed(self, reason: str) -> DocumentFault:
        return DocumentFault("expression.failed", f"{self._source}: {reason}", place=self._place)
