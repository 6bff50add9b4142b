"""Expressions: CEL over a document, its properties and the execution around it.

Everything that evaluates an expression comes through here; the module `cel` is the border to the library.
"""

from __future__ import annotations

from runtime.expressions.compiled import (
    CompiledCondition,
    CompiledExpression,
    CompiledTemplate,
    check,
    compile_condition,
    compile_expression,
    compile_template,
    names_read,
)
from runtime.expressions.scope import ROOTS, Scope
from runtime.expressions.text import text_of

__all__ = [
    "ROOTS",
    "CompiledCondition",
    "CompiledExpression",
    "CompiledTemplate",
    "Scope",
    "check",
    "compile_condition",
    "compile_expression",
    "compile_template",
    "names_read",
    "text_of",
]
