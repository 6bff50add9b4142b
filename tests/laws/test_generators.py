"""Who iterates an async generator closes it, also when a loop's body fails.

One that is left to the garbage collector runs its `finally` at some other time, outside the nursery and the cancel
scope that it was written for; trio can only warn.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for top in ("runtime", "connectors") for path in (ROOT / top).rglob("*.py"))

# Closing the outermost of nested generators leaves the inner ones to the collector: these are read to their end.
OF_A_LIBRARY = {"response.aiter_bytes()", "response.aiter_raw()"}


def loose(source: str) -> list[str]:
    """Give what is iterated though no `with` of the same function closes it, as ``line: expression``."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.AsyncFunctionDef)]
    return [
        f"{iterated.lineno}: {ast.unparse(iterated)}"
        for function in functions
        for iterated in _iterated(function)
        if ast.unparse(iterated) not in _closed(function) | OF_A_LIBRARY
    ]


def _iterated(function: ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.AsyncFor) or (isinstance(node, ast.comprehension) and node.is_async):
            yield node.iter


def _closed(function: ast.AsyncFunctionDef) -> set[str]:
    closed: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                if item.optional_vars is not None:
                    closed.add(ast.unparse(item.optional_vars))
                if isinstance(item.context_expr, ast.Call):
                    closed |= {ast.unparse(argument) for argument in item.context_expr.args}
    return closed


def test_what_is_iterated_is_closed() -> None:
    """No `async for` of the runtime or of a connector leaves its generator open when its body fails."""
    assert SOURCES
    found = {str(path.relative_to(ROOT)): loose(path.read_text()) for path in SOURCES}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("async for x in f(): pass", ["2: f()"]),
        ("return [x async for x in g]", ["2: g"]),
        ("async with aclosing(f()) as xs:\n  async for x in xs: pass", []),
        ("async with aclosing(g):\n  async for x in g: pass", []),
    ],
)
def test_what_is_found(body: str, found: list[str]) -> None:
    """A generator that nobody closes is found, in loops and in comprehensions."""
    assert loose("async def h(g):\n" + "\n".join(f" {line}" for line in body.split("\n"))) == found
