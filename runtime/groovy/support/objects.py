"""Classes that a script writes, and their objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from msgspec import Struct

from runtime.groovy.support.errors import (
    CLASSES,
    IllegalArgumentException,
    MissingMethodException,
    MissingPropertyException,
    Throwable,
)
from runtime.groovy.support.names import class_name
from runtime.groovy.support.overloads import Candidate, chosen
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import JavaObject, JavaSet, Value, wrap

Function = Callable[..., Value]


class _Field(Struct, frozen=True):
    make: Function
    convert: Function
    is_open: bool


class Scripted:
    """An object of a class of the script: `held` has its fields by their names."""

    made_by: ClassVar[ScriptClass]
    held: dict[str, Value]

    def __eq__(self, other: object) -> bool:
        own = self.made_by.table.get("equals")
        if own is not None:
            return bool(own(self, other))
        order = self.made_by.table.get("compareTo")
        if order is not None and "Comparable" in self.made_by.fulfils and type(other) is type(self):
            return int(order(self, other)) == 0
        return self is other

    def __hash__(self) -> int:
        own = self.made_by.table.get("hashCode")
        return object.__hash__(self) if own is None else int(own(self))


class ScriptObject(Scripted, JavaObject):
    """An object of a class that extends none of Java's."""

    def toString(self) -> str:
        """Give the text that its class makes, or its class with a number."""
        own = self.made_by.table.get("toString")
        if own is not None and own is not _PLAIN:
            return text_of(own(self))
        return f"{self.made_by.label}@{wrap(id(self), 32) & 0xFFFFFFFF:x}"

    def __eq__(self, other: object) -> bool:
        return Scripted.__eq__(self, other)

    def __hash__(self) -> int:
        return Scripted.__hash__(self)


_PLAIN: Function = JavaObject.methods["toString"]


