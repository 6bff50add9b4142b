"""Calls of Groovy as calls of Python: functions, methods, constructors, and the classes behind names."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.groovy.errors import Refused
from runtime.groovy.scopes import FunctionScope
from runtime.groovy.support.errors import CLASSES as ERRORS
from runtime.groovy.support.lists import ITEMS
from runtime.groovy.support.namespace import CLASS_NAMES, HELPERS, HOST_CLASSES, METHODS, makes, member_of
from runtime.groovy.syntax import Call, CallValue, Closure, Expr, Index, Name, Named, New, Node, Property, Spread
from runtime.groovy.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.groovy.support.values import JavaObject

_PACKAGES = frozenset(["java", "javax", "groovy", "com", "org"])
_PRINTS = frozenset(["println", "print", "printf"])
_BOOLEANS = frozenset(
    [
        "contains",
        "startsWith",
        "endsWith",
        "isEmpty",
        "equals",
        "equalsIgnoreCase",
        "matches",
        "containsKey",
        "hasNext",
        "any",
        "every",
        "isNumber",
        "isInteger",
        "before",
        "after",
    ]
)
_INTS = frozenset(["size", "length", "indexOf", "lastIndexOf", "getDataCount", "compareTo"])
# Methods that call a closure only while they run, so that it does not outlive the loop it stands in.
_AT_ONCE = frozenset(
    [
        *ITEMS.methods,
        "times",
        "upto",
        "downto",
        "step",
        "with",
        "call",
        "eachLine",
        "replaceAll",
        "removeIf",
        "removeAll",
        "retainAll",
        "computeIfAbsent",
        "withReader",
        "unique",
        "readLines",
    ]
)
_RETURNS: dict[tuple[str, str], str] = {
    ("ExecutionManager", "getCurrent"): "ExecutionManager",
    ("ExecutionManager", "getBaseLogger"): "Logger",
    ("ExecutionUtil", "getBaseLogger"): "Logger",
}


class Code(Struct, frozen=True):
    """Python of an expression, and what is known of its value.

    `kind` is ``bool``, ``int``, ``str`` (never null), ``double``, ``null``, the name of an object of the host, or
    ``any``. `joined`: it is a chain of texts that may grow.
    """

    text: str
    kind: str = "any"
    joined: bool = False


class CallTranslator(ABC):
    """What is needed to translate calls; `functions` are the methods of the script."""

    def __init__(self) -> None:
        self.writer = Writer()
        self.scope = FunctionScope(None)
        self.functions: set[str] = set()
        self.closures = 0
        self.aliases: dict[str, str] = {}
        self.assigned_names: frozenset[str] = frozenset()
        self.delegating = False  # the closure that comes next is that of a ``with``
        self.known: frozenset[str] = frozenset()  # what is given to the script, or declared or assigned somewhere in it

    @abstractmethod
    def expression(self, node: Expr) -> Code:
        """Give an expression."""

    @abstractmethod
    def closure(self, node: Closure, *, kept: bool) -> str:
        """Give a closure; `kept` says that it may be called after the statement in which it stands."""

    def refused(self, construct: str, message: str, node: Node) -> Refused:
        """Give the error that something is not covered."""
        return Refused(construct, message, node.line, node.column)

    # --- classes ---

    def host(self, name: str) -> type[JavaObject] | None:
        """Give the class of an object that the platform gives to scripts, by its name."""
        return None if self.scope.find(name) is not None else HOST_CLASSES.get(name)

    def class_named(self, name: str) -> str | None:
        """Give the class that a simple name means, or None where it is none."""
        name = self.aliases.get(name, name)
        return name if name in CLASS_NAMES and self.scope.find(name) is None else None

    def class_of(self, node: Expr) -> str | None:
        """Give the class that an expression names, packages included, or None where it is a value."""
        if isinstance(node, Name):
            return self.class_named(node.name)
        if not isinstance(node, Property) or not node.name[:1].isupper() or not self._is_package(node.target):
            return None
        if node.name in CLASS_NAMES or node.name in HOST_CLASSES:
            return node.name
        raise self.refused(f"class {node.name}", f"the class {node.name} is not covered", node)

    def _is_package(self, node: Expr) -> bool:
        while isinstance(node, Property) and node.name.islower():
            node = node.target
        return isinstance(node, Name) and node.name in _PACKAGES and self.scope.find(node.name) is None

    def receiver(self, node: Expr) -> Code:
        """Give a value whose member is asked for.

        Raises:
            Refused: it is written as a class, and nothing defines it.
        """
        if isinstance(node, Name) and node.name[:1].isupper() and not self._is_defined(node.name):
            name = self.aliases.get(node.name, node.name)
            message = f"{name} is no variable of the script and no class that is covered"
            raise self.refused(f"class {name}", message, node)
        return self.expression(node)

    def _is_defined(self, name: str) -> bool:
        if name in self.known or name in self.functions or name in HOST_CLASSES:
            return True
        return self.scope.find(name) is not None or self.class_named(name) is not None

    def python_class(self, name: str) -> str:
        """Give what Python calls a class."""
        if name in ERRORS:
            return ERRORS[name].__name__
        return f"{name}_" if name in HELPERS else name

    def static_property(self, named: str, node: Property) -> Code:
        """Give a constant of a class."""
        if not member_of(named, node.name) or not node.name.isupper():
            raise self.refused(f"{named}.{node.name}", f"{named}.{node.name} is not covered", node)
        return Code(f"{self.python_class(named)}.{node.name}")

    # --- calls ---

    def argument(self, node: Expr) -> str:
        """Give an argument or element; a spread one becomes Python's."""
        if isinstance(node, Spread):
            return f"*spread({self.expression(node.value).text})"
        if isinstance(node, Named):
            raise self.refused("named argument", "arguments with names are not covered", node)
        return self.expression(node).text

    def arguments(self, nodes: tuple[Expr, ...], *, at_once: bool) -> list[str]:
        """Give arguments; `at_once`: closures among them are called only while the call runs."""
        return [
            self.closure(node, kept=not at_once) if isinstance(node, Closure) else self.argument(node) for node in nodes
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
        if node.target is None:
            return self._function(node)
        named = self.class_of(node.target)
        if named is not None and named not in HOST_CLASSES:
            return self._static(named, node)
        return self._method(node, Code(named, named) if named is not None else self.receiver(node.target))

    def _function(self, node: Call) -> Code:
        at_once = node.name in self.functions
        arguments = self.arguments(node.arguments, at_once=at_once)
        if node.name in self.functions:
            return Code(f"{self.python_function(node.name)}({', '.join(arguments)})")
        if node.name in _PRINTS and self.scope.find(node.name) is None:
            return Code(f"{node.name}({', '.join(arguments)})", "null")
        variable = self.scope.find(node.name)
        if variable is None and node.name not in self.assigned_names:
            if self.scope.delegate is None or node.name not in METHODS:
                raise self.refused(f"method {node.name}", f"there is no method {node.name}()", node)
            return Code(f"invoke({', '.join([self.scope.delegate, repr(node.name), *arguments])})")
        callee = f'binding["{node.name}"]' if variable is None else variable.python
        return Code(f"call({', '.join([callee, *arguments])})")

    def python_function(self, name: str) -> str:
        """Give what Python calls a method of the script: no variable is called so."""
        return f"{name}_method"

    def call_value(self, node: CallValue) -> Code:
        """Give the call of a closure that stands where it is called."""
        callee = self.closure(node.callee, kept=False) if isinstance(node.callee, Closure) else None
        shown = callee or self.expression(node.callee).text
        return Code(f"call({', '.join([shown, *self.arguments(node.arguments, at_once=False)])})")

    def _static(self, named: str, node: Call) -> Code:
        if not member_of(named, node.name) or node.name.isupper():
            raise self.refused(f"{named}.{node.name}", f"{named}.{node.name}() is not covered", node)
        arguments = self.arguments(node.arguments, at_once=False)
        return Code(f"{self.python_class(named)}.{node.name}({', '.join(arguments)})")

    def _method(self, node: Call, target: Code) -> Code:
        self.delegating = node.name == "with"
        arguments = self.arguments(node.arguments, at_once=node.name in _AT_ONCE)
        self.delegating = False
        kind = "bool" if node.name in _BOOLEANS else "int" if node.name in _INTS else "any"
        host = HOST_CLASSES.get(target.kind) if target.kind != "Logger" else None
        if host is not None or target.kind == "Logger":
            if host is not None and node.name not in host.methods:
                raise self.refused(f"{target.kind}.{node.name}", f"{target.kind}.{node.name}() is not covered", node)
            kind = _RETURNS.get((target.kind, node.name), kind)
            return Code(f"{target.text}.{node.name}({', '.join(arguments)})", kind)
        if node.name not in METHODS:
            raise self.refused(f"method {node.name}", f"the method {node.name}() is not covered", node)
        if node.name == "withDefault" and isinstance(node.target, Name | Property | Index):
            message = "withDefault() of a map that has a name already is not covered: the two would not stay one map"
            raise self.refused("withDefault", message, node)
        if node.name == "toString" and not node.safe and not node.spread:
            kind = "str"
        function = "invoke_each" if node.spread else "invoke"
        rest = [repr(node.name), *arguments]
        if node.spread:
            return Code(f"{function}({', '.join([target.text, *rest])})")
        return self.safely(target, node.safe, lambda value: f"{function}({', '.join([value, *rest])})", kind)

    def new(self, node: New) -> Code:
        """Give ``new T(…)``."""
        name = self.aliases.get(node.type.name, node.type.name)
        arguments = ", ".join(self.arguments(node.arguments, at_once=False))
        if name not in ERRORS and not makes(name):
            raise self.refused(f"class {name}", f"the class {name} is not covered", node)
        return Code(f"{self.python_class(name)}({arguments})")
