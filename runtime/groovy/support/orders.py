"""``Comparator``: orders that are made of what they compare by."""

from __future__ import annotations

from collections.abc import Callable

from runtime.groovy.support.closures import Function, call
from runtime.groovy.support.operators import compare
from runtime.groovy.support.values import JavaObject, Value

Compare = Callable[[Value, Value], int]


class Order(JavaObject):
    """An order of two values; it is called as a closure is."""

    java_name = "java.util.Comparator"

    def __init__(self, compare_: Compare) -> None:
        self._compare = compare_

    def __call__(self, left: Value, right: Value) -> int:
        """Say which comes first."""
        return self._compare(left, right)

    def compare(self, left: Value, right: Value) -> int:
        """Say which comes first."""
        return self._compare(left, right)

    def call(self, left: Value, right: Value) -> int:
        """Say which comes first."""
        return self._compare(left, right)

    def reversed(self) -> Order:
        """Give the order the other way round."""
        return Order(lambda left, right: self._compare(right, left))

    def thenComparing(self, other: Value) -> Order:
        """Give an order that asks another where this one finds no difference."""
        then = other if isinstance(other, Order) else comparing(other)
        return Order(lambda left, right: self._compare(left, right) or then(left, right))


def comparing(key: Function, order: Value = None) -> Order:
    """Give the order by what a closure makes of values."""
    by: Compare = compare if order is None else lambda left, right: int(call(order, left, right))
    return Order(lambda left, right: by(call(key, left), call(key, right)))
