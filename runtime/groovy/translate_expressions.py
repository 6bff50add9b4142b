"""Expressions of Groovy as expressions of Python."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from runtime.groovy.members import ClassFacts
from runtime.groovy.nodes import Node
from runtime.groovy.support.values import INT_BITS, LONG_BITS, wrap
from runtime.groovy.syntax import (
    Assign,
    Binary,
    Call,
    CallValue,
    Cast,
    Closure,
    Computed,
    Elvis,
    Expr,
    GString,
    Index,
    InstanceOf,
    ListOf,
    Literal,
    MapOf,
    Name,
    Named,
    New,
    NewArray,
    Pointer,
    Property,
    RangeOf,
    Spread,
    Step,
    Ternary,
    Unary,
)
from runtime.groovy.translate_assignments import AssignmentTranslator
from runtime.groovy.translate_names import Code
from runtime.groovy.translate_types import ARITHMETIC, converted

if TYPE_CHECKING:
    from collections.abc import Callable

_ORDER = frozenset(["<", "<=", ">", ">="])
_BITS = frozenset(["&", "|", "^", ">>", ">>>"])
_PURE = Name | Literal


class ExpressionTranslator(AssignmentTranslator):
    """Gives Python for an expression; closures that need statements are written before it."""

    def __init__(self) -> None:
        super().__init__()
        self._translators: dict[type, Callable[..., Code]] = {
            Literal: self._literal,
            GString: self._gstring,
            ListOf: self._list,
            MapOf: self._map,
            RangeOf: self._range,
            Name: self.name,
            Property: self._property,
            Computed: self._computed,
            Pointer: self.pointer,
            Index: self._index,
            Unary: self._unary,
            Binary: self._binary,
            Ternary: self._ternary,
            Elvis: self._elvis,
            Cast: self._cast,
            InstanceOf: self._instance_of,
            NewArray: self._new_array,
            New: self.new,
            Call: self.call,
            CallValue: self.call_value,
            Assign: self.assignment,
            Step: self.step,
            Closure: self._closure,
            Spread: self._refuse,
            Named: self._refuse,
        }

    def expression(self, node: Expr) -> Code:
        """Give an expression.

        Raises:
            Refused: it is not covered.
        """
        return self._translators[type(node)](node)

    def condition(self, node: Expr) -> str:
        """Give an expression as something that Python takes as true or false, as Groovy does."""
        code = self.expression(node)
        return code.text if code.kind == "bool" else f"truth({code.text})"

    # --- literals ---

    def _literal(self, node: Literal) -> Code:
        value, suffix = node.value, node.suffix
        match value:
            case bool():
                return Code(str(value), "bool")
            case None:
                return Code("None", "null")
            case str():
                return Code(repr(value), "str")
            case int():
                return _whole(value, suffix)
            case Decimal():
                return Code(f'decimal("{value}")')
            case float():
                return Code(repr(value), "double")

    def _gstring(self, node: GString) -> Code:
        parts = [repr(part) if isinstance(part, str) else self.expression(part).text for part in node.parts]
        return Code(f"text({', '.join(parts)})", "str")

    def _list(self, node: ListOf) -> Code:
        return Code(f"[{', '.join(self.argument(item) for item in node.items)}]")

    def _map(self, node: MapOf) -> Code:
        pairs = (
            f"**entries_of({self.expression(key.value).text})"
            if isinstance(key, Spread)
            else f"{self._key(key)}: {self.expression(value).text}"
            for key, value in node.entries
        )
        return Code("{" + ", ".join(pairs) + "}")

    def _key(self, node: Expr) -> str:
        shown = self.expression(node)
        return shown.text if shown.kind in {"str", "int", "bool", "null"} else f"key_of({shown.text})"

    def _range(self, node: RangeOf) -> Code:
        exclusive = ", True" if node.exclusive else ""
        return Code(f"span({self.expression(node.start).text}, {self.expression(node.end).text}{exclusive})")

    # --- names ---

    def _property(self, node: Property) -> Code:
        if node.name == "metaClass":
            raise self.refused("property metaClass", "'metaClass' of a value is not covered", node)
        own = self.own_class(node.target)
        if own is not None and node.name != "class":
            return self._static_of(own, node)
        if node.name == "class" and own is None:
            return self._class(node)
        named = None if own is not None else self.class_of(node.target)
        if named is not None:
            return self.static_property(named, node)
        if isinstance(node.target, Name) and node.target.name == "this" and self.inside is None:
            return self.name(Name(name=node.name, line=node.line, column=node.column))
        target = self.receiver(node.target)
        if own is not None:
            return target
        if node.spread:
            return Code(f"prop_each({target.text}, {node.name!r})")
        return self.safely(target, node.safe, lambda value: f"prop({value}, {node.name!r})")

    def _class(self, node: Property) -> Code:
        """Give the class of a value, or the class that stands before ``.class``."""
        named = self.type_of(node.target)
        if named is not None:
            return Code(f'class_value("{named}")')
        return self.safely(self.receiver(node.target), node.safe, lambda value: f"class_of({value})")

    def _static_of(self, own: ClassFacts, node: Property) -> Code:
        if own.holder(node.name) is not None:
            return Code(f'{own.python}.read("{node.name}")')
        getter = f"get{node.name[:1].upper()}{node.name[1:]}"
        if own.has_method(getter, static=True):
            return Code(f'{own.python}.call("{getter}")')
        construct = f"{own.node.name}.{node.name}"
        raise self.refused(construct, f"the class {own.node.name} has no static {node.name}", node)

    def _computed(self, node: Computed) -> Code:
        name = self.expression(node.name).text
        return self.safely(self.receiver(node.target), node.safe, lambda value: f"prop({value}, text({name}))")

    def _index(self, node: Index) -> Code:
        return Code(f"item({self.expression(node.target).text}, {self.expression(node.index).text})")

    # --- operators ---

    def _unary(self, node: Unary) -> Code:
        if node.operator == "!":
            return Code(f"(not {self.condition(node.operand)})", "bool")
        operand = self.expression(node.operand)
        if node.operator == "~" and operand.kind == "str":
            return Code(f"Pattern({operand.text})")
        return Code(f"{ {'-': 'negative', '+': 'positive', '~': 'flipped'}[node.operator] }({operand.text})")

    def _binary(self, node: Binary) -> Code:
        operator = node.operator
        if operator in {"&&", "||"}:
            word = "and" if operator == "&&" else "or"
            return Code(f"({self.condition(node.left)} {word} {self.condition(node.right)})", "bool")
        left, right = self.expression(node.left), self.expression(node.right)
        if operator in {"==", "!=", "===", "!=="}:
            return _equality(operator, left, right)
        if operator in _ORDER:
            if left.kind == right.kind == "int":
                return Code(f"({left.text} {operator} {right.text})", "bool")
            return Code(f"(compare({left.text}, {right.text}) {operator} 0)", "bool")
        if operator == "+" and (left.kind == "str" or (right.kind == "str" and left.kind in {"int", "double", "null"})):
            return _joined(left, right)
        if operator in ARITHMETIC:
            return Code(f"{ARITHMETIC[operator]}({left.text}, {right.text})")
        if operator in _BITS:
            kind = "bool" if left.kind == right.kind == "bool" else "any"
            return Code(f'bits("{operator}", {left.text}, {right.text})', kind)
        function, kind = {
            "=~": ("matcher", "any"), "==~": ("matches", "bool"), "in": ("contains", "bool"), "<=>": ("compare", "int"),
        }[operator]  # fmt: skip
        return Code(f"{function}({left.text}, {right.text})", kind)

    def _ternary(self, node: Ternary) -> Code:
        condition = self.condition(node.condition)
        then, other = self.expression(node.then), self.expression(node.other)
        kind = then.kind if then.kind == other.kind else "any"
        return Code(f"({then.text} if {condition} else {other.text})", kind)

    def _elvis(self, node: Elvis) -> Code:
        value, other = self.expression(node.value), self.expression(node.other)
        if value.text.isidentifier():
            return Code(f"({value.text} if truth({value.text}) else {other.text})")
        held = self.scope.temporary()
        return Code(f"({held} if truth({held} := {value.text}) else {other.text})")

    def _cast(self, node: Cast) -> Code:
        value = self.expression(node.value)
        if node.type.dimensions:
            return Code(f"as_array({value.text}, {node.type.name!r})")
        if node.type.name in self.classes and isinstance(node.value, ListOf | MapOf):
            raise self.refused("coercion", f"a list or map as a {node.type.name} is not covered", node)
        if not node.converts:
            return Code(converted(value.text, node.type), "int" if node.type.name == "int" else "any")
        kind = {"int": "int", "boolean": "bool"}.get(node.type.name, "any")
        return Code(f"as_type({value.text}, {node.type.name!r})", kind)

    def _instance_of(self, node: InstanceOf) -> Code:
        return Code(f"is_instance({self.expression(node.value).text}, {node.type.name!r})", "bool")

    def _new_array(self, node: NewArray) -> Code:
        if node.sizes:
            sizes = ", ".join(self.expression(size).text for size in node.sizes)
            return Code(f"new_array({node.type.name!r}, {sizes})")
        items = ", ".join(self.expression(item).text for item in node.items)
        return Code(f"as_array([{items}], {node.type.name!r})")

    def _refuse(self, node: Node) -> Code:
        construct = type(node).__name__.lower()
        raise self.refused(construct, f"{construct} is not covered here", node)

    # --- closures ---

    def _closure(self, node: Closure) -> Code:
        return Code(self.closure(node, kept=True))


def _whole(value: int, suffix: str) -> Code:
    if suffix == "G" or value != wrap(value, LONG_BITS):
        return Code(f"BigInteger({value})")
    if suffix == "L" or value != wrap(value, INT_BITS):
        return Code(f"Long({value})")
    return Code(str(value), "int")


def _equality(operator: str, left: Code, right: Code) -> Code:
    negated = operator[0] == "!"
    for value, other in ((left, right), (right, left)):
        if other.kind == "null" and value.kind not in {"null", "bool", "int", "str", "double"}:
            return Code(f"({value.text} is {'not ' if negated else ''}None)", "bool")
    if left.kind == right.kind == "int":
        return Code(f"({left.text} {'!=' if negated else '=='} {right.text})", "bool")
    shown = f"{left.text} is {right.text}" if len(operator) > 2 else f"equal({left.text}, {right.text})"  # noqa: PLR2004
    return Code(f"(not {shown})" if negated else shown, "bool")


def _joined(left: Code, right: Code) -> Code:
    """Give ``+`` of texts; a chain becomes one."""
    chain = left.text.startswith("text(") and left.joined
    first = left.text[len("text(") : -1] if chain else left.text
    return Code(f"text({first}, {right.text})", "str", joined=True)
