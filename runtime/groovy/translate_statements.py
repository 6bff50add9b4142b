"""Statements, functions and closures of Groovy as those of Python."""

from __future__ import annotations

from collections.abc import Callable

from runtime.groovy.errors import Refused
from runtime.groovy.nodes import Node, Type
from runtime.groovy.support.errors import CLASSES as ERRORS
from runtime.groovy.switches import SwitchTranslator
from runtime.groovy.syntax import (
    Assert,
    Assign,
    Block,
    Catch,
    Closure,
    Declare,
    DeclareMany,
    Do,
    Expr,
    ForEach,
    Function,
    If,
    Jump,
    Labelled,
    ListOf,
    MapOf,
    Name,
    Return,
    Step,
    Stmt,
    Switch,
    Throw,
    Try,
    While,
)
from runtime.groovy.syntax_classes import Class
from runtime.groovy.translate_types import converted, is_pure, zero
from runtime.groovy.trees import is_simple


class StatementTranslator(SwitchTranslator):
    """Writes Python for statements; what is not covered becomes a finding, and the rest goes on."""

    def __init__(self) -> None:
        super().__init__()
        self._writers: dict[type, Callable[..., None]] = {
            Declare: self._declare,
            DeclareMany: self._declare_many,
            Do: self._do,
            If: self._if,
            While: self.while_,
            ForEach: self.for_each,
            Switch: self.switch,
            Try: self._try,
            Return: self._return,
            Throw: self._throw,
            Jump: self.jump,
            Labelled: self.labelled,
            Assert: self._assert,
            Block: self._block,
            Function: self._nested,
            Class: self._nested,
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
                self._given(node)
            case If():
                self._if(node, gives=True)
            case Try():
                self._try(node, gives=True)
            case Switch():
                self.switch(node, gives=True)
            case Block():
                self.block(node.body, gives=True)

    def _given(self, node: Do) -> None:
        """Write the last statement of a function: its value is what the function gives, an assignment's too."""
        result = self.scope.result
        if isinstance(node.value, Assign | Step) and result is not None and result.name == "void":
            self._do(node)
        elif isinstance(node.value, Assign) and isinstance(node.value.target, Name):
            self._do(node)
            target = node.value.target
            self._return_value(target, node)
        else:
            self._return_value(node.value, node)

    # --- declarations and expressions ---

    def _declare(self, node: Declare) -> None:
        for name, value in node.names:
            if value is not None and node.type.name in self.classes and isinstance(value, ListOf | MapOf):
                raise self.refused("coercion", f"a list or map as a {node.type.name} is not covered", node)
            self.is_called_only = isinstance(value, Closure) and name in self.called_only
            shown = zero(node.type) if value is None else self.expression(value).text
            self.is_called_only = False
            if node.is_field:
                given = shown if value is None else converted(shown, node.type)
                self.writer.line(f'binding["{name}"] = {given}', node.line)
                continue
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
            case Assign(operator=operator, target=target) as assign if operator and not is_pure(target):
                self.writer.line(self.expression(assign).text, node.line)
            case Assign() as assign:
                target = assign.target
                named = isinstance(assign.value, Closure) and isinstance(target, Name)
                self.is_called_only = named and isinstance(target, Name) and target.name in self.called_only
                value = self.new_value(assign)
                self.is_called_only = False
                self.writer.line(self.assigned(assign.target, value, within=False), node.line)
            case Step(target=Name(name=name)) as step:
                self.writer.line(self._stepped(name, step), node.line)
            case Closure():
                raise self.refused("closure statement", "a closure that nobody calls is not covered", node)
            case value:
                self.writer.line(self.expression(value).text, node.line)

    def _stepped(self, name: str, step: Step) -> str:
        variable = self.scope.find(name)
        if self.counting and variable is not None and variable.type == Type("int") and variable.owner is self.scope:
            return f"{variable.python} {step.operator}= 1"  # a condition ends the loop before 2**31
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

    # --- errors ---

    def _try(self, node: Try, *, gives: bool = False) -> None:
        self._guard(node, 1)
        self.writer.line("try:", node.line)
        with self.writer.indented(node.line):
            self.block(node.body, gives=gives)
        for catch in node.catches:
            shown = self._kinds(catch)
            self.scope.blocks.append({})
            variable = self.scope.declare(catch.name, Type())
            held = self.scope.temporary()
            self.writer.line(f"except {shown} as {held}:", catch.line)
            with self.writer.indented(catch.line):
                self.writer.line(f"{variable.python} = thrown({held})", catch.line)
                self.block(catch.body, gives=gives)
            self.scope.blocks.pop()
        self._guard(node, -1)
        if node.after:
            self.writer.line("finally:", node.after[0].line)
            with self.writer.indented(node.after[0].line):
                self.block(node.after)

    def _guard(self, node: Try, more: int) -> None:
        for frame in reversed(self.frames if node.after else ()):
            if frame.is_loop:
                frame.guarded += more
                return

    def _kinds(self, catch: Catch) -> str:
        """Give the classes of Python that a ``catch`` catches."""
        own = [self.classes[name].python for name in catch.types if name in self.classes]
        java = [name for name in catch.types if name not in self.classes]
        unknown = next((name for name in java if name not in ERRORS), None)
        if unknown is not None:
            raise self.refused(f"class {unknown}", f"the exception {unknown} is not covered", catch)
        shown = [f"{name}.kinds" for name in own]
        return " + ".join([*([f"kinds({', '.join(map(repr, java))})"] if java else []), *shown])

    def _nested(self, node: Function | Class) -> None:
        raise self.refused("nested method", "a method or class inside of a block is not covered", node)

    def _throw(self, node: Throw) -> None:
        self.writer.line(f"raise raised({self.expression(node.value).text})", node.line)

    def _assert(self, node: Assert) -> None:
        message = "" if node.message is None else f", {self.expression(node.message).text}"
        self.writer.line(f"require({self.condition(node.condition)}, 'line {node.line}'{message})", node.line)
