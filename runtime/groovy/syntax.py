"""The parts of a script, as the parser finds them. Lines and columns count from 1."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from runtime.groovy.nodes import Node, Type
from runtime.groovy.syntax_classes import Class

# --- expressions ---------------------------------------------------------------------------------------------------


class Literal(Node, frozen=True):
    """A text, a number, true, false or null. `suffix` is the letter behind a number (``L``, ``g``, ``d`` …)."""

    value: str | int | float | Decimal | bool | None
    suffix: str = ""


class GString(Node, frozen=True):
    """A text with computed parts: texts and expressions in turn."""

    parts: tuple[str | Expr, ...]


class Name(Node, frozen=True):
    """A variable, a class, or a method that is called."""

    name: str


class ListOf(Node, frozen=True):
    """``[a, b, *c]``."""

    items: tuple[Expr, ...]


class MapOf(Node, frozen=True):
    """``[a: 1, (b): 2]``."""

    entries: tuple[tuple[Expr, Expr], ...]


class RangeOf(Node, frozen=True):
    """``a..b`` or ``a..<b``."""

    start: Expr
    end: Expr
    exclusive: bool


class Parameter(Struct, frozen=True):
    """A parameter of a function or closure; `rest`: it takes all that are left (``T... a``)."""

    name: str
    type: Type = Type()
    default: Expr | None = None
    rest: bool = False


class Closure(Node, frozen=True):
    """``{ a, b -> … }``; `parameters` is None where ``it`` is implied."""

    parameters: tuple[Parameter, ...] | None
    body: tuple[Stmt, ...]


class Unary(Node, frozen=True):
    """``-a``, ``+a``, ``!a``, ``~a``."""

    operator: str
    operand: Expr


class Step(Node, frozen=True):
    """``a++``, ``--a`` …; `before`: the value is that after the step."""

    operator: str
    target: Expr
    before: bool


class Binary(Node, frozen=True):
    """Two values and an operator."""

    operator: str
    left: Expr
    right: Expr


class Assign(Node, frozen=True):
    """``target = value``; `operator` is that of ``+=`` and its kin, or empty."""

    operator: str
    target: Expr
    value: Expr


class Ternary(Node, frozen=True):
    """``a ? b : c``."""

    condition: Expr
    then: Expr
    other: Expr


class Elvis(Node, frozen=True):
    """``a ?: b``."""

    value: Expr
    other: Expr


class Cast(Node, frozen=True):
    """``a as T``, which `converts` more than ``(T) a`` does."""

    type: Type
    value: Expr
    converts: bool = False


class InstanceOf(Node, frozen=True):
    """``a instanceof T``."""

    value: Expr
    type: Type


class New(Node, frozen=True):
    """``new T(…)``."""

    type: Type
    arguments: tuple[Expr, ...]


class NewArray(Node, frozen=True):
    """``new T[n][m]`` or ``new T[]{…}``, which has no sizes."""

    type: Type
    sizes: tuple[Expr, ...]
    items: tuple[Expr, ...] = ()


class Call(Node, frozen=True):
    """``target.name(…)``; without a target a function or closure variable. `closures` count at the end of arguments."""

    target: Expr | None
    name: str
    arguments: tuple[Expr, ...]
    safe: bool = False
    spread: bool = False


class CallValue(Node, frozen=True):
    """``(expression)(…)``: a closure that is called where it stands."""

    callee: Expr
    arguments: tuple[Expr, ...]


class Property(Node, frozen=True):
    """``target.name``."""

    target: Expr
    name: str
    safe: bool = False
    spread: bool = False


class Computed(Node, frozen=True):
    """``target."${name}"``: a property whose name is computed."""

    target: Expr
    name: Expr
    safe: bool = False


class Pointer(Node, frozen=True):
    """``target.&name``: a method as a value."""

    target: Expr
    name: str


class Index(Node, frozen=True):
    """``target[index]``."""

    target: Expr
    index: Expr


class Spread(Node, frozen=True):
    """``*a`` in a list or among arguments; ``*:a`` in a map."""

    value: Expr


class Named(Node, frozen=True):
    """``name: value`` among arguments."""

    key: Expr
    value: Expr


Expr = (
    Literal | GString | Name | ListOf | MapOf | RangeOf | Closure | Unary | Step | Binary | Assign | Ternary | Elvis
    | Cast | InstanceOf | New | NewArray | Call | CallValue | Property | Computed | Pointer | Index | Spread | Named
)  # fmt: skip


# --- statements ----------------------------------------------------------------------------------------------------


class Declare(Node, frozen=True):
    """``def a = 1, b``; `is_field`: the whole script sees it (``@Field``)."""

    type: Type
    names: tuple[tuple[str, Expr | None], ...]
    is_field: bool = False


class DeclareMany(Node, frozen=True):
    """``def (a, b) = …`` and, where `declares` is false, ``(a, b) = …``."""

    names: tuple[Parameter, ...]
    value: Expr
    declares: bool


class Do(Node, frozen=True):
    """An expression that stands alone."""

    value: Expr


class If(Node, frozen=True):
    """``if … else …``."""

    condition: Expr
    then: tuple[Stmt, ...]
    other: tuple[Stmt, ...]


class While(Node, frozen=True):
    """``while``, and ``for (…; …; …)`` with what is done before and after each turn."""

    before: tuple[Stmt, ...]
    condition: Expr | None
    after: tuple[Expr, ...]
    body: tuple[Stmt, ...]


class ForEach(Node, frozen=True):
    """``for (T a in b)``."""

    type: Type
    name: str
    values: Expr
    body: tuple[Stmt, ...]


class Case(Node, frozen=True):
    """A ``case`` with its statements; `test` is None for ``default``."""

    test: Expr | None
    body: tuple[Stmt, ...]


class Switch(Node, frozen=True):
    """``switch``."""

    subject: Expr
    cases: tuple[Case, ...]


class Catch(Node, frozen=True):
    """``catch (A | B e)``."""

    types: tuple[str, ...]
    name: str
    body: tuple[Stmt, ...]


class Try(Node, frozen=True):
    """``try … catch … finally …``."""

    body: tuple[Stmt, ...]
    catches: tuple[Catch, ...]
    after: tuple[Stmt, ...]


class Return(Node, frozen=True):
    """``return``."""

    value: Expr | None


class Throw(Node, frozen=True):
    """``throw``."""

    value: Expr


class Jump(Node, frozen=True):
    """``break`` or ``continue``, of the innermost loop or of the one with a label."""

    word: str
    label: str | None = None


class Labelled(Node, frozen=True):
    """``label: for (…) …``."""

    label: str
    loop: While | ForEach


class Assert(Node, frozen=True):
    """``assert``."""

    condition: Expr
    message: Expr | None


class Block(Node, frozen=True):
    """``{ … }`` as a statement."""

    body: tuple[Stmt, ...]


class Function(Node, frozen=True):
    """A method of the script or of a class; `body` is None where a class of its kind must give one."""

    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[Stmt, ...] | None
    result: Type
    is_static: bool = False


Stmt = (
    Declare | DeclareMany | Do | If | While | ForEach | Switch | Try | Return | Throw | Jump | Labelled | Assert | Block
    | Function | Class
)  # fmt: skip


class Import(Node, frozen=True):
    """``import a.b.C``; `name` ends in ``.*`` for a whole package."""

    name: str
    static: bool = False
    alias: str | None = None


class Script(Struct, frozen=True):
    """A script, read."""

    imports: tuple[Import, ...]
    body: tuple[Stmt, ...]