class ScriptClass(JavaObject):
    """A class of the script, while its members are told and when it is used."""

    java_name = "java.lang.Class"

    def __init__(self, label: str, above: ScriptClass | str | None, interfaces: tuple[str, ...]) -> None:
        self.label = label
        self.above = above if isinstance(above, ScriptClass) else None
        self.fulfils: set[str] = {*interfaces, *(self.above.fulfils if self.above is not None else ())}
        self.fields: dict[str, _Field] = {}
        self.own: dict[str, list[Candidate]] = {}
        self.statics: dict[str, Value] = {}
        self.static_methods: dict[str, list[Candidate]] = {}
        self.constructors: list[Candidate] = []
        self.constants: list[Value] = []
        self._table: dict[str, Function] | None = None
        self.kind = _kind(self, above)
        self.kinds: tuple[type[BaseException], ...] = (self.kind,) if issubclass(self.kind, BaseException) else ()

    # --- what the translator tells ---

    def field(self, name: str, make: Function, convert: Function, *, is_open: bool) -> None:
        """Tell a field: what it begins with, and how its values are made its type."""
        self.fields[name] = _Field(make, convert, is_open)

    def method(self, name: str, function: Function, types: tuple[str, ...]) -> None:
        """Tell a method."""
        self.own.setdefault(name, []).append(Candidate(function, types))

    def static_method(self, name: str, function: Function, types: tuple[str, ...]) -> None:
        """Tell a static method."""
        self.static_methods.setdefault(name, []).append(Candidate(function, types))

    def constructor(self, function: Function, types: tuple[str, ...]) -> None:
        """Tell a constructor."""
        self.constructors.append(Candidate(function, types))

    def constant(self, name: str, number: int, *arguments: Value) -> None:
        """Make a constant of an enum."""
        made = self._blank()
        made.held |= {"<name>": name, "<ordinal>": number}
        self._construct(made, arguments)
        self.constants.append(made)
        self.statics[name] = made
        enum: dict[str, Function] = {
            "name": lambda this: this.held["<name>"],
            "ordinal": lambda this: this.held["<ordinal>"],
            "compareTo": lambda this, other: this.held["<ordinal>"] - other.held["<ordinal>"],
        }
        for method, function in enum.items():
            self.own.setdefault(method, [Candidate(function, ("def",) * (method == "compareTo"))])
        self.own.setdefault("toString", [Candidate(enum["name"], ())])
        self._table = None

    def marked(self, mark: str) -> None:
        """Make the methods of an annotation."""
        names = [name for name, one in self.fields.items() if one.is_open]
        if mark == "ToString":
            self.method(
                "toString", lambda this: f"{self.label}({', '.join(text_of(this.held[one]) for one in names)})", ()
            )
        elif mark == "EqualsAndHashCode":
            self.method("equals", lambda this, other: _same(this, other, names), ("def",))
            self.method("hashCode", lambda this: wrap(hash(tuple(text_of(this.held[one]) for one in names)), 32), ())
        else:
            self.constructor(lambda this, *values: self._tuple(this, names, values), ("def=",) * len(names))

    def _tuple(self, this: Value, names: list[str], values: tuple[Value, ...]) -> None:
        self.begin(this)
        for name, value in zip(names, values, strict=False):
            this.held[name] = self.fields[name].convert(value)

    # --- objects ---

    def new(self, *arguments: Value) -> Value:
        """Make an object."""
        made = self._blank()
        self._construct(made, arguments)
        return made

    def _blank(self) -> Value:
        _ = self.table  # the methods of its objects are told by now
        made: Any = object.__new__(self.kind) if not self.kinds else self.kinds[0].__new__(self.kind)
        made.held = {}
        return made

    def _construct(self, this: Value, arguments: tuple[Value, ...]) -> None:
        if not self.constructors:
            self._by_default(this, arguments)
            return
        try:
            found = chosen(f"{self.label}.<init>", self.constructors, arguments)
        except MissingMethodException:
            empty = [one for one in self.constructors if one.distance(()) is not None]
            if len(arguments) != 1 or not isinstance(arguments[0], dict) or not empty:
                raise
            empty[0].function(this)
            self._fill(this, arguments[0])
            return
        found.function(this, *arguments)

    def _by_default(self, this: Value, arguments: tuple[Value, ...]) -> None:
        named = len(arguments) == 1 and isinstance(arguments[0], dict)
        if arguments and not named:
            types = ", ".join(map(class_name, arguments))
            raise MissingMethodException(f"Could not find matching constructor for: {self.label}({types})")
        self.begin(this)
        if named:
            self._fill(this, arguments[0])

    def _fill(self, this: Value, values: Mapping[str, Value]) -> None:
        from runtime.groovy.support.members import put_prop

        for name, value in values.items():
            put_prop(this, str(name), value)

    def begin(self, this: Value, *arguments: Value) -> None:
        """Do what ``super(…)`` does, and give the fields of this class what they begin with."""
        held: dict[str, Value] = this.held
        if self.above is not None:
            self.above._construct(this, arguments)  # noqa: SLF001 - of its own class
        elif isinstance(this, Throwable):
            Throwable.__init__(this, *arguments)
        for name, field in self.fields.items():
            held[name] = None
            held[name] = field.make(this)

    def chain(self, this: Value, *arguments: Value) -> None:
        """``this(…)``."""
        self._construct(this, arguments)

    # --- members ---

    def candidates(self, name: str) -> list[Candidate]:
        """Give the methods of a name; those of the class above that it has itself are not among them."""
        own = self.own.get(name, [])
        known = {tuple(each.removesuffix("=") for each in one.types) for one in own}
        above = [] if self.above is None else self.above.candidates(name)
        return own + [one for one in above if tuple(each.removesuffix("=") for each in one.types) not in known]

    @property
    def table(self) -> dict[str, Function]:
        """The methods of objects, those that read and write fields among them."""
        if self._table is None:
            self._table = self._made_table()
            self.kind.methods = {**JavaObject.methods, **self._table}
        return self._table

    def _made_table(self) -> dict[str, Function]:
        made: dict[str, Function] = {} if self.above is None else dict(self.above.table)
        for name, field in self.fields.items():
            if field.is_open:
                capital = name[:1].upper() + name[1:]
                made[f"get{capital}"] = lambda this, name=name: this.held[name]
                made[f"set{capital}"] = lambda this, value, name=name: put_field(this, name, value)
        for name in self.own:
            made[name] = self._dispatcher(name)
        return made

    def _dispatcher(self, name: str) -> Function:
        candidates = self.candidates(name)
        if len(candidates) == 1 and not any("=" in one or "..." in one for one in candidates[0].types):
            return candidates[0].function
        return lambda this, *arguments: chosen(name, candidates, arguments).function(this, *arguments)

    def above_call(self, this: Value, name: str, *arguments: Value) -> Value:
        """``super.name(…)``."""
        if self.above is not None and name in self.above.table:
            return self.above.table[name](this, *arguments)
        if isinstance(this, Throwable):
            from runtime.groovy.support.members import THROWABLE

            return THROWABLE[name](this, *arguments)
        raise MissingMethodException(f"No signature of method: {self.label}.{name}()")

    def read(self, name: str) -> Value:
        """Read a static field."""
        if name not in self.statics:
            raise MissingPropertyException(f"No such property: {name} for class: {self.label}")
        return self.statics[name]

    def write(self, name: str, value: Value) -> Value:
        """Set a static field; give what was set."""
        self.statics[name] = value
        return value

    def call(self, name: str, *arguments: Value) -> Value:
        """Call a static method."""
        candidates = self.static_methods.get(name)
        if candidates is not None:
            return chosen(name, candidates, arguments).function(*arguments)
        if self.constants and name == "values":
            return list(self.constants)
        if self.constants and name == "valueOf":
            return self._value_of(text_of(arguments[0]))
        if self.above is not None:
            return self.above.call(name, *arguments)
        raise MissingMethodException(f"No signature of method: static {self.label}.{name}()")

    def _value_of(self, name: str) -> Value:
        for one in self.constants:
            if one.held["<name>"] == name:
                return one
        raise IllegalArgumentException(f"No enum constant {self.label}.{name}")

    def getName(self) -> str:
        """Give its name."""
        return self.label

    def getSimpleName(self) -> str:
        """Give its name."""
        return self.label

    def isCase(self, value: Value) -> bool:
        """Whether a value is an object of the class."""
        return isinstance(value, self.kind) or self.label in getattr(getattr(value, "made_by", None), "fulfils", ())

    def toString(self) -> str:
        """Write it as Java does."""
        return f"class {self.label}"


