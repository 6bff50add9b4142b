"""Classes and enums of a script: objects of the support library that are told their fields and methods."""

from __future__ import annotations

from collections.abc import Iterable

from runtime.groovy.errors import Refused
from runtime.groovy.members import ClassFacts, members_of
from runtime.groovy.nodes import Type
from runtime.groovy.scopes import FunctionScope
from runtime.groovy.support.errors import CLASSES as ERRORS
from runtime.groovy.syntax import Call, Closure, Do, Function, Name, Stmt
from runtime.groovy.syntax_classes import Class, Constant, Field
from runtime.groovy.translate_statements import StatementTranslator
from runtime.groovy.translate_types import converted, types_of, zero
from runtime.groovy.trees import is_simple

_INTERFACES = frozenset(["Comparable", "Serializable", "Cloneable", "Runnable", "Comparator"])
_VOID = Type("void")
_MARKS = {"Canonical": ("ToString", "EqualsAndHashCode", "TupleConstructor")}


class ClassTranslator(StatementTranslator):
    """Writes classes: first all of them by name, then what they hold, so that each may use every other."""

    def declare_classes(self, classes: Iterable[Class]) -> None:
        """Take note of the classes of a script, those above before those below."""
        left = {one.name: one for one in classes}
        while left:
            ready = [one for one in left.values() if one.parent not in left]
            if not ready:
                stuck = min(left.values(), key=lambda one: one.line)
                self.refusals.append(self.refused("class", f"the class {stuck.name} extends itself", stuck))
                return
            for one in ready:
                del left[one.name]
                try:
                    self.classes[one.name] = self._facts(one)
                except Refused as refusal:
                    self.refusals.append(refusal)
        self.class_methods = members_of(self.classes)

    def _facts(self, node: Class) -> ClassFacts:
        if node.name in self.classes:
            raise self.refused("class", f"a second class {node.name}", node)
        for name in node.interfaces:
            known = self.classes.get(name)
            if name not in _INTERFACES and (known is None or known.node.kind != "interface"):
                raise self.refused(f"class {name}", f"the interface {name} is not covered", node)
        above = None if node.parent is None else self.classes.get(node.parent)
        if node.parent is not None and above is None and node.parent not in ERRORS:
            raise self.refused(f"class {node.parent}", f"a class that extends {node.parent} is not covered", node)
        python = self.scope.declare(f"{node.name}_class", Type()).python
        return ClassFacts(node, python, above, node.parent if above is None else None)

    def write_classes(self) -> None:
        """Write every class that was taken note of."""
        for facts in self.classes.values():
            node = facts.node
            above = facts.above.python if facts.above is not None else repr(facts.java)
            self.writer.line(f"{facts.python} = script_class({node.name!r}, {above}, {node.interfaces!r})", node.line)
        for facts in self.classes.values():
            try:
                self._write_members(facts)
            except Refused as refusal:
                self.refusals.append(refusal)
        for facts in self.classes.values():
            self._write_statics(facts)
            self.inside = None

    def _write_members(self, facts: ClassFacts) -> None:
        node = facts.node
        self.inside, self.is_static = facts, False
        for field in node.fields:
            if not field.is_static:
                self._write_field(facts, field)
        for number, method in enumerate(node.constructors, 1):
            self._write_constructor(facts, method, number)
        for number, method in enumerate(node.methods, 1):
            if method.body is not None:
                self._write_method(facts, method, number)
        marks = [made for mark in sorted(node.marks) for made in _MARKS.get(mark, (mark,))]
        for mark in marks:
            self.writer.line(f"{facts.python}.marked({mark!r})", node.line)
        self.inside, self.is_static = None, False

    def _write_field(self, facts: ClassFacts, field: Field) -> None:
        outer, self.scope = self.scope, FunctionScope(None)
        try:
            if field.value is None:
                value = zero(field.type)
            else:
                if not is_simple(field.value):
                    raise self.refused("field", f"what the field {field.name} begins with is not covered", field)
                shown = (
                    self.closure(field.value, kept=True)
                    if isinstance(field.value, Closure)
                    else self.expression(field.value).text
                )
                value = converted(shown, field.type)
        finally:
            self.scope = outer
        setter = f"lambda value: {converted('value', field.type)}"
        line = f'{facts.python}.field("{field.name}", lambda this: {value}, {setter}, is_open={field.is_open})'
        self.writer.line(line, field.line)

    def _write_method(self, facts: ClassFacts, method: Function, number: int) -> None:
        self.is_static = method.is_static
        python = f"{facts.python}_{method.name}_{number}"
        self.function(method, python, of_object=not method.is_static)
        word = "static_method" if method.is_static else "method"
        self.writer.line(
            f"{facts.python}.{word}({method.name!r}, {python}, {types_of(method.parameters)!r})", method.line
        )
        self.is_static = False

    def _write_constructor(self, facts: ClassFacts, method: Function, number: int) -> None:
        """Write a constructor; what it calls first, another or that of the class above, comes before its fields."""
        body = method.body or ()
        first = body[0].value if body and isinstance(body[0], Do) else None
        chained = (
            first if isinstance(first, Call) and first.target is None and first.name in {"this", "super"} else None
        )
        python = f"{facts.python}_new_{number}"
        call = chained or Call(target=None, name="super", arguments=(), line=method.line, column=method.column)
        begin = Call(target=Name(name="this", line=call.line, column=call.column), name=f"<{call.name}>",
                     arguments=call.arguments, line=call.line, column=call.column)  # fmt: skip
        rest: tuple[Stmt, ...] = body[1:] if chained is not None else body
        whole = Function(
            name=method.name, parameters=method.parameters, result=_VOID,
            body=(Do(value=begin, line=call.line, column=call.column), *rest), line=method.line, column=method.column,
        )  # fmt: skip
        self.function(whole, python, of_object=True)
        self.writer.line(f"{facts.python}.constructor({python}, {types_of(method.parameters)!r})", method.line)

    def _write_statics(self, facts: ClassFacts) -> None:
        self.inside, self.is_static = facts, True
        for number, constant in enumerate(facts.node.constants):
            self._write_constant(facts, constant, number)
        for field in facts.node.fields:
            if field.is_static:
                try:
                    value = zero(field.type) if field.value is None else self.expression(field.value).text
                except Refused as refusal:
                    self.refusals.append(refusal)
                    continue
                self.writer.line(f'{facts.python}.write("{field.name}", {converted(value, field.type)})', field.line)
        self.inside, self.is_static = None, False

    def _write_constant(self, facts: ClassFacts, constant: Constant, number: int) -> None:
        arguments = self.arguments(constant.arguments, at_once=False)
        shown = ", ".join([f'"{constant.name}"', str(number), *arguments])
        self.writer.line(f"{facts.python}.constant({shown})", constant.line)
