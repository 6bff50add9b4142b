"""Assignments of Groovy: to variables, members, properties and elements, with and without an operator."""

from __future__ import annotations

from runtime.groovy.members import ClassFacts
from runtime.groovy.nodes import Node
from runtime.groovy.syntax import Assign, Binary, Computed, Expr, Index, Name, Property, Step
from runtime.groovy.translate_calls import CallTranslator
from runtime.groovy.translate_names import Code
from runtime.groovy.translate_types import ARITHMETIC, converted, is_pure


class AssignmentTranslator(CallTranslator):
    """Gives Python for assignments."""

    def assignment(self, node: Assign) -> Code:
        """Give an assignment within an expression."""
        if node.operator and not is_pure(node.target):
            return Code(self.changed(node.target, node.operator, self.expression(node.value).text))
        return Code(self.assigned(node.target, self.new_value(node), within=True))

    def new_value(self, node: Assign) -> str:
        """Give what an assignment without an operator of its own, or with a target that has no effects, assigns."""
        if not node.operator:
            return self.expression(node.value).text
        changed = Binary(operator=node.operator, left=node.target, right=node.value, line=node.line, column=node.column)
        return self.expression(changed).text

    def assigned(self, target: Expr, value: str, *, within: bool) -> str:
        """Give an assignment as a statement, or `within` an expression."""
        match target:
            case Name():
                return self._assigned_name(target, value, within=within)
            case Index():
                return f"put_item({self.expression(target.target).text}, {self.expression(target.index).text}, {value})"
            case Property() if not target.safe and not target.spread:
                return self._assigned_property(target, value, within=within)
            case Computed() if not target.safe:
                name = self.expression(target.name).text
                return f"put_prop({self.receiver(target.target).text}, text({name}), {value})"
            case _:
                raise self.refused("assignment target", "this cannot be assigned to", target)

    def _assigned_property(self, target: Property, value: str, *, within: bool) -> str:
        own = self.own_class(target.target)
        if own is not None:
            return self._assigned_static(own, target.name, value, target)
        if isinstance(target.target, Name) and target.target.name == "this":
            name = Name(name=target.name, line=target.line, column=target.column)
            if self.inside is None:
                return self._assigned_name(name, value, within=within)
            member = self._assigned_member(name, value)
            if member is not None:
                return member
        if self.class_of(target.target) is not None:
            raise self.refused("assignment target", "this cannot be assigned to", target)
        return f"put_prop({self.receiver(target.target).text}, {target.name!r}, {value})"

    def _assigned_static(self, facts: ClassFacts, name: str, value: str, node: Node) -> str:
        holder, field = facts.holder(name), facts.field(name, static=True)
        if holder is None or field is None:
            raise self.refused(f"{facts.node.name}.{name}", f"{facts.node.name}.{name} cannot be assigned to", node)
        return f'{holder.python}.write("{name}", {converted(value, field.type)})'

    def _assigned_member(self, target: Name, value: str) -> str | None:
        """Give the assignment to a member of the class whose method is written, or None where it has none."""
        facts = self.inside
        if facts is None:
            return None
        if facts.holder(target.name) is not None:
            return self._assigned_static(facts, target.name, value, target)
        field = facts.field(target.name, static=False)
        if self.is_static or (field is None and not facts.has_property(target.name)):
            return None
        if field is None:
            return f'put_prop(this, "{target.name}", {value})'
        return f'put_field(this, "{target.name}", {converted(value, field.type)})'

    def _assigned_name(self, target: Name, value: str, *, within: bool) -> str:
        variable = self.scope.find(target.name)
        if variable is None:
            return self._assigned_undeclared(target, value, within=within)
        if variable.owner is not self.scope:
            self.scope.written.add(variable.python)
        shown = converted(value, variable.type)
        return f"({variable.python} := {shown})" if within else f"{variable.python} = {shown}"

    def _assigned_undeclared(self, target: Name, value: str, *, within: bool) -> str:
        member = self._assigned_member(target, value)
        if member is not None:
            return member
        name = target.name
        if self.inside is not None or self.class_named(name) or self.host(name) or name in {"this", "super"}:
            raise self.refused("assignment target", f"{name} cannot be assigned to here", target)
        if self.scope.delegate is not None:
            return f'put_own({self.scope.delegate}, "{name}", {value}, binding)'
        if self.delegates and self.scope.outer is not None:
            return f'put_found("{name}", {value}, binding)'
        shown = converted(value, self.fields[name]) if name in self.fields else value
        return f'binding.put("{name}", {shown})' if within else f'binding["{name}"] = {shown}'

    def changed(self, target: Expr, operator: str, value: str, *, before: bool = False) -> str:
        """Give the assignment of what an operator makes of a target and a value; the target is computed once.

        `before`: the value of the expression is that before the assignment.
        """
        function = ARITHMETIC.get(operator)
        compute = f'bits("{operator}", ' if function is None else f"{function}("
        if isinstance(target, Index):
            held, place = self.scope.temporary(), self.scope.temporary()
            owner, index = self.expression(target.target).text, self.expression(target.index).text
            read, write = f"item({held}, {place})", f"put_item({held}, {place}, "
            first = f"({held} := {owner}, {place} := {index})"
        elif isinstance(target, Property | Computed) and not target.safe:
            held, place = self.scope.temporary(), repr(target.name)
            if isinstance(target, Computed):
                place = f"text({self.expression(target.name).text})"
            owner = self.receiver(target.target).text
            read, write = f"prop({held}, {place})", f"put_prop({held}, {place}, "
            first = f"({held} := {owner})"
        else:
            raise self.refused("assignment target", "this cannot be assigned to", target)
        if before:
            old = self.scope.temporary()
            return f"({first}, {old} := {read}, {write}{compute}{old}, {value})))[-2]"
        return f"({first}, {write}{compute}{read}, {value})))[-1]"

    def step(self, node: Step) -> Code:
        """Give ``a++`` and its kin within an expression."""
        operator = "+" if node.operator == "+" else "-"
        if not is_pure(node.target):
            return Code(self.changed(node.target, operator, "1", before=not node.before))
        before = self.expression(node.target)
        changed = f"{'plus' if node.operator == '+' else 'minus'}({before.text}, 1)"
        if node.before:
            return Code(self.assigned(node.target, changed, within=True))
        held = self.scope.temporary()
        changed = f"{'plus' if node.operator == '+' else 'minus'}({held}, 1)"
        return Code(f"({held} := {before.text}, {self.assigned(node.target, changed, within=True)})[0]")
