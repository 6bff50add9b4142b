"""Delegates of closures: what they have, the closures that run for them may name without saying so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from msgspec import Struct

from runtime.groovy.support.errors import MissingMethodException, MissingPropertyException
from runtime.groovy.support.values import JavaObject, Value

OWNER_FIRST, DELEGATE_FIRST, OWNER_ONLY, DELEGATE_ONLY = range(4)  # as groovy.lang.Closure numbers them


class _Delegate(Struct, frozen=True):
    value: Value
    strategy: int

    @property
    def comes_first(self) -> bool:
        return self.strategy in {DELEGATE_FIRST, DELEGATE_ONLY}


_delegates: ContextVar[tuple[_Delegate, ...]] = ContextVar("delegates", default=())


@contextmanager
def delegating(value: Value, strategy: int = OWNER_FIRST) -> Iterator[None]:
    """Let closures that run within the block name what a value has."""
    token = _delegates.set((*_delegates.get(), _Delegate(value, strategy)))
    try:
        yield
    finally:
        _delegates.reset(token)


def current_delegate() -> Value:
    """Give the delegate of the closure that runs, or null."""
    running = _delegates.get()
    return running[-1].value if running else None


def sent(name: str, *arguments: Value) -> Value:
    """Call a method that only a delegate can have.

    Raises:
        MissingMethodException: none has it.
    """
    from runtime.groovy.support.members import invoke

    for delegate in reversed(_delegates.get()):
        if has_method(delegate.value, name):
            return invoke(delegate.value, name, *arguments)
    raise MissingMethodException(f"No signature of method: {name}()")


def sent_first(name: str, function: Callable[..., Value], *arguments: Value) -> Value:
    """Call a method of the script, unless a delegate that comes before the script has it."""
    running = _delegates.get()
    if running and running[-1].comes_first and has_method(running[-1].value, name):
        return sent(name, *arguments)
    return function(*arguments)


def found(name: str, others: dict[str, Value]) -> Value:
    """Read a name: one of the script, or else a property of a delegate."""
    from runtime.groovy.support.members import prop

    running = _delegates.get()
    if name in others and not (running and running[-1].comes_first):
        return others[name]
    for delegate in reversed(running):
        try:
            return prop(delegate.value, name)
        except MissingPropertyException:
            continue
    return others[name]


def put_found(name: str, value: Value, others: dict[str, Value]) -> Value:
    """Set a name: of the delegate where it comes first and has it, else of the script."""
    from runtime.groovy.support.members import put_prop

    running = _delegates.get()
    if running and running[-1].comes_first:
        try:
            return put_prop(running[-1].value, name, value)
        except MissingPropertyException:
            pass
    others[name] = value
    return value


def has_method(value: Value, name: str) -> bool:
    """Whether a value has a method of that name; a builder has all."""
    from runtime.groovy.support.members import tables_of

    if isinstance(value, JavaObject) and "invokeMethod" in value.methods:
        return True
    return any(name in table for table in tables_of(value))
