"""``switch`` and ``grep``: whether a value is a case."""

from __future__ import annotations

from runtime.groovy.support.closures import call
from runtime.groovy.support.operators import contains, equal, truth
from runtime.groovy.support.regexes import Pattern, matches
from runtime.groovy.support.values import JavaObject, JavaSet, Value


def is_case(test: Value, value: Value) -> bool:
    """Whether `value` is a case of `test`: an element of a list, a match of a pattern, what a closure is true of."""
    if isinstance(test, Pattern):
        return value is not None and matches(value, test)
    if isinstance(test, list | range | dict | JavaSet):
        return contains(value, test)
    if isinstance(test, JavaObject) and "isCase" in test.methods:
        return truth(test.methods["isCase"](test, value))
    if callable(test):
        return truth(call(test, value))
    return equal(test, value)