def _kind(made_by: ScriptClass, above: ScriptClass | str | None) -> type[Any]:
    """Give the type of Python of a class's objects."""
    members = {"made_by": made_by, "java_name": made_by.label}
    if isinstance(above, ScriptClass):
        return type(made_by.label, (above.kind,), members)
    if above is None:
        return type(made_by.label, (ScriptObject,), members)
    return type(made_by.label, (Scripted, CLASSES[above]), members)


def script_class(label: str, above: ScriptClass | str | None, interfaces: tuple[str, ...]) -> ScriptClass:
    """Begin a class of the script; `above` is the class that it extends, by its name where it is Java's."""
    return ScriptClass(label, above, interfaces)


def _same(this: Value, other: Value, names: list[str]) -> bool:
    from runtime.groovy.support.operators import equal

    return type(this) is type(other) and all(equal(this.held[one], other.held[one]) for one in names)


def put_field(this: Value, name: str, value: Value) -> Value:
    """Set a field; give what was set."""
    made_by: ScriptClass | None = this.made_by
    while made_by is not None and name not in made_by.fields:
        made_by = made_by.above
    if made_by is None:
        raise MissingPropertyException(f"No such property: {name} for class: {this.made_by.label}")
    this.held[name] = made_by.fields[name].convert(value)
    return this.held[name]


def entries_of(value: Value) -> dict[Value, Value]:
    """``*: map``."""
    if not isinstance(value, dict) or isinstance(value, JavaSet):
        raise IllegalArgumentException("only a map is spread into a map")
    return value
