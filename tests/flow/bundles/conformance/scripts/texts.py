"""Texts that are too long to be written down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runtime.sdk.script import ScriptContext, ScriptDocument


def long_problem(documents: Iterable[ScriptDocument], context: ScriptContext) -> Iterator[ScriptDocument]:
    """Give a problem of 2,000 characters."""
    for document in documents:
        document.set_json({"problem": "x" * 2000})
        yield document


def two_mebibytes(documents: Iterable[ScriptDocument], context: ScriptContext) -> Iterator[ScriptDocument]:
    """Give a message of 2 MiB."""
    for document in documents:
        document.set_json({"Message": "x" * 2 * 1024 * 1024})
        yield document
