"""The classes of a script and what they hold, as the parser finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.groovy.nodes import Node, Type

if TYPE_CHECKING:
    from runtime.groovy.syntax import Expr, Function


class Field(Node, frozen=True):
    """A field of a class; `is_open`: others read and write it by methods that nobody wrote."""

    name: str
    type: Type
    value: Expr | None
    is_static: bool = False
    is_open: bool = True


class Constant(Node, frozen=True):
    """A constant of an enum, with what it is made of."""

    name: str
    arguments: tuple[Expr, ...]


class Class(Node, frozen=True):
    """A class of the script. `kind` is ``class``, ``enum`` or ``interface``; `marks` are its annotations."""

    kind: str
    name: str
    parent: str | None
    interfaces: tuple[str, ...]
    fields: tuple[Field, ...]
    methods: tuple[Function, ...]
    constructors: tuple[Function, ...]
    constants: tuple[Constant, ...]
    marks: frozenset[str]
