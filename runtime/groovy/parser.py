"""Reading statements, and with them whole scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.groovy.declarations import DeclarationParser
from runtime.groovy.errors import NotGroovy, Refused
from runtime.groovy.lexer import tokenise
from runtime.groovy.nodes import Type
from runtime.groovy.reader import at
from runtime.groovy.syntax import (
    Assert,
    Block,
    Call,
    Case,
    Catch,
    DeclareMany,
    Do,
    Expr,
    ForEach,
    If,
    Import,
    Jump,
    Labelled,
    Name,
    Parameter,
    Property,
    Return,
    Script,
    Stmt,
    Switch,
    Throw,
    Try,
    While,
)
from runtime.groovy.tokens import KEYWORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.groovy.tokens import Token

_NO_OPERAND = frozenset(["as", "in", "instanceof", "else", "extends", "implements", "throws"])


def parse(source: str) -> Script:
    """Read a script.

    Raises:
        NotGroovy: the text is not Groovy.
        Refused: it is, but not covered.
    """
    parser = _Parser(tokenise(source))
    try:
        return parser.script()
    except RecursionError as error:
        raise NotGroovy("the script is nested too deeply", parser.token.line, parser.token.column) from error


class _Parser(DeclarationParser):
    """Reads statements from where it stands."""

    def script(self) -> Script:
        imports: list[Import] = []
        body: list[Stmt] = []
        while self.token.kind != "end":
            if self.sees("import"):
                imports.append(self._import())
            elif self.takes("package"):
                self.qualified()
            else:
                body += self._statement()
            self._separator("")
        return Script(tuple(imports), tuple(body))

    def statements(self, *closing: str) -> tuple[Stmt, ...]:
        """Read statements up to a closing word, which is left."""
        body: list[Stmt] = []
        while not self.sees(*closing):
            body += self._statement()
            self._separator(*closing)
        return tuple(body)

    def _separator(self, *closing: str) -> None:
        """Take what ends a statement: a semicolon, the end of the line or of the block."""
        if self.takes(";"):
            while self.takes(";"):
                pass
        elif self.token.kind != "end" and not self.token.newline and not self.sees(*closing):
            raise self.wrong("expected the end of the statement")

    def _statement(self) -> tuple[Stmt, ...]:
        token = self.token
        if token.kind == "op" and token.text == ";":
            return ()
        if token.kind == "name":
            reader = self._keyword(token.text)
            if reader is not None:
                return (reader(token),)
            if token.text not in KEYWORDS and self.ahead().kind == "op" and self.ahead().text == ":":
                return (self._labelled(token),)
        if self.sees("{") and not self.begins_closure():
            return (Block(body=self.block(), **at(token)),)
        declared = self.declaration()
        if declared is not None:
            return (declared,)
        return (self._expression_statement(),)

    def _labelled(self, token: Token) -> Labelled:
        self.at += 2
        self.takes(";")
        (loop,) = self._statement() or (None,)
        if not isinstance(loop, While | ForEach):
            message = f"the label {token.text} is not covered: it stands before something else than a loop"
            raise Refused("label", message, token.line, token.column)
        return Labelled(label=token.text, loop=loop, **at(token))

    def _keyword(self, text: str) -> Callable[[Token], Stmt] | None:
        readers: dict[str, Callable[[Token], Stmt]] = {
            "if": self._if, "while": self._while, "for": self._for, "switch": self._switch, "try": self._try,
            "return": self._return, "throw": self._throw, "break": self._jump, "continue": self._jump,
            "assert": self._assert, "do": self._do,
        }  # fmt: skip
        return readers.get(text)

    def _import(self) -> Import:
        token = self.next()
        static = self.takes("static")
        name = self.qualified()
        if self.takes("."):
            self.expect("*")
            name += ".*"
        return Import(name=name, static=static, alias=self.name() if self.takes("as") else None, **at(token))

    def qualified(self) -> str:
        name = self.next().text
        while self.sees(".") and self.ahead().kind == "name":
            self.next()
            name += f".{self.next().text}"
        return name

    def block(self) -> tuple[Stmt, ...]:
        self.open("{")
        body = self.statements("}")
        self.close("}")
        return body

    def _body(self) -> tuple[Stmt, ...]:
        """Read a block, or the one statement that stands for it."""
        return self.block() if self.sees("{") else self._statement()

    # --- statements ---

    def _expression_statement(self) -> Stmt:
        start = self.token
        many = self._assign_many(start)
        if many is not None:
            return many
        value = self.expression()
        if self._is_command(value):
            arguments = [self.argument()]
            while self.takes(","):
                arguments.append(self.argument())
            if isinstance(value, Name):
                value = Call(target=None, name=value.name, arguments=tuple(arguments), **at(start))
            elif isinstance(value, Property):
                value = Call(
                    target=value.target, name=value.name, arguments=tuple(arguments), safe=value.safe, **at(start)
                )
        return Do(value=value, **at(start))

    def _assign_many(self, start: Token) -> DeclareMany | None:
        """Read ``(a, b) = …``."""
        if not self.sees("("):
            return None
        mark = self.mark()
        self.open("(")
        names = self.parameters(")")
        if names is not None and len(names) > 1 and self.sees(")"):
            self.close(")")
            if self.takes("="):
                plain = tuple(Parameter(name.name) for name in names)
                return DeclareMany(names=plain, value=self.expression(), declares=False, **at(start))
        self.back(mark)
        return None

    def _is_command(self, value: Expr) -> bool:
        """Whether an argument without brackets follows: ``println a``."""
        token = self.token
        if not isinstance(value, Name | Property) or token.newline or token.kind not in {
            "name", "string", "gstring", "number",
        }:  # fmt: skip
            return False
        return token.kind != "name" or token.text not in _NO_OPERAND

    def _if(self, token: Token) -> If:
        self.next()
        condition = self._condition()
        then = self._body()
        mark = self.mark()
        while self.takes(";"):
            pass
        if self.takes("else"):
            return If(condition=condition, then=then, other=self._body(), **at(token))
        self.back(mark)
        return If(condition=condition, then=then, other=(), **at(token))

    def _condition(self) -> Expr:
        self.open("(")
        condition = self.expression()
        self.close(")")
        return condition

    def _while(self, token: Token) -> While:
        self.next()
        condition = self._condition()
        body = () if self.takes(";") else self._body()
        return While(before=(), condition=condition, after=(), body=body, **at(token))

    def _do(self, token: Token) -> Stmt:
        raise self.refuse("do while", "'do … while' is not Groovy 2.4")

    def _for(self, token: Token) -> Stmt:
        self.next()
        self.open("(")
        each = self._for_each(token)
        if each is not None:
            return each
        before = () if self.sees(";") else self._statement()
        self.expect(";")
        condition = None if self.sees(";") else self.expression()
        self.expect(";")
        after: list[Expr] = []
        while not self.sees(")"):
            after.append(self.expression())
            if not self.takes(","):
                break
        self.close(")")
        body = () if self.takes(";") else self._body()
        return While(before=before, condition=condition, after=tuple(after), body=body, **at(token))

    def _for_each(self, token: Token) -> ForEach | None:
        mark = self.mark()
        while self.token.kind == "name" and self.token.text in {"def", "final"}:
            self.next()
        type_ = Type()
        if not (self.ahead().text in {"in", ":"} and self.ahead().kind in {"name", "op"}):
            type_ = self.type() or type_
        if self.token.kind == "name" and self.ahead().text in {"in", ":"} and self.ahead().kind in {"name", "op"}:
            name = self.name()
            self.next()
            values = self.expression()
            self.close(")")
            body = () if self.takes(";") else self._body()
            return ForEach(type=type_, name=name, values=values, body=body, **at(token))
        self.back(mark)
        return None

    def _switch(self, token: Token) -> Switch:
        self.next()
        subject = self._condition()
        self.open("{")
        cases: list[Case] = []
        while not self.sees("}"):
            start = self.token
            test: Expr | None = None
            if self.takes("case"):
                test = self.expression()
            else:
                self.expect("default")
            self.expect(":")
            cases.append(Case(test=test, body=self.statements("case", "default", "}"), **at(start)))
        self.close("}")
        return Switch(subject=subject, cases=tuple(cases), **at(token))

    def _try(self, token: Token) -> Try:
        self.next()
        if self.sees("("):
            raise self.refuse("try with resources", "a try that closes what it opens is not covered")
        body = self.block()
        catches: list[Catch] = []
        while self.sees("catch"):
            start = self.next()
            self.open("(")
            types, name = self._caught()
            self.close(")")
            catches.append(Catch(types=types, name=name, body=self.block(), **at(start)))
        after = self.block() if self.takes("finally") else ()
        return Try(body=body, catches=tuple(catches), after=after, **at(token))

    def _caught(self) -> tuple[tuple[str, ...], str]:
        self.takes("final", "def")
        if self.ahead().text == ")":
            return ("Exception",), self.name()
        types: list[str] = []
        while True:
            type_ = self.type()
            if type_ is None:
                raise self.wrong("expected a class")
            types.append(type_.name)
            if not self.takes("|"):
                return tuple(types), self.name()

    def _return(self, token: Token) -> Return:
        self.next()
        ends = self.token.newline or self.token.kind == "end" or self.sees(";", "}")
        return Return(value=None if ends else self.expression(), **at(token))

    def _throw(self, token: Token) -> Throw:
        self.next()
        return Throw(value=self.expression(), **at(token))

    def _jump(self, token: Token) -> Jump:
        self.next()
        label = None
        if self.token.kind == "name" and not self.token.newline and self.token.text not in KEYWORDS:
            label = self.next().text
        return Jump(word=token.text, label=label, **at(token))

    def _assert(self, token: Token) -> Assert:
        self.next()
        condition = self.expression()
        message = self.expression() if self.takes(":", ",") else None
        return Assert(condition=condition, message=message, **at(token))
