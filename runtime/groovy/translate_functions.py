"""Methods and closures of Groovy as functions of Python."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING

from runtime.groovy.errors import Refused
from runtime.groovy.nodes import Node, Type
from runtime.groovy.scopes import FunctionScope, Variable
from runtime.groovy.syntax import Closure, Do, Expr, Function, GString, Literal, Parameter, Return, Stmt, Unary
from runtime.groovy.translate_expressions import ExpressionTranslator
from runtime.groovy.translate_types import converted
from runtime.groovy.trees import assigns_names, is_simple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Frame:
    """A loop or a switch around what is written. `updates` is what a loop does before its next turn.

    `ends` and `goes_on` are the exceptions that end it, and that begin its next turn, from further within.
    """

    def __init__(self, updates: tuple[Expr, ...] = (), label: str | None = None, *, is_loop: bool = True) -> None:
        self.updates = updates
        self.label = label
        self.is_loop = is_loop
        self.guarded = 0  # enclosing tries with a finally inside of it
        self.ends: str | None = None
        self.goes_on: str | None = None


_NUMBERS = frozenset(
    [
        "int", "long", "short", "byte", "float", "double", "Integer", "Long", "Double", "Float", "BigDecimal",
        "BigInteger",
    ]
)  # fmt: skip


class FunctionTranslator(ExpressionTranslator):
    """Writes functions of Python for methods and closures."""

    def __init__(self) -> None:
        super().__init__()
        self.refusals: list[Refused] = []
        self.frames: list[Frame] = []  # the loops and switches around what is written
        self.is_called_only = False  # the closure that comes next has a name, and nothing is done but calling it
        self.called_only: frozenset[str] = frozenset()  # variables with which nothing is done but calling them
        self.assigned_again: frozenset[str] = frozenset()  # variables that something beside their declaration assigns

    @abstractmethod
    def block(self, body: tuple[Stmt, ...], *, gives: bool = False) -> None:
        """Write statements in a block of their own; `gives`: the last is what the function gives."""

    @contextmanager
    def apart_from_loops(self) -> Iterator[None]:
        """Write something that the loops around it do not reach."""
        frames, self.frames = self.frames, []
        try:
            yield
        finally:
            self.frames = frames

    def function(self, node: Function, python: str, *, of_object: bool = False) -> None:
        """Write a method; it sees its own variables and those that nobody declared.

        `of_object`: it is that of a class, and its first parameter is the object.
        """
        outer, self.scope = self.scope, FunctionScope(None, node.result)
        try:
            with self.apart_from_loops():
                parameters = self.parameters(node.parameters)
                first = ["this"] if of_object else []
                self.writer.line(f"def {python}({', '.join([*first, *parameters])}):", node.line)
                with self.writer.indented(node.line):
                    self._convert_parameters(node.parameters, node)
                    self.block(node.body or (), gives=True)
        finally:
            self.scope = outer

    def parameters(self, parameters: tuple[Parameter, ...]) -> list[str]:
        """Declare parameters and give them as Python's. A default that is computed stands in the body."""
        shown: list[str] = []
        for parameter in parameters:
            python = self.scope.declare(parameter.name, parameter.type).python
            if parameter.rest:
                shown.append(f"*{python}")
            elif parameter.default is None:
                shown.append(python)
            elif _is_constant(parameter.default):
                shown.append(f"{python}={self.expression(parameter.default).text}")
            else:
                shown.append(f"{python}=missing")
        return shown

    def _convert_parameters(self, parameters: tuple[Parameter, ...], node: Node) -> None:
        for parameter in parameters:
            variable = self.scope.find(parameter.name)
            if variable is None:
                continue
            python = variable.python
            if parameter.default is not None and not _is_constant(parameter.default):
                default = self.expression(parameter.default).text
                self.writer.line(f"{python} = {default} if {python} is missing else {python}", node.line)
            if parameter.rest:
                self.writer.line(f"{python} = gathered({python}, {parameter.type.name!r})", node.line)
            elif parameter.type.name in _NUMBERS and not parameter.type.dimensions:
                self.writer.line(f"{python} = {converted(python, parameter.type)}", node.line)

    # --- closures ---

    def closure(self, node: Closure, *, kept: bool) -> str:
        """Give a closure: a lambda where one expression is all of it, else the name of a function written before."""
        outer, self.scope = self.scope, FunctionScope(self.scope)
        depth = self.writer.depth
        delegating, self.delegating = self.delegating, False
        is_called_only, self.is_called_only = self.is_called_only, False
        try:
            with self.apart_from_loops():
                text, lines = self._closure_text(node, delegating=delegating)
        finally:
            inner, self.scope = self.scope, outer
            self.writer.depth = depth
            self.is_called_only = is_called_only
        held = self._held(node, inner, kept=kept)
        if lines is None:
            return f"(lambda {held}: {text})({held})" if held else text
        return self._written_closure(node, text, lines, inner, held)

    def _closure_text(self, node: Closure, *, delegating: bool) -> tuple[str, list[tuple[str, int]] | None]:
        """Give a lambda, or the parameters of a function and the lines of its body."""
        parameters = node.parameters
        shown = ", ".join(self.parameters(parameters or ()))
        if parameters is None:
            self.scope.declare("it", Type())
            shown = "it=None"
        if delegating and shown:
            self.scope.delegate = next(iter(self.scope.blocks[0].values())).python
        if self._is_lambda(node):
            body = node.body[0]
            value = body.value if isinstance(body, Do | Return) else None
            text = "None" if value is None else self.expression(value).text
            return f"(lambda{' ' if shown else ''}{shown}: {text})", None
        with self.writer.apart() as lines:
            self.writer.depth += 1
            self._convert_parameters(parameters or (), node)
            self.block(node.body, gives=True)
            self.writer.depth -= 1
        return shown, lines

    def _is_lambda(self, node: Closure) -> bool:
        if len(node.body) != 1 or not isinstance(node.body[0], Do | Return):
            return False
        if any(one.rest or not _plain(one) for one in node.parameters or ()):
            return False
        value = node.body[0].value
        return value is not None and is_simple(value) and not assigns_names(value)

    def _written_closure(
        self, node: Closure, shown: str, lines: list[tuple[str, int]], inner: FunctionScope, held: str
    ) -> str:
        self.closures += 1
        name = f"closure_{self.closures}"
        if held:
            self.writer.line(f"def {name}_of({held}):", node.line)
            self.writer.depth += 1
        self.writer.line(f"def {name}({shown}):", node.line)
        with self.writer.indented(node.line):
            outside = sorted(inner.written)
            if outside:
                self.writer.line(f"nonlocal {', '.join(outside)}", node.line)
            self.writer.lines += [("    " + text, line) for text, line in lines] if held else lines
        own = {variable.python for block in self.scope.blocks for variable in block.values()}
        self.scope.written |= set(outside) - own
        if not held:
            return name
        self.writer.line(f"return {name}", node.line)
        self.writer.depth -= 1
        return f"{name}_of({held})"

    def _held(self, node: Closure, inner: FunctionScope, *, kept: bool) -> str:
        """Give the variables of a turn of a loop that a closure must keep, for it may be called after the turn.

        They are kept by their value, which is right where nothing but their declaration assigns them.
        """
        if not kept or self.is_called_only:
            return ""
        fresh = [one for one in inner.captured if one.owner is self.scope and one.loops]
        if any(self._changes(one) for one in fresh):
            message = "a closure that outlives the turn of the loop whose variables it uses is not covered"
            self.refusals.append(self.refused("closure kept in a loop", message, node))
        return ", ".join(sorted(one.python for one in fresh))

    def _changes(self, variable: Variable) -> bool:
        return variable.is_counter or variable.name in self.assigned_again


def _is_constant(default: Expr) -> bool:
    """Whether a default is the same at every call, and nothing can change it."""
    if isinstance(default, Unary):
        return _is_constant(default.operand)
    if isinstance(default, GString):
        return all(isinstance(part, str) for part in default.parts)
    return isinstance(default, Literal)


def _plain(parameter: Parameter) -> bool:
    """Whether a parameter of a closure needs nothing in its body."""
    constant = parameter.default is None or _is_constant(parameter.default)
    return constant and (parameter.type.name not in _NUMBERS or parameter.type.dimensions > 0)
