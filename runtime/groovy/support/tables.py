"""Tables of methods: what can be called on values of a kind, by the names that Java and Groovy give."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from runtime.groovy.support.values import Value

Method = TypeVar("Method", bound=Callable[..., Value])
_UNDERSCORE = re.compile(r"_([a-z])")


class Table:
    """The methods of one kind of value; each takes the value first."""

    def __init__(self) -> None:
        self.methods: dict[str, Callable[..., Value]] = {}

    def method(self, function: Method) -> Method:
        """Put a function into the table, ``starts_with`` as ``startsWith``."""
        self.methods[_UNDERSCORE.sub(lambda match: match[1].upper(), function.__name__.rstrip("_"))] = function
        return function

    def called(self, *names: str) -> Callable[[Method], Method]:
        """Put a function into the table by these names."""

        def add(function: Method) -> Method:
            self.methods.update(dict.fromkeys(names, function))
            return function

        return add
