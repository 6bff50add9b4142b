"""Tracked fields: values of documents at connectors, by which an execution is found (reference 2.5).

What cannot be computed of a document is not there: it fails nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runtime.engine.context import Context
from runtime.engine.redaction import Marks
from runtime.errors import DocumentFault
from runtime.expressions import CompiledTemplate, compile_template
from runtime.model.document import Document
from runtime.model.values import Template
from runtime.observe.redaction import MASK, is_secret_name

LONGEST_TRACKED = 1_000  # characters of a value, as on the platform


class Tracking:
    """The tracked fields of a step: `sent` of documents that go out, `answers` of those that come back."""

    def __init__(self, sent: Mapping[str, Template], answers: Mapping[str, Template]) -> None:
        self._sent = {name: compile_template(template) for name, template in sent.items()}
        self._answers = {name: compile_template(template) for name, template in answers.items()}
        self.sends = bool(sent)
        self.receives = bool(answers)

    def sent(self, document: Document, context: Context) -> list[tuple[str, str]]:
        """Give the fields of a document that is sent; its content is in memory."""
        return _values(self._sent, document, context)

    def received(self, document: Document, context: Context) -> list[tuple[str, str]]:
        """Give the fields of a document that came back."""
        if context.secrets is not None and isinstance(document.content, bytes):
            context.secrets.learn_from(document.content)
        return _values(self._answers, document, context)


def found_by(names: Sequence[str], context: Context, marks: Marks) -> tuple[tuple[str, str], ...]:
    """Give the properties with these names, and the tracked fields, as people may read them, in order of appearance."""
    properties = context.properties
    named = [(name, properties[name]) for name in names if name in properties]
    if not named and not context.tracked:
        return ()
    found = dict.fromkeys((*named, *context.tracked))
    return tuple(dict.fromkeys((name, _shown(name, value, context, marks)) for name, value in found))


def _shown(name: str, value: str, context: Context, marks: Marks) -> str:
    if is_secret_name(name) or marks.cover((name,)):
        return MASK
    return (value if context.secrets is None else context.secrets.masked(value))[:LONGEST_TRACKED]


def _values(fields: Mapping[str, CompiledTemplate], document: Document, context: Context) -> list[tuple[str, str]]:
    scope = context.scope(document)
    found: list[tuple[str, str]] = []
    for name, template in fields.items():
        try:
            text = template.text(scope)
        except DocumentFault:
            continue
        if text:
            found.append((name, text[:LONGEST_TRACKED]))
    return found
