"""What the tests of expressions share."""

from __future__ import annotations

from runtime.errors import Place
from runtime.expressions import Scope, compile_expression
from runtime.model.document import Document
from runtime.model.values import Expression

HERE = Place(file="processes/order.yaml", line=3, column=5)


def expression(source: str) -> Expression:
    """Give an expression that stands at HERE."""
    return Expression(source, HERE)


def scope(
    content: bytes = b"{}",
    *,
    properties: dict[str, str] | None = None,
    meta: dict[str, str] | None = None,
    process: dict[str, str] | None = None,
) -> Scope:
    """Give a scope around one document."""
    return Scope(
        Document(b"", content, properties or {}, meta or {}), {} if process is None else process, {"id": "e-1"}
    )


def evaluate(source: str, where: Scope) -> object:
    """Compile and evaluate."""
    return compile_expression(expression(source)).evaluate(where)
