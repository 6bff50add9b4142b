"""What types and operators mean for the Python of an expression."""

from __future__ import annotations

from runtime.groovy.nodes import Type
from runtime.groovy.support.conversions import CONVERTS
from runtime.groovy.syntax import Expr, Index, Literal, Name, Parameter, Property

# The functions of operators that have one of their own.
ARITHMETIC = {"+": "plus", "-": "minus", "*": "times", "/": "divided", "%": "modulo", "**": "power", "<<": "push"}
_ZEROS = {
    "boolean": "False", "char": "Char('\\0')", "float": "0.0", "double": "0.0", "int": "0", "short": "0", "byte": "0",
    "long": "Long(0)",
}  # fmt: skip


def types_of(parameters: tuple[Parameter, ...]) -> tuple[str, ...]:
    """Give the types of parameters, as the support library tells overloaded methods apart by them.

    An array ends in ``[]``, what takes all that are left in ``...``, and one with a default in ``=``.
    """
    return tuple(
        parameter.type.name
        + "[]" * parameter.type.dimensions
        + ("..." if parameter.rest else "")
        + ("=" if parameter.default is not None else "")
        for parameter in parameters
    )


def zero(type_: Type) -> str:
    """Give what a variable or field of a type holds before anything is assigned."""
    return "None" if type_.dimensions else _ZEROS.get(type_.name, "None")


def is_pure(node: Expr) -> bool:
    """Whether an expression can be computed twice without a difference."""
    match node:
        case Name() | Literal():
            return True
        case Property():
            return not node.safe and not node.spread and is_pure(node.target)
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
