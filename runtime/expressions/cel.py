"""The border to cel-expr-python: the only module that knows it.

The library converts every value that it is given, whole, before it evaluates; it knows 64-bit integers and doubles
only; it gives most failures back as values of the type ERROR. All three are dealt with here. Evaluation is bounded by
the library's own budget of iterations, and by the limits below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, NoReturn, Protocol

from cel_expr_python import cel  # type: ignore[import-untyped]  # its stubs need protobuf's
from msgspec import Struct

from runtime.errors import DocumentFault, Place
from runtime.expressions.scope import ROOTS
from runtime.expressions.tree import Apply, Node, Other, read_tree, walk

MAX_SOURCE = 2_000  # characters: far beyond what a person writes between braces
MAX_LOOPS = 3  # comprehensions in one expression: each can multiply the size of a value
MAX_JOINS = 40  # additions in an expression with comprehensions, for the same reason
MAX_VALUES = 50_000  # values converted for one evaluation: about 50 ms of the event loop
MAX_TEXT = 4 * 1024 * 1024  # characters converted for one evaluation

_INT64 = range(-(1 << 63), 1 << 63)
_MISSING = re.compile(r'Key not found in map : "?(?P<name>.*?)"?$', re.DOTALL)
_WHERE = re.compile(r"ERROR: <input>:(?P<line>-?\d+):(?P<column>-?\d+): (?P<message>.*)")


class Mistake(ValueError):
    """Raised when a source text is no expression; its text says why, for people."""


class _Evaluable(Protocol):
    def eval(self, *, data: Mapping[str, object]) -> Any: ...  # noqa: ANN401 - the library's untyped value


class Program(Struct, frozen=True):
    """A compiled expression: its tree, and the library's evaluator."""

    source: str
    tree: Node
    evaluator: _Evaluable

    def evaluate(self, roots: Mapping[str, object], place: Place) -> object:
        """Evaluate with the values of the root names.

        Raises:
            DocumentFault: a name is missing, an operand is of the wrong type, a bound is reached.
        """
        budget = _Budget(self.source, place)
        data = {name: budget.convert(value) for name, value in roots.items()}
        try:
            value = self.evaluator.eval(data=data)
            if value.type() == cel.Type.ERROR:
                _refuse(self.source, str(value.value()), place)
            return _ours(value.plain_value())
        except (RuntimeError, ValueError, TypeError, OverflowError, RecursionError) as error:
            _refuse(self.source, str(error), place)


def parse(source: str) -> Program:
    """Parse and check an expression.

    Raises:
        Mistake: it is not CEL, names a root that does not exist, or exceeds a limit.
    """
    if len(source) > MAX_SOURCE:
        raise Mistake(f"an expression has at most {MAX_SOURCE} characters; this one has {len(source)}")
    try:
        evaluator = _environment().compile(source)
        tree = read_tree(evaluator.serialize())
    except (RuntimeError, ValueError, TypeError, UnicodeError) as error:
        raise Mistake(_reason(str(error))) from error
    nodes = list(walk(tree))
    loops = sum(isinstance(node, Other) and node.comprehension for node in nodes)
    joins = sum(isinstance(node, Apply) and node.function == "_+_" for node in nodes)
    if loops > MAX_LOOPS:
        raise Mistake(f"an expression has at most {MAX_LOOPS} macros such as map or exists; this one has {loops}")
    if loops and joins > MAX_JOINS:
        raise Mistake(f"an expression with macros has at most {MAX_JOINS} additions; this one has {joins}")
    return Program(source, tree, evaluator)


@cache
def _environment() -> Any:  # noqa: ANN401 - the library is untyped
    return cel.NewEnv(variables=dict.fromkeys(ROOTS, cel.Type.DYN))


def _reason(message: str) -> str:
    """Give the first finding of the library without its decoration, and where it is."""
    found = _WHERE.search(message)
    if found is None:
        return message.split(" [", 1)[0].strip()
    text = found["message"].removeprefix("Syntax error: ").split(" (in container", 1)[0].split(" [", 1)[0]
    if text.startswith("undeclared reference to"):
        text = f"{text.replace('undeclared reference to', 'there is no name')}; known are {', '.join(ROOTS)}"
    return f"{text} (at character {found['column']})" if int(found["column"]) > 0 else text


def _refuse(source: str, reason: str, place: Place) -> NoReturn:
    missing = _MISSING.search(reason)
    if missing is not None:
        raise DocumentFault("expression.missing-name", f"{source}: there is no {missing['name']!r}", place=place)
    if "budget exceeded" in reason:
        raise DocumentFault("expression.too-long", f"{source}: it loops over too many values", place=place)
    plain = reason.split(": ", 1)[-1].split(" [", 1)[0]
    raise DocumentFault("expression.failed", f"{source}: {plain}", place=place)


def _ours(value: object) -> object:
    """Give a result in the form in which documents are decoded: no doubles, no bytearrays, plain keys."""
    match value:
        case bool() | int() | str() | None:
            return value
        case float():
            number = Decimal(repr(value))
            if not number.is_finite():
                raise ValueError("the result is not a finite number")
            return int(number) if number == number.to_integral_value() else number
        case bytearray() | bytes():
            return bytes(value)
        case list():
            return [_ours(item) for item in value]
        case dict():
            return {str(key): _ours(item) for key, item in value.items()}
        case cel.Type():
            return value.name()
        case _:
            return value  # times and durations


class _Budget:
    """Converts values for the library, and counts them."""

    def __init__(self, source: str, place: Place) -> None:
        self._source = source
        self._place = place
        self._values = MAX_VALUES
        self._text = MAX_TEXT

    def convert(self, value: object) -> object:
        """Give the value as the library takes it; a number that it cannot hold exactly is refused."""
        self._values -= 1
        match value:
            case str():
                self._text -= len(value)
            case bool() | None:
                pass
            case int():
                if value not in _INT64:
                    self._inexact(value)
            case Decimal():
                return self._double(value)
            case Mapping():
                return {str(key): self.convert(item) for key, item in value.items()}
            case list() | tuple():
                return [self.convert(item) for item in value]
        if self._values < 0 or self._text < 0:
            message = f"{self._source}: it reads too much of a document at once"
            raise DocumentFault("expression.too-large", message, place=self._place)
        return value

    def _double(self, value: Decimal) -> float:
        double = float(value)
        if Decimal(repr(double)) != value:
            self._inexact(value)
        return double

    def _inexact(self, value: object) -> NoReturn:
        raise DocumentFault(
            "expression.inexact-number",
            f"{self._source}: {value} has more digits than an expression that computes can hold",
            place=self._place,
            hint="compare it on its own, or compute in a map",
        )
