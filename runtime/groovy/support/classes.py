"""Classes as values: what ``a.class`` and the name of a class give."""

from __future__ import annotations

from runtime.groovy.support.names import class_name, full_name, is_assignable, is_instance
from runtime.groovy.support.values import JavaObject, Value


class ClassValue(JavaObject):
    """A class, known by its name; it makes nothing."""

    java_name = "java.lang.Class"

    def __init__(self, name: str) -> None:
        self._name = name

    def getName(self) -> str:
        """Give its name with its packages."""
        return self._name

    def getSimpleName(self) -> str:
        """Give its name without its packages."""
        return self._name.rpartition(".")[2].rpartition("$")[2]

    def isInstance(self, value: Value) -> bool:
        """Whether a value is of the class."""
        return is_instance(value, self.getSimpleName())

    def isCase(self, value: Value) -> bool:
        """Whether a value is of the class, or is a class below it."""
        if isinstance(value, ClassValue):
            return is_assignable(value.getSimpleName(), self.getSimpleName())
        return is_instance(value, self.getSimpleName())

    def equals(self, other: Value) -> bool:
        """Whether it is the same class."""
        return isinstance(other, ClassValue) and self._name == other.getName()

    def toString(self) -> str:
        """Write it as Java does."""
        return f"class {self._name}"


def class_value(name: str) -> ClassValue:
    """Give the class of a simple name."""
    return ClassValue(full_name(name))


def class_of(value: Value) -> Value:
    """``a.class``: of a map, the value of that key."""
    from runtime.groovy.support.errors import NullPointerException
    from runtime.groovy.support.values import JavaSet

    if value is None:
        raise NullPointerException("Cannot get property 'class' on null object")
    if isinstance(value, dict) and not isinstance(value, JavaSet):
        return value.get("class")
    return ClassValue(class_name(value))


def get_class(value: Value) -> Value:
    """``a.getClass()``."""
    from runtime.groovy.support.errors import NullPointerException

    if value is None:
        raise NullPointerException("Cannot invoke method getClass() on null object")
    return ClassValue(class_name(value))
