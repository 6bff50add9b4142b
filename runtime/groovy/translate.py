"""A script of Groovy as a function of Python that people can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.groovy.errors import Finding, Refused
from runtime.groovy.parser import parse
from runtime.groovy.scopes import FunctionScope
from runtime.groovy.syntax import Assign, Catch, Declare, DeclareMany, ForEach, Function, Name, Parameter, Script
from runtime.groovy.translate_statements import StatementTranslator
from runtime.groovy.trees import inside

if TYPE_CHECKING:
    from collections.abc import Iterable

PARAMETERS = "binding, dataContext, ExecutionUtil, ExecutionManager, println, print, printf"
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
    translator = StatementTranslator()
    try:
        _write(translator, script, given)
    except RecursionError:
        return _refused([Refused("syntax", "the script is nested too deeply", 1, 1)], file)
    if translator.refusals:
        return _refused(translator.refusals, file, translator)
    return Translation(*_shown(translator), ())


def _write(translator: StatementTranslator, script: Script, given: Iterable[str]) -> None:
    functions = [statement for statement in script.body if isinstance(statement, Function)]
    translator.functions = {function.name for function in functions}
    translator.aliases = {imported.alias: imported.name.rpartition(".")[2]
                          for imported in script.imports if imported.alias}  # fmt: skip
    translator.assigned_names = frozenset(_assigned(script))
    translator.known = translator.assigned_names.union(_declared(script), given)
    translator.writer.line(f"def script({PARAMETERS}):", 1)
    with translator.writer.indented(1):
        seen: set[str] = set()
        for function in functions:
            try:
                if function.name in seen:
                    message = f"a second method {function.name}() is not covered"
                    raise translator.refused("overloaded method", message, function)
                seen.add(function.name)
                translator.function(function)
            except Refused as refusal:
                translator.refusals.append(refusal)
        translator.scope = FunctionScope(None)
        translator.block(tuple(statement for statement in script.body if not isinstance(statement, Function)))


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


def _shown(translator: StatementTranslator) -> tuple[str, tuple[int, ...]]:
    lines = translator.writer.lines
    return "\n".join(text for text, _ in lines) + "\n", tuple(origin for _, origin in lines)


def _refused(refusals: list[Refused], file: str, translator: StatementTranslator | None = None) -> Translation:
    findings = [
        Finding(file=file, line=each.line, column=each.column, construct=each.construct, message=each.message)
        for each in sorted(refusals, key=lambda refusal: (refusal.line, refusal.column))
    ]
    python, origins = ("", ()) if translator is None else _shown(translator)
    return Translation(python, origins, tuple(dict.fromkeys(findings)))
