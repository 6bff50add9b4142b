"""Everything that translated scripts can name. There are no builtins among it, so nothing else can be reached."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import Any

from runtime.groovy.support import (
    classes,
    conversions,
    delegates,
    markup,
    members,
    objects,
    operators,
    orders,
    overloads,
    pipes,
    regexes,
    statics,
    texts,
    times,
)
from runtime.groovy.support.boomi import DataContext, ExecutionUtil, Logger, Loggers
from runtime.groovy.support.cases import is_case
from runtime.groovy.support.characters import CHAR
from runtime.groovy.support.closures import call, items_of
from runtime.groovy.support.containers import ENTRY, LIST, MAP, SET, ListIterator
from runtime.groovy.support.errors import (
    CLASSES,
    IllegalArgumentException,
    JavaAssertionError,
    JavaRuntimeException,
    MissingPropertyException,
    NullPointerException,
    StackOverflowError,
    Throwable,
)
from runtime.groovy.support.keys import key_of
from runtime.groovy.support.lists import ITEMS
from runtime.groovy.support.names import is_instance
from runtime.groovy.support.number_methods import NUMBER
from runtime.groovy.support.strings import STRING
from runtime.groovy.support.values import BigInteger, Char, JavaIterator, JavaObject, Long, Value
from runtime.groovy.support.xml import Nodes

# Errors of Python that a wrong use of a value ends in: for the script they are RuntimeExceptions.
_HOST_ERRORS = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError)
_DEEP = frozenset(["StackOverflowError", "VirtualMachineError", "Error", "Throwable"])
_BROAD = frozenset(["Exception", "RuntimeException", "Throwable"])


class Static:
    """A class that has no objects of its own kind here: it can be called to make a value, and asked for its members."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *arguments: Value) -> Value:
        """``new``."""
        return statics.MAKERS[self._name](*arguments)

    def __getattr__(self, name: str) -> Value:
        """Give a member; the translator has looked whether it exists."""
        return statics.STATICS[self._name][name]


class Binding(dict[str, Value]):
    """The variables that a script has not declared; reading one that was not set is an error."""

    def __missing__(self, name: str) -> Value:
        """Say that there is no such variable."""
        raise MissingPropertyException(f"No such property: {name} for class: Script")

    def put(self, name: str, value: Value) -> Value:
        """Set a variable and give its value."""
        self[name] = value
        return value


def span(start: Value, end: Value, exclusive: bool = False) -> Value:  # noqa: FBT001, FBT002 - written by the translator
    """``start..end`` and ``start..<end``, of whole numbers or letters, upwards or downwards."""
    if isinstance(start, str) and isinstance(end, str):
        if len(start) != 1 or len(end) != 1:
            raise IllegalArgumentException("a range of longer texts is not covered")
        return [chr(code) for code in span(ord(start), ord(end), exclusive)]
    if start is None or end is None:
        raise NullPointerException(None)
    first, last = int(start), int(end)
    if exclusive and first == last:
        return []
    if first <= last:
        return range(first, last + (0 if exclusive else 1))
    return range(first, last - (0 if exclusive else 1), -1)


def kinds(*names: str) -> tuple[type[BaseException], ...]:
    """Give the classes that a ``catch`` of these names catches."""
    found: tuple[type[BaseException], ...] = tuple(CLASSES[name] for name in names)
    if _DEEP & set(names):
        found = (*found, RecursionError)
    return (*found, *_HOST_ERRORS) if _BROAD & set(names) else found


def thrown(error: BaseException) -> Throwable:
    """Give what was caught as an exception of Java."""
    if isinstance(error, RecursionError):
        return StackOverflowError(None)
    return error if isinstance(error, Throwable) else JavaRuntimeException(str(error), None)


def raised(value: Value) -> Throwable:
    """Give what ``throw`` raises."""
    if not isinstance(value, Throwable):
        raise NullPointerException(None)
    return value


def require(holds: bool, shown: str, message: Value = None) -> None:  # noqa: FBT001 - written by the translator
    """``assert``."""
    if not holds:
        raise JavaAssertionError(
            f"assert {shown}" if message is None else f"{texts.text_of(message)}. Expression: {shown}"
        )


