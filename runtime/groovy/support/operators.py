"""The operators of Groovy: what they mean depends on what their operands are."""

from __future__ import annotations

from functools import cmp_to_key

from runtime.groovy.support import numbers
from runtime.groovy.support.errors import IllegalArgumentException, MissingMethodException, NullPointerException
from runtime.groovy.support.keys import key_of
from runtime.groovy.support.names import class_name, described
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import Array, Char, Entry, JavaObject, JavaSet, Value, is_number

MOST_REPEATS = 50_000_000  # characters or elements that repeating may make


def truth(value: Value) -> bool:
    """Whether a condition holds: Groovy's truth."""
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, JavaObject):
        truth_of = value.methods.get("asBoolean")
        return True if truth_of is None else bool(truth_of(value))
    if isinstance(value, Char):
        return value != "\0"
    if isinstance(value, str | list | dict | bytes | bytearray | range) or is_number(value):
        return bool(value)
    return True


def equal(left: Value, right: Value) -> bool:  # noqa: C901 - one rule a kind of value
    """``==``: numbers by value whatever their kind, lists and maps by what they hold."""
    if left is right:
        return True
    if left is None or right is None:
        return False
    if is_number(left) and is_number(right):
        return _order_numbers(left, right) == 0
    if isinstance(left, Char) != isinstance(right, Char) and (is_number(left) or is_number(right)):
        return bool(numbers.number_of(left) == numbers.number_of(right))
    if isinstance(left, JavaObject) and "equals" in left.methods:
        return bool(left.methods["equals"](left, right))
    if isinstance(left, str) or isinstance(right, str):
        return isinstance(left, str) and isinstance(right, str) and str(left) == str(right)
    if isinstance(left, list | range) and isinstance(right, list | range):
        return len(left) == len(right) and all(equal(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, JavaSet) or isinstance(right, JavaSet):
        return isinstance(left, JavaSet) and isinstance(right, JavaSet) and left.keys() == right.keys()
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, bool) or isinstance(right, bool) or is_number(left) or is_number(right):
        return False
    return bool(left == right)


def compare(left: Value, right: Value) -> int:
    """``<=>``: below, at or above 0.

    Raises:
        IllegalArgumentException: the two cannot be compared.
    """
    if left is right:
        return 0
    if left is None or right is None:
        return -1 if left is None else 1
    a, b = left, right
    if is_number(a) or is_number(b):
        a, b = numbers.number_of(a), numbers.number_of(b)
        if is_number(a) and is_number(b):
            return _order_numbers(a, b)
    elif isinstance(a, bool) and isinstance(b, bool):
        return int(a) - int(b)
    elif isinstance(a, str) and isinstance(b, str):
        return _order_texts(a, b)
    elif isinstance(a, JavaObject) and type(a) is type(b) and "compareTo" in a.methods:
        return int(a.methods["compareTo"](a, b))
    elif equal(a, b):
        return 0
    shown = f"Cannot compare {described(left)} and {described(right)}"
    raise IllegalArgumentException(shown)


def _order_numbers(left: Value, right: Value) -> int:
    if isinstance(left, float) or isinstance(right, float):
        a, b = float(left), float(right)
        return (a > b) - (a < b)
    return int(left > right) - int(left < right)


def _order_texts(left: str, right: str) -> int:
    """Compare as Java does: by the first differing unit of UTF-16, else by length."""
    a, b = left.encode("utf-16-be", "surrogatepass"), right.encode("utf-16-be", "surrogatepass")
    return (a > b) - (a < b)


ordering = cmp_to_key(compare)


def plus(left: Value, right: Value) -> Value:
    """``+``."""
    if isinstance(left, str) and not isinstance(left, Char):
        return left + text_of(right)
    if isinstance(right, str) and not isinstance(right, Char) and not isinstance(left, list | range | JavaSet):
        return text_of(left) + right if left is not None else "null" + right
    a, b = _operands("plus", left, right)
    if is_number(a) and is_number(b):
        return numbers.compute("+", a, b)
    if isinstance(a, JavaSet):
        return JavaSet([*a, *(b if isinstance(b, list | range | JavaSet) else [b])])
    if isinstance(a, list | range):
        return type(a)([*a, *_spread(b)]) if isinstance(a, Array) else [*a, *_spread(b)]
    if isinstance(a, dict) and isinstance(b, dict):
        return {**a, **b}
    if isinstance(a, JavaObject) and "plus" in a.methods:
        return a.methods["plus"](a, b)
    raise _no_method("plus", left, right)


def _spread(value: Value) -> list[Value]:
    return list(value) if isinstance(value, list | range | JavaSet) else [value]


