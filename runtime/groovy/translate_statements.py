"""Statements, functions and closures of Groovy as those of Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from runtime.groovy.errors import Refused
from runtime.groovy.scopes import FunctionScope
from runtime.groovy.support.errors import CLASSES as ERRORS
from runtime.groovy.switches import SwitchTranslator
from runtime.groovy.syntax import (
    Assert,
    Assign,
    Block,
    Closure,
    Declare,
    DeclareMany,
    Do,
    Expr,
    ForEach,
    Function,
    GString,
    If,
    Jump,
    Literal,
    Name,
    Node,
    Parameter,
    Return,
    Step,
    Stmt,
    Switch,
    Throw,
    Try,
    Type,
    While,
)
from runtime.groovy.translate_expressions import converted
from runtime.groovy.trees import assigns_names, is_simple

_NUMBERS = frozenset(
    [
        "int",
        "long",
        "short",
        "byte",
        "float",
        "double",
        "Integer",
        "Long",
        "Double",
        "Float",
        "BigDecimal",
        "BigInteger",
    ]
)


class StatementTranslator(SwitchTranslator):
    """Writes Python for statements; what is not covered becomes a finding, and the rest goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.refusals: list[Refused] = []
        self._updates: list[tuple[Expr, ...]] = []  # what each enclosing loop does before its next turn
        self._guarded = 0  # enclosing tries with a finally inside the innermost loop
        self._writers: dict[type, Callable[..., None]] = {
            Declare: self._declare,
            DeclareMany: self._declare_many,
            Do: self._do,
            If: self._if,
            While: self._while,
            ForEach: self._for_each,
            Switch: self.switch,
            Try: self._try,
            Return: self._return,
            Throw: self._throw,
            Jump: self._jump,
            Assert: self._assert,
            Block: self._block,
            Function: self._nested_function,
        }

    def block(self, body: tuple[Stmt, ...], *, gives: bool = False) -> None:
        """Write statements in a block of their own; `gives`: the last is what the function gives."""
        self.scope.blocks.append({})
        for index, statement in enumerate(body):
            try:
                self.statement(statement, gives=gives and index == len(body) - 1)
            except Refused as refusal:
                self.refusals.append(refusal)
        self.scope.blocks.pop()

    def statement(self, node: Stmt, *, gives: bool = False) -> None:
        """Write one statement.

        Raises:
            Refused: it is not covered.
        """
        if gives and isinstance(node, Do | If | Try | Switch | Block):
            self._giving(node)
        else:
            self._writers[type(node)](node)

    def _giving(self, node: Do | If | Try | Switch | Block) -> None:
        match node:
            case Do():
                if isinstance(node.value, Assign | Step):
                    self._do(node)
                    return
                self._return_value(node.value, node)
            case If():
                self._if(node, gives=True)
            case Try():
                self._try(node, gives=True)
            case Switch():
                self.switch(node, gives=True)
            case Block():
                self.block(node.body, gives=True)

    # --- declarations and expressions ---

    def _declare(self, node: Declare) -> None:
        for name, value in node.names:
            shown = "None" if value is None else self.expression(value).text
            if value is None and not node.type.dimensions:
                shown = {"boolean": "False", "char": "Char('\\0')", "float": "0.0", "double": "0.0"}.get(
                    node.type.name, "0" if node.type.name in {"int", "short", "byte"} else shown
                )
                shown = "Long(0)" if node.type.name == "long" else shown
            variable = self.scope.declare(name, node.type)
            given = shown if value is None else converted(shown, node.type)
            self.writer.line(f"{variable.python} = {given}", node.line)

    def _declare_many(self, node: DeclareMany) -> None:
        held = self.scope.temporary()
        self.writer.line(f"{held} = {self.expression(node.value).text}", node.line)
        for index, parameter in enumerate(node.names):
            value = f"item({held}, {index})"
            if node.declares:
                variable = self.scope.declare(parameter.name, parameter.type)
                self.writer.line(f"{variable.python} = {converted(value, parameter.type)}", node.line)
            else:
                target = Name(name=parameter.name, line=node.line, column=node.column)
                self.writer.line(self.assigned(target, value, within=False), node.line)

    def _do(self, node: Do) -> None:
        match node.value:
            case Assign() as assign:
                value = self.new_value(assign)
                self.writer.line(self.assigned(assign.target, value, within=False), node.line)
            case Step(target=Name(name=name)) as step:
                self.writer.line(self._stepped(name, step), node.line)
            case Closure():
                raise self.refused("closure statement", "a closure that nobody calls is not covered", node)
            case value:
                self.writer.line(self.expression(value).text, node.line)

    def _stepped(self, name: str, step: Step) -> str:
        variable = self.scope.find(name)
        if variable is not None and variable.type == Type("int") and variable.owner is self.scope:
            return f"{variable.python} {step.operator}= 1"  # a counter of single steps does not come to 2**31
        changed = f"{'plus' if step.operator == '+' else 'minus'}({self.expression(step.target).text}, 1)"
        return self.assigned(step.target, changed, within=False)

    def _return(self, node: Return) -> None:
        if node.value is None:
            self.writer.line("return None", node.line)
        else:
            self._return_value(node.value, node)

    def _return_value(self, value: Expr, node: Node) -> None:
        result = self.scope.result
        if result is not None and result.name == "void":
            self.writer.line(self.expression(value).text, node.line)
            return
        shown = self.closure(value, kept=True) if isinstance(value, Closure) else self.expression(value).text
        self.writer.line(f"return {shown if result is None else converted(shown, result)}", node.line)

    # --- branches ---

    def _if(self, node: If, *, gives: bool = False, word: str = "if") -> None:
        self.writer.line(f"{word} {self.condition(node.condition)}:", node.line)
        with self.writer.indented(node.line):
            self.block(node.then, gives=gives)
        if not node.other:
            return
        if len(node.other) == 1 and isinstance(node.other[0], If) and self._plain(node.other[0].condition):
            self._if(node.other[0], gives=gives, word="elif")
            return
        self.writer.line("else:", node.other[0].line)
        with self.writer.indented(node.other[0].line):
            self.block(node.other, gives=gives)

    def _plain(self, condition: Expr) -> bool:
        """Whether nothing has to be written before a condition, as a closure that needs statements would."""
        return is_simple(condition)

    def _block(self, node: Block) -> None:
        self.block(node.body)

    # --- loops ---

    @contextmanager
    def _loop(self, *updates: Expr) -> Iterator[None]:
        guarded, self._guarded = self._guarded, 0
        self._updates.append(updates)
        self.scope.loops += 1
        yield
        self.scope.loops -= 1
        self._updates.pop()
        self._guarded = guarded

    def _while(self, node: While) -> None:
        self.scope.blocks.append({})
        for before in node.before:
            self.statement(before)
        with self._loop(*node.after):
            if node.condition is not None and not is_simple(node.condition):
                raise self.refused("closure in a condition", "a closure of many statements in a loop's condition", node)
            condition = "True" if node.condition is None else self.condition(node.condition)
            self.writer.line(f"while {condition}:", node.line)
            with self.writer.indented(node.line):
                self.block(node.body)
                self._update(node)
        self.scope.blocks.pop()

    def _update(self, node: Node) -> None:
        for update in self._updates[-1]:
            self.statement(Do(value=update, line=node.line, column=node.column))

    def _for_each(self, node: ForEach) -> None:
        values = self.expression(node.values).text
        self.scope.blocks.append({})
        with self._loop():
            variable = self.scope.declare(node.name, node.type)
            self.writer.line(f"for {variable.python} in items_of({values}):", node.line)
            with self.writer.indented(node.line):
                shown = converted(variable.python, node.type)
                if shown != variable.python:
                    self.writer.line(f"{variable.python} = {shown}", node.line)
                self.block(node.body)
        self.scope.blocks.pop()

    def _jump(self, node: Jump) -> None:
        if not self._updates:
            raise self.refused(node.word, f"a {node.word} outside of a loop", node)
        if node.word == "continue":
            if self._guarded and self._updates[-1]:
                raise self.refused("continue in try", "a continue out of a try with a finally is not covered", node)
            self._update(node)
        self.writer.line(node.word, node.line)

    # --- errors ---

    def _try(self, node: Try, *, gives: bool = False) -> None:
        self._guarded += bool(node.after)
        self.writer.line("try:", node.line)
        with self.writer.indented(node.line):
            self.block(node.body, gives=gives)
        for catch in node.catches:
            unknown = next((name for name in catch.types if name not in ERRORS), None)
            if unknown is not None:
                raise self.refused(f"class {unknown}", f"the exception {unknown} is not covered", catch)
            self.scope.blocks.append({})
            variable = self.scope.declare(catch.name, Type())
            held = self.scope.temporary()
            shown = ", ".join(map(repr, catch.types))
            self.writer.line(f"except kinds({shown}) as {held}:", catch.line)
            with self.writer.indented(catch.line):
                self.writer.line(f"{variable.python} = thrown({held})", catch.line)
                self.block(catch.body, gives=gives)
            self.scope.blocks.pop()
        self._guarded -= bool(node.after)
        if node.after:
            self.writer.line("finally:", node.after[0].line)
            with self.writer.indented(node.after[0].line):
                self.block(node.after)

    def _throw(self, node: Throw) -> None:
        self.writer.line(f"raise raised({self.expression(node.value).text})", node.line)

    def _assert(self, node: Assert) -> None:
        message = "" if node.message is None else f", {self.expression(node.message).text}"
        self.writer.line(f"require({self.condition(node.condition)}, 'line {node.line}'{message})", node.line)

    # --- functions and closures ---

    def function(self, node: Function) -> None:
        """Write a method of the script; it sees its own variables and those that nobody declared."""
        outer, self.scope = self.scope, FunctionScope(None, node.result)
        updates, self._updates = self._updates, []
        try:
            parameters = self._parameters(node.parameters, node)
            self.writer.line(f"def {self.python_function(node.name)}({parameters}):", node.line)
            with self.writer.indented(node.line):
                self._convert_parameters(node.parameters, node)
                self.block(node.body, gives=True)
        finally:
            self.scope, self._updates = outer, updates

    def _parameters(self, parameters: tuple[Parameter, ...], node: Node) -> str:
        shown: list[str] = []
        for parameter in parameters:
            if parameter.default is not None and not isinstance(parameter.default, Literal | GString):
                raise self.refused("default value", "a default that is no text or number is not covered", node)
            default = "" if parameter.default is None else f"={self.expression(parameter.default).text}"
            shown.append(self.scope.declare(parameter.name, parameter.type).python + default)
        return ", ".join(shown)

    def _convert_parameters(self, parameters: tuple[Parameter, ...], node: Node) -> None:
        for parameter in parameters:
            variable = self.scope.find(parameter.name)
            if variable is not None and parameter.type.name in _NUMBERS and not parameter.type.dimensions:
                self.writer.line(f"{variable.python} = {converted(variable.python, parameter.type)}", node.line)

    def closure(self, node: Closure, *, kept: bool) -> str:
        """Give a closure: a lambda where one expression is all of it, else the name of a function written before."""
        outer, self.scope = self.scope, FunctionScope(self.scope)
        updates, self._updates = self._updates, []
        depth = self.writer.depth
        delegating, self.delegating = self.delegating, False
        try:
            parameters = node.parameters
            shown = self._parameters(parameters or (), node)
            if parameters is None:
                self.scope.declare("it", Type())
                shown = "it=None"
            if delegating and shown:
                self.scope.delegate = next(iter(self.scope.blocks[0].values())).python
            if self._is_lambda(node):
                body = node.body[0]
                value = body.value if isinstance(body, Do | Return) else None
                text = "None" if value is None else self.expression(value).text
                return f"(lambda{' ' if shown else ''}{shown}: {text})"
            return self._written_closure(node, shown, outer)
        finally:
            inner, self.scope, self._updates = self.scope, outer, updates
            self.writer.depth = depth
            self._check_captured(node, inner, kept=kept)

    def _is_lambda(self, node: Closure) -> bool:
        if len(node.body) != 1 or not isinstance(node.body[0], Do | Return):
            return False
        value = node.body[0].value
        return value is not None and is_simple(value) and not assigns_names(value)

    def _written_closure(self, node: Closure, shown: str, outer: FunctionScope) -> str:
        self.closures += 1
        name = f"closure_{self.closures}"
        with self.writer.apart() as lines:
            self.writer.depth += 1
            self.block(node.body, gives=True)
            self.writer.depth -= 1
        self.writer.line(f"def {name}({shown}):", node.line)
        with self.writer.indented(node.line):
            outside = sorted(self.scope.written)
            if outside:
                self.writer.line(f"nonlocal {', '.join(outside)}", node.line)
            self.writer.lines += lines
        own = {variable.python for block in outer.blocks for variable in block.values()}
        outer.written |= set(outside) - own
        return name

    def _check_captured(self, node: Closure, inner: FunctionScope, *, kept: bool) -> None:
        """Refuse a closure that may be called when the loop's variables that it uses have changed."""
        fresh = any(variable.owner is self.scope and variable.loops for variable in inner.captured)
        if kept and fresh:
            message = "a closure that outlives the turn of the loop whose variables it uses is not covered"
            self.refusals.append(self.refused("closure kept in a loop", message, node))

    def _nested_function(self, node: Function) -> None:
        raise self.refused("nested method", "a method inside of another is not covered", node)
