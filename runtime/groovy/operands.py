"""Reading operands: literals, names, brackets, closures, and what follows a dot."""

from __future__ import annotations

from abc import ABC, abstractmethod
from decimal import Decimal

from runtime.groovy.errors import Refused
from runtime.groovy.nodes import Type
from runtime.groovy.reader import Reader, at
from runtime.groovy.syntax import (
    Call,
    CallValue,
    Closure,
    Computed,
    Expr,
    GString,
    Index,
    ListOf,
    Literal,
    MapOf,
    Name,
    Named,
    New,
    NewArray,
    Parameter,
    Pointer,
    Property,
    Spread,
    Stmt,
)
from runtime.groovy.tokens import KEYWORDS, Token

_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_SELF = frozenset(["this", "super"])


class OperandParser(Reader, ABC):
    """Reads an operand with everything that hangs on it."""

    @abstractmethod
    def expression(self) -> Expr:
        """Read an expression."""

    @abstractmethod
    def statements(self, *closing: str) -> tuple[Stmt, ...]:
        """Read statements up to a closing word, which is left."""

    def operand(self) -> Expr:
        """Read an operand: ``a.b(c)[d] { … }``.

        Raises:
            NotGroovy: there is none.
            Refused: it is not covered.
        """
        operand = self._primary()
        while True:
            longer = self._longer(operand)
            if longer is None:
                return operand
            operand = longer

    def arguments(self) -> tuple[Expr, ...]:
        """Read ``(a, b: c, *d)``."""
        self.open("(")
        found: list[Expr] = []
        while not self.sees(")"):
            found.append(self.argument())
            if not self.takes(","):
                break
        self.close(")")
        return tuple(found)

    def argument(self) -> Expr:
        """Read one argument, named or spread or plain."""
        start = self.token
        if self.takes("*"):
            return Spread(value=self.expression(), **at(start))
        named = start.kind in {"name", "string"} and self.ahead().kind == "op" and self.ahead().text == ":"
        if named:
            self.at += 2
            key = Literal(value=start.text, **at(start))
            return Named(key=key, value=self.expression(), **at(start))
        return self.expression()

    def begins_closure(self) -> bool:
        """Whether a brace opens a closure whose parameters are told, and no block."""
        mark = self.mark()
        self.open("{")
        told = self._closure_parameters() is not None
        self.back(mark)
        return told

    def closure(self) -> Closure:
        """Read ``{ a, b -> … }``."""
        start = self.open("{")
        mark = self.mark()
        parameters = self._closure_parameters()
        if parameters is None:
            self.back(mark)
        body = self.statements("}")
        self.close("}")
        return Closure(parameters=parameters, body=body, **at(start))

    def parameters(self, closing: str) -> tuple[Parameter, ...] | None:
        """Read parameters up to the word `closing`, which is left; None where they are none."""
        found: list[Parameter] = []
        while not self.sees(closing):
            parameter = self._parameter()
            if parameter is None:
                return None
            found.append(parameter)
            if not self.takes(","):
                break
        return tuple(found) if self.sees(closing) else None

    def _closure_parameters(self) -> tuple[Parameter, ...] | None:
        found = self.parameters("->")
        return found if found is not None and self.takes("->") else None

    def _parameter(self) -> Parameter | None:
        self.takes("final")
        type_ = Type()
        if not self.takes("def"):
            mark = self.mark()
            given = self.type()
            if given is not None and (self.sees("...") or self._is_free_name()):
                type_ = given
            else:
                self.back(mark)
        rest = self.takes("...")
        if self.token.kind != "name" or self.token.text in KEYWORDS:
            return None
        name = self.next().text
        return Parameter(name, type_, self.expression() if self.takes("=") else None, rest)

    def _is_free_name(self) -> bool:
        return self.token.kind == "name" and self.token.text not in KEYWORDS

    # --- what stands at the beginning ---

    def _primary(self) -> Expr:
        token = self.token
        match token.kind:
            case "number":
                return _number(self.next())
            case "string":
                return self._string(self.next())
            case "gstring":
                return self._gstring(self.next())
            case "name":
                return self._word(token)
            case _:
                return self._bracket(token)

    def _string(self, token: Token) -> Expr:
        """Read a text, or the call of a method whose name stands in quotes."""
        if not self.sees("(", "{") or self.on_new_line():
            return Literal(value=token.text, **at(token))
        arguments = self.arguments() if self.sees("(") else ()
        return self._closures_behind(Call(target=None, name=token.text, arguments=arguments, **at(token)))

    def _bracket(self, token: Token) -> Expr:
        if self.sees("("):
            if self._begins_lambda():
                raise self.arrow()
            self.open("(")
            inner = self.expression()
            self.close(")")
            return inner
        if self.sees("["):
            return self._list_or_map()
        if self.sees("{"):
            return self.closure()
        if self.sees("@", "."):
            raise self.refuse(f"operator {token.text}", f"'{token.text}' is not covered here")
        raise self.wrong("expected a value")

    def _begins_lambda(self) -> bool:
        """Whether ``(a, T b) ->`` comes."""
        distance = 1
        while self.ahead(distance).kind == "name" or self.ahead(distance).text in {",", ".", "<", ">", "[", "]"}:
            distance += 1
        return self.ahead(distance).text == ")" and self.ahead(distance + 1).text == "->"

    def _word(self, token: Token) -> Expr:
        text = token.text
        if text in _CONSTANTS:
            self.next()
            return Literal(value=_CONSTANTS[text], **at(token))
        if text == "new":
            return self._new()
        if text in KEYWORDS - _SELF:
            raise self.wrong("expected a value")
        self.next()
        if self.sees("(") and not self.on_new_line():
            return self._closures_behind(Call(target=None, name=text, arguments=self.arguments(), **at(token)))
        if self.sees("{") and not self.on_new_line():
            return self._closures_behind(Call(target=None, name=text, arguments=(), **at(token)))
        return Name(name=text, **at(token))

    def _gstring(self, token: Token) -> Expr:
        parts: list[str | Expr] = []
        for part in token.value:
            if isinstance(part, str):
                parts.append(part)
                continue
            if part[0].kind == "op" and part[0].text == "->":
                raise self._lazy(part[0])
            inner = type(self)(part)
            parts.append(inner.expression() if part[0].kind != "end" else Literal(value="", **at(part[0])))
            if inner.token.kind != "end":
                raise inner.wrong("expected the end of what is computed")
        return GString(parts=tuple(part for part in parts if part != ""), **at(token))

    def _lazy(self, token: Token) -> Refused:
        message = "a text that is computed again at each use is not covered"
        return Refused("lazy gstring", message, token.line, token.column)

    def _list_or_map(self) -> Expr:
        start = self.open("[")
        if self.sees(":"):
            self.next()
            self.close("]")
            return MapOf(entries=(), **at(start))
        items: list[Expr] = []
        entries: list[tuple[Expr, Expr]] = []
        while not self.sees("]"):
            self._item(items, entries)
            if not self.takes(","):
                break
        self.close("]")
        if items and entries:
            raise self.wrong("a list has no keys")
        return MapOf(entries=tuple(entries), **at(start)) if entries else ListOf(items=tuple(items), **at(start))

    def _item(self, items: list[Expr], entries: list[tuple[Expr, Expr]]) -> None:
        start = self.token
        if self.takes("*"):
            if self.takes(":"):
                spread = Spread(value=self.expression(), **at(start))
                entries.append((spread, spread))
                return
            items.append(Spread(value=self.expression(), **at(start)))
            return
        if start.kind in {"name", "string"} and self.ahead().kind == "op" and self.ahead().text == ":":
            self.at += 2
            entries.append((Literal(value=start.text, **at(start)), self.expression()))
            return
        value = self.expression()
        if self.takes(":"):
            entries.append((value, self.expression()))
        else:
            items.append(value)

    def _new(self) -> Expr:
        start = self.expect("new")
        type_ = self.type()
        if type_ is None:
            raise self.wrong("expected a class")
        if type_.dimensions:
            return self._array(start, type_)
        if self.sees("["):
            sizes: list[Expr] = []
            while self.sees("["):
                self.open("[")
                sizes.append(self.expression())
                self.close("]")
            return NewArray(type=Type(type_.name, len(sizes)), sizes=tuple(sizes), **at(start))
        arguments = self.arguments() if self.sees("(") else ()
        if self.sees("{") and not self.on_new_line():
            raise self.refuse("anonymous class", "a class made where it is used is not covered")
        return New(type=type_, arguments=arguments, **at(start))

    def _array(self, start: Token, type_: Type) -> Expr:
        self.open("{")
        items: list[Expr] = []
        while not self.sees("}"):
            items.append(self.expression())
            if not self.takes(","):
                break
        self.close("}")
        return NewArray(type=type_, sizes=(), items=tuple(items), **at(start))

    # --- what hangs on it ---

    def _longer(self, operand: Expr) -> Expr | None:
        """Give the operand with the next thing that hangs on it, or None."""
        token = self.token
        if token.kind != "op":
            return None
        if token.text in {".", "?.", "*."}:
            return self._member(operand)
        if token.text in {".@", ".&", "::"}:
            return self._after_mark(operand, token)
        if self.on_new_line():
            return None
        if token.text == "[":
            self.open("[")
            index: Expr = self.expression()
            if self.takes(","):
                rest = [index, self.expression()]
                while self.takes(","):
                    rest.append(self.expression())
                index = ListOf(items=tuple(rest), **at(token))
            self.close("]")
            return Index(target=operand, index=index, **at(token))
        if token.text == "(":
            return CallValue(callee=operand, arguments=self.arguments(), **at(token))
        return None

    def _after_mark(self, operand: Expr, token: Token) -> Expr:
        if token.text == "::":
            raise self.refuse("operator ::", "Groovy 2.4 has no '::': write .& for a method as a value")
        self.next()
        if token.text == ".@":
            return Property(target=operand, name=f"@{self._attribute()}", **at(token))
        return Pointer(target=operand, name=self.name(), **at(token))

    def _member(self, target: Expr) -> Expr:
        dot = self.next().text
        token = self.token
        if token.kind == "gstring" or self.sees("("):
            return self._computed_member(target, dot)
        if self.takes("@"):
            return Property(
                target=target, name=f"@{self._attribute()}", safe=dot == "?.", spread=dot == "*.", **at(token)
            )
        if self.sees("*", "**"):
            return Property(target=target, name=self.next().text, **at(token))
        if token.kind not in {"name", "string"}:
            raise self.wrong("expected a name")
        self.next()
        safe, spread = dot == "?.", dot == "*."
        if self.sees("(") and not self.on_new_line():
            call = Call(
                target=target, name=token.text, arguments=self.arguments(), safe=safe, spread=spread, **at(token)
            )
            return self._closures_behind(call)
        if self.sees("{") and not self.on_new_line():
            return self._closures_behind(
                Call(target=target, name=token.text, arguments=(), safe=safe, spread=spread, **at(token))
            )
        return Property(target=target, name=token.text, safe=safe, spread=spread, **at(token))

    def _attribute(self) -> str:
        if self.token.kind not in {"name", "string"}:
            raise self.wrong("expected the name of an attribute")
        return self.next().text

    def _computed_member(self, target: Expr, dot: str) -> Expr:
        token = self.token
        if self.takes("("):
            name = self.expression()
            self.expect(")")
        else:
            name = self._gstring(self.next())
        if dot == "*." or (self.sees("(", "{") and not self.on_new_line()):
            raise self.refuse("computed method", "a method whose name is computed is not covered")
        return Computed(target=target, name=name, safe=dot == "?.", **at(token))

    def _closures_behind(self, call: Call) -> Call:
        """Give the call with the closures that stand behind its brackets as its last arguments."""
        arguments = list(call.arguments)
        while self.sees("{") and not self.on_new_line():
            arguments.append(self.closure())
        return Call(
            target=call.target, name=call.name, arguments=tuple(arguments), safe=call.safe, spread=call.spread,
            line=call.line, column=call.column,
        )  # fmt: skip


def _number(token: Token) -> Literal:
    text = token.text.replace("_", "")
    suffix = text[-1] if text[-1] in "lLiIgG" else ""
    if not text[:2].lower().startswith(("0x", "0b")) and text[-1] in "dDfF":
        suffix = text[-1]
    digits = text.removesuffix(suffix) if suffix else text
    suffix = suffix.upper()
    if digits[:2].lower() in {"0x", "0b"}:
        return Literal(value=int(digits, 0), suffix=suffix, **at(token))
    if suffix in {"D", "F"}:
        return Literal(value=float(digits), suffix=suffix, **at(token))
    if not digits.isdigit():
        return Literal(value=Decimal(digits), suffix=suffix, **at(token))
    octal = len(digits) > 1 and digits[0] == "0" and set(digits) <= set("01234567")
    return Literal(value=int(digits, 8 if octal else 10), suffix=suffix, **at(token))