def minus(left: Value, right: Value) -> Value:
    """``-``: of a text it takes the first occurrence out, of a list all."""
    if isinstance(left, str) and not isinstance(left, Char):
        return left.replace(text_of(right), "", 1)
    a, b = _operands("minus", left, right)
    if is_number(a) and is_number(b):
        return numbers.compute("-", a, b)
    if isinstance(a, list | range | JavaSet):
        gone = _spread(b)
        kept = [item for item in a if not any(equal(item, other) for other in gone)]
        return JavaSet(kept) if isinstance(a, JavaSet) else kept
    if isinstance(a, dict) and isinstance(b, dict):
        return {key: held for key, held in a.items() if not (key in b and equal(held, b[key]))}
    if isinstance(a, JavaObject) and "minus" in a.methods:
        return a.methods["minus"](a, b)
    raise _no_method("minus", left, right)


def times(left: Value, right: Value) -> Value:
    """``*``: texts and lists are repeated."""
    a, b = _operands("multiply", left, right)
    if is_number(a) and is_number(b):
        return numbers.compute("*", a, b)
    if isinstance(a, str | list) and isinstance(b, int) and not isinstance(b, bool):
        if b < 0 or len(a) * b > MOST_REPEATS:
            raise IllegalArgumentException(f"multiply() should be called with a number of 0 or greater not: {b}")
        return a * b
    raise _no_method("multiply", left, right)


def divided(left: Value, right: Value) -> Value:
    """``/``."""
    return numbers.divide(*_numbers("div", left, right))


def modulo(left: Value, right: Value) -> Value:
    """``%``."""
    return numbers.remainder(*_numbers("mod", left, right))


def power(left: Value, right: Value) -> Value:
    """``**``."""
    return numbers.power(*_numbers("power", left, right))


def negative(value: Value) -> Value:
    """``-a``."""
    return numbers.negate(_numbers("negative", value, 0)[0])


def positive(value: Value) -> Value:
    """``+a``."""
    return _numbers("positive", value, 0)[0]


def bits(operator: str, left: Value, right: Value) -> Value:
    """``& | ^ >> >>>``, and ``<<`` of numbers."""
    if isinstance(left, bool) and isinstance(right, bool) and operator in {"&", "|", "^"}:
        return {"&": left and right, "|": left or right, "^": left != right}[operator]
    if operator == ">>" and callable(left) and callable(right):
        return composed(left, right)
    if operator in {"&", "|"} and isinstance(left, JavaSet):
        return JavaSet(item for item in left if item in right) if operator == "&" else plus(left, right)
    a, b = _numbers("bits", left, right)
    if not isinstance(a, int) or not isinstance(b, int):
        raise _no_method(operator, left, right)
    return numbers.bits(operator, a, b)


def flipped(value: Value) -> Value:
    """``~a`` of a number."""
    return numbers.compute("-", numbers.negate(_numbers("bitwiseNegate", value, 0)[0]), 1)


def push(left: Value, right: Value) -> Value:
    """``<<``: a list or a builder takes the value up, a number is shifted."""
    if isinstance(left, JavaSet):
        left[key_of(right)] = None
        return left
    if isinstance(left, list) and not isinstance(left, Array):
        left.append(right)
        return left
    if isinstance(left, dict):
        left.update({right.key: right.value} if isinstance(right, Entry) else right)
        return left
    if isinstance(left, JavaObject) and "leftShift" in left.methods:
        return left.methods["leftShift"](left, right)
    if isinstance(left, str) and not isinstance(left, Char):
        return left.__add__(text_of(right))
    if callable(left) and callable(right):
        return composed(right, left)
    return bits("<<", left, right)


def composed(first: Value, then: Value) -> Value:
    """``first >> then``: a closure that calls both."""
    from runtime.groovy.support.closures import call

    return lambda *arguments: call(then, call(first, *arguments))


def contains(value: Value, holder: Value) -> bool:
    """``in``."""
    if holder is None:
        return value is None
    if isinstance(holder, dict):
        value = key_of(value)
        return value in holder and (isinstance(holder, JavaSet) or truth(holder[value]))
    if isinstance(holder, list | range):
        return any(equal(value, item) for item in holder)
    return equal(value, holder)


def _operands(name: str, left: Value, right: Value) -> tuple[Value, Value]:
    if left is None:
        raise NullPointerException(f"Cannot invoke method {name}() on null object")
    return numbers.number_of(left), numbers.number_of(right)


def _numbers(name: str, left: Value, right: Value) -> tuple[Value, Value]:
    a, b = _operands(name, left, right)
    if not is_number(a) or not is_number(b):
        raise _no_method(name, left, right)
    return a, b


def _no_method(name: str, left: Value, right: Value) -> MissingMethodException:
    shown = f"{name}() is applicable for argument types: ({class_name(right)}) values: [{text_of(right)}]"
    return MissingMethodException(f"No signature of method: {class_name(left)}.{shown}")
