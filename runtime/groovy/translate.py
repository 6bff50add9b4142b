"""A script of Groovy as a function of Python that people can read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.groovy.delegates import builders_of, gives_delegates
from runtime.groovy.errors import Finding, Refused
from runtime.groovy.parser import parse
from runtime.groovy.scopes import FunctionScope
from runtime.groovy.syntax import (
    Assign,
    Call,
    Catch,
    Closure,
    Declare,
    DeclareMany,
    ForEach,
    Function,
    Import,
    Name,
    Parameter,
    Script,
    Step,
)
from runtime.groovy.syntax_classes import Class
from runtime.groovy.translate_classes import ClassTranslator
from runtime.groovy.translate_types import types_of
from runtime.groovy.trees import inside

if TYPE_CHECKING:
    from collections.abc import Iterable

PARAMETERS = "binding, dataContext, ExecutionUtil, ExecutionManager, Loggers, println, print, printf"
LONGEST_SCRIPT = 500_000  # characters; the longest scripts of real bundles have some tens of thousands


class Translation(Struct, frozen=True):
    """The Python of a script, which line of the script each of its lines comes from, and what is not covered.

    The Python defines one function, ``script``. It is complete only where there are no findings.
    """

    python: str
    origins: tuple[int, ...]
    findings: tuple[Finding, ...]


def to_python(source: str, file: str, given: Iterable[str] = ()) -> Translation:
    """Translate a script; `file` is the name by which findings tell it, `given` names the variables that it is given.

    The same source always gives the same Python.
    """
    if len(source) > LONGEST_SCRIPT:
        return _refused([Refused("size", f"a script has at most {LONGEST_SCRIPT} characters", 1, 1)], file)
    try:
        script = parse(source)
    except Refused as refusal:
        return _refused([refusal], file)
    translator = ClassTranslator()
    try:
        _write(translator, script, given)
    except RecursionError:
        return _refused([Refused("syntax", "the script is nested too deeply", 1, 1)], file)
    if translator.refusals:
        return _refused(translator.refusals, file, translator)
    return Translation(*_shown(translator), ())


def _write(translator: ClassTranslator, script: Script, given: Iterable[str]) -> None:
    functions = [statement for statement in script.body if isinstance(statement, Function)]
    classes = [statement for statement in script.body if isinstance(statement, Class)]
    fields = [statement for statement in script.body if isinstance(statement, Declare) and statement.is_field]
    _look_around(translator, script, functions, fields, given)
    translator.writer.line(f"def script({PARAMETERS}):", 1)
    with translator.writer.indented(1):
        outer = translator.scope
        translator.declare_classes(classes)
        translator.write_classes()
        _write_functions(translator, functions)
        translator.scope = FunctionScope(None)
        translator.scope.reserve(outer)
        rest = tuple(one for one in script.body if not isinstance(one, Function | Class) and one not in fields)
        translator.block((*fields, *rest))


def _look_around(
    translator: ClassTranslator,
    script: Script,
    functions: list[Function],
    fields: list[Declare],
    given: Iterable[str],
) -> None:
    """Take note of what can be named anywhere in a script."""
    translator.functions = {function.name for function in functions}
    for imported in script.imports:
        _import(translator, imported)
    translator.fields = {name: one.type for one in fields for name, _ in one.names}
    translator.assigned_names = frozenset(_assigned(script)) | translator.fields.keys()
    translator.assigned_again = frozenset(_assigned_again(script))
    translator.called_only = frozenset(_called_only(script))
    translator.known = translator.assigned_names.union(_declared(script), given)
    translator.builders = builders_of(script)
    translator.delegates = bool(translator.builders) or gives_delegates(script)


def _import(translator: ClassTranslator, imported: Import) -> None:
    package, _, name = imported.name.rpartition(".")
    if imported.static:
        named = package.rpartition(".")[2]
        if name == "*":
            raise Refused(
                "static import", "a static import of everything is not covered", imported.line, imported.column
            )
        translator.static_imports[imported.alias or name] = (named, name)
    elif imported.alias:
        translator.aliases[imported.alias] = name


def _write_functions(translator: ClassTranslator, functions: list[Function]) -> None:
    by_name: dict[str, list[Function]] = {}
    for function in functions:
        by_name.setdefault(function.name, []).append(function)
    for name, same in by_name.items():
        python = translator.python_function(name)
        names = [python] if len(same) == 1 else [f"{python}_{number}" for number in range(1, len(same) + 1)]
        for function, written in zip(same, names, strict=True):
            try:
                translator.function(function, written)
            except Refused as refusal:
                translator.refusals.append(refusal)
        if len(same) > 1:
            pairs = (f"({one}, {types_of(each.parameters)!r})" for one, each in zip(names, same, strict=True))
            translator.writer.line(f"{python} = overloads({name!r}, {', '.join(pairs)})", same[0].line)


def _called_only(script: Script) -> set[str]:
    """Give the variables with which nothing is done but assigning and calling them."""
    uses = Counter(part.name for part in inside(script.body) if isinstance(part, Name))
    targets = Counter(
        part.target.name
        for part in inside(script.body)
        if isinstance(part, Assign) and isinstance(part.target, Name) and isinstance(part.value, Closure)
    )
    called = {part.name for part in inside(script.body) if isinstance(part, Call) and part.target is None}
    return {name for name in called if uses[name] == targets[name]}


def _assigned_again(script: Script) -> set[str]:
    """Give the names that something beside their declaration assigns."""
    names: set[str] = set()
    for part in inside(script.body):
        if isinstance(part, Assign | Step) and isinstance(part.target, Name):
            names.add(part.target.name)
        elif isinstance(part, DeclareMany) and not part.declares:
            names |= {parameter.name for parameter in part.names}
    return names


def _assigned(script: Script) -> set[str]:
    """Give the names that are assigned without ever being declared, as far as can be seen: they may hold closures."""
    names: set[str] = set()
    for part in inside(script.body):
        if isinstance(part, Assign) and isinstance(part.target, Name):
            names.add(part.target.name)
        elif isinstance(part, DeclareMany) and not part.declares:
            names |= {parameter.name for parameter in part.names}
    return names


def _declared(script: Script) -> set[str]:
    """Give every name that is declared anywhere, wherever it can be seen."""
    names: set[str] = set()
    for part in inside(script.body):
        if isinstance(part, Declare):
            names |= {name for name, _ in part.names}
        elif isinstance(part, ForEach | Catch | Parameter):
            names.add(part.name)
    return names


def _shown(translator: ClassTranslator) -> tuple[str, tuple[int, ...]]:
    lines = translator.writer.lines
    return "\n".join(text for text, _ in lines) + "\n", tuple(origin for _, origin in lines)


def _refused(refusals: list[Refused], file: str, translator: ClassTranslator | None = None) -> Translation:
    findings = [
        Finding(file=file, line=each.line, column=each.column, construct=each.construct, message=each.message)
        for each in sorted(refusals, key=lambda refusal: (refusal.line, refusal.column))
    ]
    python, origins = ("", ()) if translator is None else _shown(translator)
    return Translation(python, origins, tuple(dict.fromkeys(findings)))
