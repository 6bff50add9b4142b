"""Questions about expressions as a whole."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from runtime.groovy.syntax import Assign, Closure, Do, Expr, Name, Return, Step


def inside(node: object) -> Iterator[object]:
    """Give a part of a script and every part in it."""
    yield node
    if isinstance(node, tuple):
        for part in node:
            yield from inside(part)
    elif isinstance(node, msgspec.Struct):
        for name in node.__struct_fields__:
            yield from inside(getattr(node, name))


def assigns_names(node: Expr) -> bool:
    """Whether an expression assigns to a variable, which only a statement of Python may do in a closure."""
    return any(isinstance(part, Assign | Step) and isinstance(part.target, Name) for part in inside(node))


def is_simple(node: Expr) -> bool:
    """Whether every closure in an expression is itself one expression, so that nothing is written before it."""
    return all(_is_one_expression(part) for part in inside(node) if isinstance(part, Closure))


def _is_one_expression(closure: Closure) -> bool:
    if len(closure.body) != 1:
        return False
    only = closure.body[0]
    return isinstance(only, Do | Return) and only.value is not None and not assigns_names(only.value)
