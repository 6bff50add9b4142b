"""Calls of Groovy as calls of Python: functions, methods and constructors."""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING

from runtime.groovy.nodes import Node
from runtime.groovy.support.errors import CLASSES as ERRORS
from runtime.groovy.support.lists import ITEMS
from runtime.groovy.support.namespace import HOST_CLASSES, METHODS, makes, member_of
from runtime.groovy.syntax import (
    Call,
    CallValue,
    Cast,
    Closure,
    Expr,
    GString,
    Index,
    Name,
    Named,
    New,
    Pointer,
    Property,
    Spread,
)
from runtime.groovy.translate_names import Code, NameTranslator

if TYPE_CHECKING:
    from collections.abc import Callable

_PRINTS = frozenset(["println", "print", "printf"])
_BOOLEANS = frozenset(
    [
        "contains", "startsWith", "endsWith", "isEmpty", "equals", "equalsIgnoreCase", "matches", "containsKey",
        "hasNext", "any", "every", "isNumber", "isInteger", "before", "after",
    ]
)  # fmt: skip
_INTS = frozenset(["size", "length", "indexOf", "lastIndexOf", "getDataCount", "compareTo"])
# Methods that call a closure only while they run, so that it does not outlive the loop it stands in.
_AT_ONCE = frozenset(
    [
        *ITEMS.methods, "times", "upto", "downto", "step", "with", "call", "eachLine", "replaceAll", "removeIf",
        "removeAll", "retainAll", "computeIfAbsent", "withReader", "withWriter", "unique", "readLines", "bind",
        "appendNode", "forEach",
    ]
)  # fmt: skip
_RETURNS: dict[tuple[str, str], str] = {
    ("ExecutionManager", "getCurrent"): "ExecutionManager",
    ("ExecutionManager", "getBaseLogger"): "Logger",
    ("ExecutionUtil", "getBaseLogger"): "Logger",
}