def spread(values: Value) -> list[Value]:
    """``*values``."""
    return list(items_of(values))


# The functions that translated scripts are written with.
HELPERS: dict[str, Value] = {
    "text": texts.text,
    "plus": operators.plus,
    "minus": operators.minus,
    "times": operators.times,
    "divided": operators.divided,
    "modulo": operators.modulo,
    "power": operators.power,
    "negative": operators.negative,
    "positive": operators.positive,
    "bits": operators.bits,
    "flipped": operators.flipped,
    "push": operators.push,
    "equal": operators.equal,
    "compare": operators.compare,
    "truth": operators.truth,
    "contains": operators.contains,
    "cast": conversions.cast,
    "as_type": conversions.as_type,
    "as_array": conversions.as_array,
    "new_array": conversions.new_array,
    "invoke": members.invoke,
    "invoke_each": members.invoke_each,
    "prop": members.prop,
    "prop_each": members.prop_each,
    "put_prop": members.put_prop,
    "own": members.own,
    "put_own": members.put_own,
    "item": members.item,
    "put_item": members.put_item,
    "call": call,
    "class_of": classes.class_of,
    "get_class": classes.get_class,
    "class_value": classes.class_value,
    "key_of": key_of,
    "entries_of": objects.entries_of,
    "put_field": objects.put_field,
    "script_class": objects.script_class,
    "overloads": overloads.overloads,
    "gathered": overloads.gathered,
    "missing": overloads.missing,
    "jump": overloads.jump,
    "pointer": overloads.pointer,
    "unbound": overloads.unbound,
    "current_delegate": delegates.current_delegate,
    "found": delegates.found,
    "put_found": delegates.put_found,
    "sent": delegates.sent,
    "sent_first": delegates.sent_first,
    "items_of": items_of,
    "matcher": regexes.matcher,
    "matches": regexes.matches,
    "is_case": is_case,
    "is_instance": is_instance,
    "span": span,
    "spread": spread,
    "kinds": kinds,
    "thrown": thrown,
    "raised": raised,
    "require": require,
    "decimal": Decimal,
    "Long": Long,
    "BigInteger": BigInteger,
    "Char": Char,
}

STATIC_NAMES = frozenset({*statics.STATICS, *statics.MAKERS} - statics.CLASSES.keys())
CLASS_NAMES = frozenset({*STATIC_NAMES, *statics.CLASSES, *CLASSES})
NAMESPACE: MappingProxyType[str, Any] = MappingProxyType(
    {
        **HELPERS,
        **statics.CLASSES,
        **{kind.__name__: kind for kind in CLASSES.values()},
        **{f"{name}_" if name in HELPERS else name: Static(name) for name in STATIC_NAMES},
    }
)

_KINDS: tuple[type[JavaObject], ...] = (
    *statics.CLASSES.values(),
    regexes.Matcher,
    Nodes,
    JavaIterator,
    classes.ClassValue,
    pipes.Stream,
    ListIterator,
    orders.Order,
    times.Temporal,
    markup.Bound,
    markup.Helper,
)

# Every method that some value has: what is not among these no script can call.
METHODS = frozenset(
    name
    for table in (
        ITEMS.methods, LIST.methods, SET.methods, MAP.methods, ENTRY.methods, STRING.methods, CHAR.methods,
        NUMBER.methods, *members.EXTRA, DataContext.methods, ExecutionUtil.methods, Logger.methods,
        *(kind.methods for kind in _KINDS),
    )
    for name in table
)  # fmt: skip


def member_of(class_name: str, name: str) -> bool:
    """Whether a class has a method or constant of that name."""
    kind = statics.CLASSES.get(class_name)
    if kind is None:
        return name in statics.STATICS.get(class_name, {})
    return name in kind.methods or (not name.startswith("_") and name.isupper() and hasattr(kind, name))


def makes(class_name: str) -> bool:
    """Whether ``new`` makes something of a class."""
    return class_name in statics.CLASSES or class_name in statics.MAKERS


HOST_CLASSES: dict[str, type[JavaObject]] = {
    "Loggers": Loggers,
    "dataContext": DataContext,
    "ExecutionUtil": ExecutionUtil,
    "ExecutionManager": ExecutionUtil,
}
