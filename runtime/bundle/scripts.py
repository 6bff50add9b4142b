"""scripts/*.py: source that compiles, and the functions it defines. Nothing of it is run here."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.errors import Place
from runtime.model.bundle import Script

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings

CALLED_WITH = 2  # the documents, and the context


class Function(Struct, frozen=True):
    """A top-level function of a script: where it stands, and why a step cannot call it, if it cannot."""

    place: Place
    complaint: str | None


Functions = Mapping[str, Function]


def read_script(file: str, text: str, findings: Findings) -> tuple[Script, Functions | None]:
    """Give the script and its top-level functions by name; None for them when it does not compile."""
    script = Script(file=file, source=text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a doubtful escape in a script is no reason to speak on the log
            tree = ast.parse(text, file)
            compile(tree, file, "exec", dont_inherit=True)
    except SyntaxError as error:
        place = Place(file=file, line=error.lineno or 1, column=error.offset or 1)
        findings.add("script-syntax", error.msg, place)
        return script, None
    except (ValueError, RecursionError, MemoryError) as error:  # a null character; nesting made to break the parser
        findings.add("script-syntax", f"the script cannot be parsed: {error}", Place(file=file, line=1, column=1))
        return script, None
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return script, {node.name: _function(file, node) for node in functions}


def _function(file: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    place = Place(file=file, line=node.lineno, column=node.col_offset + 1)
    arguments = node.args
    positional = len(arguments.posonlyargs) + len(arguments.args)
    needed = positional - len(arguments.defaults)
    keywords = sum(default is None for default in arguments.kw_defaults)
    if node.decorator_list:  # what it becomes is seen when it is imported
        return Function(place, None)
    if keywords or needed > CALLED_WITH or (positional < CALLED_WITH and arguments.vararg is None):
        return Function(place, f"'{node.name}' takes other parameters than (documents, context)")
    if isinstance(node, ast.AsyncFunctionDef) and any(map(_yields, node.body)):
        return Function(place, f"'{node.name}' is async and yields its documents; return them as a list")
    return Function(place, None)


def _yields(node: ast.AST) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
        return False
    return isinstance(node, ast.Yield) or any(map(_yields, ast.iter_child_nodes(node)))