class CallTranslator(NameTranslator):
    """Gives Python for calls."""

    def __init__(self) -> None:
        super().__init__()
        self.closures = 0
        self.delegating = False  # the closure that comes next is that of a ``with``

    def argument(self, node: Expr) -> str:
        """Give an argument or element; a spread one becomes Python's."""
        if isinstance(node, Spread):
            return f"*spread({self.expression(node.value).text})"
        return self.expression(node).text

    def arguments(self, nodes: tuple[Expr, ...], *, at_once: bool) -> list[str]:
        """Give arguments, those with names as a map that comes first.

        `at_once`: closures among them are called only while the call runs.
        """
        named = [node for node in nodes if isinstance(node, Named)]
        pairs = (f"{self.expression(one.key).text}: {self.expression(one.value).text}" for one in named)
        first = ["{" + ", ".join(pairs) + "}"] if named else []
        return first + [
            self.closure(node, kept=not at_once) if isinstance(node, Closure) else self.argument(node)
            for node in nodes
            if not isinstance(node, Named)
        ]

    def safely(self, target: Code, safe: bool, member: Callable[[str], str], kind: str = "any") -> Code:  # noqa: FBT001
        """Give what `member` makes of a target; where it is reached `safe`, null for null."""
        if not safe:
            return Code(member(target.text), kind)
        if target.text.isidentifier():
            return Code(f"(None if {target.text} is None else {member(target.text)})")
        held = self.scope.temporary()
        return Code(f"(None if ({held} := {target.text}) is None else {member(held)})")

    def call(self, node: Call) -> Code:
        """Give a call."""
        target = node.target
        if target is None or (isinstance(target, Name) and target.name == "this" and self.inside is None):
            return self._function(node)
        if node.name in {"<this>", "<super>"} and self.inside is not None:
            word = "chain" if node.name == "<this>" else "begin"
            return Code(
                f"{self.inside.python}.{word}({', '.join(['this', *self.arguments(node.arguments, at_once=False)])})"
            )
        if isinstance(target, Name) and target.name == "super":
            return self._above(node)
        own = self.own_class(target)
        if own is not None:
            if not own.has_method(node.name, static=True):
                construct = f"{own.node.name}.{node.name}"
                raise self.refused(construct, f"there is no static method {construct}()", node)
            return Code(f"{own.python}.call({self._sent(node)})")
        named = self.class_of(target)
        if named is not None and named not in HOST_CLASSES:
            return self._static(named, node.name, node)
        return self._method(node, Code(named, named) if named is not None else self.receiver(target))

    def _sent(self, node: Call) -> str:
        """Give name and arguments of a call."""
        return ", ".join([repr(node.name), *self.arguments(node.arguments, at_once=True)])

    def _above(self, node: Call) -> Code:
        """Give the call of a method of the class above."""
        facts = self.inside
        if facts is None or self.is_static:
            raise self.refused("super", "'super' is not covered here", node)
        above = facts.above
        if above is None or not above.has_method(node.name, static=False):
            raise self.refused("super", f"there is no method {node.name}() in the class above", node)
        return Code(f"{facts.python}.above_call(this, {self._sent(node)})")

    def _function(self, node: Call) -> Code:
        variable = self.scope.find(node.name)
        if variable is not None:
            return Code(f"call({', '.join([variable.python, *self.arguments(node.arguments, at_once=False)])})")
        if self.inside is not None:
            return self._own_method(node)
        if node.name in self.functions:
            return self._script_method(node)
        if node.name in _PRINTS:
            return Code(f"{node.name}({', '.join(self.arguments(node.arguments, at_once=False))})", "null")
        if node.name == "sprintf":
            return Code(f"String.format({', '.join(self.arguments(node.arguments, at_once=False))})")
        if node.name in self.static_imports:
            return self._static(*self.static_imports[node.name], node)
        if node.name in self.assigned_names:
            held = f'binding["{node.name}"]'
            return Code(f"call({', '.join([held, *self.arguments(node.arguments, at_once=False)])})")
        return self._unknown(node)

    def _unknown(self, node: Call) -> Code:
        """Give the call of a method that only a delegate can have."""
        if self.scope.delegate is not None and node.name in METHODS | self.class_methods:
            return Code(f"invoke({self.scope.delegate}, {self._sent(node)})")
        if self.scope.outer is not None and node.name == "call":
            message = "a closure that calls itself by call() is not covered"
            raise self.refused("method call", message, node)
        if not self.delegates or self.scope.outer is None:
            raise self.refused(f"method {node.name}", f"there is no method {node.name}()", node)
        return Code(f"sent({self._sent(node)})")

    def _own_method(self, node: Call) -> Code:
        """Give the call of a method of the class whose method is written."""
        facts = self.inside
        if facts is not None and not self.is_static and facts.has_method(node.name, static=False):
            return Code(f"invoke(this, {self._sent(node)})")
        if facts is not None and facts.has_method(node.name, static=True):
            return Code(f"{facts.python}.call({self._sent(node)})")
        if facts is not None and not self.is_static and facts.field(node.name, static=False) is not None:
            held = f'this.held["{node.name}"]'
            return Code(f"call({', '.join([held, *self.arguments(node.arguments, at_once=True)])})")
        if node.name in _PRINTS:
            return Code(f"{node.name}({', '.join(self.arguments(node.arguments, at_once=False))})", "null")
        if node.name in self.static_imports:
            return self._static(*self.static_imports[node.name], node)
        raise self.refused(f"method {node.name}", f"there is no method {node.name}() in this class", node)

    def _script_method(self, node: Call) -> Code:
        arguments = self.arguments(node.arguments, at_once=True)
        if self.delegates and self.scope.outer is not None:
            first = [repr(node.name), self.python_function(node.name)]
            return Code(f"sent_first({', '.join([*first, *arguments])})")
        return Code(f"{self.python_function(node.name)}({', '.join(arguments)})")

    def python_function(self, name: str) -> str:
        """Give what Python calls a method of the script: no variable is called so."""
        return f"{name.replace('$', '_S_')}_method"

    def call_value(self, node: CallValue) -> Code:
        """Give the call of a closure that stands where it is called, or of a method whose name is computed."""
        if isinstance(node.callee, GString):
            if not self.delegates or self.scope.outer is None:
                raise self.refused("computed method", "a method whose name is computed is not covered", node)
            arguments = self.arguments(node.arguments, at_once=True)
            return Code(f"sent({', '.join([self.expression(node.callee).text, *arguments])})")
        callee = self.closure(node.callee, kept=False) if isinstance(node.callee, Closure) else None
        shown = callee or self.expression(node.callee).text
        return Code(f"call({', '.join([shown, *self.arguments(node.arguments, at_once=False)])})")

    def _static(self, named: str, name: str, node: Call) -> Code:
        if not member_of(named, name) or name.isupper():
            raise self.refused(f"{named}.{name}", f"{named}.{name}() is not covered", node)
        arguments = self.arguments(node.arguments, at_once=False)
        python = f"{name}_" if iskeyword(name) else name
        return Code(f"{self.python_class(named)}.{python}({', '.join(arguments)})")

    def _method(self, node: Call, target: Code) -> Code:
        builds = self._builds(node.target)
        self.delegating = node.name == "with"
        arguments = self.arguments(node.arguments, at_once=builds or node.name in _AT_ONCE)
        self.delegating = False
        kind = "bool" if node.name in _BOOLEANS else "int" if node.name in _INTS else "any"
        host = HOST_CLASSES.get(target.kind) if target.kind != "Logger" else None
        if host is not None or target.kind == "Logger":
            if host is not None and node.name not in host.methods:
                raise self.refused(f"{target.kind}.{node.name}", f"{target.kind}.{node.name}() is not covered", node)
            kind = _RETURNS.get((target.kind, node.name), kind)
            return Code(f"{target.text}.{node.name}({', '.join(arguments)})", kind)
        if node.name == "getClass" and not arguments:
            return self.safely(target, node.safe, lambda value: f"get_class({value})")
        self._check_method(node, builds=builds)
        if node.name == "remove" and len(node.arguments) == 1 and _is_object(node.arguments[0]):
            return self.safely(target, node.safe, lambda value: f'invoke({value}, "removeElement", {arguments[0]})')
        if node.name in self.class_methods:
            kind = "any"
        if node.name == "toString" and not node.safe and not node.spread:
            kind = "str"
        function = "invoke_each" if node.spread else "invoke"
        rest = [repr(node.name), *arguments]
        if node.spread:
            return Code(f"{function}({', '.join([target.text, *rest])})")
        return self.safely(target, node.safe, lambda value: f"{function}({', '.join([value, *rest])})", kind)

    def _builds(self, target: Expr | None) -> bool:
        """Whether a value takes any method, as builders do."""
        if isinstance(target, Name):
            return target.name in self.builders
        return isinstance(target, New) and target.type.name in self.builders

    def _check_method(self, node: Call, *, builds: bool) -> None:
        """Refuse a method that nothing has."""
        if node.name not in METHODS and node.name not in self.class_methods and not builds:
            raise self.refused(f"method {node.name}", f"the method {node.name}() is not covered", node)
        if node.name == "withDefault" and isinstance(node.target, Name | Property | Index):
            message = "withDefault() of a map that has a name already is not covered: the two would not stay one map"
            raise self.refused("withDefault", message, node)

    def pointer(self, node: Pointer) -> Code:
        """Give a method as a value."""
        target = node.target
        if isinstance(target, Name) and target.name == "this" and self.inside is None:
            if node.name not in self.functions:
                raise self.refused(f"method {node.name}", f"there is no method {node.name}()", node)
            return Code(self.python_function(node.name))
        own = self.own_class(target)
        if own is not None:
            if not own.has_method(node.name, static=True):
                raise self.refused(f"method {node.name}", f"there is no static method {node.name}()", node)
            return Code(f'pointer({own.python}, "{node.name}")')
        named = self.type_of(target)
        if named is not None and member_of(named, node.name):
            return Code(f"{self.python_class(named)}.{node.name}")
        if named is not None:
            self._check_method(self._called(node), builds=False)
            return Code(f'unbound("{node.name}")')
        self._check_method(self._called(node), builds=self._builds(target))
        return Code(f'pointer({self.receiver(target).text}, "{node.name}")')

    def _called(self, node: Pointer) -> Call:
        return Call(target=None, name=node.name, arguments=(), line=node.line, column=node.column)

    def new(self, node: New) -> Code:
        """Give ``new T(…)``."""
        name = self.aliases.get(node.type.name, node.type.name)
        arguments = self.arguments(node.arguments, at_once=False)
        own = self.classes.get(node.type.name)
        if own is not None:
            self._check_made(own.node.kind, node)
            return Code(f"{own.python}.new({', '.join(arguments)})")
        if name not in ERRORS and not makes(name):
            raise self.refused(f"class {name}", f"the class {name} is not covered", node)
        if any(isinstance(one, Named) for one in node.arguments):
            raise self.refused("named argument", f"{name} is not made with names", node)
        return Code(f"{self.python_class(name)}({', '.join(arguments)})")

    def _check_made(self, kind: str, node: Node) -> None:
        if kind != "class":
            raise self.refused(f"new {kind}", f"an {kind} is not made with new", node)


def _is_object(node: Expr) -> bool:
    """Whether a cast says that a number is an element and no place."""
    return isinstance(node, Cast) and node.type.name in {"Object", "Integer", "Long"}
