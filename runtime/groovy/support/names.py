"""The names that Java gives to the types of values, for messages and for ``instanceof``."""

from __future__ import annotations

from decimal import Decimal

from runtime.groovy.support.errors import Throwable
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import (
    Array,
    BigInteger,
    Byte,
    Char,
    Entry,
    JavaObject,
    JavaSet,
    Long,
    Queue,
    Stack,
    Value,
)

_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "java.lang.Boolean"),
    (BigInteger, "java.math.BigInteger"),
    (Long, "java.lang.Long"),
    (Byte, "java.lang.Byte"),
    (int, "java.lang.Integer"),
    (float, "java.lang.Double"),
    (Decimal, "java.math.BigDecimal"),
    (Char, "java.lang.Character"),
    (str, "java.lang.String"),
    (Array, "[Ljava.lang.Object;"),
    (Queue, "java.util.LinkedList"),
    (Stack, "java.util.Stack"),
    (list, "java.util.ArrayList"),
    (range, "groovy.lang.IntRange"),
    (JavaSet, "java.util.LinkedHashSet"),
    (dict, "java.util.LinkedHashMap"),
    (bytes, "[B"),
    (bytearray, "[B"),
    (Entry, "java.util.LinkedHashMap$Entry"),
)
_MORE_NAMES = {
    "Object": "java.lang.Object", "Number": "java.lang.Number", "CharSequence": "java.lang.CharSequence",
    "GString": "groovy.lang.GString", "List": "java.util.List", "Collection": "java.util.Collection",
    "Iterable": "java.lang.Iterable", "Set": "java.util.Set", "HashSet": "java.util.HashSet", "Map": "java.util.Map",
    "HashMap": "java.util.HashMap", "Range": "groovy.lang.Range", "Closure": "groovy.lang.Closure",
    "Comparable": "java.lang.Comparable", "Float": "java.lang.Float", "Short": "java.lang.Short",
    "Byte": "java.lang.Byte", "Iterator": "java.util.Iterator",
}  # fmt: skip
_WIDER: dict[str, tuple[type, ...]] = {
    "Number": (int, float, Decimal),
    "Comparable": (int, float, Decimal, str, bool),
    "CharSequence": (str,),
    "GString": (),
    "List": (list, range),
    "Collection": (list, range, JavaSet),
    "Iterable": (list, range, JavaSet),
    "Set": (JavaSet,),
    "HashSet": (JavaSet,),
    "Map": (dict,),
    "HashMap": (dict,),
    "Range": (range,),
}


def class_name(value: Value) -> str:
    """Give the full name of the class of a value."""
    if value is None:
        return "null"
    if isinstance(value, JavaObject | Throwable):
        return value.java_name
    return next((name for kind, name in _NAMES if isinstance(value, kind)), "groovy.lang.Closure")


# The types that values can be told by, without being classes that make anything.
KNOWN_TYPES = frozenset([*_MORE_NAMES, *(name.rpartition(".")[2] for _, name in _NAMES if name[0] != "[")])


def full_name(name: str) -> str:
    """Give the name of a class with its packages."""
    from runtime.groovy.support.errors import CLASSES
    from runtime.groovy.support.statics import CLASSES as OBJECTS

    known = {full.rpartition(".")[2]: full for _, full in _NAMES} | _MORE_NAMES
    kind = OBJECTS.get(name) or CLASSES.get(name)
    return known.get(name) or (name if kind is None else kind.java_name)


def is_assignable(simple: str, target: str) -> bool:
    """Whether a value of the class of one simple name is of the class of another."""
    if target in {simple, "Object"}:
        return True
    kinds = [kind for kind, name in _NAMES if name.rpartition(".")[2] == simple]
    return any(issubclass(kind, _WIDER.get(target, ())) for kind in kinds)


def described(value: Value) -> str:
    """Give class and text of a value, for a message."""
    return f"{class_name(value)} with value '{text_of(value)}'"


def is_instance(value: Value, name: str) -> bool:
    """``instanceof``, by the simple name of a class."""
    if value is None:
        return False
    if name == "Object":
        return True
    if name in _WIDER:
        fits = isinstance(value, _WIDER[name]) and (not isinstance(value, bool) or name == "Comparable")
        return fits and not (isinstance(value, JavaSet) and name in {"Map", "HashMap"})
    if isinstance(value, JavaObject | Throwable):
        if name in getattr(getattr(value, "made_by", None), "fulfils", ()):
            return True
        kinds = (kind for kind in type(value).__mro__ if issubclass(kind, JavaObject | Throwable))
        return any(kind.java_name.rpartition(".")[2] == name for kind in kinds)
    return class_name(value).rpartition(".")[2] == name or (name == "Closure" and callable(value))
