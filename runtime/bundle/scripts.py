"""scripts/*.py: source that compiles, and the functions it defines. Nothing of it is run here."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from runtime.errors import Place
from runtime.model.bundle import Script

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings


def read_script(file: str, text: str, findings: Findings) -> tuple[Script, frozenset[str] | None]:
    """Give the script and the names of its top-level functions; None for them when it does not compile."""
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
    functions = (node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return script, frozenset(functions)
