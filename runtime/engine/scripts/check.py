"""What a script may give back, and which line of it failed."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Iterable, Mapping
from typing import Any, cast

from runtime.errors import ProcessFault
from runtime.sdk.script import ScriptDocument


def checked(given: object, file: str) -> list[ScriptDocument]:
    """Give the documents that a function gave back.

    Raises:
        ProcessFault: something else is among them (code ``script.result``).
        TypeError: content is not bytes, properties or meta data are not texts.
    """
    documents: list[ScriptDocument] = []
    for document in given if isinstance(given, Iterable) else [given]:
        if not isinstance(document, ScriptDocument):
            message = f"{file} gave back {type(document).__name__} where a document was expected"
            raise ProcessFault("script.result", message, hint="return or yield the documents that go on")
        _check(document)
        documents.append(document)
    return documents


def _check(document: ScriptDocument) -> None:
    """Refuse what could not be written down: content is bytes, properties and meta data are texts in UTF-8."""
    content = cast("object", document.content)  # a script keeps no types
    if not isinstance(content, bytes):
        raise TypeError(f"content is {type(content).__name__} where bytes were expected")
    for values in cast("tuple[object, ...]", (document.properties, document.meta)):
        if not isinstance(values, dict):
            raise TypeError(f"properties are {type(values).__name__} where a dict was expected")
        check_texts(values)


def check_texts(values: Mapping[Any, Any]) -> None:
    """Refuse names and values that are no texts, or could not be written in UTF-8."""
    for name, value in values.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError(f"property {name!r} is {type(value).__name__} where text was expected")
        name.encode()
        value.encode()


def told(error: Exception, file: str) -> str:
    """Say which line of a script failed, and how."""
    line = line_of(error, file)
    where = file if line is None else f"{file}:{line}"
    return f"{where}: {type(error).__name__}: {error}"


def line_of(error: Exception, file: str) -> int | None:
    """Give the line of a script that failed."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename.endswith(file)]
    return lines[-1] if lines else None


def check_callable(function: object, name: str, file: str) -> None:
    """Refuse what cannot be called with the documents and the context.

    Raises:
        ProcessFault: the script has no such function, or one of another form (code ``script.signature``).
    """
    if not callable(function):
        raise ProcessFault("script.signature", f"{file} defines no function '{name}'")
    line = getattr(getattr(function, "__code__", None), "co_firstlineno", None)
    where = file if line is None else f"{file}:{line}"
    if inspect.isasyncgenfunction(function):
        raise ProcessFault("script.signature", f"{where}: an async function returns its documents, it does not yield")
    try:
        inspect.signature(function).bind((), None)
    except (TypeError, ValueError) as error:
        message = f"{where}: '{name}' cannot be called with the documents and the context: {error}"
        raise ProcessFault("script.signature", message) from error
