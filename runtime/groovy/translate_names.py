"""Names of Groovy: variables, members of the classes of the script, classes of Java, and what a delegate has."""

from __future__ import annotations

from abc import ABC, abstractmethod

from msgspec import Struct

from runtime.groovy.errors import Refused
from runtime.groovy.members import ClassFacts
from runtime.groovy.nodes import Node, Type
from runtime.groovy.scopes import FunctionScope
from runtime.groovy.support.errors import CLASSES as ERRORS
from runtime.groovy.support.names import KNOWN_TYPES
from runtime.groovy.support.namespace import CLASS_NAMES, HELPERS, HOST_CLASSES, member_of
from runtime.groovy.support.values import JavaObject
from runtime.groovy.syntax import Closure, Expr, Name, Property
from runtime.groovy.writing import Writer

_PACKAGES = frozenset(["java", "javax", "groovy", "com", "org"])


class Code(Struct, frozen=True):
    """Python of an expression, and what is known of its value.

    `kind` is ``bool``, ``int``, ``str`` (never null), ``double``, ``null``, the name of an object of the host, or
    ``any``. `joined`: it is a chain of texts that may grow.
    """

    text: str
    kind: str = "any"
    joined: bool = False


class NameTranslator(ABC):
    """What is needed to say what a name means; `functions` are the methods of the script, `classes` its classes."""

    def __init__(self) -> None:
        self.writer = Writer()
        self.scope = FunctionScope(None)
        self.functions: set[str] = set()
        self.classes: dict[str, ClassFacts] = {}
        self.class_methods: frozenset[str] = frozenset()  # what objects of the classes of the script can be asked for
        self.inside: ClassFacts | None = None  # the class whose methods are written
        self.is_static = False  # the method that is written has no object
        self.aliases: dict[str, str] = {}
        self.static_imports: dict[str, tuple[str, str]] = {}
        self.fields: dict[str, Type] = {}  # of the script, with their types
        self.assigned_names: frozenset[str] = frozenset()
        self.known: frozenset[str] = frozenset()  # what is given to the script, or declared or assigned somewhere in it
        self.delegates = False  # closures of the script may have a delegate that knows more names
        self.builders: frozenset[str] = frozenset()  # variables that take any method

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

    def own_class(self, node: Expr) -> ClassFacts | None:
        """Give the class of the script that an expression names, or None."""
        if isinstance(node, Name) and self.scope.find(node.name) is None:
            return self.classes.get(node.name)
        return None

    def class_of(self, node: Expr) -> str | None:
        """Give the class of Java that an expression names, packages included, or None where it is a value."""
        if isinstance(node, Name):
            if node.name == "Logger" and node.name not in self.classes and self.scope.find(node.name) is None:
                return "Loggers"
            return None if node.name in self.classes else self.class_named(node.name)
        if not isinstance(node, Property) or not node.name[:1].isupper() or not self._is_package(node.target):
            return None
        if node.name == "Logger":
            return "Loggers"
        if node.name in CLASS_NAMES or node.name in HOST_CLASSES:
            return node.name
        raise self.refused(f"class {node.name}", f"the class {node.name} is not covered", node)

    def type_of(self, node: Expr) -> str | None:
        """Give the type that an expression names as a value or a case, interfaces among them, or None."""
        if isinstance(node, Property) and node.name == "class":
            return self.type_of(node.target)
        if self.own_class(node) is not None:
            return None
        if isinstance(node, Name) and self.scope.find(node.name) is None and node.name not in self.known:
            name = self.aliases.get(node.name, node.name)
            return name if name in KNOWN_TYPES or name in CLASS_NAMES else None
        return self.class_of(node)

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
        if name in self.known or name in self.functions or name in HOST_CLASSES or name in self.classes:
            return True
        return self.scope.find(name) is not None or self.class_named(name) is not None or name in self.static_imports

    def python_class(self, name: str) -> str:
        """Give what Python calls a class of Java."""
        if name in ERRORS:
            return ERRORS[name].__name__
        return f"{name}_" if name in HELPERS else name

    def static_property(self, named: str, node: Property) -> Code:
        """Give a constant of a class, or what a method without arguments gives that is read as a property."""
        getter = f"get{node.name[:1].upper()}{node.name[1:]}"
        if member_of(named, node.name) and node.name.isupper():
            return Code(f"{self.python_class(named)}.{node.name}")
        if member_of(named, getter):
            return Code(f"{self.python_class(named)}.{getter}()")
        raise self.refused(f"{named}.{node.name}", f"{named}.{node.name} is not covered", node)

    # --- names ---

    def name(self, node: Name) -> Code:
        """Give what a name means."""
        variable = self.scope.find(node.name)
        if variable is not None:
            kind = "int" if variable.type == Type("int") else "bool" if variable.type == Type("boolean") else "any"
            return Code(variable.python, kind)
        if node.name in {"this", "super"}:
            return self._this(node)
        if node.name == "delegate" and self.scope.outer is not None:
            return Code("current_delegate()")
        member = self._member(node)
        if member is not None:
            return member
        if self.host(node.name) is not None:
            return Code(node.name, node.name)
        if node.name in self.static_imports:
            named, constant = self.static_imports[node.name]
            return self.static_property(named, Property(
                target=node, name=constant, line=node.line, column=node.column))  # fmt: skip
        return self._of_a_class(node) or self._undeclared(node)

    def _this(self, node: Name) -> Code:
        if self.inside is None or self.is_static or node.name == "super":
            raise self.refused(node.name, f"'{node.name}' is not covered here", node)
        return Code("this")

    def _member(self, node: Name) -> Code | None:
        """Give a member of the class whose method is written."""
        facts = self.inside
        if facts is None:
            return None
        holder = facts.holder(node.name)
        if holder is not None:
            return Code(f'{holder.python}.read("{node.name}")')
        if self.is_static:
            return None
        if facts.field(node.name, static=False) is not None:
            return Code(f'this.held["{node.name}"]')
        if facts.has_property(node.name):
            return Code(f'prop(this, "{node.name}")')
        return None

    def _of_a_class(self, node: Name) -> Code | None:
        own = self.own_class(node)
        if own is not None:
            return Code(own.python)
        if node.name in self.functions:
            raise self.refused("method as value", f"the method {node.name} as a value needs 'this.&{node.name}'", node)
        named = self.type_of(node)
        return None if named is None else Code(f'class_value("{named}")')

    def _undeclared(self, node: Name) -> Code:
        if self.inside is not None:
            message = f"{node.name} is no variable, and no member of the class {self.inside.node.name}"
            raise self.refused("unknown name", message, node)
        if self.scope.delegate is not None:
            return Code(f'own({self.scope.delegate}, "{node.name}", binding)')
        if self.delegates and self.scope.outer is not None:
            return Code(f'found("{node.name}", binding)')
        return Code(f'binding["{node.name}"]')
