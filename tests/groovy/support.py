"""Running pieces of Groovy: the value of the last expression, and what a batch becomes."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.groovy import compile_groovy
from runtime.groovy.support.values import Value
from runtime.sdk.script import ScriptContext, ScriptDocument


def value_of(source: str, **variables: Value) -> Value:
    """Give what a script leaves in the undeclared variable ``result``."""
    context = ScriptContext({}, {"id": "ex-1", "process": "p"})
    return compile_groovy(source, "s.groovy", variables).evaluate(variables, context)["result"]


def value(expression: str, **variables: Value) -> Value:
    """Give the value of one expression."""
    return value_of(f"result = {expression}", **variables)


def run(
    source: str, *contents: bytes, properties: Mapping[str, str] | None = None, context: ScriptContext | None = None
) -> list[ScriptDocument]:
    """Run a Data Process script over documents with these contents and the same dynamic properties."""
    documents = [ScriptDocument(content, properties or {}) for content in contents]
    return compile_groovy(source, "s.groovy").run(documents, context or ScriptContext({}, {}), lambda *_: None)
