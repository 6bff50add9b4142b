"""Which closures of a script may have a delegate, whose methods and properties they then name without saying so."""

from __future__ import annotations

from runtime.groovy.syntax import Assign, Call, Closure, Declare, Function, Name, New, Parameter, Property, Script
from runtime.groovy.trees import inside

BUILDERS = frozenset(["MarkupBuilder", "StreamingMarkupBuilder", "JsonBuilder", "StreamingJsonBuilder"])
_WORDS = frozenset(["delegate", "setDelegate", "resolveStrategy", "setResolveStrategy", "appendNode"])


def builders_of(script: Script) -> frozenset[str]:
    """Give the variables that hold builders, by the declarations and assignments that can be seen, and the classes."""
    found: set[str] = set()
    for part in inside(script.body):
        if isinstance(part, Declare):
            found |= {name for name, value in part.names if part.type.name in BUILDERS or _makes_builder(value)}
        elif isinstance(part, Assign) and isinstance(part.target, Name) and _makes_builder(part.value):
            found.add(part.target.name)
        elif isinstance(part, Parameter) and part.type.name in BUILDERS:
            found.add(part.name)
        elif isinstance(part, Call) and part.name == "bind":
            found |= {one.name for closure in part.arguments if isinstance(closure, Closure)
                      for one in closure.parameters or ()}  # fmt: skip
        elif isinstance(part, New) and part.type.name in BUILDERS:
            found |= {part.type.name, "mkp"}
    return frozenset(found | _passed(script, found))


def _passed(script: Script, builders: set[str]) -> set[str]:
    """Give the parameters of methods of the script that are called with a builder."""
    functions = {part.name: part for part in script.body if isinstance(part, Function)}
    found: set[str] = set()
    for part in inside(script.body):
        if isinstance(part, Call) and part.name in functions:
            for parameter, value in zip(functions[part.name].parameters, part.arguments, strict=False):
                if _makes_builder(value) or (isinstance(value, Name) and value.name in builders):
                    found.add(parameter.name)
    return found


def _makes_builder(value: object) -> bool:
    return isinstance(value, New) and value.type.name in BUILDERS


def gives_delegates(script: Script) -> bool:
    """Whether a script gives closures a delegate by itself."""
    return any(isinstance(part, Property | Call) and part.name in _WORDS for part in inside(script.body))
