"""Which variable a name means, and what Python calls it."""

from __future__ import annotations

from keyword import iskeyword, issoftkeyword

from runtime.groovy.nodes import Type
from runtime.groovy.support.namespace import NAMESPACE

_TAKEN = frozenset(
    [
        "binding",
        "script",
        "this",
        "missing",
        "println",
        "print",
        "printf",
        "dataContext",
        "ExecutionUtil",
        "ExecutionManager",
        "Loggers",
    ]
)


class Variable:
    """A variable. `loops`: how many loops of its function it was declared in; `is_counter`: it is a loop's own."""

    def __init__(self, name: str, python: str, type_: Type, owner: FunctionScope, loops: int) -> None:
        self.name = name
        self.python = python
        self.is_counter = False
        self.type = type_
        self.owner = owner
        self.loops = loops


class FunctionScope:
    """The script, a function or a closure, with its blocks."""

    def __init__(self, outer: FunctionScope | None, result: Type | None = None) -> None:
        self.outer = outer
        self.result = result
        self.blocks: list[dict[str, Variable]] = [{}]
        self.loops = 0
        self.temporaries = 0
        self.delegate: str | None = None  # in the closure of a ``with``: the variable whose members need no target
        self.written: set[str] = set()  # names of outer variables that are assigned here
        self.captured: set[Variable] = set()
        self._used: set[str] = set()

    def declare(self, name: str, type_: Type) -> Variable:
        """Declare a variable in the innermost block."""
        variable = Variable(name, self._fresh(name), type_, self, self.loops)
        self.blocks[-1][name] = variable
        return variable

    def reserve(self, other: FunctionScope) -> None:
        """Take no name for a variable that another scope, which is written in the same function, has taken."""
        self._used |= other._used

    def _fresh(self, name: str) -> str:
        python = name.replace("$", "_S_")
        if python[:1] == "_" or iskeyword(python) or issoftkeyword(python) or python in NAMESPACE or python in _TAKEN:
            python += "_"
        plain, number = python, 2
        while python in self._used:
            python, number = f"{plain}_{number}", number + 1
        self._used.add(python)
        return python

    def temporary(self) -> str:
        """Give the name of a variable that no script can have."""
        self.temporaries += 1
        return f"_{self.temporaries}"

    def find(self, name: str) -> Variable | None:
        """Give the variable that a name means, or None for one that nobody declared."""
        for block in reversed(self.blocks):
            if name in block:
                return block[name]
        if self.outer is None:
            return None
        found = self.outer.find(name)
        if found is not None:
            self.captured.add(found)
        return found
