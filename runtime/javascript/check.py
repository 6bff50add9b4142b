"""What a script in JavaScript names of Java, before it runs: the classes, and their members that need no object."""

from __future__ import annotations

import re

from runtime.errors import Place, Problem
from runtime.groovy.errors import REPLACE
from runtime.groovy.support.boomi import ExecutionUtil
from runtime.groovy.support.namespace import member_of
from runtime.javascript.bridge import HOST, known_class

# Comments, texts, regular expressions where no value can stand before them: what is in them is no code.
_QUIET = re.compile(
    r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|`(?:\\.|[^`\\])*`"
    r"|(?<=[=(,:;!&|?{}\[])[ \t]*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+/",
    re.DOTALL,
)
_NAMED = re.compile(r"\b(?:Packages\.)?((?:java|javax|com|org)(?:\.[a-z]\w*)+\.([A-Z]\w*))(?:\.([A-Za-z_]\w*))?")
_TYPE = re.compile(r"\bJava\.type\(\s*['\"]([\w.]+)['\"]\s*\)")
_IMPORTED = re.compile(r"\bimportClass\(\s*(?:Packages\.)?((?:[a-z]\w*\.)+[A-Z]\w*)\s*\)")
_PACKAGE = re.compile(r"\bimportPackage\(\s*(?:Packages\.)?((?:[a-z]\w*)(?:\.[a-z]\w*)*)\s*\)")
_CAPITAL = re.compile(r"(?<![\w.])[A-Z]\w*")
_OWN = frozenset(  # what JavaScript has of its own comes before the classes of a package
    [
        "Array", "Boolean", "Date", "Error", "Function", "JSON", "Java", "Map", "Math", "Number", "Object", "Packages",
        "Promise", "Proxy", "RangeError", "Reflect", "RegExp", "Set", "String", "Symbol", "SyntaxError", "TypeError",
    ]
)  # fmt: skip
_NOT_COVERED = ("JavaImporter", "JavaAdapter")


def _blanked(source: str) -> str:
    """Give a script with blanks where no code stands; lines stay where they are."""
    return _QUIET.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source)


def classes_imported(source: str) -> dict[str, str]:
    """Give the classes that a script names by their simple names, with their packages."""
    code = _blanked(source)
    found = {name.rpartition(".")[2]: name for name in _IMPORTED.findall(code)}
    if _PACKAGE.search(code) is not None:
        for name in _CAPITAL.findall(code):
            if name not in _OWN and known_class(name):
                found.setdefault(name, f"imported.{name}")
    return found


def problems_of(source: str, file: str) -> list[Problem]:
    """Give what a script names of Java that is not covered."""
    code = _blanked(source)
    found: list[tuple[str, int]] = []
    for one in _NAMED.finditer(code):
        found += _of_class(one[1], one[2], one[3], one.start())
    for one in _TYPE.finditer(source):
        found += _of_class(one[1], one[1].rpartition(".")[2], None, one.start())
    for word in _NOT_COVERED:
        found += [(f"{word} is not covered", one.start()) for one in re.finditer(rf"\b{word}\b", code)]
    return [_problem(message, source, at, file) for message, at in found]


def _of_class(full: str, name: str, member: str | None, at: int) -> list[tuple[str, int]]:
    if not known_class(name):
        return [(f"the class {full} is not covered", at)]
    if member is None or member == "class":
        return []
    has = member in ExecutionUtil.methods if name in HOST else member_of(name, member)
    return [] if has else [(f"{name}.{member} is not covered", at)]


def _problem(message: str, source: str, at: int, file: str) -> Problem:
    line = source.count("\n", 0, at) + 1
    column = at - (source.rfind("\n", 0, at) + 1) + 1
    place = Place(file=file, line=line, column=column)
    return Problem(
        code="bundle.javascript", message=message, place=place, hint=REPLACE, excerpt=source.splitlines()[line - 1]
    )
