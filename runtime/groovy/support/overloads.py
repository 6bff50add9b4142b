"""Methods of the same name: which of them takes the arguments that a call has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from runtime.groovy.support.errors import MissingMethodException
from runtime.groovy.support.names import class_name, is_instance
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import Array, Value

missing = object()  # stands for an argument that a call does not have, and whose default is computed

# How near a type is to that of an argument: the smaller, the better.
_SAME, _WIDER, _ANY, _REST = 0, 1, 10, 100
_BOXES = {
    "int": "Integer", "long": "Long", "double": "Double", "float": "Float", "boolean": "Boolean", "char": "Character",
    "byte": "Byte", "short": "Short",
}  # fmt: skip
_WIDENS = {
    "Integer": ("Long", "Double", "Float", "BigDecimal", "BigInteger"), "Long": ("Double", "Float", "BigDecimal"),
    "BigDecimal": ("Double", "Float"), "Double": ("Float",),
}  # fmt: skip


class Candidate(Struct, frozen=True):
    """A function with the types of its parameters, as the translator writes them."""

    function: Callable[..., Value]
    types: tuple[str, ...]

    def distance(self, arguments: Sequence[Value]) -> int | None:
        """Give how far the parameters are from arguments, None where it does not take them."""
        rest = bool(self.types) and self.types[-1].rstrip("=").endswith("...")
        fixed = self.types[:-1] if rest else self.types
        needed = sum(not each.endswith("=") for each in fixed)
        if len(arguments) < needed or (len(arguments) > len(fixed) and not rest):
            return None
        total = _REST if rest else 0
        for value, each in zip(arguments, fixed, strict=False):
            one = _distance(value, each.removesuffix("="))
            if one is None:
                return None
            total += one
        return total


def _distance(value: Value, type_: str) -> int | None:
    if type_.endswith("[]"):
        return _SAME if value is None or isinstance(value, Array | bytes | bytearray) else None
    name = _BOXES.get(type_, type_)
    if name in {"def", "Object"}:
        return _ANY
    if value is None:
        return None if type_ in _BOXES else _WIDER
    own = class_name(value).rpartition(".")[2]
    if own == name:
        return _SAME
    if name in _WIDENS.get(own, ()):
        return _WIDER + 1 + _WIDENS[own].index(name)
    if name == "Closure" and callable(value):
        return _SAME
    return _WIDER if is_instance(value, name) else None


def chosen(name: str, candidates: Iterable[Candidate], arguments: Sequence[Value]) -> Candidate:
    """Give the one that takes the arguments best.

    Raises:
        MissingMethodException: none does, or two do as well as each other.
    """
    ranked = sorted(
        ((distance, number, one) for number, one in enumerate(candidates)
         if (distance := one.distance(arguments)) is not None),
        key=lambda each: each[:2],
    )  # fmt: skip
    shown = ", ".join(class_name(argument) for argument in arguments)
    values = ", ".join(text_of(argument) for argument in arguments)
    if not ranked:
        raise MissingMethodException(
            f"No signature of method: {name}() is applicable for argument types: ({shown}) values: [{values}]"
        )
    if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
        raise MissingMethodException(f"Ambiguous method overloading for method {name}: ({shown})")
    return ranked[0][2]


def overloads(name: str, *pairs: tuple[Callable[..., Value], tuple[str, ...]]) -> Callable[..., Value]:
    """Give one function for methods of the same name."""
    candidates = tuple(Candidate(function, types) for function, types in pairs)

    def call(*arguments: Value) -> Value:
        return chosen(name, candidates, arguments).function(*arguments)

    return call


def gathered(values: tuple[Value, ...], type_: str) -> Value:
    """Give what ``T... a`` holds: one array is that array."""
    from runtime.groovy.support.conversions import as_array

    if len(values) == 1 and (values[0] is None or isinstance(values[0], Array | bytes | bytearray)):
        return values[0]
    return as_array(list(values), type_)


def jump() -> type[BaseException]:
    """Give an exception of its own, by which a loop is left from within another; no ``catch`` catches it."""
    return type("Jump", (BaseException,), {})


def pointer(value: Value, name: str) -> Callable[..., Value]:
    """``value.&name``."""
    from runtime.groovy.support.members import invoke

    return lambda *arguments: invoke(value, name, *arguments)


def unbound(name: str) -> Callable[..., Value]:
    """``Class.&name`` of a method of objects: the object is the first argument."""
    from runtime.groovy.support.members import invoke

    return lambda value, *arguments: invoke(value, name, *arguments)
