"""Objects of Java for JavaScript: each is known there by a number, and asked through one function."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable

from runtime.groovy.support import members
from runtime.groovy.support.boomi import DataContext, ExecutionUtil, Logger
from runtime.groovy.support.closures import items_of
from runtime.groovy.support.errors import CLASSES as ERRORS
from runtime.groovy.support.errors import JavaRuntimeException, MissingPropertyException, Throwable
from runtime.groovy.support.names import is_instance
from runtime.groovy.support.namespace import NAMESPACE, makes, member_of
from runtime.groovy.support.statics import CLASSES, STATICS
from runtime.groovy.support.texts import java_text
from runtime.groovy.support.values import JavaSet, Long, Value, is_number

_EXACT = 2**53  # whole numbers up to here are numbers of JavaScript without loss
_INT = 2**31
HOST = frozenset(["ExecutionUtil", "ExecutionManager"])

Handler = Callable[[int, str, list[Value]], Value]


def known_class(name: str) -> bool:
    """Whether scripts may name a class, by its simple name."""
    return name in HOST or name in CLASSES or name in STATICS or name in ERRORS or makes(name)


class Bridge:
    """What one run of a script can reach: its documents, its execution, and what it makes of Java's classes."""

    def __init__(self, data: DataContext, execution: ExecutionUtil, log: Logger) -> None:
        self._execution = execution
        self._log = log
        self._held: list[Value] = [None]
        self.data = self.sent(data)
        self._handlers: dict[str, Handler] = {
            "call": lambda handle, name, given: members.invoke(self._held[handle], name, *given),
            "get": lambda handle, name, _given: self._property(self._held[handle], name),
            "set": self._set,
            "has": lambda handle, name, _given: self._has(self._held[handle], name),
            "keys": lambda handle, _name, _given: _Items(_keys(self._held[handle])),
            "items": lambda handle, _name, _given: _Items(items_of(self._held[handle])),
            "text": lambda handle, _name, _given: java_text(self._held[handle]),
            "number": lambda handle, _name, _given: is_number(self._held[handle]),
            "is": lambda handle, name, _given: is_instance(self._held[handle], name),
            "new": lambda _handle, name, given: NAMESPACE[_python(name)](*given),
            "static": self._static,
            "constant": self._constant,
            "string": lambda _handle, name, given: members.invoke(given[0], name, *given[1:]),
        }

    def __call__(self, what: str, handle: float, name: str, arguments: str) -> str:
        """Answer a question in JSON: its value as ``v``, or an exception as ``e`` with its message as ``m``."""
        if what == "print":
            self._log.info(name)
            return "{}"
        if what == "class":
            return self._class(name)
        try:
            given = [self.received(one) for one in json.loads(arguments)]
            return json.dumps({"v": self._answer(self._handlers[what](int(handle), name, given))})
        except Throwable as error:
            return json.dumps({"e": error.java_name, "m": error.message})
        except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RecursionError) as error:
            return json.dumps({"e": JavaRuntimeException.java_name, "m": f"{type(error).__name__}: {error}"})

    def _answer(self, value: Value) -> Value:
        if isinstance(value, _Items):
            return {"l": [self.sent(item) for item in value.items]}
        return {"u": 1} if value is _Undefined else self.sent(value)

    # --- values on their way ---

    def _keep(self, value: Value) -> int:
        self._held.append(value)
        return len(self._held) - 1

    def sent(self, value: Value) -> Value:
        """Give a value as it goes to JavaScript: texts, numbers and truths as themselves, all else by its number."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return str(value)
        if isinstance(value, float):
            return {"d": "NaN" if math.isnan(value) else repr(value).replace("inf", "Infinity")}
        if isinstance(value, int) and abs(value) <= _EXACT:
            return int(value)
        return {"h": self._keep(value), "m": sorted({name for table in members.tables_of(value) for name in table})}

    def received(self, value: Value) -> Value:
        """Give a value that came from JavaScript."""
        if isinstance(value, int) and not isinstance(value, bool):
            return int(value) if -_INT <= value < _INT else Long(value)
        if not isinstance(value, dict):
            return value
        if "h" in value:
            return self._held[int(value["h"])]
        if "d" in value:
            return float(value["d"])
        if "a" in value:
            return [self.received(item) for item in value["a"]]
        if "u" in value:
            return None
        return {key: self.received(held) for key, held in value["o"]}

    # --- classes ---

    def _class(self, name: str) -> str:
        if not known_class(name):
            return json.dumps({"e": name})
        if name in HOST:
            return json.dumps({"methods": sorted(ExecutionUtil.methods)})
        kind = CLASSES.get(name)
        found = kind.methods if kind is not None else {
            key: held for key, held in STATICS.get(name, {}).items() if callable(held)}  # fmt: skip
        return json.dumps({"methods": sorted(found)})

    def _static(self, _handle: int, name: str, given: list[Value]) -> Value:
        named, _, method = name.rpartition(".")
        if named in HOST:
            return members.invoke(self._execution, method, *given)
        function = getattr(NAMESPACE[_python(named)], f"{method}_" if method in {"from", "with"} else method)
        return function(*given)

    def _constant(self, _handle: int, name: str, _given: list[Value]) -> Value:
        named, _, constant = name.rpartition(".")
        if named in HOST or not member_of(named, constant):
            raise MissingPropertyException(f"{name} is not covered")
        return getattr(NAMESPACE[_python(named)], constant)

    # --- members of objects ---

    def _property(self, value: Value, name: str) -> Value:
        if isinstance(value, dict) and not isinstance(value, JavaSet):
            return value.get(name)
        if isinstance(value, list | range | bytes | bytearray):
            if name == "length":
                return len(value)
            return members.item(value, int(name)) if name.isdigit() and int(name) < len(value) else _Undefined
        try:
            return members.prop(value, name)
        except MissingPropertyException:
            return _Undefined

    def _set(self, handle: int, name: str, given: list[Value]) -> Value:
        value = self._held[handle]
        if isinstance(value, list | bytearray) and name.isdigit():
            return members.put_item(value, int(name), given[0])
        return members.put_prop(value, name, given[0])

    def _has(self, value: Value, name: str) -> bool:
        return self._property(value, name) is not _Undefined


class _Items:
    """Values that JavaScript gets as an array of its own."""

    def __init__(self, items: Iterable[Value]) -> None:
        self.items = list(items)


class _Undefined:
    """What a property is that an object has not."""


def _keys(value: Value) -> Iterable[Value]:
    """Give what ``for (a in value)`` goes through: keys of a map, places in a list."""
    if isinstance(value, dict):
        return [java_text(key) for key in value]
    return map(str, range(len(value))) if isinstance(value, list | range | bytes | bytearray) else ()


def _python(name: str) -> str:
    if name in ERRORS:
        return ERRORS[name].__name__
    return name if name in NAMESPACE else f"{name}_"
