"""Reading declarations: variables, methods, and classes with what they hold."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from runtime.groovy.expressions import ExpressionParser
from runtime.groovy.nodes import Type
from runtime.groovy.reader import at
from runtime.groovy.syntax import Declare, DeclareMany, Expr, Function, Stmt
from runtime.groovy.syntax_classes import Class, Constant, Field
from runtime.groovy.tokens import KEYWORDS, MODIFIERS

if TYPE_CHECKING:
    from runtime.groovy.tokens import Token

_KINDS = frozenset(["class", "interface", "enum"])
# Annotations that change nothing of what a script does here, and those that make methods or fields.
_SILENT = frozenset(["CompileStatic", "CompileDynamic", "TypeChecked", "Override", "SuppressWarnings", "Deprecated"])
_MAKING = frozenset(["ToString", "EqualsAndHashCode", "TupleConstructor", "Canonical"])


class DeclarationParser(ExpressionParser):
    """Reads a declaration from where it stands, or finds that there is none."""

    @abstractmethod
    def block(self) -> tuple[Stmt, ...]:
        """Read ``{ … }``."""

    @abstractmethod
    def qualified(self) -> str:
        """Read a name with its packages."""

    def declaration(self) -> Stmt | None:
        """Read a variable, a method or a class; None, and nothing is read, where none begins here.

        Raises:
            NotGroovy: one begins, and goes on wrongly.
            Refused: it is not covered.
        """
        start, mark = self.token, self.mark()
        marks = self._annotations()
        modifiers: set[str] = set()
        while self.token.kind == "name" and self.token.text in MODIFIERS | {"def"}:
            modifiers.add(self.next().text)
            marks |= self._annotations()
        if self.sees("trait"):
            raise self.refuse("trait", "a trait is not covered")
        if self.sees(*_KINDS) and self.ahead().kind == "name":
            return self._class(start, marks)
        if marks - {"Field"}:
            raise self.refuse("annotation", f"@{min(marks - {'Field'})} is not covered here")
        if modifiers and self.sees("("):
            return self._declare_many(start)
        if modifiers and self.sees("<"):
            self.type_arguments()
        type_ = self._type_of(plain=bool(modifiers))
        if type_ is None:
            if modifiers or marks:
                raise self.wrong("expected a name")
            self.back(mark)
            return None
        name = self.next().text
        if self.sees("(") and not self.on_new_line():
            return self._function(start, name, type_)
        return self._declare(start, type_, name, is_field="Field" in marks)

    def _type_of(self, *, plain: bool) -> Type | None:
        """Read the type before a name that is declared; none has to stand there where it is `plain`."""
        if plain and self._names_something():
            return Type()
        given = self.type()
        if given is None or not self.looks_like_type(given) or self.on_new_line() or not self._names_something():
            return None
        return given

    def _annotations(self) -> set[str]:
        """Read annotations, and give the names of those that do something."""
        found: set[str] = set()
        while self.sees("@") and self.ahead().kind == "name" and self.ahead().text not in KEYWORDS:
            self.next()
            name = self.qualified().rpartition(".")[2]
            if name not in _SILENT | _MAKING | {"Field"}:
                raise self.refuse("annotation", f"the annotation @{name} is not covered")
            options = self.arguments() if self.sees("(") and not self.on_new_line() else ()
            if options and name in _MAKING:
                raise self.refuse("annotation", f"@{name} with options is not covered")
            if name not in _SILENT:
                found.add(name)
        return found

    def _names_something(self) -> bool:
        """Whether a name comes that is declared: what follows it can only follow a declaration."""
        if self.token.kind not in {"name", "string"} or (self.token.kind == "name" and self.token.text in KEYWORDS):
            return False
        after = self.ahead()
        return (
            after.kind == "end"
            or after.newline
            or (after.kind == "op" and after.text in {"=", ";", ",", "(", "}", ")"})
        )

    def _declare(self, start: Token, type_: Type, name: str, *, is_field: bool = False) -> Declare:
        names: list[tuple[str, Expr | None]] = []
        while True:
            names.append((name, self.expression() if self.takes("=") else None))
            if not self.takes(","):
                return Declare(type=type_, names=tuple(names), is_field=is_field, **at(start))
            name = self.name()

    def _declare_many(self, start: Token) -> DeclareMany:
        self.open("(")
        names = self.parameters(")")
        self.close(")")
        if names is None:
            raise self.wrong("expected names")
        self.expect("=")
        return DeclareMany(names=names, value=self.expression(), declares=True, **at(start))

    def _function(
        self, start: Token, name: str, result: Type, *, is_static: bool = False, may_lack: bool = False
    ) -> Function:
        self.open("(")
        parameters = self.parameters(")")
        if parameters is None:
            raise self.wrong("expected parameters")
        self.close(")")
        if self.takes("throws"):
            self.qualified()
            while self.takes(","):
                self.qualified()
        body = None if may_lack and not self.sees("{") else self.block()
        return Function(name=name, parameters=parameters, body=body, result=result, is_static=is_static, **at(start))

    # --- classes ---

    def _class(self, start: Token, marks: set[str]) -> Class:
        kind = self.next().text
        name = self.name()
        if self.sees("<"):
            raise self.refuse("class with types", f"the class {name} of types that are not known is not covered")
        parents = self._names("extends")
        interfaces = self._names("implements")
        if kind == "interface":
            interfaces, parents = (*parents, *interfaces), ()
        self.open("{")
        constants = self._constants() if kind == "enum" else ()
        members = self._members(name, kind)
        self.close("}")
        methods = tuple(one for one in members if isinstance(one, Function))
        return Class(
            kind=kind, name=name, parent=parents[0] if parents else None, interfaces=interfaces, constants=constants,
            fields=tuple(one for one in members if isinstance(one, Field)),
            methods=tuple(one for one in methods if one.name != name),
            constructors=tuple(one for one in methods if one.name == name),
            marks=frozenset(marks), **at(start),
        )  # fmt: skip

    def _names(self, word: str) -> tuple[str, ...]:
        found: list[str] = []
        if self.takes(word):
            while True:
                type_ = self.type()
                if type_ is None:
                    raise self.wrong("expected a class")
                found.append(type_.name)
                if not self.takes(","):
                    break
        return tuple(found)

    def _constants(self) -> tuple[Constant, ...]:
        found: list[Constant] = []
        while self.token.kind == "name" and self.token.text not in MODIFIERS:
            start = self.token
            name = self.name()
            arguments = self.arguments() if self.sees("(") else ()
            if self.sees("{"):
                raise self.refuse("constant with a body", "a constant with methods of its own is not covered")
            found.append(Constant(name=name, arguments=arguments, **at(start)))
            if not self.takes(","):
                break
        self.takes(";")
        return tuple(found)

    def _members(self, name: str, kind: str) -> list[Field | Function]:
        found: list[Field | Function] = []
        while not self.sees("}"):
            if self.takes(";"):
                continue
            found += self._member_of(name, kind)
        return found

    def _member_of(self, name: str, kind: str) -> list[Field | Function]:
        """Read a field, a method or a constructor."""
        start = self.token
        if self._annotations():
            raise self.refuse("annotation", "an annotation is not covered here")
        modifiers: set[str] = set()
        while self.token.kind == "name" and self.token.text in MODIFIERS | {"def"}:
            modifiers.add(self.next().text)
        if self.sees("{") or self.sees(*_KINDS, "trait"):
            raise self.refuse("class in a class", "what stands here in a class is not covered")
        if modifiers and self.sees("<"):
            self.type_arguments()
        is_static = "static" in modifiers
        if self.sees(name) and self.ahead().text == "(":
            return [self._function(start, self.next().text, Type())]
        type_ = self._type_of(plain=bool(modifiers))
        if type_ is None:
            raise self.wrong("expected a field or a method")
        member = self.next().text
        if self.sees("(") and not self.on_new_line():
            lacks = kind == "interface" or "abstract" in modifiers
            return [self._function(start, member, type_, is_static=is_static, may_lack=lacks)]
        declared = self._declare(start, type_, member)
        is_open = not modifiers & {"private", "protected", "public"}
        return [
            Field(name=each, type=type_, value=value, is_static=is_static, is_open=is_open, **at(start))
            for each, value in declared.names
        ]
