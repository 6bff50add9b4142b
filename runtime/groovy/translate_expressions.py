"""Expressions of Groovy as expressions of Python."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from runtime.groovy.support.conversions import CONVERTS
from runtime.groovy.support.values import INT_BITS, LONG_BITS, wrap
from runtime.groovy.syntax import (
    Assign,
    Binary,
    Call,
    CallValue,
    Cast,
    Closure,
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
    Node,
    Property,
    RangeOf,
    Spread,
    Step,
    Ternary,
    Type,
    Unary,
)
from runtime.groovy.translate_calls import CallTranslator, Code

if TYPE_CHECKING:
    from collections.abc import Callable

_ARITHMETIC = {"+": "plus", "-": "minus", "*": "times", "/": "divided", "%": "modulo", "**": "power", "<<": "push"}
_ORDER = frozenset(["<", "<=", ">", ">="])
_BITS = frozenset(["&", "|", "^", ">>", ">>>"])
_PURE = Name | Literal


class ExpressionTranslator(CallTranslator):
    """Gives Python for an expression; closures that need statements are written before it."""

    def __init__(self) -> None:
        super().__init__()
        self._translators: dict[type, Callable[..., Code]] = {
            Literal: self._literal,
            GString: self._gstring,
            ListOf: self._list,
            MapOf: self._map,
            RangeOf: self._range,
            Name: self._name,
            Property: self._property,
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
            Assign: self._assign,
            Step: self._step,
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
        pairs = (f"{self.expression(key).text}: {self.expression(value).text}" for key, value in node.entries)
        return Code("{" + ", ".join(pairs) + "}")

    def _range(self, node: RangeOf) -> Code:
        exclusive = ", True" if node.exclusive else ""
        return Code(f"span({self.expression(node.start).text}, {self.expression(node.end).text}{exclusive})")

    # --- names ---

    def _name(self, node: Name) -> Code:
        variable = self.scope.find(node.name)
        if variable is not None:
            kind = "int" if variable.type == Type("int") else "bool" if variable.type == Type("boolean") else "any"
            return Code(variable.python, kind)
        if self.host(node.name) is not None:
            return Code(node.name, node.name)
        if node.name in self.functions:
            raise self.refused("method as value", f"the method {node.name} as a value is not covered", node)
        if self.class_named(node.name) is not None:
            raise self.refused("class as value", f"the class {node.name} as a value is not covered", node)
        if self.scope.delegate is not None:
            return Code(f'own({self.scope.delegate}, "{node.name}", binding)')
        return Code(f'binding["{node.name}"]')

    def _property(self, node: Property) -> Code:
        named = self.class_of(node.target)
        if named is not None:
            return self.static_property(named, node)
        if node.name in {"class", "metaClass"}:
            raise self.refused(f"property {node.name}", f"'{node.name}' of a value is not covered", node)
        target = self.receiver(node.target)
        if node.spread:
            return Code(f"prop_each({target.text}, {node.name!r})")
        return self.safely(target, node.safe, lambda value: f"prop({value}, {node.name!r})")

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
        if operator == "+" and "str" in {left.kind, right.kind}:
            return _joined(left, right)
        if operator in _ARITHMETIC:
            return Code(f"{_ARITHMETIC[operator]}({left.text}, {right.text})")
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
        kind = {"int": "int", "boolean": "bool"}.get(node.type.name, "any")
        return Code(f"as_type({value.text}, {node.type.name!r})", kind)

    def _instance_of(self, node: InstanceOf) -> Code:
        return Code(f"is_instance({self.expression(node.value).text}, {node.type.name!r})", "bool")

    def _new_array(self, node: NewArray) -> Code:
        if node.size is not None:
            return Code(f"new_array({node.type.name!r}, {self.expression(node.size).text})")
        items = ", ".join(self.expression(item).text for item in node.items)
        return Code(f"as_array([{items}], {node.type.name!r})")

    # --- assignments ---

    def _assign(self, node: Assign) -> Code:
        return Code(self.assigned(node.target, self.new_value(node), within=True))

    def new_value(self, node: Assign) -> str:
        """Give what an assignment assigns."""
        if not node.operator:
            return self.expression(node.value).text
        if not is_pure(node.target):
            raise self.refused("compound assignment", "an assignment that computes its target twice", node)
        changed = Binary(operator=node.operator, left=node.target, right=node.value, line=node.line, column=node.column)
        return self.expression(changed).text

    def assigned(self, target: Expr, value: str, *, within: bool) -> str:
        """Give an assignment as a statement, or `within` an expression."""
        match target:
            case Name():
                return self._assigned_name(target, value, within=within)
            case Index():
                return f"put_item({self.expression(target.target).text}, {self.expression(target.index).text}, {value})"
            case Property() if not target.safe and not target.spread and self.class_of(target.target) is None:
                return f"put_prop({self.receiver(target.target).text}, {target.name!r}, {value})"
            case _:
                raise self.refused("assignment target", "this cannot be assigned to", target)

    def _assigned_name(self, target: Name, value: str, *, within: bool) -> str:
        variable = self.scope.find(target.name)
        if variable is None:
            if self.class_named(target.name) is not None or self.host(target.name) is not None:
                raise self.refused("assignment target", f"{target.name} cannot be assigned to", target)
            if self.scope.delegate is not None:
                return f'put_own({self.scope.delegate}, "{target.name}", {value}, binding)'
            return f'binding.put("{target.name}", {value})' if within else f'binding["{target.name}"] = {value}'
        if variable.owner is not self.scope:
            self.scope.written.add(variable.python)
        shown = converted(value, variable.type)
        return f"({variable.python} := {shown})" if within else f"{variable.python} = {shown}"

    def _step(self, node: Step) -> Code:
        if not is_pure(node.target):
            raise self.refused("compound assignment", "a step that computes its target twice is not covered", node)
        before = self.expression(node.target)
        changed = f"{'plus' if node.operator == '+' else 'minus'}({before.text}, 1)"
        assigned = self.assigned(node.target, changed, within=True)
        return Code(assigned if node.before else f"({before.text}, {assigned})[0]")

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


def is_pure(node: Expr) -> bool:
    """Whether an expression can be computed twice without a difference."""
    match node:
        case Name() | Literal():
            return True
        case Property():
            return is_pure(node.target)
        case Index():
            return is_pure(node.target) and is_pure(node.index)
        case _:
            return False


def converted(value: str, type_: Type) -> str:
    """Give a value as a declaration of a type makes it."""
    if type_.dimensions:
        return f"as_array({value}, {type_.name!r})"
    if type_.name not in CONVERTS or _fits(value, type_.name):
        return value
    return f"cast({value}, {type_.name!r})"


def _fits(value: str, name: str) -> bool:
    """Whether the Python of a value shows that it is of a type already."""
    digits = value.removeprefix("-")
    if name in {"int", "Integer"}:
        return digits.isdigit()
    if name == "String":
        return value[:1] in {"'", '"'} or value.startswith("text(") or value == "None"
    if name in {"boolean", "Boolean"}:
        return value in {"True", "False"}
    if name in {"List", "ArrayList"}:
        return value.startswith("[") and value == f"[{value[1:-1]}]" and value.count("[") == 1
    if name in {"Map", "HashMap", "LinkedHashMap"}:
        return value in {"{}", f"{name}()"}
    return value == "None" and name[:1].isupper()
